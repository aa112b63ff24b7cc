"""The inbox: replies and webhook events, stored at once and thought about later.

A text in is known by RingCentral's id for it, so one that both a webhook and a sync bring is
stored, and heard, once. Whoever wrote it, it is kept: a short code or a withheld number too.
Who hears it, and what follows, is decided in `flow/hear_reply`; what a person does about the rest,
in `flow/answer_inbox`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from shiftbell.rules.replies import Meaning
from shiftbell.rules.shifts import Heard
from shiftbell.store import numbers
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
    ringcentral_id, from_number = storable(ringcentral_id), storable(from_number)
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
                    number=numbers.number_row(from_number[:NUMBER_CHARS] or WITHHELD),
                    ringcentral_id=ringcentral_id,
                    text=storable(text),
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


def heard_since(message: Message) -> list[Heard]:
    """Return this number's replies that are newer than `message` and heard."""
    newer = Message.objects.filter(
        number=message.number_id, state="heard", received_at__gt=message.received_at
    )
    return [Heard(*each) for each in newer.values_list("meaning", "shift")]


def our_time(message: Message) -> datetime:
    """Return when a reply was written, by our clock rather than RingCentral's."""
    assert message.received_at is not None, "only replies have a time of their own"
    return message.received_at - timedelta(seconds=message.sender.skew_seconds)


def for_a_person() -> list[Message]:
    """Return the replies that a person must answer, oldest first by RingCentral's time."""
    rows = Message.objects.select_related("number", "employee", "sender", "shift__location")
    waiting = rows.filter(direction=Message.IN, needs_person_since__isnull=False)
    return list(waiting.order_by("received_at", "pk"))


def in_review(number: PhoneNumber) -> list[Message]:
    """Return the number's replies that may be opt-outs and that no person has read yet."""
    waiting = Message.objects.filter(number=number, needs_person_since__isnull=False)
    return list(waiting.filter(meaning=Meaning.REVIEW).order_by("pk"))


def is_doubtful(reply: Message) -> bool:
    """Whether a reply was read as something that may be an opt-out."""
    return reply.meaning == Meaning.REVIEW


def locked_reply(message_id: int) -> Message:
    """Return a reply under its number's lock, which all that is done about a reply takes."""
    number = numbers.locked_number(Message.objects.get(pk=message_id).number_id)
    reply = Message.objects.select_related("employee").get(pk=message_id)
    reply.number = number
    return reply


def take_out(reply: Message) -> None:
    """Take a reply out of the inbox of a person."""
    reply.needs_person_since = None
    reply.save(update_fields=["needs_person_since"])


def store_event(body: str, now: datetime) -> WebhookEvent:
    """Store one webhook event as it came."""
    with write():
        return WebhookEvent.objects.create(received_at=now, body=storable(body))


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


def storable(text: str) -> str:
    """Return text that every database takes: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
