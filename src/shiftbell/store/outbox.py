"""The outbox: texts waiting to leave, written down and taken back.

`queue` writes an intent down, `withdraw` and `cancel` take it back before it leaves. Which text may
leave now, and who sends it, is decided in `store/claiming.py`; what its POST taught us is written
down by `store/settling.py`; what became doubtful is settled in `store/doubt.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from shiftbell.rules.delivery import State, may_move
from shiftbell.rules.sending import MANNERS, Kind
from shiftbell.store import mailboxes, numbers, timeline
from shiftbell.store.models import (
    Broadcast,
    Employee,
    Mail,
    Message,
    Offer,
    PhoneNumber,
    Sender,
    Shift,
)


def queue(
    kind: Kind,
    number: PhoneNumber,
    text: str,
    *,
    intent: str,
    now: datetime,
    expires_at: datetime | None = None,
    due_at: datetime | None = None,
    sender: Sender | None = None,
    employee: Employee | None = None,
    shift: Shift | None = None,
    offer: Offer | None = None,
    broadcast: Broadcast | None = None,
    answers: Message | None = None,
    question: bool = False,
    metadata: dict[str, Any] | None = None,
) -> Message | None:
    """Queue one text. Returns None when this intent is already live or sent: one intent, one text.

    Call inside `write()`, with the number's row locked. `intent` is a key like "offer:12:7:1" or
    "answer:1881"; ARCHITECTURE.md lists them. What `answers` a reply
    leaves from the number that was texted, and needs no other consent than that.
    """
    live = Message.objects.filter(intent=intent).exclude(state__in=["failed", "cancelled"])
    if live.exists():
        return None
    message = Message.objects.create(
        direction=Message.OUT,
        kind=kind,
        state=State.QUEUED,
        number=number,
        sender=(answers.sender if answers else sender)
        or numbers.sender_for(number, shift.location.name if shift else ""),
        answers=answers,
        employee=employee,
        shift=shift,
        offer=offer,
        broadcast=broadcast,
        text=text,
        metadata=metadata or {},
        created_at=now,
        intent=intent,
        lane=MANNERS[kind].lane,
        due_at=due_at or now,
        expires_at=expires_at,
        question=question,
    )
    timeline.tell_of(message, "message.queued", at=now, kind=str(kind))
    return message


def move(message: Message, to: State, reason: str = "") -> None:
    """Move a text to another state, the only way there is one; the caller saves it."""
    assert may_move(State(message.state), to), f"{message} may not go {message.state} → {to}"
    message.state, message.reason = to.value, reason[:300]


def withdraw(
    which: Q, *, reason: str, now: datetime, actor: str = "shiftbell"
) -> Sequence[Message | Mail]:
    """Cancel every queued text and mail that `which` selects; its offer counts as not asked."""
    texts = withdraw_texts(which, reason=reason, now=now, actor=actor)
    return [*texts, *mailboxes.withdraw(which, reason=reason, now=now, actor=actor)]


def withdraw_texts(
    which: Q, *, reason: str, now: datetime, actor: str = "shiftbell"
) -> Sequence[Message]:
    """Cancel every queued text that `which` selects; its offer counts as not asked.

    Call inside `write()`. What is leased already is stopped by the last check before its POST.
    """
    messages = list(
        Message.objects.filter(which, direction=Message.OUT, state=State.QUEUED)
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    for message in messages:
        cancel(message, reason=reason, now=now, actor=actor)
    return messages


def withdraw_after_stop(number: PhoneNumber, *, now: datetime) -> None:
    """Withdraw all that may not leave to a locked number once it opted out.

    What still leaves is the confirmation of an opt-out, and help; a START's confirmation that waits
    is older than this STOP and no longer true.
    """
    others = Q(number=number) & ~Q(kind__in=[Kind.STOP, Kind.HELP])
    withdraw_texts(others, reason="opted_out", now=now)


def cancel(message: Message, *, reason: str, now: datetime, actor: str = "shiftbell") -> None:
    """Cancel a text that did not leave and say why; what its offer asked is asked no more."""
    move(message, State.CANCELLED, reason)
    message.save(update_fields=["state", "reason"])
    timeline.tell_of(message, "message.cancelled", at=now, actor=actor, reason=reason)
    if message.kind == Kind.OFFER and message.offer_id is not None:
        mailboxes.take_back(message.offer_id)
