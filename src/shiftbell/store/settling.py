"""Settle: write down what a POST taught us, fenced by the lease's owner.

A worker that was frozen past its lease finds its message in doubt, or already decided. Its answer
still counts as knowledge about its own attempt, and withdraws a second try that has not begun.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shiftbell.rules.codes import Code
from shiftbell.rules.consent import How
from shiftbell.rules.delivery import State, may_move
from shiftbell.rules.posting import End, Next, Posted, after_post
from shiftbell.store import buckets, consent, hygiene, numbers, outbox, timeline
from shiftbell.store.claiming import Leased
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Attempt, Broadcast, Message, PhoneNumber, Sender
from shiftbell.store.transactions import write

HOLD_BROADCAST_AFTER = 3  # refusals of the content itself
SKEW_NOTED = 2.0  # seconds
POSTPONE = timedelta(minutes=1)
POSTPONE_MAX = timedelta(hours=1)
RECHECK = timedelta(minutes=10)  # ask for a status that no event and no sync brought

OUTCOMES = {
    End.ACCEPTED: Attempt.ACCEPTED,
    End.REFUSED: Attempt.REFUSED,
    End.LIMITED: Attempt.LIMITED,
    End.NOT_SENT: Attempt.NOT_SENT,
    End.WITHDRAWN: Attempt.NOT_SENT,
    End.UNKNOWN: Attempt.DOUBT,
}


def settle(leased: Leased, posted: Posted, now: datetime) -> None:
    """Record how the POST of a leased text ended, and everything that follows."""
    following = after_post(posted)
    with write():
        _lock_bucket(leased, posted, following, now)
        numbers.locked_number(leased.number_id)
        message = Message.objects.select_for_update().get(pk=leased.message_id)
        attempt = Attempt.objects.select_for_update().get(pk=leased.attempt_id)
        ours = message.state == State.SENDING and message.owner == leased.owner
        late = attempt.outcome != Attempt.OPEN
        _end_attempt(attempt, posted, now)
        if ours:
            _move(message, posted, following, now)
        elif late:
            _late(message, leased, posted, now)
        if following.code is not None:
            follow_code(message, following.code, now)


def _lock_bucket(leased: Leased, posted: Posted, following: Next, now: datetime) -> None:
    """Take the bucket first, as every transaction does, and pause or heal it."""
    bucket = buckets.lock(leased.sender_id)
    if posted.skew_seconds is not None:
        _learn_skew(leased.sender_id, posted.skew_seconds)
    if following.pause_for_fault:
        buckets.pause_for_fault(leased.sender_id, reason=following.reason[:300], now=now)
        _down(leased.sender_id, following.reason, now)
    elif following.back_off:
        down_since = _down(leased.sender_id, following.reason, now)
        reason = following.reason[:300]
        buckets.back_off(leased.sender_id, down_since=down_since, reason=reason, now=now)
    elif posted.end is End.LIMITED and posted.retry_after is not None:
        until = now + posted.retry_after
        buckets.pause(leased.sender_id, buckets.MEDIUM, until=until, reason="rate limit", now=now)
    elif posted.end is End.ACCEPTED:
        if bucket.pauses:
            bucket.pauses = 0
            bucket.save(update_fields=["pauses"])
        _up(leased.sender_id, now)


def _end_attempt(attempt: Attempt, posted: Posted, now: datetime) -> None:
    if posted.end is End.UNKNOWN and attempt.outcome != Attempt.OPEN:
        return  # it was in doubt already, and may even have been settled meanwhile
    attempt.outcome = OUTCOMES[posted.end]
    attempt.status, attempt.code = posted.status, posted.code
    attempt.detail, attempt.request_id = posted.detail[:300], posted.request_id[:80]
    attempt.ended_at = now
    attempt.save()


def _move(message: Message, posted: Posted, following: Next, now: datetime) -> None:
    """Move a message whose lease is still ours."""
    if following.state is State.SENT:
        mark_sent(message, posted.ringcentral_id, now)
        return
    outbox.move(message, following.state, following.reason)
    message.owner, message.lease_until = "", None
    match following.state:
        case State.IN_DOUBT:
            message.tries += 1
            what = "message.in_doubt"
        case State.FAILED:
            message.error_code = posted.code
            what = "message.failed"
        case _:
            message.left_at = None if message.tries == 0 else message.left_at
            if following.postpone:
                message.due_at = now + _postponed(message)
            what = "message.requeued"
    message.save()
    timeline.tell_of(message, what, at=now, reason=following.reason)
    if following.hold_broadcast and message.broadcast_id is not None:
        count_refusal(message.broadcast_id, following.reason, now)


def _late(message: Message, leased: Leased, posted: Posted, now: datetime) -> None:
    """Use an answer that came after the lease had ended."""
    timeline.tell_of(message, "message.late_answer", at=now, outcome=str(posted.end))
    if posted.end is End.ACCEPTED:
        if may_move(State(message.state), State.SENT):
            # Queued: doubt had called it absent, and a second POST has not begun. It never will.
            message.left_at = leased.started_at
            mark_sent(message, posted.ringcentral_id, now)
        elif message.ringcentral_id is None:
            # Final is final; under its id, what the carrier says of it can still be heard.
            _know_as(message, posted.ringcentral_id, now)
            message.save(update_fields=["ringcentral_id", "recheck_at"])
    elif (
        posted.end is not End.UNKNOWN and message.state == State.IN_DOUBT and not _doubted(message)
    ):
        outbox.move(message, State.QUEUED, posted.detail)
        message.save(update_fields=["state", "reason"])
        timeline.tell_of(message, "message.requeued", at=now, reason=posted.detail)


def _doubted(message: Message) -> bool:
    """Whether another attempt of the text may have left: then this one's end settles nothing."""
    return message.attempts.filter(outcome__in=[Attempt.OPEN, Attempt.DOUBT]).exists()


