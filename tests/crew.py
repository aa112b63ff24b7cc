"""Rows for tests: senders, places, people and shifts, each with sensible defaults."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shiftbell.rules.consent import How
from shiftbell.rules.sending import Kind
from shiftbell.store import consent as ledger
from shiftbell.store import numbers, outbox
from shiftbell.store.buckets import open_buckets
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Broadcast, Employee, Location, Message, Offer, Sender, Shift
from shiftbell.store.transactions import write
from tests.moments import NOON

ON_PAPER = Evidence(how=How.FORM, actor="test", source="paper form", words="I agree")
AREA_CODES = ("312", "212", "415", "617", "713", "206", "305", "404", "602", "303")


def number(position: int) -> str:
    """Return one of a thousand reserved numbers: 100 of each area code."""
    return f"+1{AREA_CODES[position // 100]}55501{position % 100:02d}"


def sender(number: str = "+16505550100", **more: Any) -> Sender:
    """Make a sender with its rate buckets."""
    row = Sender.objects.create(e164=number, position=Sender.objects.count(), **more)
    open_buckets(row, NOON)
    return row


def place(name: str = "Dock 4", zone: str = "America/Chicago") -> Location:
    """Return the location of this name, made in `zone` if new."""
    defaults = {"name": name, "zone": zone}
    return Location.objects.get_or_create(external_id=name, defaults=defaults)[0]


def person(
    name: str,
    position: str | int | None = None,
    *,
    now: datetime = NOON,
    at: tuple[str, ...] = ("Dock 4",),
    consent: bool = True,
    texted: bool = False,
    **more: Any,
) -> Employee:
    """Make someone who agreed to be texted, on the number of that position.

    `texted` says that the required words of a first text have been sent there before.
    """
    line = numbers.number_row(number(int(position))) if position is not None else None
    if line and texted:
        line.first_texted_at = now
        line.save()
    row = Employee.objects.create(
        external_id=more.pop("external_id", f"crew-{Employee.objects.count() + 1}"),
        first_name=name,
        number=line,
        created_at=now,
        **more,
    )
    row.locations.set([place(each) for each in at])
    if consent and line:
        ledger.grant(row, ON_PAPER, at=now, now=now)
    return row


def hire(count: int, now: datetime, *, first: int = 0) -> list[Employee]:
    """Return new employees who agreed to be texted, on the numbers from `first` on."""
    with write():
        return [
            person(f"Emp{position}", position, now=now, at=(), external_id=f"E{position}")
            for position in range(first, first + count)
        ]


def shift(
    *, now: datetime = NOON, hours: float = 21, lasts: float = 8, at: str = "Dock 4", **more: Any
) -> Shift:
    """Make a shift that starts so many hours from `now`: else tomorrow at nine in Chicago."""
    starts_at = now + timedelta(hours=hours)
    return Shift.objects.create(
        external_id=more.pop("external_id", f"shift-{Shift.objects.count() + 1}"),
        location=place(at),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=lasts),
        created_at=now,
        **more,
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
