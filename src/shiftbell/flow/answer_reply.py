"""One reply being heard, and what we say to it.

Everything a reply causes is written in the transaction that marks it heard, this module's queued
answer included: killed at any line, the reply is heard again from the start or is done. A reply
gets one answer at most, by the intent "answer:<reply>"; it leaves from the number that was texted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shiftbell.flow.write_text import write_text
from shiftbell.rules.replies import Reading
from shiftbell.rules.sending import Kind
from shiftbell.rules.shifts import is_stale, leaves_to_a_person
from shiftbell.rules.wording import Wording
from shiftbell.store import inbox, outbox, timeline
from shiftbell.store.models import Employee, Message, Offer, PhoneNumber, Shift

# Whoever waits longer for an answer has looked away; the state of things is on their next text.
STALE_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply with its number and employee locked, how it reads, and what it can refer to."""

    message: Message
    number: PhoneNumber
    employee: Employee | None
    reading: Reading
    written_at: datetime  # by our clock
    now: datetime
    before: Sequence[Message]  # our texts the writer can have read, newest first

    @property
    def last(self) -> Message | None:
        """Our last text before this reply."""
        return self.before[0] if self.before else None


def answer(
    reply: Reply,
    wording: Wording,
    *,
    kind: Kind = Kind.ANSWER,
    intent: str = "",
    offer: Offer | None = None,
    shift: Shift | None = None,
    question: bool = False,
    expires_at: datetime | None = None,
    notes: dict[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Queue the one answer to a reply; `facts` go to `write_text`.

    With `question` a plain YES to this answer will mean `offer`. Nothing is queued for what is no
    phone: a short code would be a machine talking to a machine.
    """
    if not reply.number.e164.startswith("+"):
        return
    about = shift or (offer.shift if offer else None)
    outbox.queue(
        kind,
        reply.number,
        write_text(wording, reply.employee, reply.number, shift=about, **facts),
        intent=intent or f"answer:{reply.message.pk}",
        now=reply.now,
        expires_at=expires_at or reply.now + STALE_AFTER,
        answers=reply.message,
        employee=reply.employee,
        shift=about,
        offer=offer,
        question=question,
        metadata={"wording": str(wording), **(notes or {})},
    )


def counts(reply: Reply) -> bool:
    """Whether a reply counts: one found late may be contradicted by what was heard before it.

    Asked at first, and again once it is known which shift the reply means. Where it does not count
    it is set aside, for a person if a shift may hang on it.
    """
    message, meaning = reply.message, reply.reading.meaning
    if not is_stale(meaning, inbox.heard_since(message), message.shift_id):
        return True
    about: dict[str, Any] = {"offer": message.offer_id, "shift": message.shift_id}
    timeline.tell("reply.stale", at=reply.now, message=message, employee=reply.employee, **about)
    if leaves_to_a_person(meaning):
        needs_person(reply, "an older reply found late; a newer one says otherwise")
    return False


def needs_person(reply: Reply, reason: str) -> None:
    """Put a reply into the inbox of a person, and say why."""
    reply.message.needs_person_since = reply.now
    timeline.tell(
        "reply.needs_person",
        at=reply.now,
        message=reply.message,
        employee=reply.employee,
        number=reply.number,
        reason=reason,
    )


def is_wording(text: Message | None, *wordings: Wording) -> bool:
    """Whether a text of ours was written with one of these wordings."""
    return text is not None and text.metadata.get("wording") in wordings
