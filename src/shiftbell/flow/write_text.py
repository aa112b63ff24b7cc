"""What we say: wording, joined with who reads it and which shift it is about.

Decides the language (the reader's), the zone times are said in (the site's, since that clock hangs
at Dock 4), and whether this is the first text a number gets: its required words (K5) are repeated
rather than missed, so they ride on every text written before the first one has left. The words
themselves stand in `rules/wording`, the manner of saying times in `rules/spoken`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shiftbell.config import settings
from shiftbell.rules import spoken, wording
from shiftbell.store import clocks
from shiftbell.store.models import Employee, PhoneNumber, Shift

# Said where BRAND_NAME is not set; offering through a real RingCentral is refused then anyway.
NO_BRAND = "Shiftbell"


def write_text(
    kind: wording.Wording,
    employee: Employee | None,
    number: PhoneNumber,
    *,
    shift: Shift | None = None,
    other_shift: Shift | None = None,
    code: int | None = None,
    place: int | None = None,
    until: datetime | None = None,
    choices: Sequence[tuple[int, Shift]] = (),
    now: datetime | None = None,
) -> str:
    """Return the text of `kind` for the person who has `number`.

    `code` is an offer's number, given where the reader needs it to answer; `place` one on standby;
    with `now` the shift may be "tomorrow". Raises BadTemplate when `kind` needs more than is given.
    """
    language = employee.language if employee else ""

    def line(of: Shift) -> str:
        zone = recipient_zone(employee, shift)
        return shift_words(of, language, now=now, reader_zone=zone)

    def day(of: datetime) -> str:
        zone = recipient_zone(employee, shift)
        return spoken.day(of, zone, language=language, us=_us())

    facts = wording.WordingFacts(
        brand=settings().brand_name or NO_BRAND,
        contact=settings().help_contact,
        name=employee.first_name if employee else "",
        shift=line(shift) if shift else None,
        other_shift=line(other_shift) if other_shift else None,
        code=code,
        place=place,
        until=day(until) if until else None,
        choices=tuple((number_, line(of)) for number_, of in choices) or None,
    )
    return wording.render(kind, language, facts, first=number.first_texted_at is None)


def shift_words(
    shift: Shift,
    language: str = "",
    *,
    now: datetime | None = None,
    reader_zone: ZoneInfo | None = None,
) -> str:
    """Return "Sat Nov 28 7am-3pm, Dock 4", in the zone of the shift's location."""
    return spoken.shift_line(
        shift.starts_at,
        shift.ends_at,
        ZoneInfo(shift.location.zone),
        shift.location.name,
        language=language,
        us=_us(),
        now=now,
        reader_zone=reader_zone,
        posted=shift.created_at,
    )


def shift_name(shift: Shift) -> str:
    """Return `shift_words` for the manager; an unreadable zone must not keep news from them."""
    try:
        return shift_words(shift)
    except (KeyError, ValueError, OSError):  # as ZoneInfo raises them
        return f"the shift {shift.external_id}"


def recipient_zone(employee: Employee | None, shift: Shift | None = None) -> ZoneInfo:
    """Return the zone a person's hours are judged in; TIME_ZONE where nothing else is known."""
    return clocks.zone_of(employee, shift, settings().time_zone)


def _us() -> bool:
    return settings().default_region == "US"
