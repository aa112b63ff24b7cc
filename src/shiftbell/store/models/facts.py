"""What happened: the timeline, webhook events as they came, ticks of jobs, counters."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class TimelineEntry(models.Model):
    """One fact, never changed: what happened, to whom, by whom, why. Its id is the sequence."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=200)
    what = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)
    # Ids, not foreign keys: the story of a thing outlives the thing.
    message = models.BigIntegerField(null=True)
    offer = models.BigIntegerField(null=True)
    employee = models.BigIntegerField(null=True)
    shift = models.BigIntegerField(null=True)
    broadcast = models.BigIntegerField(null=True)
    number = models.BigIntegerField(null=True)
    sender = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["message", "id"]),
            models.Index(fields=["offer", "id"]),
            models.Index(fields=["employee", "id"]),
            models.Index(fields=["shift", "id"]),
            models.Index(fields=["number", "id"]),
            models.Index(fields=["what", "id"]),
        ]


class WebhookEvent(models.Model):
    """One event as RingCentral sent it. Stored first, thought about later."""

    NEW, DONE, SET_ASIDE = "new", "done", "set_aside"

    received_at = models.DateTimeField()
    body = models.TextField()
    state = models.CharField(max_length=10, default=NEW)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["new", "done", "set_aside"]), name="event_state_known"
            )
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state="new"), name="events_to_hear"),
            models.Index(fields=["id"], condition=Q(state="set_aside"), name="events_set_aside"),
        ]


class JobTick(models.Model):
    """That a periodic job ran for its due time: unique, so once per cluster."""

    name = models.CharField(max_length=60)
    due = models.DateTimeField()
    worker = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "due"], name="one_tick_a_due_time")]


class Counter(models.Model):
    """A named count or moment: calls with a wrong token, a sign of life, whose turn it is when."""

    name = models.CharField(max_length=60, unique=True)
    value = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
