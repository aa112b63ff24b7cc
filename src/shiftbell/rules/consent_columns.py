"""What a row of a roster file says about being texted, and what it proves.

Agreeing counts with its date and its source only, for texts and for offers at night alike: without
them nobody could prove it later (K1). What people were shown is kept where the file has it; an
opt-out fails closed, so whatever stands there and does not say "no" is one.

Who the person is, is read by `people_file`; what a word changes is decided in `roster_changes`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from shiftbell.errors import BadTime
from shiftbell.rules import hours
from shiftbell.rules.columns import Cells, said

VERSION_CHARS_MAX = 40

_SAY_WHEN_AND_HOW = "Say when and how they agreed, such as 2026-09-01 and paper form."


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a row says somebody allowed; None where it says nothing that counts."""

    consent: bool | None = None  # True, here and below, always comes with `at` and `source`
    nights: bool | None = None  # urgent offers at night
    at: datetime | None = None  # UTC
    source: str | None = None
    shown: str | None = None  # the words they agreed to
    shown_version: str | None = None


def agreed(cells: Cells, zone: ZoneInfo, today: date) -> Agreed:
    """Return what a row says was agreed to; a date without a zone is read as in `zone`."""
    consent, nights = _answer(cells, "consent"), _answer(cells, "nights")
    if not (consent or nights):
        return Agreed(consent, nights)
    at, source = _proof(cells, "consent" if consent else "nights", zone, today)
    if at is None or source is None:
        # A "no" beside it needs no proof.
        return Agreed(None if consent else consent, None if nights else nights)
    shown = cells.whole("consent_shown") or None
    version = cells.told("consent_version")[:VERSION_CHARS_MAX] or None
    return Agreed(consent, nights, at, source, shown, version)


def opted_out(cells: Cells) -> bool:
    """Whether a row says that the person wants no texts."""
    value = cells.text("opted_out")
    if not value or said(value, "no") or said(value, "blank"):
        return False
    if not said(value, "yes"):
        message = "This was taken for an opt-out, to be safe; this person gets no texts."
        cells.remark("opted_out_unclear", message, "Write yes or no.", "opted_out")
    return True


def _answer(cells: Cells, meaning: str) -> bool | None:
    value = cells.text(meaning)
    if not value:
        return None
    if not (said(value, "yes") or said(value, "no")):
        cells.remark(f"{meaning}_unclear", "This was taken for no.", "Write yes or no.", meaning)
    return said(value, "yes")


def _proof(
    cells: Cells, meaning: str, zone: ZoneInfo, today: date
) -> tuple[datetime | None, str | None]:
    """Return when and how somebody agreed; with a remark, and without one of them, if unproven."""
    at, source = _agreed_at(cells, zone), cells.told("consent_source") or None
    if at and at.astimezone(zone).date() > today:
        message = "This date is in the future, so the consent was not recorded."
        cells.remark("consent_future", message, "Correct the date.", "consent_at")
        return None, None
    lacks = " and ".join(
        name for name, value in (("Consent Date", at), ("Consent Source", source)) if not value
    )
    if lacks:
        what, so = {
            "consent": ("The consent was", "gets no texts"),
            "nights": ("Offers at night were", "gets none"),
        }[meaning]
        message = f"{what} not recorded, for lack of a {lacks}; this person {so}."
        cells.remark(f"{meaning}_incomplete", message, _SAY_WHEN_AND_HOW, meaning)
    return at, source


def _agreed_at(cells: Cells, zone: ZoneInfo) -> datetime | None:
    """Return when somebody agreed; a date alone counts from the start of that day."""
    value = cells.told("consent_at")
    if not value:
        return None
    try:
        return _moment(value, zone)
    except BadTime as trouble:
        cells.remark("bad_date", trouble.message, trouble.hint, "consent_at")
        return None


def _moment(value: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        day, clock = hours.split_moment(value)
        # No relative days: "today" in a file kept for years would move with each import.
        on = hours.parse_date(day, today=None, field="Consent Date")
        at = datetime.combine(on, hours.parse_time(clock or "0:00", field="Consent Date"))
    if not 2000 <= at.year < 2100:
        raise BadTime("There is no such year here.", hint="Write it as 2026-09-01.")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
