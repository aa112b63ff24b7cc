"""A cast for the stage: employees who agreed, a place, a shift, and offers queued to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from shiftbell.rules.sending import Kind
from shiftbell.store import outbox, roster
from shiftbell.store.models import (
    Broadcast,
    Employee,
    Location,
    Message,
    Offer,
    PhoneNumber,
    Shift,
)
from shiftbell.store.transactions import write

AREA_CODES = ("312", "212", "415", "617", "713", "206", "305", "404", "602", "303")


def number(place: int) -> str:
    """Return the place-th reserved number: 100 of each area code."""
    return f"+1{AREA_CODES[place // 100]}55501{place % 100:02d}"


def dock() -> Location:
    """Return the place where the shifts of tests happen."""
    return Location.objects.get_or_create(
        external_id="dock-4", defaults={"name": "Dock 4", "zone": "America/Chicago"}
    )[0]


def hire(count: int, now: datetime, *, first: int = 0) -> list[Employee]:
    """Return new employees who agreed to be texted."""
    with write():
        return [_hire(place, now) for place in range(first, first + count)]


def _hire(place: int, now: datetime) -> Employee:
    employee = Employee.objects.create(
        external_id=f"E{place}",
        first_name=f"Emp{place}",
        number=PhoneNumber.objects.create(e164=number(place)),
        created_at=now,
    )
    granted = roster.grant(employee, at=now, now=now, source="paper form", actor="import")
    assert granted
    return employee


def post_shift(now: datetime, *, openings: int = 1, starts_in_hours: float = 24) -> Shift:
    """Return a new shift at the dock."""
    starts_at = now + timedelta(hours=starts_in_hours)
    return Shift.objects.create(
        external_id=f"S{Shift.objects.count() + 1}",
        location=dock(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=8),
        openings=openings,
        created_at=now,
    )


def offer(shift: Shift, crew: list[Employee], now: datetime) -> list[Message]:
    """Queue an offer to each, without the planning that offer_shift adds."""
    with write():
        broadcast = Broadcast.objects.create(shift=shift, created_at=now, actor="Mia")
        return [_offer(broadcast, employee, now) for employee in crew]


def _offer(broadcast: Broadcast, employee: Employee, now: datetime) -> Message:
    made = Offer.objects.create(
        shift=broadcast.shift, employee=employee, broadcast=broadcast, code=1, created_at=now
    )
    assert employee.number is not None
    message = outbox.queue(
        Kind.OFFER,
        employee.number,
        f"Acme: shift {broadcast.shift.external_id}. Reply YES to take it, STOP to opt out.",
        intent=f"offer:{broadcast.shift_id}:{employee.pk}:1",
        now=now,
        expires_at=broadcast.shift.starts_at,
        employee=employee,
        shift=broadcast.shift,
        offer=made,
        broadcast=broadcast,
        question=True,
    )
    assert message is not None
    return message
