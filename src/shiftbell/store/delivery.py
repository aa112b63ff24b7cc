"""What RingCentral says about accepted texts, written down under the locks it needs."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from shiftbell.rules.codes import Code
from shiftbell.rules.delivery import DeliveryVerdict, State, follow
from shiftbell.rules.sending import Kind
from shiftbell.store import buckets, hygiene, numbers, outbox, timeline
from shiftbell.store.models import Message
from shiftbell.store.settling import count_refusal, follow_code, pause_for_code
from shiftbell.store.transactions import write

# A new message of the same intent, where its code allows one. An offer never: by then its shift
# is old news, and the person was asked once.
TRY_AGAIN = frozenset({Kind.CANCELLATION, Kind.CHANGE, Kind.REMINDER, Kind.CONFIRMATION})
TRIES_AN_INTENT = 3
DELIVERED = "Delivered"  # RingCentral's word
TRY_AGAIN_IN = timedelta(hours=1)
NEXT_DAY = timedelta(hours=24)


def record(message_id: int, status: str, error_code: str, now: datetime) -> None:
    """Record one status of a text of ours, and what its code says follows."""
    with write():
        found = Message.objects.get(pk=message_id)
        buckets.lock(found.sender_id)
        number = numbers.locked_number(found.number_id)
        message = Message.objects.select_for_update().get(pk=message_id)
        verdict = follow(State(message.state), status, error_code)
        fresh_code = verdict.code if error_code != message.error_code else None
        _move(message, verdict, status, error_code, now)
        if status == DELIVERED:
            _arrived_late(message, now)
            hygiene.hear_delivery(message, number, now)
        if fresh_code is not None:
            _consequences(message, fresh_code, now)


def checked(message_id: int, again: datetime | None) -> None:
    """Record that a text's status was asked for, and when to ask once more."""
    with write():
        Message.objects.filter(pk=message_id, state=State.SENT).update(recheck_at=again)
        Message.objects.filter(pk=message_id).exclude(state=State.SENT).update(recheck_at=None)


def _move(
    message: Message, verdict: DeliveryVerdict, status: str, error_code: str, now: datetime
) -> None:
    message.error_code = error_code or message.error_code
    moved = verdict.state is not None and verdict.state != message.state
    if moved and verdict.state is not None:
        outbox.move(message, verdict.state, verdict.why if verdict.state is State.FAILED else "")
        message.delivered_at = now if verdict.state is State.DELIVERED else None
        message.recheck_at = None
    message.save()
    what = f"message.{message.state}" if moved else "message.status"
    timeline.tell_of(
        message,
        what,
        at=now,
        actor="RingCentral",
        status=status,
        code=error_code,
        reason=message.reason,
    )


def _arrived_late(message: Message, now: datetime) -> None:
    """Note that a text called failed arrived after all: nothing may say it once more."""
    if message.state == State.FAILED and message.delivered_at is None:
        message.delivered_at = now
        message.save(update_fields=["delivered_at"])
        outbox.withdraw_texts(Q(intent=message.intent), reason="delivered_late", now=now)


def _consequences(message: Message, code: Code, now: datetime) -> None:
    follow_code(message, code, now)
    if code.pause_bucket:
        pause_for_code(message, code, now)
    if code.hold_broadcast and message.broadcast_id is not None:
        count_refusal(message.broadcast_id, f"{code.code}: {code.meaning}", now)
    failed = message.state == State.FAILED and message.kind in TRY_AGAIN
    if code.try_again and failed and not numbers.is_unusable(message.number_id):
        _once_more(message, code, now)


def _once_more(message: Message, code: Code, now: datetime) -> None:
    assert message.intent is not None
    if Message.objects.filter(intent=message.intent).count() >= TRIES_AN_INTENT:
        return
    outbox.queue(
        Kind(message.kind),
        message.number,
        message.text,
        intent=message.intent,
        now=now,
        due_at=now + (NEXT_DAY if code.wait_until_next_day else TRY_AGAIN_IN),
        expires_at=message.expires_at,
        sender=message.sender,
        employee=message.employee,
        shift=message.shift,
        offer=message.offer,
        metadata=message.metadata,
    )
