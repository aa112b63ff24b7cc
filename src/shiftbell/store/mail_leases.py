"""Lease the mail that may leave now, and write down what handing it over taught us.

As a text is claimed (`store/claiming`), under the locks of the reader's number and address, so a
STOP or an unsubscription commits wholly before, and is seen here, or wholly after, and is seen by
the last check before the letter itself. Two things are simpler than for texts. The way to the mail
server is one turn (`store/turns`): one letter at a time in the whole cluster, evenly spaced, and
all of them wait together while the server is away. And a worker that dies in the middle leaves a
lease; when it ends the mail goes out again under the same Message-ID, which mail programs show
once: at least once, since a cancellation that was lost would be worse.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from shiftbell.config import Settings
from shiftbell.rules.mail_sending import DOUBTS_MAX, Leaving, Mailbox, Next, may_mail
from shiftbell.rules.offering import Skip, closed
from shiftbell.rules.sending import ASKING, MANNERS, Kind, Leave, Ruling
from shiftbell.rules.shifts import overlap
from shiftbell.store import consent, mailboxes, numbers, openings, timeline, turns
from shiftbell.store.clocks import clock_of
from shiftbell.store.models import EmailAddress, Mail, Offer, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write

ROAD = "mail"  # the turn of whoever may hand a letter over
# Thirty a minute is what Microsoft 365 takes from one mailbox, and others take more.
EVERY = timedelta(seconds=2)
LEASE = timedelta(minutes=2)  # longer than any letter takes (mail/smtp: 30 s)
LOOK_AT_MOST = 50  # dead or held mails passed over in one go
_ABOUT = ("address", "employee__number", "shift__location", "offer", "broadcast")


@dataclass(frozen=True, slots=True)
class LeasedMail:
    """A mail that this worker, and no other, may hand over until `lease_until`.

    `failures`: how often in a row the way to the mail server failed before.
    """

    mail: Mail
    owner: str
    lease_until: datetime
    failures: int


def lease(now: datetime, values: Settings) -> LeasedMail | None:
    """Lease the best mail that may leave now; None when there is none, or the road is not free."""
    if turns.due_since(ROAD, now) is None:
        return None
    for _ in range(LOOK_AT_MOST):
        waiting = _ready(now).first()
        if waiting is None:
            return None
        with write():
            mail, number, address = _locked(waiting)
            if mail is None or not _rule(mail, number, address, now, values):
                continue
            failures = turns.take(ROAD, now, LEASE)
            if failures is None:
                return None
            return _lease(mail, failures, now)
    return None


def note_words(leased: LeasedMail, subject: str, text: str) -> bool:
    """Keep what a leased mail says, before it leaves; its reader may answer before it is settled.

    `text` must hold no link that works. Returns whether the lease still holds.
    """
    with write():
        return bool(_mine(leased).update(subject=subject[:300], text=text))


def still_may_leave(leased: LeasedMail, now: datetime, values: Settings) -> bool:
    """Check once more, right before the letter: lease, unsubscription, STOP, and the shift."""
    mail = _mine(leased).select_related(*_ABOUT).first()
    if mail is None or now >= leased.lease_until:
        return False
    ruling = _judge(mail, mail.employee.number, mail.address, now, values)
    return ruling.verdict is Leave.GO


def settle(leased: LeasedMail, following: Next, now: datetime) -> Mail | None:
    """Write down what follows for a leased mail, and free the road; None where the lease was lost.

    Tells on the timeline that the road failed, and that it works again.
    """
    with write():
        address = mailboxes.locked_address(leased.mail.address_id)
        mail = _mine(leased).select_for_update(of=("self",)).select_related(*_ABOUT).first()
        _free_the_road(leased, following, now)
        if mail is None:
            return None
        mail.state, mail.reason = following.state, following.reason[:300]
        mail.owner, mail.lease_until = "", None
        mail.tries += following.state != "sent"
        mail.doubts += following.doubt
        if following.state == "sent":
            mail.sent_at = now
        elif mail.doubts == 0:
            mail.left_at = None
        mail.due_at = now + following.wait
        mail.save()
        if following.bad_address and address.unusable_since is None:
            address.unusable_since, address.unusable_reason = now, following.reason[:200]
            address.save(update_fields=["unusable_since", "unusable_reason"])
        _tell(mail, following, now)
        return mail


def others_refused(mail: Mail) -> int:
    """Return how many other mails were refused for their words since the last that was taken."""
    facts = TimelineEntry.objects.filter(what="mail.sent").order_by("-pk")
    taken = facts.values_list("pk", flat=True).first() or 0
    refused = TimelineEntry.objects.filter(what="mail.refused", pk__gt=taken)
    mails = set(refused.values_list("detail__mail", flat=True).distinct())
    return len(mails - {str(mail)})


def is_down() -> bool:
    """Whether the last that was told of the road is that no e-mail leaves."""
    told = TimelineEntry.objects.filter(what__in=["mail.down", "mail.up"]).order_by("-pk").first()
    return told is not None and told.what == "mail.down"


def _ready(now: datetime) -> QuerySet[Mail]:
    """Mails that are due, or whose lease ran out; answers first, as texts leave."""
    lanes = [When(kind=kind, then=Value(manner.lane)) for kind, manner in MANNERS.items()]
    last = Value(max(manner.lane for manner in MANNERS.values()))
    return (
        Mail.objects.filter(_due(now))
        .annotate(lane=Case(*lanes, default=last, output_field=IntegerField()))
        .order_by("lane", "due_at", "pk")
    )


def _due(now: datetime) -> Q:
    waits = Q(state="queued", due_at__lte=now) & ~Q(broadcast__held_reason__gt="")
    return waits | Q(state="sending", lease_until__lte=now)


def _locked(waiting: Mail) -> tuple[Mail | None, PhoneNumber | None, EmailAddress]:
    """Lock a reader's number and address, then the mail, unless another worker has it by now."""
    employee = waiting.employee
    number = numbers.locked_number(employee.number_id) if employee.number_id else None
    address = mailboxes.locked_address(waiting.address_id)
    still = Mail.objects.filter(
        pk=waiting.pk, state=waiting.state, due_at=waiting.due_at, lease_until=waiting.lease_until
    )
    mail = still.select_for_update(of=("self",)).select_related(*_ABOUT).first()
    return mail, number, address


