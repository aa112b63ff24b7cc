"""How RingCentral writes times, numbers and pages, and how it reads them.

Times are UTC with milliseconds and a Z. Phone numbers go out in E.164 whatever came in. A page
is counted from 1; `navigation` repeats the request's own address with another page number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import urlencode

import phonenumbers

from .refusals import invalid

Row = TypeVar("Row")

PER_PAGE_MAX = 1000
NUMBERS_KEPT = 65536  # parsing a number costs as much as the rest of a request
_CANADA_AND_UNITED_STATES = 1


def written(moment: datetime) -> str:
    """Write a moment the way RingCentral does: 2026-11-22T12:00:00.000Z."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def moment(text: str, parameter: str) -> datetime:
    """Read an ISO 8601 moment; without a zone it is UTC. Raises Refusal (CMN-101)."""
    try:
        # An unencoded + of a zone arrives as a blank.
        read = datetime.fromisoformat(text.strip().replace(" ", "+"))
        return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise invalid(parameter) from error


def whole(text: str, parameter: str, low: int = 1, high: int = 2**63 - 1) -> int:
    """Read a whole number between `low` and `high`. Raises Refusal (CMN-101)."""
    if not re.fullmatch(r"\d{1,19}", text) or not low <= int(text) <= high:
        raise invalid(parameter)
    return int(text)


def e164(text: object, region: str = "US") -> str | None:
    """Read a phone number as a person or a program writes it; None if it cannot be one."""
    if not isinstance(text, str) or len(text) > 40:
        return None
    return _e164(text, region)


@lru_cache(maxsize=NUMBERS_KEPT)
def _e164(text: str, region: str) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=NUMBERS_KEPT)
def is_domestic(number: str) -> bool:
    """Tell whether an E.164 number is in the North American plan."""
    return phonenumbers.parse(number).country_code == _CANADA_AND_UNITED_STATES


def phone_info(number: str) -> dict[str, str]:
    """Split an E.164 number into the three parts that instant events carry."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.national_significant_number(parsed)
    length = phonenumbers.length_of_geographical_area_code(parsed) or 3
    return {
        "countryCode": str(parsed.country_code),
        "nationalDestinationCode": national[:length],
        "subscriberNumber": national[length:],
    }


def page_of(
    rows: Sequence[Row], address: str, query: Sequence[tuple[str, str]]
) -> tuple[Sequence[Row], dict[str, Any]]:
    """Cut one page out of `rows` as `page` and `perPage` of the query ask.

    Returns the page's rows, and the answer's `uri`, `paging` and `navigation`.
    """
    asked = dict(query)
    page = whole(asked.get("page", "1"), "page")
    size = min(whole(asked.get("perPage", "100"), "perPage"), PER_PAGE_MAX)
    pages = max(1, -(-len(rows) // size))
    start = (page - 1) * size
    part = rows[start : start + size]
    others = [(name, value) for name, value in query if name not in ("page", "perPage")]

    def uri(number: int) -> str:
        pairs = [*others, ("page", str(number)), ("perPage", str(size))]
        return f"{address}?{urlencode(pairs)}"

    navigation = {"firstPage": {"uri": uri(1)}, "lastPage": {"uri": uri(pages)}}
    if page < pages:
        navigation["nextPage"] = {"uri": uri(page + 1)}
    if 1 < page <= pages:
        navigation["previousPage"] = {"uri": uri(page - 1)}
    paging = {"page": page, "perPage": size, "totalPages": pages, "totalElements": len(rows)}
    if part:
        paging |= {"pageStart": start, "pageEnd": start + len(part) - 1}
    return part, {"uri": uri(page), "paging": paging, "navigation": navigation}
