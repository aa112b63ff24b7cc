"""One way to write: short transactions, one at a time in a process on SQLite.

SQLite has one writer. Threads of one process that queue here wait fairly and never meet "database
is locked"; processes wait for each other inside BEGIN IMMEDIATE. A transaction is never open while
RingCentral is spoken to; `assert_outside` guards that.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_turn = threading.RLock()


@contextmanager
def write() -> Iterator[None]:
    """Run the block as one transaction, or as part of the one already open."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    with _turn, transaction.atomic():
        yield


def assert_outside() -> None:
    """Assert that this thread holds no writer's turn, before a call to RingCentral."""
    owned: bool = _turn._is_owned()  # type: ignore[attr-defined]
    assert not owned, "a transaction is open across a call to RingCentral"
