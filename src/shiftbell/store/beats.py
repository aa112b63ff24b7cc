"""A worker's sign of life: noted every few seconds, read by whoever wants to know of it.

That a worker is silent says nothing about its texts: a lease that runs out does. It is what /health
shows, and what tells `send-test` whether it must send its text itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shiftbell.store.models import Counter
from shiftbell.store.transactions import write

EVERY = timedelta(seconds=5)
SILENT_AFTER = 4 * EVERY
_NAME = "worker.beat"


def beat(now: datetime) -> None:
    """Note that a worker is alive."""
    with write():
        Counter.objects.update_or_create(name=_NAME, defaults={"at": now})


def last() -> datetime | None:
    """Return when a worker last was alive; None before the first ever was."""
    return Counter.objects.filter(name=_NAME).values_list("at", flat=True).first()


def alive(at: datetime | None, now: datetime) -> bool:
    """Whether a worker that was alive `at` is taken to be alive now."""
    return at is not None and now - at < SILENT_AFTER