def mark_sent(message: Message, ringcentral_id: str, now: datetime) -> None:
    """Record that RingCentral has the text, under its id."""
    outbox.move(message, State.SENT)
    _know_as(message, ringcentral_id, now)
    message.sent_at = now
    message.owner, message.lease_until = "", None
    message.save()
    if not numbers.moved_on(message.employee, message.number):
        first = PhoneNumber.objects.filter(pk=message.number_id, first_texted_at=None)
        first.update(first_texted_at=now)
    timeline.tell_of(message, "message.sent", at=now, ringcentral_id=ringcentral_id)


def _know_as(message: Message, ringcentral_id: str, now: datetime) -> None:
    message.ringcentral_id = ringcentral_id or None
    message.recheck_at = now + RECHECK if ringcentral_id else None


def follow_code(message: Message, code: Code, now: datetime) -> None:
    """Carry out what a code says follows for its recipient, whatever state the message is in."""
    number = numbers.locked_number(message.number_id)
    timeline.tell_of(
        message, "message.code", at=now, code=code.code, meaning=code.meaning, hint=code.hint
    )
    left_at = message.left_at or now
    if code.opts_out and number.opted_out_at is None and not consent.lifted_since(number, left_at):
        how = How.CARRIER if code.code.startswith("SMS-CAR") else How.RINGCENTRAL
        evidence = Evidence(
            how=how,
            actor="RingCentral",
            source=f"RingCentral {code.code}",
            detail={"text": str(message), "code": code.code},
        )
        consent.revoke(number, message.employee, evidence, now=now)
    hygiene.hear_code(message, number, code, now)


def _postponed(message: Message) -> timedelta:
    """Return how long a text waits that was refused alone: longer each time, until it expires."""
    doublings = min(message.attempts.count() - 1, 10)
    return min(POSTPONE * float(2**doublings), POSTPONE_MAX)


def pause_for_code(message: Message, code: Code, now: datetime) -> None:
    """Stop a sender whose every text would meet the same code; one incident counts once.

    Takes the bucket's lock. What was sent before the pause began is part of what began it.
    """
    bucket = buckets.lock(message.sender_id)
    sent_at = message.sent_at or now
    if bucket.pauses and bucket.paused_at is not None and sent_at <= bucket.paused_at:
        return
    buckets.pause_for_fault(message.sender_id, reason=code.meaning[:300], now=now)
    _down(message.sender_id, f"{code.code}: {code.meaning}", now)


def count_refusal(broadcast_id: int, reason: str, now: datetime) -> None:
    """Count an objection to a broadcast's words; the third one holds what is left of it."""
    broadcast = Broadcast.objects.select_for_update().get(pk=broadcast_id)
    broadcast.content_refusals += 1
    hold = broadcast.content_refusals >= HOLD_BROADCAST_AFTER and not broadcast.held_reason
    if hold:
        broadcast.held_reason = reason[:300]
        timeline.tell(
            "broadcast.held", at=now, broadcast=broadcast, shift=broadcast.shift_id, reason=reason
        )
    broadcast.save(update_fields=["content_refusals", "held_reason"])


def _learn_skew(sender_id: int, skew_seconds: float) -> None:
    """Remember how far RingCentral's clock is ahead of ours; its Date header counts in seconds."""
    sender = Sender.objects.get(pk=sender_id)
    if abs(sender.skew_seconds - skew_seconds) > SKEW_NOTED:
        sender.skew_seconds = skew_seconds if abs(skew_seconds) > SKEW_NOTED else 0.0
        sender.save(update_fields=["skew_seconds"])


def _down(sender_id: int, reason: str, now: datetime) -> datetime:
    """Note that a sender cannot send; returns since when."""
    news = Sender.objects.filter(pk=sender_id, down_since__isnull=True)
    if news.update(down_since=now, down_reason=reason[:300]):
        timeline.tell("sender.down", at=now, sender=sender_id, reason=reason)
    return Sender.objects.values_list("down_since", flat=True).get(pk=sender_id) or now


def _up(sender_id: int, now: datetime) -> None:
    down = Sender.objects.filter(pk=sender_id, down_since__isnull=False)
    if down.update(down_since=None, down_reason=""):
        timeline.tell("sender.up", at=now, sender=sender_id)
