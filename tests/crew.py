"""Rows for tests: senders, places, people and shifts, each with sensible defaults."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from shiftbell.store import roster
from shiftbell.store.buckets import open_buckets
from shiftbell.store.models import Employee, Location, Sender, Shift

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # a Tuesday, noon in Chicago
_ids = count(1)


def sender(number: str = "+16505550100", **more: Any) -> Sender:
    """Make a sender with its rate buckets."""
    row = Sender.objects.create(e164=number, position=Sender.objects.count(), **more)
    open_buckets(row, NOW)
    return row


def place(name: str = "Dock 4", zone: str = "America/Chicago") -> Location:
    """Return the location of this name, made in `zone` if new."""
    defaults = {"name": name, "zone": zone}
    return Location.objects.get_or_create(external_id=name, defaults=defaults)[0]


def person(
    name: str,
    number: str | None = None,
    *,
    at: tuple[str, ...] = ("Dock 4",),
    consent: bool = True,
    **more: Any,
) -> Employee:
    """Make someone who agreed to be texted on the number 312-555-01`number`."""
    row = Employee.objects.create(
        external_id=more.pop("external_id", f"crew-{next(_ids)}"),
        first_name=name,
        number=roster.number_row(f"+131255501{number}") if number else None,
        created_at=NOW,
        **more,
    )
    row.locations.set([place(each) for each in at])
    if consent and number:
        roster.grant(row, at=NOW, now=NOW, source="paper form", actor="test")
    return row


def shift(*, hours: float = 21, lasts: float = 8, at: str = "Dock 4", **more: Any) -> Shift:
    """Make a shift that starts so many hours from NOW: by default tomorrow at nine in Chicago."""
    starts_at = NOW + timedelta(hours=hours)
    return Shift.objects.create(
        external_id=more.pop("external_id", f"shift-{next(_ids)}"),
        location=place(at),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=lasts),
        created_at=NOW,
        **more,
    )
