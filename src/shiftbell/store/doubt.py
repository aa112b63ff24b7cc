"""Doubt: POSTs that may have left, and what RingCentral's message store tells about them.

There is no idempotency key, so the only proof is the store: a row of ours that no message claims,
or two complete look-ups without one, late enough, in a store proven fresh by a later row. Whatever
is less than that cannot be told, and an operator decides; a blind second text is never sent.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F, Q

from shiftbell.config import Settings
from shiftbell.errors import Conflict
from shiftbell.rules import doubting
from shiftbell.rules.delivery import State
from shiftbell.rules.doubting import Evidence, Finding, Look
from shiftbell.store import numbers, outbox, timeline
from shiftbell.store.models import Attempt, Message
from shiftbell.store.settling import mark_sent
from shiftbell.store.transactions import write

# What cannot be told may still be proven by a later text of ours; an operator was told meanwhile.
SELDOM = timedelta(minutes=10)


def sweep(now: datetime) -> bool:
    """Put texts whose lease ran out in doubt: their worker died or froze. Returns whether any."""
    expired = Message.objects.filter(state="sending", lease_until__lte=now).order_by("pk")
    pks = list(expired.values_list("pk", flat=True)[:50])
    for pk in pks:
        with write():
            _sweep_one(pk, now)
    return bool(pks)


def _sweep_one(pk: int, now: datetime) -> None:
    message = Message.objects.select_for_update().get(pk=pk)
    if message.state != State.SENDING or message.lease_until is None or message.lease_until > now:
        return
    Attempt.objects.filter(message=message, owner=message.owner, outcome=Attempt.OPEN).update(
        outcome=Attempt.DOUBT, detail="the lease ran out", ended_at=now
    )
    outbox.move(message, State.IN_DOUBT, "the worker did not come back")
    message.owner, message.lease_until = "", None
    message.tries += 1
    message.save()
    timeline.tell_of(message, "message.in_doubt", at=now, reason="the worker did not come back")


def to_look_up(now: datetime, values: Settings) -> Attempt | None:
    """Return the doubtful attempt whose look-up is due first."""
    wait = doubting.look_again(values.doubt_wait)
    return (
        Attempt.objects.select_related("message", "sender", "number")
        .filter(outcome=Attempt.DOUBT, sender__active=True)
        .filter(Q(tried_at__isnull=True) | Q(tried_at__lte=now - wait))
        .exclude(cannot_tell_at__isnull=False, tried_at__gt=now - SELDOM)
        .order_by(F("tried_at").asc(nulls_first=True), "pk")
        .first()
    )


def tried(attempt_id: int, now: datetime) -> None:
    """Note that a look-up begins; one that fails must not keep all others waiting behind it."""
    with write():
        Attempt.objects.filter(pk=attempt_id).update(tried_at=now)


def known_ids(sender_id: int, ids: Iterable[str]) -> set[str]:
    """Return those RingCentral ids that a message of ours already claims."""
    rows = Message.objects.filter(sender=sender_id, ringcentral_id__in=list(ids))
    return {found for found in rows.values_list("ringcentral_id", flat=True) if found}


def conclude(attempt_id: int, evidence: Evidence, now: datetime, values: Settings) -> Finding:
    """Judge one complete look-up and carry the finding out."""
    with write():
        found = Attempt.objects.get(pk=attempt_id)
        numbers.locked_number(found.number_id)
        message = Message.objects.select_for_update().get(pk=found.message_id)
        attempt = Attempt.objects.select_for_update().get(pk=attempt_id)
        if attempt.outcome != Attempt.DOUBT:
            return Finding.UNSETTLED
        if message.state != State.IN_DOUBT:
            # A late answer about another attempt settled the message; nothing hangs on this one.
            attempt.outcome = Attempt.DECIDED
            attempt.save(update_fields=["outcome"])
            return Finding.UNSETTLED
        attempt.look_ups += 1
        look = Look(
            lease_until=attempt.lease_until,
            looked_before=attempt.looked_at,
        )
        attempt.looked_at = now
        finding = doubting.judge(look, evidence, now, values.doubt_wait)
        _carry_out(finding, attempt, message, evidence, now, values)
        attempt.save()
    return finding


def _carry_out(
    finding: Finding,
    attempt: Attempt,
    message: Message,
    evidence: Evidence,
    now: datetime,
    values: Settings,
) -> None:
    match finding:
        case Finding.FOUND:
            attempt.outcome = Attempt.FOUND
            timeline.tell_of(message, "message.found", at=now)
            mark_sent(message, evidence.found_id, now)
            # Its statuses may have come and gone while nothing of ours claimed the row.
            Message.objects.filter(pk=message.pk).update(recheck_at=now)
        case Finding.ABSENT:
            attempt.outcome = Attempt.ABSENT
            timeline.tell_of(message, "message.absent", at=now)
            _after_absence(message, now, values)
        case Finding.CANNOT_TELL:
            if attempt.cannot_tell_at is None:
                attempt.cannot_tell_at = now
                timeline.tell_of(message, "message.cannot_tell", at=now)
        case Finding.UNSETTLED:
            pass


def _after_absence(message: Message, now: datetime, values: Settings) -> None:
    if message.tries >= values.max_retry_attempts:
        outbox.move(message, State.FAILED, f"gave up after {message.tries} tries")
        message.save()
        timeline.tell_of(message, "message.failed", at=now, reason=message.reason)
        return
    outbox.move(message, State.QUEUED)
    message.left_at = None
    message.save()
    timeline.tell_of(message, "message.requeued", at=now, reason="the message store lacks it")


def undecided() -> list[Attempt]:
    """Return the doubtful attempts with their texts, oldest first."""
    rows = Attempt.objects.select_related("message__employee", "message__shift__location", "number")
    return list(rows.filter(outcome=Attempt.DOUBT, message__state=State.IN_DOUBT).order_by("pk"))


def decide(message_id: int, *, left: bool, actor: str, now: datetime) -> None:
    """Let an operator settle what the store could not: it left, or it did not and is dropped.

    Raises Conflict where the text is not in doubt, or no longer.
    """
    with write():
        numbers.locked_number(Message.objects.get(pk=message_id).number_id)
        message = Message.objects.select_for_update().get(pk=message_id)
        if message.state != State.IN_DOUBT:
            state = message.state.replace("_", " ")
            raise Conflict(
                f"{message} is not in doubt: it is {state}.",
                hint=f"`shiftbell why {message}` tells its story.",
            )
        Attempt.objects.filter(message=message, outcome=Attempt.DOUBT).update(
            outcome=Attempt.DECIDED, ended_at=now
        )
        decision = "it left" if left else "it did not leave"
        timeline.tell_of(message, "message.decided", at=now, actor=actor, decision=decision)
        if left:
            mark_sent(message, "", now)
        else:
            outbox.cancel(message, reason="an operator decided", now=now, actor=actor)
