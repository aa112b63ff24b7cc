"""Turns: work that one worker at a time does, and when it is to be done next.

For what runs by no grid of the clock: it is due again so long after it was last done, sooner after
a failure, and not while a worker is at it. A worker that dies leaves its turn until the lease is
over. Where a lease was too short two workers do the same, which must be harmless.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from shiftbell.store.models import Counter
from shiftbell.store.transactions import write


def due_since(name: str, now: datetime) -> datetime | None:
    """Return since when a turn could be taken; None where it cannot. A new one is due from now."""
    at = Counter.objects.filter(name=name).values_list("at", flat=True).first()
    if at is None:
        with write():
            at = Counter.objects.get_or_create(name=name, defaults={"at": now})[0].at or now
    return at if at <= now else None


def take(name: str, now: datetime, lease: timedelta) -> int | None:
    """Take a turn that is due, for as long as `lease`; returns the failures in a row so far.

    None where it is not due, or another worker has it.
    """
    with write():
        Counter.objects.get_or_create(name=name)
        row = Counter.objects.select_for_update().get(name=name)
        if row.at is not None and row.at > now:
            return None
        row.at = now + lease
        row.save(update_fields=["at"])
        return row.value


def give_back(name: str, *, next_at: datetime) -> None:
    """Give a turn back whose work is done, and say when it is due again."""
    with write():
        Counter.objects.update_or_create(name=name, defaults={"at": next_at, "value": 0})


def give_up(name: str, *, next_at: datetime) -> None:
    """Give a turn back whose work failed, and say when to try again."""
    with write():
        Counter.objects.filter(name=name).update(at=next_at, value=F("value") + 1)


def hasten(name: str, now: datetime) -> None:
    """Let a turn be due at once, whenever it was to be."""
    with write():
        Counter.objects.filter(name=name, at__gt=now).update(at=now)
