"""What an extension's message store remembers, and in which order it shows it.

A record is *published* when it becomes visible, usually at once, with the fault `store_lag` later
than its creation. Lists go by creation time. Synchronisation goes by the moment a record
appeared or changed *in the store*, so a late record is new when it shows up, not when it was
written. RingCentral keeps 5,000 texts per folder: the oldest are gone without notice.
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from .message import Message
from .refusals import Refusal, invalid

OVERLAP_SECONDS = 5  # an ISync repeats this much of what the one before has shown
KEPT_PER_FOLDER = 5000
TOKEN_DAYS = 90

Place = tuple[datetime, int]  # a moment, and a message id to tell equals apart


class Mailbox:
    """The texts of one extension. The world's lock guards it."""

    def __init__(self, kept: int = KEPT_PER_FOLDER) -> None:
        self._kept = kept
        self._messages: dict[int, Message] = {}
        self._created: list[Place] = []
        self._created_with: dict[str, list[Place]] = {}
        self._folders: dict[str, list[Place]] = {"Inbound": [], "Outbound": []}
        self._changed: list[Place] = []

    def publish(self, message: Message, now: datetime) -> None:
        """Make a record visible."""
        place = (message.created_at, message.id)
        message.published = True
        self._messages[message.id] = message
        for index in self._indexes(message):
            insort(index, place)
        self._changed.append((now, message.id))
        folder = self._folders[message.direction]
        if len(folder) > self._kept:
            self._drop(self._messages[folder[0][1]])

    def touch(self, message: Message, now: datetime) -> None:
        """Note that a record has changed."""
        message.modified_at = now
        if message.published:
            self._changed.append((now, message.id))

    def find(self, message_id: int) -> Message | None:
        """Return a visible record, deleted ones included; a purged one is gone."""
        message = self._messages.get(message_id)
        return message if message and message.availability != "Purged" else None

    def between(
        self, start: datetime, end: datetime, phone: str | None = None
    ) -> Iterator[Message]:
        """Go through the records created in [start, end], newest first."""
        index = self._created if phone is None else self._created_with.get(phone, [])
        low = bisect_left(index, (start, 0))
        high = bisect_right(index, (end, 2**63))
        for position in range(high - 1, low - 1, -1):
            yield self._messages[index[position][1]]

    def changed_since(self, since: datetime) -> list[Message]:
        """Return the records that appeared or changed at `since` or later, newest first."""
        tail = self._changed[bisect_left(self._changed, (since, 0)) :]
        latest = dict.fromkeys(message_id for _, message_id in reversed(tail))
        return [self._messages[i] for i in latest if i in self._messages]

    def _drop(self, message: Message) -> None:
        for index in self._indexes(message):
            del index[bisect_left(index, (message.created_at, message.id))]
        del self._messages[message.id]

    def _indexes(self, message: Message) -> Iterable[list[Place]]:
        yield self._created
        yield self._folders[message.direction]
        for phone in message.others:
            yield self._created_with.setdefault(phone, [])


def make_sync_token(extension_id: str, now: datetime, query: list[tuple[str, str]]) -> str:
    """Pack where a synchronisation stands: whose, up to when, under which filters."""
    state = {"e": extension_id, "t": now.timestamp(), "q": query}
    return base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")


def read_sync_token(
    token: str, extension_id: str, now: datetime
) -> tuple[datetime, list[tuple[str, str]]]:
    """Unpack a sync token. Raises Refusal: CMN-101 for rubbish, MSG-333 for one past use."""
    try:
        state: Any = json.loads(base64.urlsafe_b64decode(token + "==="))
        at = datetime.fromtimestamp(state["t"], UTC)
        owner, query = state["e"], [(str(name), str(value)) for name, value in state["q"]]
    except (
        ValueError,
        KeyError,
        TypeError,
        binascii.Error,
        OverflowError,
        RecursionError,
    ) as error:
        raise invalid("syncToken") from error
    if owner != extension_id or not now - timedelta(days=TOKEN_DAYS) <= at <= now:
        raise Refusal(400, "MSG-333", "Sync token is not valid, full synchronization is required")
    return at, query