def _rule(
    mail: Mail, number: PhoneNumber | None, address: EmailAddress, now: datetime, values: Settings
) -> bool:
    """Check one mail; hold or cancel it where it may not leave."""
    if mail.state == "sending":
        mail.doubts += 1  # whoever leased it died, and the server may have it
        if mail.doubts >= DOUBTS_MAX:
            _fail(mail, f"not settled after {mail.doubts} tries", now)
            return False
    ruling = _judge(mail, number, address, now, values)
    match ruling.verdict:
        case Leave.GO:
            return True
        case Leave.HOLD:
            _hold(mail, ruling, now)
        case Leave.CANCEL:
            mailboxes.cancel(mail, reason=ruling.reason, now=now)
    return False


def _judge(
    mail: Mail, number: PhoneNumber | None, address: EmailAddress, now: datetime, values: Settings
) -> Ruling:
    mailbox = Mailbox(
        unsubscribed=address.opted_out_at is not None or mailboxes.wants_none(mail.employee),
        unusable=address.unusable_since is not None,
        corrected=not mailboxes.is_theirs(address, mail.employee),
    )
    return may_mail(_leaving(mail, number, now, values), mailbox, now)


def _leaving(mail: Mail, number: PhoneNumber | None, now: datetime, values: Settings) -> Leaving:
    kind, offer, shift = Kind(mail.kind), mail.offer, mail.shift
    return Leaving(
        kind=kind,
        expires_at=mail.expires_at,
        # Only a press of a button is confirmed by mail, and whoever pressed it is awake.
        answered=mail.created_at if kind is Kind.CONFIRMATION else None,
        wakes=_wakes(mail, number),
        active=mail.employee.active,
        in_review=number is not None and number.review_since is not None,
        paused_until=number.paused_until if number else None,
        closed=_closed(mail, now) if kind in ASKING else "",
        withdrawn=kind in ASKING and offer is not None and offer.state != Offer.OPEN,
        next_allowed=clock_of(mail.employee, shift, values).waits_until(now),
        shift_starts_at=shift.starts_at if shift else None,
    )


