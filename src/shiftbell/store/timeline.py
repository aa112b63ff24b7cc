"""What happened, in order: the one append-only table of facts.

Every fact is told in the transaction that makes it true. The words for people stand in
`rules/telling.py`; a fact without words there cannot be told, so `why` can always explain it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from shiftbell.rules.telling import SENTENCES
from shiftbell.store.models import Message, TimelineEntry

IDS = ("message", "offer", "employee", "shift", "broadcast", "number", "sender")


def tell(what: str, *, at: datetime, actor: str = "shiftbell", **about: Any) -> TimelineEntry:
    """Add one fact. `about` holds rows or ids under the names of `IDS`; the rest is detail."""
    assert what in SENTENCES, f"no words for {what!r} in rules/telling.py"
    ids = {name: _id(about.pop(name, None)) for name in IDS}
    return TimelineEntry.objects.create(at=at, actor=actor, what=what, detail=about, **ids)


def tell_of(
    message: Message, what: str, *, at: datetime, actor: str = "shiftbell", **detail: Any
) -> TimelineEntry:
    """Add one fact about a text, under the ids of everything the text is about."""
    return tell(
        what,
        at=at,
        actor=actor,
        message=message,
        offer=message.offer_id,
        employee=message.employee_id,
        shift=message.shift_id,
        broadcast=message.broadcast_id,
        number=message.number_id,
        sender=message.sender_id,
        **detail,
    )


def in_order(entries: Iterable[TimelineEntry]) -> Iterator[TimelineEntry]:
    """Yield facts, given as they were told, as a listener expects them: a cause comes first.

    What follows from a reply is told in the same transaction, and the reply itself last, once it is
    known what it was about; all of them have one moment.
    """
    for _, together in groupby(entries, key=lambda entry: entry.at):
        yield from sorted(together, key=lambda entry: entry.what != "reply.heard")


def _id(row: Any) -> int | None:
    return row if row is None or isinstance(row, int) else row.pk
