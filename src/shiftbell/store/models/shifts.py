"""What is offered: shifts, broadcasts, offers, and who holds or waits for what.

The two promises that must hold under a race are constraints: an opening has one holder
(`one_holder_an_opening`), an employee holds a shift once (`one_assignment_an_employee`).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from shiftbell.store.models.people import Employee, Location


class Shift(models.Model):
    """Work at a location from `starts_at` to `ends_at`, with one or more openings."""

    external_id = models.CharField(max_length=200, unique=True)
    location = models.ForeignKey(Location, on_delete=models.PROTECT)
    role = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    openings = models.PositiveIntegerField(default=1)
    note = models.TextField(blank=True)
    cancelled_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="shift_ends_later"
            ),
            models.CheckConstraint(condition=Q(openings__gte=1), name="shift_has_an_opening"),
        ]
        indexes = [models.Index(fields=["starts_at"])]

    def __str__(self) -> str:
        return f"s{self.pk}"


class Broadcast(models.Model):
    """One act of offering a shift to people."""

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="broadcasts")
    mode = models.CharField(max_length=10, default="mass")
    round = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    # Set when RingCentral or a carrier objects to the text itself: the rest waits for a person.
    held_reason = models.CharField(max_length=300, blank=True)
    content_refusals = models.PositiveIntegerField(default=0)
    # Why it may wake people who agreed to that, in the words of whoever offered it (Q3).
    urgent_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(mode__in=["mass", "tiered"]), name="mode_known")
        ]

    def __str__(self) -> str:
        return f"b{self.pk}"


class Offer(models.Model):
    """One employee asked about one shift."""

    OPEN, ACCEPTED, DECLINED, LATE, WITHDRAWN = [
        "open",
        "accepted",
        "declined",
        "late",
        "withdrawn",
    ]
    STATES = (
        OPEN,  # waiting to be texted, or texted and waiting for an answer
        ACCEPTED,  # said YES in time; an assignment was made
        DECLINED,  # said NO; asked no more about that shift
        LATE,  # said YES when it was filled; on standby
        WITHDRAWN,  # taken back before it left: filled, cancelled, opted out; counts as not asked
    )

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="offers")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="offers")
    broadcast = models.ForeignKey(Broadcast, on_delete=models.PROTECT, related_name="offers")
    round = models.PositiveIntegerField(default=1)
    # What the person may answer with: "YES 2". Fixed at creation, not reused for 48 h.
    code = models.PositiveIntegerField()
    state = models.CharField(max_length=12, default=OPEN)
    created_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "employee", "round"], name="one_offer_a_round"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "declined", "late", "withdrawn"]),
                name="offer_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"o{self.pk}"


class Assignment(models.Model):
    """An employee holds, or held, one opening of a shift."""

    HELD, DROPPED, RELEASED, CANCELLED = "held", "dropped", "released", "cancelled"

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="assignments")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="assignments")
    offer = models.ForeignKey(Offer, null=True, on_delete=models.PROTECT)
    opening = models.PositiveIntegerField()  # 1 … shift.openings
    state = models.CharField(max_length=12, default=HELD)
    assigned_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # When the manager was told that neither text nor mail reminds this holder.
    untold_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shift", "opening"], condition=Q(state="held"), name="one_holder_an_opening"
            ),
            models.UniqueConstraint(
                fields=["shift", "employee"],
                condition=Q(state="held"),
                name="one_assignment_an_employee",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "dropped", "released", "cancelled"]),
                name="assignment_state_known",
            ),
            models.CheckConstraint(condition=Q(opening__gte=1), name="openings_count_from_one"),
        ]


class Standby(models.Model):
    """Someone who said YES too late and may be asked when an opening returns, in this order."""

    WAITING, ASKED, TOOK, PASSED, LEFT = "waiting", "asked", "took", "passed", "left"

    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="standbys")
    employee = models.ForeignKey(Employee, on_delete=models.PROTECT)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT)
    state = models.CharField(max_length=12, default=WAITING)
    joined_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True)
    # Until then an opening that came back is kept for this person; later it is first come.
    asked_until = models.DateTimeField(null=True)
    asks = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shift", "employee"], name="one_standby_an_employee"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "asked", "took", "passed", "left"]),
                name="standby_state_known",
            ),
        ]
