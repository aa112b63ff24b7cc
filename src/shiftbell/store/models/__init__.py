"""The tables, by noun: what the database itself guarantees stands here as constraints."""

from shiftbell.store.models.consent import Consent, ConsentAnchor, EmailAddress, PhoneNumber
from shiftbell.store.models.facts import Counter, JobTick, TimelineEntry, WebhookEvent
from shiftbell.store.models.invitations import Invitation
from shiftbell.store.models.mails import Mail, MailLink
from shiftbell.store.models.messages import Attempt, Message
from shiftbell.store.models.people import Employee, Location
from shiftbell.store.models.senders import AccessToken, RateBucket, Sender, Subscription
from shiftbell.store.models.shifts import Assignment, Broadcast, Offer, Shift, Standby

__all__ = [
    "AccessToken",
    "Assignment",
    "Attempt",
    "Broadcast",
    "Consent",
    "ConsentAnchor",
    "Counter",
    "EmailAddress",
    "Employee",
    "Invitation",
    "JobTick",
    "Location",
    "Mail",
    "MailLink",
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
