"""Every text, out and in, and every POST of one.

A text out is one *intent*: its key is unique among the messages that may have left, so two
processes that want the same thing said can only say it once (`one_live_message_an_intent`).
`one_open_attempt_a_pair` keeps at most one POST of unknown outcome between a sender and a
recipient, since RingCentral's store has no mark of ours to tell two of them apart.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shiftbell.store.models.consent import Consent, PhoneNumber
from shiftbell.store.models.people import Employee
from shiftbell.store.models.senders import Sender
from shiftbell.store.models.shifts import Broadcast, Offer, Shift

OUT_STATES = ("queued", "sending", "sent", "delivered", "failed", "in_doubt", "cancelled")
IN_STATES = ("received", "heard")


class Message(models.Model):
    """One SMS, in or out. States out: rules/delivery.py; in: received, then heard."""

    OUT, IN = "out", "in"

    direction = models.CharField(max_length=3)
    # What it is for: the kinds of rules/sending.py; "reply" for a text in.
    kind = models.CharField(max_length=30)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=300, blank=True)
    number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT, related_name="messages")
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    employee = models.ForeignKey(Employee, null=True, on_delete=models.PROTECT)
    shift = models.ForeignKey(Shift, null=True, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT)
    broadcast = models.ForeignKey(Broadcast, null=True, on_delete=models.PROTECT)
    text = models.TextField()
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    ringcentral_id = models.CharField(max_length=40, null=True)
    error_code = models.CharField(max_length=40, blank=True)

    # Out only.
    intent = models.CharField(max_length=200, null=True)
    lane = models.PositiveSmallIntegerField(default=9)
    due_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    # The reply it answers: that is why it may leave without consent and at night.
    answers = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    # Whether YES would answer this text.
    question = models.BooleanField(default=False)
    owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    # POSTs whose body may have left; refusals before that do not count.
    tries = models.PositiveIntegerField(default=0)
    left_at = models.DateTimeField(null=True)  # when the POST began that may have carried it
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    recheck_at = models.DateTimeField(null=True)

    # In only: RingCentral's time, and what was understood.
    received_at = models.DateTimeField(null=True)
    meaning = models.CharField(max_length=20, blank=True)
    heard_at = models.DateTimeField(null=True)
    needs_person_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(direction="out", state__in=OUT_STATES, intent__isnull=False)
                | Q(direction="in", state__in=IN_STATES, ringcentral_id__isnull=False),
                name="message_state_known",
            ),
            models.UniqueConstraint(
                fields=["intent"],
                condition=Q(direction="out") & ~Q(state__in=["failed", "cancelled"]),
                name="one_live_message_an_intent",
            ),
            models.UniqueConstraint(
                fields=["sender", "ringcentral_id"],
                condition=Q(ringcentral_id__isnull=False),
                name="one_message_a_ringcentral_id",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
                name="sending_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(
                fields=["sender", "lane", "due_at", "id"],
                condition=Q(state="queued"),
                name="outbox_ready",
            ),
            models.Index(
                fields=["lease_until"], condition=Q(state="sending"), name="outbox_leases"
            ),
            models.Index(
                fields=["received_at", "id"], condition=Q(state="received"), name="inbox_to_hear"
            ),
            models.Index(fields=["number", "id"], name="conversation"),
            models.Index(fields=["shift", "state"], name="messages_of_a_shift"),
            models.Index(fields=["recheck_at"], name="outbox_recheck"),
        ]

    def __str__(self) -> str:
        return f"m{self.pk}"


class Attempt(models.Model):
    """One POST of a message."""

    OPEN, DOUBT = "open", "doubt"
    ACCEPTED, REFUSED, LIMITED, NOT_SENT, FOUND, ABSENT, DECIDED = (
        "accepted",
        "refused",
        "limited",
        "not_sent",
        "found",
        "absent",
        "decided",
    )
    OUTCOMES = (
        OPEN,  # the POST may be under way
        DOUBT,  # it may have left; the message store decides
        ACCEPTED,  # answered 2xx
        REFUSED,  # answered 4xx
        LIMITED,  # answered 429
        NOT_SENT,  # surely never left
        FOUND,  # doubt settled: the store shows it
        ABSENT,  # doubt settled: the store surely lacks it
        DECIDED,  # doubt settled by an operator
    )

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="attempts")
    sender = models.ForeignKey(Sender, on_delete=models.PROTECT)
    number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT)
    owner = models.CharField(max_length=64)
    # Why it was allowed to leave: the consent it rests on, or what stands for one.
    consent = models.ForeignKey(Consent, null=True, on_delete=models.PROTECT)
    basis = models.CharField(max_length=100, blank=True)
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    outcome = models.CharField(max_length=10, default=OPEN)
    status = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=40, blank=True)
    detail = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=80, blank=True)
    ended_at = models.DateTimeField(null=True)
    # Settling doubt: complete look-ups that did not find it, and when an operator must decide.
    tried_at = models.DateTimeField(null=True)  # the last look-up, complete or not
    looked_at = models.DateTimeField(null=True)
    look_ups = models.PositiveIntegerField(default=0)
    cannot_tell_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "number"],
                condition=Q(outcome__in=["open", "doubt"]),
                name="one_open_attempt_a_pair",
            ),
            models.CheckConstraint(
                condition=Q(
                    outcome__in=[
                        "open",
                        "doubt",
                        "accepted",
                        "refused",
                        "limited",
                        "not_sent",
                        "found",
                        "absent",
                        "decided",
                    ]
                ),
                name="attempt_outcome_known",
            ),
        ]
        indexes = [
            models.Index(fields=["tried_at"], condition=Q(outcome="doubt"), name="doubts"),
        ]