def _closed(mail: Mail, now: datetime) -> str:
    """Return why a question is in vain: nobody, or not its reader, can take the shift any more."""
    if mail.shift is None:
        return ""
    facts = openings.facts_of(mail.shift, now)
    held = openings.spans(openings.held_by(mail.employee))
    return closed(facts, now) or (Skip.OVERLAP if overlap(facts, held) else "")


def _wakes(mail: Mail, number: PhoneNumber | None) -> bool:
    """Whether an offer may come at night: a manager said why, and the person agreed to that."""
    urgent = mail.broadcast is not None and mail.broadcast.urgent_reason != ""
    return urgent and number is not None and consent.takes_nights(mail.employee, number)


def _hold(mail: Mail, ruling: Ruling, now: datetime) -> None:
    """Let a mail wait; that it waits is told once a reason, not at every look."""
    assert ruling.until is not None, "what is held is looked at again"
    news, mail.reason = mail.reason != ruling.reason, ruling.reason
    mail.state, mail.owner, mail.lease_until = "queued", "", None
    mail.due_at = ruling.until
    mail.save()
    if news:
        until = ruling.until.isoformat()
        mailboxes.tell_of(mail, "mail.held", at=now, until=until, reason=ruling.reason)


def _fail(mail: Mail, reason: str, now: datetime) -> None:
    mail.state, mail.reason, mail.owner, mail.lease_until = "failed", reason[:300], "", None
    mail.save()
    mailboxes.tell_of(mail, "mail.failed", at=now, reason=reason)
    _end_asking(mail)


def _end_asking(mail: Mail) -> None:
    """Take back what a failed mail asked: its reader may be asked anew, and a link still counts."""
    if mail.kind == Kind.OFFER and mail.offer_id is not None:
        mailboxes.take_back(mail.offer_id)


def _lease(mail: Mail, failures: int, now: datetime) -> LeasedMail:
    mail.state, mail.owner, mail.lease_until = "sending", secrets.token_hex(8), now + LEASE
    mail.left_at = mail.left_at or now
    mail.save(update_fields=["state", "owner", "lease_until", "left_at", "doubts"])
    return LeasedMail(mail, mail.owner, mail.lease_until, failures)


def _mine(leased: LeasedMail) -> QuerySet[Mail]:
    """Return the mail while the lease is still this worker's."""
    return Mail.objects.filter(pk=leased.mail.pk, owner=leased.owner, state="sending")


def _free_the_road(leased: LeasedMail, following: Next, now: datetime) -> None:
    if following.road_wait is not None:
        turns.give_up(ROAD, next_at=now + following.road_wait)
        if following.news and not is_down():
            timeline.tell("mail.down", at=now, reason=following.reason)
        return
    turns.give_back(ROAD, next_at=now + EVERY)
    if following.state == "sent" and is_down():
        timeline.tell("mail.up", at=now)


def _tell(mail: Mail, following: Next, now: datetime) -> None:
    match following.state:
        case "sent":
            mailboxes.tell_of(mail, "mail.sent", at=now)
        case "failed":
            mailboxes.tell_of(mail, "mail.failed", at=now, reason=following.reason)
            _end_asking(mail)
        case "queued" if following.refused:
            mailboxes.tell_of(mail, "mail.refused", at=now, reason=following.reason)
        case "queued" if following.wait or following.doubt:
            # The road's own trouble is told once, not with each letter that meets it.
            mailboxes.tell_of(mail, "mail.postponed", at=now, reason=following.reason)
