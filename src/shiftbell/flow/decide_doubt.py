"""Decide: what a person knows about a text that RingCentral's message store cannot tell about.

The fact it rests on: a text in doubt is never sent again by itself, so somebody has to look at the
phone, or ask. "left" keeps it as sent. "not-left" drops it: an offer then counts as not made and
may be made again; anything else must be said another way. Both are final.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shiftbell.errors import Conflict
from shiftbell.store import doubt, find
from shiftbell.store.models import Message


class Decision(StrEnum):
    """What a person found out."""

    LEFT = "left"
    NOT_LEFT = "not-left"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A text that may have left: since when, how often it was looked for, and whether in vain."""

    message: Message
    since: datetime
    look_ups: int
    given_up: bool  # the message store cannot tell; before that it still may


def doubts() -> list[Doubt]:
    """Return every text in doubt, oldest first."""
    return [
        Doubt(one.message, one.started_at, one.look_ups, one.cannot_tell_at is not None)
        for one in doubt.undecided()
    ]


def doubt_of(reference: str) -> Doubt:
    """Return the doubt about the text called m12; raise NotFound, Conflict where there is none."""
    message = find.message(reference)
    found = next((one for one in doubts() if one.message == message), None)
    if found is None:
        raise Conflict(
            f"{message} is not in doubt, so there is nothing to decide.",
            hint=f"`shiftbell why {message}` tells its story.",
        )
    return found


def decide_doubt(message: Message, decision: Decision, *, actor: str, now: datetime) -> Message:
    """Settle one doubt for good and return the text as it is then; raise Conflict if it is over."""
    doubt.decide(message.pk, left=decision is Decision.LEFT, actor=actor, now=now)
    message.refresh_from_db()
    return message
