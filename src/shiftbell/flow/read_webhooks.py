"""Read stored webhook events: what each says becomes a reply, a wish to sync, or an opt-out.

Events come twice, out of order, or not at all. So nothing is concluded from one that a second copy
would repeat: a reply is known by its id, the rest are marks that can be set again. Each event and
what it causes commit together; one that breaks us is set aside, and a sync makes good for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog
from django.db import DatabaseError

from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.ringcentral.events import (
    ConsentChanged,
    ConsentRecord,
    InstantSms,
    StoreChanged,
    SubscriptionReminder,
    Unknown,
    parse_event,
)
from shiftbell.rules.replies import Meaning
from shiftbell.store import inbox, outbox, roster, timeline
from shiftbell.store.models import Message, PhoneNumber, Sender, WebhookEvent
from shiftbell.store.transactions import write

log = structlog.get_logger(__name__)
AT_ONCE = 50
ALL_NUMBERS = "*"  # RingCentral's word for every number of the account


def read_events(now: datetime) -> bool:
    """Read the oldest stored events. Returns whether there may be more."""
    events = inbox.new_events(AT_ONCE)
    for event in events:
        try:
            with write():
                _read(event, now)
        except DatabaseError:
            raise  # the database's trouble, not this event's: the pump tries again
        except Exception:
            # One event that breaks us must not keep all those behind it unread.
            log.exception("webhook.broken", event_id=event.pk)
            _give_up(event, now)
    return len(events) == AT_ONCE


def _give_up(event: WebhookEvent, now: datetime) -> None:
    """Set aside an event that cannot be read; a sync brings what it may have told."""
    with write():
        _want_sync("", now)
        _set_aside(event, "It could not be read.", now)


def _read(event: WebhookEvent, now: datetime) -> None:
    match _parse(event.body):
        case InstantSms() as told:
            trouble = _receive(told, event, now)
        case StoreChanged(owner_id=owner):
            trouble = _want_sync(owner, now)
        case ConsentChanged(records=records):
            ours = [each for each in map(_storable, records) if _is_ours(each)]
            _lock_numbers(ours)
            for record in ours:
                _hear_consent(record, now)
            trouble = ""
        case SubscriptionReminder():
            trouble = ""  # the subscription is renewed ahead of its end anyway
        case Unknown(reason=trouble):
            pass
    if trouble:
        _set_aside(event, trouble, now)
    else:
        inbox.finish(event)


def _set_aside(event: WebhookEvent, reason: str, now: datetime) -> None:
    inbox.set_aside(event, reason, now)
    timeline.tell("webhook.set_aside", at=now, actor="ringcentral", reason=reason)


def _parse(
    body: str,
) -> InstantSms | StoreChanged | ConsentChanged | SubscriptionReminder | Unknown:
    try:
        return parse_event(json.loads(body))
    except (ValueError, RecursionError):
        return Unknown("The body is not JSON.")


def _receive(told: InstantSms, event: WebhookEvent, now: datetime) -> str:
    """Store the text of an event; returns what is wrong with it, if anything."""
    message = told.message
    sender = Sender.objects.filter(e164=inbox.storable(message.to_number)).first()
    if sender is None:
        return "The text went to a number that is none of ours."
    inbox.receive(
        sender,
        ringcentral_id=message.id,
        from_number=message.from_number,
        text=message.text,
        received_at=message.created_at or event.received_at,
        now=now,
    )
    return ""


def _want_sync(owner_id: str, now: datetime) -> str:
    """Ask for a sync of the extension whose store changed; of all where we cannot tell whose."""
    owner_id = inbox.storable(owner_id)
    owners = Sender.objects.filter(active=True, extension_id=owner_id) if owner_id else None
    if owners is None or not owners.update(sync_wanted_at=now):
        Sender.objects.filter(active=True).update(sync_wanted_at=now)
    return ""


def _lock_numbers(records: Sequence[ConsentRecord]) -> None:
    """Lock every number of an event at once, lowest first: they come in RingCentral's order."""
    for e164 in sorted({record.to_number[:16] for record in records}):
        roster.number_row(e164)
    known = PhoneNumber.objects.filter(e164__in=[record.to_number[:16] for record in records])
    list(known.order_by("pk").select_for_update().values_list("pk"))


def _storable(record: ConsentRecord) -> ConsentRecord:
    return replace(
        record,
        from_number=inbox.storable(record.from_number),
        to_number=inbox.storable(record.to_number),
        source=inbox.storable(record.source),
    )


def _is_ours(record: ConsentRecord) -> bool:
    """Whether an entry is about one of our senders; a colleague's conversation is not ours."""
    if not record.to_number.startswith("+"):
        return False
    everyone = record.from_number == ALL_NUMBERS
    return everyone or Sender.objects.filter(e164=record.from_number).exists()


def _hear_consent(record: ConsentRecord, now: datetime) -> None:
    """Note what RingCentral has on record. An opt-in there lifts nothing here: only START or the
    person's own new consent does.
    """
    number = roster.locked_number(roster.number_row(record.to_number[:16]).pk)
    if not record.opted_out:
        timeline.tell("consent.opt_in_noted", at=now, actor="ringcentral", number=number)
    elif number.opted_out_at is None and not _has_been_lifted(record, number):
        holder = roster.holder(number)
        roster.revoke(
            number,
            holder,
            now=now,
            source=f"RingCentral: {record.source}"[:200],
            actor="ringcentral",
        )
        outbox.withdraw_after_stop(number, now=now)
        if holder is not None:
            tell_opt_out(holder, now)


def _has_been_lifted(record: ConsentRecord, number: PhoneNumber) -> bool:
    """Whether a START that we heard is newer than this opt-out, which then came late or twice."""
    starts = Message.objects.filter(number=number, state="heard", meaning=Meaning.START)
    since = record.changed_at
    return since is not None and starts.filter(received_at__gte=since).exists()
