"""Read stored webhook events: what each says becomes a reply, a wish to sync, or an opt-out.

Events come twice, out of order, or not at all. So nothing is concluded from one that a second copy
would repeat: a reply is known by its id, the rest are marks that can be set again. Each event and
what it causes commit together.
"""

from __future__ import annotations

import json
from datetime import datetime

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

AT_ONCE = 50
ALL_NUMBERS = "*"  # RingCentral's word for every number of the account


def read_events(now: datetime) -> bool:
    """Read the oldest stored events. Returns whether there may be more."""
    events = inbox.new_events(AT_ONCE)
    for event in events:
        with write():
            _read(event, now)
    return len(events) == AT_ONCE


def _read(event: WebhookEvent, now: datetime) -> None:
    match _parse(event.body):
        case InstantSms() as told:
            trouble = _receive(told, event, now)
        case StoreChanged(owner_id=owner):
            trouble = _want_sync(owner, now)
        case ConsentChanged(records=records):
            for record in records:
                _hear_consent(record, now)
            trouble = ""
        case SubscriptionReminder():
            trouble = ""  # the subscription is renewed ahead of its end anyway
        case Unknown(reason=trouble):
            pass
    if trouble:
        inbox.set_aside(event, trouble, now)
        timeline.tell("webhook.set_aside", at=now, actor="ringcentral", reason=trouble)
    else:
        inbox.finish(event)


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
    sender = Sender.objects.filter(e164=message.to_number).first()
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
    owners = Sender.objects.filter(active=True, extension_id=owner_id) if owner_id else None
    if owners is None or not owners.update(sync_wanted_at=now):
        Sender.objects.filter(active=True).update(sync_wanted_at=now)
    return ""


def _hear_consent(record: ConsentRecord, now: datetime) -> None:
    """Note what RingCentral has on record. An opt-in there lifts nothing here: only START or the
    person's own new consent does.
    """
    ours = record.from_number == ALL_NUMBERS
    if not (ours or Sender.objects.filter(e164=record.from_number).exists()):
        return  # a colleague's number: that conversation is not ours
    if not record.to_number.startswith("+"):
        return
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
