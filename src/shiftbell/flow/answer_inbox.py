"""Answer the inbox: what a person does about the replies that no rule could settle.

Here a person's word is carried out: that a reply was taken care of, or what one in review meant.
Which replies come here is decided where they are heard (`hear_reply` and its kin). Two things fail
closed: a number stays in review until each of its doubtful replies was read, and such a reply
cannot be put aside without saying what it meant. An opt-out may be read into any reply, whenever
somebody notices it, since people may say stop in whatever words they like (R2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.rules.consent import How
from shiftbell.store import consent, find, inbox, numbers, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Message, Shift, TimelineEntry
from shiftbell.store.transactions import write

LOOK_BACK = 20  # texts of ours that a reply may be about


class Meant(StrEnum):
    """What a person read in a reply."""

    OPT_OUT = "opt_out"
    OK = "ok"


_SAID = {Meant.OPT_OUT: "an opt-out", Meant.OK: "not an opt-out"}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reply that needs a person: why, the shift it is likely about, and if offers wait for it."""

    reply: Message
    reason: str
    shift: Shift | None
    in_review: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What reading a reply led to; `unread` replies still keep its number in review."""

    reply: Message
    meant: Meant
    unread: Sequence[Message]


def waiting() -> list[Waiting]:
    """Return the replies that need a person, oldest first."""
    replies = inbox.for_a_person()
    facts = TimelineEntry.objects.filter(
        what="reply.needs_person", message__in=[reply.pk for reply in replies]
    )
    reasons = {fact.message: fact.detail.get("reason", "") for fact in facts.order_by("pk")}
    return [
        Waiting(reply, reasons.get(reply.pk, ""), _shift_of(reply), _is_in_review(reply))
        for reply in replies
    ]


def put_aside(reference: str, *, actor: str, now: datetime) -> Message:
    """Mark a reply as taken care of; raise NotFound, BadInput or Conflict where it cannot be."""
    with write():
        reply = _locked(reference)
        if reply.needs_person_since is None:
            raise Conflict(
                f"{reply} does not wait for a person.", hint="`shiftbell inbox` lists what does."
            )
        if _is_in_review(reply):
            raise Conflict(
                f"{reply} may be an opt-out, and offers to its sender wait for your decision.",
                hint=f"Write `shiftbell inbox read {reply} opt_out`, or ok if it is none.",
            )
        timeline.tell("reply.done", at=now, actor=actor, **_about(reply))
        inbox.take_out(reply)
    return reply


def read_reply(reference: str, meant: Meant, *, actor: str, now: datetime) -> Read:
    """Carry out what a person read in a reply; raise NotFound, BadInput or Conflict.

    An opt-out gets no confirmation: whoever may have said stop gets not one text more than needed.
    """
    with write():
        reply = _locked(reference)
        if meant is Meant.OK and reply.number.review_since is None:
            raise Conflict(
                f"Nothing waits for what {reply} meant.",
                hint=f"`shiftbell inbox done {reply}` marks a reply as taken care of.",
            )
        timeline.tell("number.reviewed", at=now, actor=actor, meaning=_SAID[meant], **_about(reply))
        inbox.take_out(reply)
        unread: Sequence[Message] = ()
        if meant is Meant.OPT_OUT:
            _opt_out(reply, actor, now)
        else:
            unread = _end_review(reply)
    return Read(reply, meant, unread)


def _opt_out(reply: Message, actor: str, now: datetime) -> None:
    evidence = Evidence(
        how=How.TEXT,
        actor=actor,
        source="a reply that a person read",
        words=reply.text,
        detail={"reply": str(reply)},
    )
    at = inbox.our_time(reply)
    is_new = consent.revoke(reply.number, reply.employee, evidence, now=now, at=at)
    if reply.employee is not None:
        tell_opt_out(reply.employee, now, holds=is_new, message=reply)


def _end_review(reply: Message) -> Sequence[Message]:
    """Let offers go on unless another reply of the number is still unread; return those."""
    unread = inbox.in_review(reply.number)
    if not unread:
        reply.number.review_since = None
        reply.number.save(update_fields=["review_since"])
    return unread


def _locked(reference: str) -> Message:
    found = find.message(reference)
    if found.direction != Message.IN:
        raise BadInput(f"{found} is a text of ours, not a reply.", hint="See `shiftbell inbox`.")
    return inbox.locked_reply(found.pk)


def _is_in_review(reply: Message) -> bool:
    return reply.number.review_since is not None and inbox.is_doubtful(reply)


def _shift_of(reply: Message) -> Shift | None:
    """Return the shift a reply was heard about, or else that of our last text before it."""
    if reply.shift is not None:
        return reply.shift
    written_at = inbox.our_time(reply)
    texts = numbers.last_texts(reply.number, limit=LOOK_BACK)
    before = (text for text in texts if text.left_at is not None and text.left_at <= written_at)
    last = next(before, None)
    return last.shift if last else None


def _about(reply: Message) -> dict[str, object]:
    return {"message": reply, "employee": reply.employee, "number": reply.number}
