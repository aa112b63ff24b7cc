"""What a manager must hear: on the timeline and in the log.

Told in the transaction that makes it true, so a crash tells it once or not at all. The log line
has ids only: names and shifts stand in the words, numbers nowhere.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import transaction

from shiftbell.store import timeline
from shiftbell.store.models import Employee, Message, PhoneNumber, Shift

log = structlog.get_logger(__name__)


def tell_manager(
    now: datetime,
    words: str,
    *,
    shift: Shift | None = None,
    employee: Employee | None = None,
    message: Message | None = None,
    number: PhoneNumber | None = None,
    trouble: str = "",
) -> None:
    """Tell the manager one thing in one or two sentences. Call inside `write()`.

    `number` says that they hear of an opt-out of it, or of its `trouble`.
    """
    rows: dict[str, Any] = {"shift": shift, "employee": employee, "message": message}
    more = {"trouble": trouble} if trouble else {}
    timeline.tell("manager.told", at=now, words=words, number=number, **rows, **more)
    ids = {name: str(row) for name, row in rows.items() if row is not None}
    # After the commit: what is rolled back did not happen and must not be read in the log.
    transaction.on_commit(lambda: log.warning("manager.told", words=words, **ids))
