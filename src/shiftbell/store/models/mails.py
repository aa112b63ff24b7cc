"""E-mails to people who may not be texted, and the links in them.

A mail is one intent, as a text is. Unlike a text it may be sent twice: after a crash in the middle
of one it goes out again under the same Message-ID, which mail programs show once; a cancellation
that was lost would be worse.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shiftbell.store.models.consent import EmailAddress
from shiftbell.store.models.people import Employee
from shiftbell.store.models.shifts import Broadcast, Offer, Shift

MAIL_STATES = ("queued", "sending", "sent", "failed", "cancelled")


class Mail(models.Model):
    """One e-mail. Its words are made when it leaves, so that no link's secret is stored."""

    kind = models.CharField(max_length=30)  # the kinds of rules/sending.py
    state = models.CharField(max_length=10, default="queued")
    reason = models.CharField(max_length=300, blank=True)
    intent = models.CharField(max_length=200)
    address = models.ForeignKey(EmailAddress, on_delete=models.PROTECT, related_name="mails")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT)
    shift = models.ForeignKey(Shift, null=True, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT)
    broadcast = models.ForeignKey(Broadcast, null=True, on_delete=models.PROTECT)
    # Why they are not texted, as it stood when this was written.
    bar = models.CharField(max_length=20, blank=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    doubts = models.PositiveIntegerField(default=0)  # tries after which the server may have it
    left_at = models.DateTimeField(null=True)  # when the try began that may have carried it
    sent_at = models.DateTimeField(null=True)
    # When the manager was told that it reached nobody.
    told_at = models.DateTimeField(null=True)
    # What was sent, for the record; links without their secrets.
    subject = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=MAIL_STATES), name="mail_state_known"),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(lease_until__isnull=False),
                name="mail_sending_has_a_lease",
            ),
            models.UniqueConstraint(
                fields=["intent"],
                condition=~Q(state__in=["failed", "cancelled"]),
                name="one_live_mail_an_intent",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(state="queued"), name="mails_ready"),
            models.Index(fields=["lease_until"], condition=Q(state="sending"), name="mails_leased"),
            models.Index(fields=["shift", "state"], name="mails_of_a_shift"),
        ]

    def __str__(self) -> str:
        return f"mail{self.pk}"


class MailLink(models.Model):
    """One link of a mail: what it is for, until when, and whether it did its work."""

    ACCEPT, DECLINE, UNSUBSCRIBE = "accept", "decline", "unsubscribe"

    mail = models.ForeignKey(Mail, on_delete=models.PROTECT, related_name="links")
    purpose = models.CharField(max_length=12)
    # Part of what is signed; with the key it makes the link, without the key it is worth nothing.
    nonce = models.CharField(max_length=32, unique=True)
    expires_at = models.DateTimeField(null=True)  # unsubscribing never expires
    used_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=30, blank=True)  # what using it led to
    # With the mail's own words, the written consent to the shift (F1): what stood on the page
    # beside the button, and whence it was pressed.
    shown = models.TextField(blank=True)
    evidence = models.JSONField(default=dict)  # ip, forwarded_for, user_agent

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["accept", "decline", "unsubscribe"]),
                name="link_purpose_known",
            ),
            models.UniqueConstraint(fields=["mail", "purpose"], name="one_link_a_purpose"),
        ]
