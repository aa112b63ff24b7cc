"""The outbox: texts waiting to leave, and the one query that leases them.

`queue` writes an intent down; `claim` leases the best text that may leave now and takes its slot
in the sender's rate bucket; `settle` writes down what the POST taught us, unless another worker
took the message over. What became doubtful is settled in `store/doubt.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from shiftbell.rules.sending import MANNERS, Kind
from shiftbell.store import roster, timeline
from shiftbell.store.models import Broadcast, Employee, Message, Offer, PhoneNumber, Sender, Shift


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
    question: bool = False,
    metadata: dict[str, Any] | None = None,
) -> Message | None:
    """Queue one text. Returns None when this intent is already live or sent: one intent, one text.

    Call inside `write()`, with the number's row locked. `intent` follows design §10, for example
    "offer:12:7:1", "answer:1881". Answers name the `sender` that was texted.
    """
    live = Message.objects.filter(intent=intent).exclude(state__in=["failed", "cancelled"])
    if live.exists():
        return None
    message = Message.objects.create(
        direction=Message.OUT,
        kind=kind,
        state="queued",
        number=number,
        sender=sender or roster.sender_for(number, shift.location.name if shift else ""),
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


def withdraw(
    which: Q, *, reason: str, now: datetime, actor: str = "shiftbell"
) -> Sequence[Message]:
    """Cancel every queued text that `which` selects; its offer counts as not asked.

    Call inside `write()`. What is leased already is stopped by the last check before its POST.
    """
    messages = list(
        Message.objects.filter(which, direction=Message.OUT, state="queued").select_for_update()
    )
    for message in messages:
        cancel(message, reason=reason, now=now, actor=actor)
    return messages


def withdraw_after_stop(number: PhoneNumber, *, now: datetime) -> None:
    """Withdraw all that may not leave to a locked number once it opted out.

    What still leaves is the confirmation of an opt-out, and help; a START's confirmation that waits
    is older than this STOP and no longer true.
    """
    withdraw(Q(number=number) & ~Q(kind__in=[Kind.STOP, Kind.HELP]), reason="opted_out", now=now)


def cancel(message: Message, *, reason: str, now: datetime, actor: str = "shiftbell") -> None:
    """Cancel one queued text and say why; an offer that never left is withdrawn with it."""
    message.state, message.reason = "cancelled", reason
    message.save(update_fields=["state", "reason"])
    timeline.tell_of(message, "message.cancelled", at=now, actor=actor, reason=reason)
    if message.kind == Kind.OFFER and message.offer_id is not None:
        Offer.objects.filter(pk=message.offer_id, state=Offer.OPEN).update(state=Offer.WITHDRAWN)
