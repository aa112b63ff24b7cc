"""Long work in short transactions, with room for others between them.

SQLite gives the writer's turn to whoever asks at the right moment, and a process that waits asks
only every few hundredths of a second. Without a rest between chunks a webhook's event could ask in
vain until a whole broadcast is queued.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

from django.db import connection

CHUNK = 25  # people asked in one transaction: about 60 ms of the writer's turn
REST_SECONDS = 0.02

Row = TypeVar("Row")


def in_chunks(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield `rows` in chunks; the caller opens and closes one transaction for each."""
    for start in range(0, len(rows), CHUNK):
        if start and connection.vendor == "sqlite":
            time.sleep(REST_SECONDS)
        yield rows[start : start + CHUNK]
