"""The port between what must be done and what runs it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """Work that `run` does piece by piece.

    `run(now)` does one piece and says whether more may be due at once. `every` makes it periodic:
    once per due time in the whole cluster. `threads` is how many pieces may run side by side.
    """

    name: str
    run: Callable[[datetime], bool]
    every: timedelta | None = None
    threads: int = 1


class Runner(Protocol):
    """Runs jobs until told to stop."""

    def wake(self, job: str) -> None:
        """Let a job look for work soon; effective on commit, and may be lost."""

    def run(self, jobs: Sequence[Job], stop: threading.Event) -> None:
        """Run the jobs; returns when `stop` is set and every piece under way has ended."""
