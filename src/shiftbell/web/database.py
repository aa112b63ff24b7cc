"""How long an answer may wait for the database.

Another process's write normally takes milliseconds, and a worker may wait half a minute for a
longer one. Someone who waits for a page, or RingCentral, would rather hear that it did not work.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait at most `seconds` for another process's lock inside the block, then DatabaseError."""
    if connection.vendor != "sqlite":
        yield
        return
    usual = connection.settings_dict["OPTIONS"]["timeout"]
    _wait_at_most(seconds)
    try:
        yield
    finally:
        _wait_at_most(usual)


def _wait_at_most(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")
