"""Read stored webhook events: what each says becomes a reply, a wish to sync, or an opt-out.

Events come twice, out of order, or not at all. So nothing is concluded from one that a second copy
would repeat: a reply is known by its id, the rest are marks that can be set again. Each event and
what it causes commit together; one that breaks us is set aside, and a sync makes good for it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError

from shiftbell.flow.hear_ringcentral import by_phone, hear_entries
from shiftbell.ringcentral.events import (
    ConsentChanged,
    InstantSms,
    StoreChanged,
    SubscriptionReminder,
    Unknown,
    parse_event,
)
from shiftbell.ringcentral.records import ConsentRecord
from shiftbell.store import inbox, opt_outs, timeline
from shiftbell.store.models import Sender, WebhookEvent
from shiftbell.store.transactions import write

log = structlog.get_logger(__name__)
AT_ONCE = 50


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
            _hear_consents(records, now)
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
    timeline.tell("webhook.set_aside", at=now, actor="RingCentral", reason=reason)


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


def _hear_consents(records: Sequence[ConsentRecord], now: datetime) -> None:
    """Hear who opted out or in, as far as it is about texts of ours."""
    senders = Sender.objects.values_list("e164", "active")
    theirs = by_phone(records, {e164 for e164, _ in senders})
    active = {e164 for e164, active in senders if active}
    # All numbers at once, lowest first: they come in RingCentral's order.
    for number, is_new in opt_outs.locked(theirs.by_phone):
        entries = theirs.by_phone[number.e164]
        hear_entries(number, entries, active, now=now, is_new=is_new)
