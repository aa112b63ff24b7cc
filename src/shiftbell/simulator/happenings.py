"""What will happen, in the order in which it will.

Carrier reports, people's answers, webhook deliveries and records that show up late are all put
here with the moment they fall due. Two that fall due together happen in the order in which they
were put: without that, the same seed would not give the same log.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, order=True)
class Happening:
    """One thing that will happen; `lane` is set for what must run without the world's lock."""

    due: datetime
    order: int
    work: Callable[[], None] = field(compare=False)
    lane: str | None = field(default=None, compare=False)


class Happenings:
    """A queue ordered by time, then by arrival. The world's lock guards it."""

    def __init__(self) -> None:
        self._heap: list[Happening] = []
        self._order = 0

    def put(self, due: datetime, work: Callable[[], None], lane: str | None = None) -> None:
        """Plan `work` for `due`; name a `lane` when it talks to somebody outside."""
        self._order += 1
        heapq.heappush(self._heap, Happening(due, self._order, work, lane))

    def pop_due(self, now: datetime) -> Happening | None:
        """Take out the next happening if its time has come."""
        if self._heap and self._heap[0].due <= now:
            return heapq.heappop(self._heap)
        return None

    def next_due(self) -> datetime | None:
        """Return when the next happening falls due, or None when nothing is planned."""
        return self._heap[0].due if self._heap else None
