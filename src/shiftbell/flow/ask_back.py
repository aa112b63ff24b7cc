"""What nobody can be sure of: one kind question, and the inbox of a person.

The question is not repeated to someone who answers it with another riddle, a phone on holiday for
one: two machines that ask each other what they mean would never stop.
"""

from __future__ import annotations

from datetime import timedelta

from shiftbell.flow.answer_reply import Reply, answer, is_wording, needs_person
from shiftbell.rules.wording import Wording
from shiftbell.store.models import Message

ASK_AGAIN_AFTER = timedelta(days=1)


def ask_what_was_meant(reply: Reply, reason: str) -> None:
    """Ask once, and let a person see the reply.

    Where our last text asked about an offer, this question is about the same one: a YES to it is
    a YES to that offer.
    """
    needs_person(reply, reason)
    if _has_just_been_asked(reply):
        return
    asked = reply.last if reply.last is not None and reply.last.question else None
    answer(
        reply,
        Wording.UNCLEAR,
        offer=asked.offer if asked else None,
        question=asked is not None,
    )


def _has_just_been_asked(reply: Reply) -> bool:
    """Whether the newest text to this number, on its way or still queued, is that question."""
    texts = Message.objects.filter(number=reply.number, direction=Message.OUT)
    newest = texts.exclude(state__in=["cancelled", "failed"]).order_by("-pk").first()
    return (
        newest is not None
        and is_wording(newest, Wording.UNCLEAR)
        and reply.now - newest.created_at < ASK_AGAIN_AFTER
    )
