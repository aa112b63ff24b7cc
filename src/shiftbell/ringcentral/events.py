"""What a webhook event says.

An event is the filter we asked for (with `~` expanded), and a body whose shape depends on it:

* instant messages: one inbound text, whole;
* message-store changes: counts, and the ids of new messages only. Updates carry no ids, so such an
  event is a reason to sync, never a status;
* consents: who opted in or out; reminders: how long the subscription still lives.

Events come twice, out of order or not at all, so nothing may rest on one alone. Whatever has no
shape we know is `Unknown` with the reason; reading never fails. Whether the event is genuine (the
Verification-Token header) is the webhook's to check, before anything is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shiftbell.ringcentral.records import (
    ConsentRecord,
    Json,
    StoredMessage,
    consent_record,
    mapping,
    sequence,
    stored_message,
    text_of,
    whole,
)


@dataclass(frozen=True)
class _Event:
    uuid: str
    subscription_id: str
    owner_id: str  # the extension whose subscription it is


@dataclass(frozen=True)
class InstantSms(_Event):
    """Somebody texted us."""

    message: StoredMessage


@dataclass(frozen=True)
class StoreChanged(_Event):
    """Something in the message store is new or different: sync to learn what."""

    new_ids: tuple[str, ...]


@dataclass(frozen=True)
class ConsentChanged(_Event):
    """RingCentral's own opt-out list changed."""

    records: tuple[ConsentRecord, ...]


@dataclass(frozen=True)
class SubscriptionReminder(_Event):
    """The subscription ends soon."""

    expires_in: timedelta | None


@dataclass(frozen=True)
class Unknown:
    """Nothing we know; `reason` says what is odd, without quoting the body."""

    reason: str


_Ids = tuple[str, str, str]
Event = InstantSms | StoreChanged | ConsentChanged | SubscriptionReminder | Unknown


def parse_event(body: object) -> Event:
    """Return what the decoded JSON `body` of a webhook request says; never raises."""
    envelope = mapping(body)
    if not envelope:
        return Unknown("The body is not a JSON object.")
    name, told = text_of(envelope.get("event")), mapping(envelope.get("body"))
    path = name.partition("?")[0].rstrip("/")
    if not path:
        return Unknown("The event has no name.")
    ids = (
        text_of(envelope.get("uuid")),
        text_of(envelope.get("subscriptionId")),
        text_of(envelope.get("ownerId")),
    )
    if path.endswith("/message-store/instant"):
        return _instant(ids, told)
    if path.endswith("/message-store"):
        return StoreChanged(*ids, _new_ids(told))
    if path.endswith("/sms/consents"):
        return _consents(ids, told)
    if "/subscription/" in path:
        return _reminder(ids, told)
    return Unknown("The event is none we asked for.")


def _instant(ids: _Ids, told: Json) -> Event:
    message = stored_message(told)
    if message is None:
        return Unknown("The message in the event has no id.")
    if message.direction not in ("Inbound", ""):
        return Unknown("The instant message is not an inbound one.")
    return InstantSms(*ids, message)


def _new_ids(told: Json) -> tuple[str, ...]:
    changes = [mapping(change) for change in sequence(told.get("changes"))]
    ids = (text_of(new) for change in changes for new in sequence(change.get("newMessageIds")))
    return tuple(new for new in ids if new)


def _consents(ids: _Ids, told: Json) -> Event:
    records = tuple(map(consent_record, sequence(told.get("records"))))
    numbered = any(record.to_number for record in records)
    return ConsentChanged(*ids, records) if numbered else Unknown("No consent record in it.")


def _reminder(ids: _Ids, told: Json) -> Event:
    seconds = whole(told.get("expiresIn"))
    # timedelta cannot hold more than a billion days; RingCentral's longest lifetime is ten years.
    expires_in = timedelta(seconds=seconds) if seconds is not None and seconds < 10**10 else None
    return SubscriptionReminder(*ids, expires_in)
