"""Claim: lease the best text that may leave now, and take its slot.

One short transaction. The bucket's row is locked first, so two workers never take one slot; then
the recipient's number, so a STOP commits wholly before the claim, which then sees it, or wholly
after, and is seen by the last check before the POST.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from shiftbell.config import Settings
from shiftbell.rules import registration
from shiftbell.rules.delivery import State
from shiftbell.rules.offering import closed
from shiftbell.rules.reach import Reach
from shiftbell.rules.sending import (
    ASKING,
    MANNERS,
    OF_A_HOLDER,
    Kind,
    Leave,
    Leaving,
    Ruling,
    may_leave,
)
from shiftbell.store import buckets, consent, inbox, numbers, openings, outbox, timeline
from shiftbell.store.clocks import clock_of
from shiftbell.store.models import (
    Assignment,
    Attempt,
    Consent,
    Employee,
    Message,
    Offer,
    PhoneNumber,
    RateBucket,
)
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
        sender__campaign_status__in=registration.SENDING,
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
            number = numbers.locked_number(message.number_id)
            if not _still_queued(message):
                continue
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


def _still_queued(message: Message) -> bool:
    """Lock a text, and return whether nobody withdrew it while we waited for its number."""
    mine = Message.objects.filter(pk=message.pk, state=State.QUEUED)
    return mine.select_for_update(of=("self",)).exists()


def _rule(message: Message, number: PhoneNumber, now: datetime, values: Settings) -> bool:
    """Check one text; hold or cancel it where it may not leave."""
    ruling = may_leave(_leaving(message, number, now, values), now)
    match ruling.verdict:
        case Leave.GO:
            return True
        case Leave.HOLD:
            _hold(message, ruling, now)
        case Leave.CANCEL:
            outbox.cancel(message, reason=ruling.reason, now=now)
    return False


def _hold(message: Message, ruling: Ruling, now: datetime) -> None:
    """Let a text wait; that it waits is told once a reason, not at every look."""
    news, message.reason = message.reason != ruling.reason, ruling.reason
    message.due_at = ruling.until
    message.save(update_fields=["due_at", "reason"])
    if news:
        until = ruling.until.isoformat() if ruling.until else ""
        timeline.tell_of(message, "message.held", at=now, until=until, reason=ruling.reason)


def _leaving(message: Message, number: PhoneNumber, now: datetime, values: Settings) -> Leaving:
    kind = Kind(message.kind)
    return Leaving(
        kind=kind,
        expires_at=message.expires_at,
        reach=_reach(message.employee, number),
        unusable=number.unusable_reason,
        answered=inbox.our_time(message.answers) if message.answers else None,
        wakes=_wakes(message, number),
        blocked_since=number.ringcentral_due_at if number.opted_out_at is None else None,
        active=message.employee is None or message.employee.active,
        in_review=number.review_since is not None,
        paused_until=number.paused_until,
        closed=_closed(message, now) if kind in ASKING else "",
        withdrawn=kind in ASKING
        and message.offer is not None
        and message.offer.state != Offer.OPEN,
        next_allowed=clock_of(message.employee, message.shift, values).waits_until(now),
        released=kind in OF_A_HOLDER and _is_released(message),
        shift_starts_at=message.shift.starts_at if message.shift else None,
    )


def _is_released(message: Message) -> bool:
    """Whether a text is about a shift that its reader does not hold."""
    held = Assignment.objects.filter(
        shift=message.shift_id, employee=message.employee_id, state=Assignment.HELD
    )
    return message.shift_id is not None and not held.exists()


def _reach(employee: Employee | None, number: PhoneNumber) -> Reach:
    """Return whether the number may be texted; one without a known person has no consent."""
    if employee is not None:
        return consent.reach(employee, number)
    opted_out, unusable = number.opted_out_at is not None, number.unusable_since is not None
    return Reach(opted_out=opted_out, unusable=unusable, consent=False)


def _wakes(message: Message, number: PhoneNumber) -> bool:
    """Whether an offer may come at night: a manager said why, and the person agreed to that."""
    urgent = message.broadcast is not None and message.broadcast.urgent_reason != ""
    return urgent and consent.takes_nights(message.employee, number)


def _closed(message: Message, now: datetime) -> str:
    return closed(openings.facts_of(message.shift, now), now) or "" if message.shift else ""


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
        consent=consent.proof(message.employee, number),
        basis=_basis(message),
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


def _basis(message: Message) -> str:
    """Return what a text rests on besides consent, for whoever asks years later."""
    if message.answers is not None:
        return f"it answers {message.answers}"
    if MANNERS[Kind(message.kind)].by_hand:
        return "a test that an operator sent"
    urgent = message.broadcast.urgent_reason if message.broadcast else ""
    return f"urgent: {urgent}"[:100] if urgent else ""


def still_may_leave(leased: Leased, now: datetime, values: Settings) -> bool:
    """Check once more, right before the first byte: lease, penalty, opt-out, and the shift."""
    message = (
        Message.objects.select_related(
            "number", "offer", "shift", "employee", "broadcast", "answers__sender"
        )
        .filter(pk=leased.message_id, owner=leased.owner, state="sending")
        .first()
    )
    if message is None or now >= leased.lease_until or buckets.is_paused(leased.sender_id, now):
        return False
    if may_leave(_leaving(message, message.number, now, values), now).verdict is not Leave.GO:
        return False
    # Allowed again by another word than the one on record: it is leased anew, and names that one.
    return consent.proof(message.employee, message.number) == _on_record(leased)


def _on_record(leased: Leased) -> Consent | None:
    """Return the consent that a lease rests on."""
    return Attempt.objects.select_related("consent").get(pk=leased.attempt_id).consent
