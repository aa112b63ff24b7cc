"""Periodic jobs: once per cluster, however many workers look."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError

from shiftbell.store.models import JobTick
from shiftbell.store.transactions import write

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
KEEP = 100  # due times to look back on
WORKER = uuid4().hex[:12]


def due(name: str, every: timedelta, now: datetime) -> bool:
    """Whether this worker is the one to run a periodic job now.

    Due times lie on a grid that all workers share, so the unique row (name, due time) lets exactly
    one of them through, however many look.
    """
    at = EPOCH + ((now - EPOCH) // every) * every
    if JobTick.objects.filter(name=name, due=at).exists():
        return False
    try:
        with write():
            JobTick.objects.create(name=name, due=at, worker=WORKER)
            JobTick.objects.filter(name=name, due__lt=at - KEEP * every).delete()
    except IntegrityError:
        return False
    return True
