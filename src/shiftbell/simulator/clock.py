"""What time the simulated world thinks it is.

A world asks its clock and nothing else, so an hour of carrier delays can pass in a millisecond
(`ManualClock`) or exactly as long as an hour takes (`RealClock`). Who moves a manual clock must
also run what fell due meanwhile; `World.advance` does both.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Anything that knows the time in UTC."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""


class RealClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands still until it is moved; it never runs backwards."""

    def __init__(self, start: datetime) -> None:
        assert start.tzinfo is not None, "a clock needs an aware datetime"
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on by `seconds` (0 or more)."""
        assert seconds >= 0, "a clock never runs backwards"
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def advance_to(self, moment: datetime) -> None:
        """Move the clock on to `moment`; a moment already past leaves it alone."""
        with self._lock:
            self._now = max(self._now, moment)
