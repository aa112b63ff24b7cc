"""Whom we text: employees, where they work, their numbers and what they agreed to.

A revocation binds the *number*, for every text of this employer (R6 in docs/reference/law.md);
consent binds (employee, number), so a number that changed hands starts without any (K3).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Location(models.Model):
    """A place where shifts happen; hours on screens and in texts are in its zone."""

    external_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    state = models.CharField(max_length=2, blank=True)
    manager_name = models.CharField(max_length=200, blank=True)
    manager_email = models.CharField(max_length=254, blank=True)
    manager_phone = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.name


class PhoneNumber(models.Model):
    """A number we text or were texted by, whoever holds it.

    Its row is the lock of everything said to that number: a claim, a consent event and the hearing
    of a reply each take it first, so a STOP commits wholly before or wholly after a claim.
    """

    e164 = models.CharField(max_length=16, unique=True)
    opted_out_at = models.DateTimeField(null=True)
    # Waiting for a person to decide what a doubtful reply meant; offers pause meanwhile.
    review_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    unusable_since = models.DateTimeField(null=True)
    unusable_reason = models.CharField(max_length=200, blank=True)
    # Sticky: a conversation stays with the sender that began it.
    sender = models.ForeignKey("Sender", null=True, on_delete=models.PROTECT)
    # When its present holder got a first text; unset again for the next holder.
    first_texted_at = models.DateTimeField(null=True)
    # RingCentral's creation time of the newest reply heard; an older one found late counts less.
    heard_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"number {self.pk}"


class Employee(models.Model):
    """Someone who may be asked to work."""

    external_id = models.CharField(max_length=200, unique=True)
    first_name = models.CharField(max_length=200, blank=True)
    last_name = models.CharField(max_length=200, blank=True)
    number = models.ForeignKey(PhoneNumber, null=True, on_delete=models.PROTECT)
    email = models.CharField(max_length=254, blank=True)
    language = models.CharField(max_length=10, default="en")
    zone = models.CharField(max_length=64, blank=True)
    # No role or no location recorded means any: a crew with one site need not list it.
    roles = models.JSONField(default=list)
    locations = models.ManyToManyField(Location, related_name="employees")
    notes = models.TextField(blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=Q(active=True), name="one_active_employee_a_number"
            )
        ]

    def __str__(self) -> str:
        return f"e{self.pk}"

    @property
    def name(self) -> str:
        """The full name, or the id where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.external_id


class Consent(models.Model):
    """One append-only event: who agreed to be texted, or took it back, when and how."""

    GRANTED, REVOKED, RESUMED, PAUSED, WRONG_NUMBER = (
        "granted",
        "revoked",
        "resumed",
        "paused",
        "wrong_number",
    )
    KINDS = (GRANTED, REVOKED, RESUMED, PAUSED, WRONG_NUMBER)

    employee = models.ForeignKey(Employee, null=True, on_delete=models.PROTECT)
    number = models.ForeignKey(PhoneNumber, on_delete=models.PROTECT)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    source = models.CharField(max_length=200)
    actor = models.CharField(max_length=200)
    words = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["granted", "revoked", "resumed", "paused", "wrong_number"]),
                name="consent_kind_known",
            )
        ]
        indexes = [models.Index(fields=["number", "id"])]
