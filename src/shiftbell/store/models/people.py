"""Whom we ask: employees, and where they work. How they may be reached stands in `consent`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shiftbell.store.models.consent import PhoneNumber


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
