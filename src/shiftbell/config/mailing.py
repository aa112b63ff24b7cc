"""The mail server of SMTP_URL, and the sender of MAIL_FROM.

A letter holds links that act for a person, so it never crosses a network in the clear:
smtps:// speaks TLS from the first byte, smtp:// asks for STARTTLS and takes no for an answer only
from this machine, where a relay or a simulator listens without a certificate. Nothing here can be
switched off, since whoever sits between could switch it off too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.utils import parseaddr
from enum import StrEnum
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import SecretStr

from shiftbell.config.checks import is_host, is_loopback

_LIKE_THIS = (
    "write it like smtp://user:password@mail.example.com:587, "
    "with %40 for an @, %2F for a / and %23 for a # in the password"
)
_NAME = re.compile(r'"[^"\\<>@]*"|[^"\\<>@,;:()\[\]]*')
_ADDRESS = re.compile(r"[\w!#$%&'*+/=?^`{|}~.-]{1,64}@([a-z0-9-]+\.)+[a-z0-9-]+", re.ASCII | re.I)
_SCHEMES = {"smtp": 587, "smtps": 465}


class Tls(StrEnum):
    """When a connection to the mail server is encrypted."""

    AT_ONCE = "at_once"
    STARTTLS = "starttls"  # or nothing is sent
    NEVER = "never"  # it does not leave this machine


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed in, and as whom; without a user nobody logs in."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: SecretStr = field(default_factory=lambda: SecretStr(""))


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whom letters come from: a name, which may be empty, and an address."""

    name: str
    address: str


def smtp_server(url: str) -> SmtpServer:
    """Return the server that an SMTP_URL names; raise ValueError with words fit for a complaint.

    No word of the URL is repeated, for it holds a password.
    """
    parts, port = _split(url)
    host = parts.hostname or ""
    if parts.path.strip("/") or parts.query or parts.fragment or not is_host(parts.netloc, host):
        raise ValueError(f"is not the address of a mail server; {_LIKE_THIS}")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError("must hold a user and a password, or neither; " + _LIKE_THIS)
    # What SMTP's logins can carry; anything else would end in an error that quotes it.
    if not (user + password).isascii() or not (user + password).isprintable():
        raise ValueError("has a user or a password with letters that no mail server takes")
    if parts.scheme == "smtps":
        tls = Tls.AT_ONCE
    else:
        tls = Tls.NEVER if is_loopback(host) else Tls.STARTTLS
    return SmtpServer(host, port or _SCHEMES[parts.scheme], tls, user, SecretStr(password))


def mail_sender(value: str) -> MailSender:
    """Return the name and address that a MAIL_FROM like "Acme <shifts@example.com>" names.

    Raises ValueError with words fit for a complaint.
    """
    name, address = parseaddr(value)
    before = value.removesuffix(f"<{address}>").strip() if "<" in value else ""
    well_formed = value.isprintable() and _NAME.fullmatch(before) and _ADDRESS.fullmatch(address)
    if not well_formed or not value.endswith((address, f"<{address}>")):
        raise ValueError("is not a sender; write one like Acme Shifts <shifts@example.com>")
    return MailSender(name, address)


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"is not the address of a mail server; {_LIKE_THIS}") from None
    if parts.scheme not in _SCHEMES or port == 0:
        raise ValueError(f"is not the address of a mail server; {_LIKE_THIS}")
    return parts, port
