"""The tables, by noun: what the database itself guarantees stands here as constraints."""

from shiftbell.store.models.facts import Counter, JobTick, TimelineEntry, WebhookEvent
from shiftbell.store.models.messages import Attempt, Message
from shiftbell.store.models.people import Consent, Employee, Location, PhoneNumber
from shiftbell.store.models.senders import AccessToken, RateBucket, Sender, Subscription
from shiftbell.store.models.shifts import Assignment, Broadcast, Offer, Shift, Standby

__all__ = [
    "AccessToken",
    "Assignment",
    "Attempt",
    "Broadcast",
    "Consent",
    "Counter",
    "Employee",
    "JobTick",
    "Location",
    "Message",
    "Offer",
    "PhoneNumber",
    "RateBucket",
    "Sender",
    "Shift",
    "Standby",
    "Subscription",
    "TimelineEntry",
    "WebhookEvent",
]
