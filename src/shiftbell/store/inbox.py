"""The inbox: replies and webhook events, stored at once and thought about later.

A text in is known by RingCentral's id for it, so one that both a webhook and a sync bring is
stored, and heard, once. Whoever wrote it, it is kept: a short code or a withheld number too.
Who hears it, and what follows, is decided in `flow/hear_reply`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from shiftbell.store import roster
from shiftbell.store.models import Message, PhoneNumber, Sender, WebhookEvent
from shiftbell.store.transactions import write

REPLY = "reply"
NUMBER_CHARS = 16  # E.164 with its plus; whatever else a text claims to come from is cut
WITHHELD = "unknown"


def receive(
    sender: Sender,
    *,
    ringcentral_id: str,
    from_number: str,
    text: str,
    received_at: datetime,
    now: datetime,
) -> bool:
    """Store one text in, once per (sender, id). Returns False when it is known already.

    `received_at` is RingCentral's creation time of the text, by RingCentral's clock.
    """
    ringcentral_id, from_number = _storable(ringcentral_id), _storable(from_number)
    with write():
        if Message.objects.filter(sender=sender, ringcentral_id=ringcentral_id).exists():
            return False
        try:
            # A savepoint: the other process that stores this very text may win meanwhile.
            with transaction.atomic():
                Message.objects.create(
                    direction=Message.IN,
                    kind=REPLY,
                    state="received",
                    sender=sender,
                    number=roster.number_row(from_number[:NUMBER_CHARS] or WITHHELD),
                    ringcentral_id=ringcentral_id,
                    text=_storable(text),
                    created_at=now,
                    received_at=received_at,
                )
        except IntegrityError:
            return False
    return True


def next_unheard(number: PhoneNumber | None = None) -> Message | None:
    """Return the oldest reply not yet heard, by RingCentral's time; of one number if given."""
    waiting = Message.objects.filter(direction=Message.IN, state="received")
    if number is not None:
        waiting = waiting.filter(number=number).select_related("sender")
    return waiting.order_by("received_at", "pk").first()


def heard_since(message: Message) -> list[str]:
    """Return the meanings of this number's replies that are newer than `message` and heard."""
    newer = Message.objects.filter(
        number=message.number_id, state="heard", received_at__gt=message.received_at
    )
    return list(newer.exclude(pk=message.pk).values_list("meaning", flat=True))


def our_time(message: Message) -> datetime:
    """Return when a reply was written, by our clock rather than RingCentral's."""
    assert message.received_at is not None, "only replies have a time of their own"
    return message.received_at - timedelta(seconds=message.sender.skew_seconds)


def store_event(body: str, now: datetime) -> WebhookEvent:
    """Store one webhook event as it came."""
    with write():
        return WebhookEvent.objects.create(received_at=now, body=_storable(body))


def new_events(limit: int) -> list[WebhookEvent]:
    """Return the oldest events that nobody has read yet."""
    return list(WebhookEvent.objects.filter(state=WebhookEvent.NEW).order_by("pk")[:limit])


def finish(event: WebhookEvent) -> None:
    """Mark an event as read, in the transaction that does what it asks for."""
    event.state = WebhookEvent.DONE
    event.save(update_fields=["state"])


def set_aside(event: WebhookEvent, reason: str, now: datetime) -> None:
    """Keep an event that means nothing to us where an operator finds it."""
    event.state, event.reason = WebhookEvent.SET_ASIDE, reason[:300]
    event.save(update_fields=["state", "reason"])


def _storable(text: str) -> str:
    """Return text that every database takes: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
