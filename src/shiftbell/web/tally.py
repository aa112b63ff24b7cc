"""Count what must leave no trace, without letting a stranger write to the database at will.

Counts gather in memory and are written together, at most once in `every_seconds`, by whoever
counts next. A kill loses what was not written yet, less than a second's worth, which is no harm.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from django.db import DatabaseError
from django.db.models import F

from shiftbell.store.models import Counter
from shiftbell.store.transactions import patience, write

PATIENCE_SECONDS = 1.0

log = structlog.get_logger()


class Tally:
    """One named counter, safe to use from many threads. `clock` is monotonic, in seconds."""

    def __init__(
        self, name: str, *, every_seconds: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._every_seconds = every_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._unwritten = 0
        self._write_from = 0.0

    def count(self) -> None:
        """Count one more; never fails."""
        with self._lock:
            self._unwritten += 1
            if self._clock() < self._write_from:
                return
            number, self._unwritten = self._unwritten, 0
            self._write_from = self._clock() + self._every_seconds
        try:
            self._write_down(number)
        except DatabaseError as error:
            log.warning("tally.kept", tally=self._name, number=number, reason=str(error))
            with self._lock:
                self._unwritten += number

    def total(self) -> int:
        """Return what the database holds and what waits in memory."""
        stored = Counter.objects.filter(name=self._name).values_list("value", flat=True).first()
        return (stored or 0) + self._unwritten

    def _write_down(self, number: int) -> None:
        with patience(PATIENCE_SECONDS), write():
            row, _ = Counter.objects.get_or_create(name=self._name)
            Counter.objects.filter(pk=row.pk).update(
                value=F("value") + number, at=datetime.now(UTC)
            )
