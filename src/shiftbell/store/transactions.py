"""One way to write: short transactions, one at a time in a process on SQLite.

SQLite has one writer. Threads of one process that queue here wait fairly and never meet "database
is locked"; processes wait for each other inside BEGIN IMMEDIATE. A transaction is never open while
RingCentral is spoken to; `assert_outside` guards that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import OperationalError, connection, transaction

_turn = threading.RLock()
_FOR_EVER = -1.0
# How long this thread waits for its turn among the writers of its process.
_patience: ContextVar[float] = ContextVar("patience", default=_FOR_EVER)


@contextmanager
def write() -> Iterator[None]:
    """Run the block as one transaction, or as part of the one already open.

    Raises OperationalError when `patience` runs out before it can begin.
    """
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    if not _turn.acquire(timeout=_patience.get()):
        raise OperationalError("the database is busy: other writers of this process go first")
    try:
        with transaction.atomic():
            yield
    finally:
        _turn.release()


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Wait at most about `seconds` to begin a write in the block, then OperationalError.

    A worker may wait half a minute for another process's write; someone who waits for a page, or
    RingCentral, would rather hear that it did not work. Half is for the threads of this process,
    half for other processes, so that many who wait at once are all told in time.
    """
    if connection.vendor != "sqlite":
        yield
        return
    usual = connection.settings_dict["OPTIONS"]["timeout"]
    waiting = _patience.set(seconds / 2)
    _busy_timeout(seconds / 2)
    try:
        yield
    finally:
        _patience.reset(waiting)
        _busy_timeout(usual)


def _busy_timeout(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")


def assert_outside() -> None:
    """Assert that this thread holds no writer's turn, before a call to RingCentral."""
    owned: bool = _turn._is_owned()  # type: ignore[attr-defined]
    assert not owned, "a transaction is open across a call to RingCentral"
