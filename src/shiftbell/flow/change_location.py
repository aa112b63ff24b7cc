"""Change what is known of a location: its zone, its state, its manager.

The state decides whose stricter hours hold there, the zone how times are written and, for people
without a zone of their own, when their day begins. A shift keeps its moment when the zone changes,
and its hour reads differently from then on. So the zone stays while people have been told of a
shift ahead: whoever read "7am" must never be reminded of 6am.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.write_text import shift_words
from shiftbell.rules import mail_address, phones
from shiftbell.rules.columns import zone_named
from shiftbell.rules.states import state_named
from shiftbell.store import places, timeline
from shiftbell.store.models import Location, Shift
from shiftbell.store.transactions import write

# The fields that may be set, as a person calls them.
FIELDS = {
    "zone": "time zone",
    "state": "state",
    "manager_name": "manager's name",
    "manager_email": "manager's e-mail",
    "manager_phone": "manager's phone",
}


@dataclass(frozen=True, slots=True)
class LocationReport:
    """A location as it is now, what changed, and how each shift ahead read before its zone did."""

    location: Location
    changed: tuple[str, ...]
    rewritten: tuple[tuple[Shift, str], ...] = ()


def change_location(
    name: str, said: Mapping[str, str], *, region: str, now: datetime, actor: str
) -> LocationReport:
    """Set what `said` has of `FIELDS`; "" empties all but the zone.

    Raises NotFound for a location nobody knows, BadInput for what cannot be one of these, Conflict
    for another zone while people have been told of a shift ahead.
    """
    values = {field: _read(field, text.strip(), region) for field, text in said.items()}
    with write():
        location = places.locked_location(name)
        before = {field: getattr(location, field) for field in values}
        changed = tuple(
            field for field in FIELDS if field in values and values[field] != before[field]
        )
        shifts = places.shifts_ahead(location, now) if "zone" in changed else []
        _require_untold(location, shifts)
        words = [shift_words(shift) for shift in shifts]
        for field in changed:
            setattr(location, field, values[field])
        location.save()
        if changed:
            timeline.tell(
                "location.changed",
                at=now,
                actor=actor,
                name=location.name,
                changes=", ".join(_change(field, before, values) for field in changed),
            )
    for shift in shifts:
        shift.location = location
    return LocationReport(location, changed, tuple(zip(shifts, words, strict=True)))


def _read(field: str, text: str, region: str) -> str:
    """Return what was written in the one spelling it is stored in."""
    if field == "zone":
        if (zone := zone_named(text)) is None:
            raise BadInput(
                f"There is no time zone {text!r}.",
                hint="Write it like America/Chicago, or Central.",
                field="zone",
            )
        return zone
    if field == "state":
        return state_named(text)
    if field == "manager_email":
        return mail_address.normalised(text) if text else ""
    if field == "manager_phone":
        return phones.parse(text, region) if text else ""
    return " ".join(text.split())


def _require_untold(location: Location, shifts: list[Shift]) -> None:
    """Raise Conflict where people were told, or are about to be, when one of the shifts is."""
    told = places.told_of(shifts)
    if not told:
        return
    named = ", ".join(str(shift) for shift in told[:5]) + (", …" if len(told) > 5 else "")
    raise Conflict(
        f"People have read in the zone {location.zone} when {named} is, and would come at another "
        "hour than texts say from now on.",
        hint="Cancel what was offered or taken there, change the zone, and post it anew.",
    )


def _change(field: str, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Say one change; how a manager is reached is no one else's business."""
    if field in {"zone", "state"}:
        return f"{FIELDS[field]} {before[field] or 'none'} → {after[field] or 'none'}"
    return FIELDS[field]
