"""Claim: lease the best text that may leave now, and take its slot.

One short transaction. The bucket's row is locked first, so two workers never take one slot; then
the recipient's number, so a STOP commits wholly before the claim, which then sees it, or wholly
after, and is seen by the last check before the POST.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, time

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from shiftbell.config import Settings
from shiftbell.rules import hours
from shiftbell.rules.delivery import State
from shiftbell.rules.offering import closed
from shiftbell.rules.sending import ASKING, Kind, Leave, Leaving, may_leave
from shiftbell.store import buckets, openings, outbox, roster, timeline
from shiftbell.store.models import Attempt, Message, Offer, PhoneNumber, RateBucket
from shiftbell.store.transactions import write

LOOK_AT_MOST = 50  # dead or held texts passed over in one transaction


@dataclass(frozen=True, slots=True)
class Leased:
    """A text that this worker, and no other, may POST until `lease_until`."""

    message_id: int
    attempt_id: int
    sender_id: int
    number_id: int
    sender_number: str
    to: str
    text: str
    owner: str
    started_at: datetime
    lease_until: datetime


def claim(now: datetime, values: Settings) -> Leased | None:
    """Lease one text and take its slot; None when nothing may leave now."""
    for bucket_id in _buckets_with_work(now):
        if leased := _claim_in(bucket_id, now, values):
            return leased
    return None


def _buckets_with_work(now: datetime) -> list[int]:
    ready = _ready(now).filter(sender=OuterRef("sender"))
    return list(_free(now).filter(Exists(ready)).order_by("next_slot").values_list("pk", flat=True))


def _free(now: datetime) -> QuerySet[RateBucket]:
    return RateBucket.objects.filter(
        Q(paused_until__isnull=True) | Q(paused_until__lte=now),
        group=buckets.MEDIUM,
        next_slot__lte=now,
        sender__active=True,
    )


def _ready(now: datetime) -> QuerySet[Message]:
    """Queued texts that are due, of broadcasts that are not held, to numbers without doubt."""
    unsettled = Attempt.objects.filter(
        sender=OuterRef("sender"),
        number=OuterRef("number"),
        outcome__in=[Attempt.OPEN, Attempt.DOUBT],
    )
    return (
        Message.objects.filter(direction=Message.OUT, state="queued", due_at__lte=now)
        .exclude(broadcast__isnull=False, broadcast__held_reason__gt="")
        .filter(~Exists(unsettled))
        .order_by("lane", "due_at", "id")
    )


def _claim_in(bucket_id: int, now: datetime, values: Settings) -> Leased | None:
    """Look at one text after the other, each in a transaction of its own, until one may leave."""
    for _ in range(LOOK_AT_MOST):
        with write():
            found = _best(bucket_id, now)
            if found is None:
                return None
            bucket, message = found
            number = roster.locked_number(message.number_id)
            if _rule(message, number, now, values):
                buckets.take_slot(bucket, now, values.sms_rate_limit_per_minute)
                return _lease(message, number, now, values)
    return None


def _best(bucket_id: int, now: datetime) -> tuple[RateBucket, Message] | None:
    """Lock the bucket, unless another worker has it, and return it with its sender's best text."""
    skip = connection.features.has_select_for_update_skip_locked
    free = _free(now).select_for_update(skip_locked=skip, of=("self",) if skip else ())
    bucket = free.filter(pk=bucket_id).first()
    if bucket is None:
        return None
    message = _ready(now).filter(sender=bucket.sender_id).first()
    return None if message is None else (bucket, message)


def _rule(message: Message, number: PhoneNumber, now: datetime, values: Settings) -> bool:
    """Check one text; hold or cancel it where it may not leave."""
    ruling = may_leave(_leaving(message, number, now, values), now)
    match ruling.verdict:
        case Leave.GO:
            return True
        case Leave.HOLD:
            message.due_at = ruling.until
            message.save(update_fields=["due_at"])
            until = ruling.until.isoformat() if ruling.until else ""
            timeline.tell_of(message, "message.held", at=now, until=until, reason=ruling.reason)
        case Leave.CANCEL:
            outbox.cancel(message, reason=ruling.reason, now=now)
    return False


def _leaving(message: Message, number: PhoneNumber, now: datetime, values: Settings) -> Leaving:
    kind = Kind(message.kind)
    return Leaving(
        kind=kind,
        expires_at=message.expires_at,
        opted_out=number.opted_out_at is not None,
        unusable=number.unusable_reason if number.unusable_since is not None else "",
        moved_on=roster.moved_on(message.employee, number),
        consent=roster.has_consent(message.employee, number),
        active=message.employee is None or message.employee.active,
        in_review=number.review_since is not None,
        paused_until=number.paused_until,
        closed=_closed(message, now) if kind in ASKING else "",
        withdrawn=kind in ASKING
        and message.offer is not None
        and message.offer.state != Offer.OPEN,
        next_allowed=_next_allowed(message, now, values),
        shift_starts_at=message.shift.starts_at if message.shift else None,
    )


def _closed(message: Message, now: datetime) -> str:
    return closed(openings.facts_of(message.shift, now), now) or "" if message.shift else ""


def _next_allowed(message: Message, now: datetime, values: Settings) -> datetime | None:
    zone = roster.recipient_zone(message.employee, message.shift, values.time_zone)
    window: tuple[time, time] = (values.send_from, values.send_until)
    return None if hours.allowed(now, zone, window) else hours.next_allowed(now, zone, window)


def _lease(message: Message, number: PhoneNumber, now: datetime, values: Settings) -> Leased:
    owner = secrets.token_hex(8)
    lease_until = now + values.lease
    attempt = Attempt.objects.create(
        message=message,
        sender=message.sender,
        number=number,
        owner=owner,
        started_at=now,
        lease_until=lease_until,
    )
    outbox.move(message, State.SENDING)
    message.owner, message.lease_until, message.left_at = owner, lease_until, now
    message.save(update_fields=["state", "reason", "owner", "lease_until", "left_at"])
    timeline.tell_of(message, "message.leased", at=now, attempt=message.attempts.count())
    return Leased(
        message_id=message.pk,
        attempt_id=attempt.pk,
        sender_id=message.sender_id,
        number_id=number.pk,
        sender_number=message.sender.e164,
        to=number.e164,
        text=message.text,
        owner=owner,
        started_at=now,
        lease_until=lease_until,
    )


def still_may_leave(leased: Leased, now: datetime, values: Settings) -> bool:
    """Check once more, right before the first byte: lease, penalty, opt-out, and the shift."""
    message = (
        Message.objects.select_related("number", "offer", "shift", "employee")
        .filter(pk=leased.message_id, owner=leased.owner, state="sending")
        .first()
    )
    if message is None or now >= leased.lease_until or buckets.is_paused(leased.sender_id, now):
        return False
    return may_leave(_leaving(message, message.number, now, values), now).verdict is Leave.GO
