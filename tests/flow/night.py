"""A night on the stage: moments by the clock of a place, and what leaves when.

For tests of quiet hours: the flows and the simulator are real, and hours pass in one step.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from shiftbell.flow.import_people import import_people
from shiftbell.flow.offer_shift import OfferReport, offer_shift
from shiftbell.rules.consent import How
from shiftbell.store import consent
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, Message, Shift
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

CHICAGO = "America/Chicago"
WOULD_WAKE = Evidence(how=How.MANAGER, actor="Mia", source="told Ana on the phone")


def clock(written: str, zone: str = CHICAGO) -> datetime:
    """Return a moment written by the clock of a zone, like "2026-11-24 22:00", in UTC."""
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


EVENING = clock("2026-11-24 22:00")  # a Tuesday
MORNING = clock("2026-11-25 08:00")


def person(stage: Stage, name: str, position: int, **more: Any) -> Employee:
    """Return somebody new who agreed to be texted, of Dock 4 unless told otherwise."""
    with write():
        return crew.person(name, position, now=stage.now, **more)


def shift(stage: Stage, starts: str, *, hours: float = 8, **more: Any) -> Shift:
    """Return a shift at Dock 4, its start written by the clock there."""
    ahead = (clock(starts) - stage.now) / timedelta(hours=1)
    return crew.shift(now=stage.now, hours=ahead, lasts=hours, **more)


def offer(stage: Stage, about: Shift, **more: Any) -> OfferReport:
    """Offer a shift as the command line does."""
    return offer_shift(about, now=stage.now, actor="cli", values=stage.values, **more)


def until(stage: Stage, moment: datetime, *, look: float = 0) -> None:
    """Let time pass until shortly before a moment, then look for so many seconds after it."""
    gap = moment - timedelta(seconds=2) - stage.now
    stage.world.advance(gap.total_seconds())
    stage.run(2 + look)


def left(stage: Stage) -> list[str]:
    """Return who was texted, by first name, in the order of departure."""
    names = dict(Employee.objects.values_list("number__e164", "first_name"))
    return [names.get(t.phone, t.phone) for t in stage.world.texts if t.direction == "Outbound"]


def states(**which: Any) -> list[tuple[str, str]]:
    """Return how each of our texts stands and why, as written."""
    found = Message.objects.filter(direction="out", **which).order_by("pk")
    return list(found.values_list("state", "reason"))


def allow_nights(employee: Employee, *, allowed: bool = True) -> None:
    """Let somebody take urgent offers at night, or no longer."""
    now = employee.created_at
    with write():
        consent.allow_nights(employee, WOULD_WAKE, allowed=allowed, at=now, now=now)


def bring(stage: Stage, *lines: str) -> None:
    """Import a crew file, heading first."""
    raw = "\n".join(lines).encode()
    import_people(raw, now=stage.now, actor="cli", region="US", zone=ZoneInfo(CHICAGO))
