"""What one value must look like, and the words that follow its name when it does not.

Each check takes the text as written and returns it in one spelling, or raises ValueError with the
end of a sentence that begins with the variable's name. Whether values fit each other is decided
in `demands`, and only there.
"""

from __future__ import annotations

import ipaddress
import re
import zoneinfo
from datetime import time
from pathlib import Path
from urllib.parse import urlsplit

import phonenumbers

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_HOUR = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)", re.ASCII)


def zone(value: str) -> str:
    """Return the zone's name; raise ValueError unless this machine knows it."""
    if value not in zoneinfo.available_timezones():
        raise ValueError("is not a time zone; write one like America/Chicago")
    return value


def hour(value: object) -> object:
    """Return a text as the time of day it names; raise ValueError for anything but 09:00."""
    if not isinstance(value, str):
        return value
    if not (found := _HOUR.fullmatch(value)):
        raise ValueError("is not a time of day; write hours and minutes without a zone, like 09:00")
    return time(int(found[1]), int(found[2]))


def phone_number(value: str, region: str) -> str:
    """Return a number in E.164, or the empty text; raise ValueError for anything else.

    A number without a country code is read as someone in `region` would dial it.
    """
    if not value:
        return value
    try:
        parsed = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number; write it like +13125550142") from None
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        raise ValueError("has no area code; write it like +13125550142")
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise ValueError("is not a phone number; write it like +13125550142")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def region(value: str) -> str:
    """Return a country's two letters; raise ValueError unless phonenumbers knows them."""
    if value.upper() not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is not a country code; write two letters like US")
    return value.upper()


def database(value: str) -> str:
    """Return a database's address; raise ValueError unless it names an SQLite file."""
    if not value.startswith("sqlite:///") or value == "sqlite:///":
        raise ValueError(
            "must start with sqlite:/// in this version, like sqlite:///shiftbell.sqlite3"
        )
    return value


def server(value: str) -> str:
    """Return a web address without its last slash; raise ValueError for anything else."""
    address = _web_address(value)
    if "?" in address:
        raise ValueError("must end before the ?, like https://platform.ringcentral.com")
    return address.rstrip("/")


def webhook(value: str) -> str:
    """Return where RingCentral calls, or the empty text; raise ValueError for plain http."""
    if not value:
        return value
    address = _web_address(value)
    if address.startswith("http:") and not is_loopback(urlsplit(address).hostname):
        raise ValueError("must begin with https://, since RingCentral calls no other")
    return address


def public(value: str) -> str:
    """Return where people reach our pages, or the empty text; raise ValueError for plain http.

    It may hold a path; what stands in letters is this address with a page's path behind it.
    """
    if not value:
        return value
    address = _web_address(value)
    if "?" in address:
        raise ValueError("must end before the ?, like https://shifts.example.com")
    if address.startswith("http:") and not is_loopback(urlsplit(address).hostname):
        raise ValueError("must begin with https://, since its pages act for a person")
    return address.rstrip("/")


def one_line(value: str) -> str:
    """Return the text; raise ValueError where it has several lines or invisible characters."""
    if not value.isprintable():
        raise ValueError("must be one line of plain text")
    return value


def is_host(netloc: str, host: str) -> bool:
    """Return whether `host`, taken out of an address's `netloc`, can name a machine."""
    return _is_ipv6(host) if "[" in netloc else bool(_HOST.fullmatch(host))


def is_loopback(host: str | None) -> bool:
    """Return whether a host of an address can only be this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def readable(path: str | Path) -> str:
    """Return the text of a file in UTF-8, without the mark that Notepad puts before it.

    Raises OSError, or ValueError where it is no such text or its path cannot be one.
    """
    text = Path(path).read_text(encoding="utf-8-sig")
    if "\0" in text:
        raise ValueError("is no text")
    return text


def _web_address(value: str) -> str:
    """Return an http address, scheme and host in lower case; raise ValueError for all others."""
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("is not a web address; its host or port is wrong") from None
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host:
        raise ValueError("is not a web address; write one like https://example.org")
    if "@" in parts.netloc or "#" in value:
        raise ValueError("must hold no user name, password or #")
    if port == 0 or not is_host(parts.netloc, host):
        raise ValueError("is not a web address; its host or port is wrong")
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("is not a web address; it holds a space or a letter that none can")
    return parts._replace(netloc=parts.netloc.lower()).geturl()


def _is_ipv6(host: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False
