"""The rate buckets as rows: one clock per sender and usage group, shared by all processes.

A text takes its slot inside `claiming.claim`; every other call to RingCentral takes one through
`BucketPace`, so nothing of a usage group can be forgotten. A part of Light is a bucket of its own
("doubt"): settling doubt must not wait behind polling.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import ceil

import structlog
from django.db import DatabaseError
from django.db.models import F

from shiftbell.errors import PaceExceeded
from shiftbell.rules import pacing
from shiftbell.store import timeline
from shiftbell.store.models import RateBucket, Sender
from shiftbell.store.transactions import assert_outside, write

log = structlog.get_logger()
MEDIUM, LIGHT, DOUBT, HEAVY, AUTH = "medium", "light", "doubt", "heavy", "auth"
START_LIMITS = {MEDIUM: 40, LIGHT: 50, DOUBT: 50, HEAVY: 10, AUTH: 5}
DOUBT_PART = 5  # a fifth of Light is kept for settling doubt: 10 a minute of the usual 50
FAULT_PAUSE = timedelta(minutes=5)
FAULT_PAUSE_MAX = timedelta(hours=1)
BACK_OFF = timedelta(seconds=2)
BACK_OFF_MAX = timedelta(minutes=1)
# A text written this long after it was leased left off the grid of slots.
LATE = pacing.LATE_FORGIVEN


def open_buckets(sender: Sender, now: datetime) -> None:
    """Make the sender's buckets where they are missing. Call inside `write()`."""
    for group, limit in START_LIMITS.items():
        RateBucket.objects.get_or_create(
            sender=sender, group=group, defaults={"limit_per_minute": limit, "next_slot": now}
        )


def lock(sender_id: int) -> RateBucket:
    """Return the sender's bucket of texts, locked: the first row in the lock order."""
    return RateBucket.objects.select_for_update().get(sender=sender_id, group=MEDIUM)


def is_paused(sender_id: int, now: datetime) -> bool:
    """Whether a sender's texts are paused, also by an answer that came since one was leased."""
    paused = RateBucket.objects.filter(sender=sender_id, group=MEDIUM, paused_until__gt=now)
    return paused.exists()


def take_slot(bucket: RateBucket, now: datetime, ceiling: int | None) -> None:
    """Move a locked bucket's clock past one call."""
    bucket.next_slot = pacing.next_slot(bucket.next_slot, now, _spacing(bucket, ceiling))
    bucket.save(update_fields=["next_slot"])


def take_another_slot(sender_id: int, ceiling: int | None) -> None:
    """Let the next text wait one slot more, because one is leaving off the grid.

    A text that was leased on its slot but is written late leaves between two others; with this,
    no 60 s hold more calls than the limit whatever the delay was.
    """
    with write():
        bucket = lock(sender_id)
        bucket.next_slot = F("next_slot") + _spacing(bucket, ceiling)
        bucket.save(update_fields=["next_slot"])


def pause(sender_id: int, group: str, *, until: datetime, reason: str, now: datetime) -> None:
    """Start nothing in a bucket until a moment; never shortens a pause. Call inside `write()`."""
    groups = [LIGHT, DOUBT] if group in {LIGHT, DOUBT} else [group]
    rows = RateBucket.objects.select_for_update().filter(sender=sender_id, group__in=groups)
    for bucket in rows.order_by("id"):
        if bucket.paused_until is None or bucket.paused_until < until:
            bucket.paused_until, bucket.paused_reason, bucket.paused_at = until, reason, now
            bucket.save(update_fields=["paused_until", "paused_reason", "paused_at"])
    timeline.tell(
        "bucket.paused",
        at=now,
        sender=sender_id,
        group=group,
        until=until.isoformat(),
        reason=reason,
    )


def pause_for_fault(sender_id: int, *, reason: str, now: datetime) -> None:
    """Stop a sender's texts for a fault of ours, longer each time until one call succeeds."""
    bucket = lock(sender_id)
    length = min(FAULT_PAUSE * 2 ** min(bucket.pauses, 10), FAULT_PAUSE_MAX)
    bucket.pauses += 1
    bucket.save(update_fields=["pauses"])
    pause(sender_id, MEDIUM, until=now + length, reason=reason, now=now)


def back_off(sender_id: int, *, down_since: datetime, reason: str, now: datetime) -> None:
    """Wait a little with a sender's texts: RingCentral is hard to reach.

    Seconds at first, a minute at most: the longer it lasts, the longer each wait, and the first
    text that gets through ends it.
    """
    length = min(max((now - down_since) / 4, BACK_OFF), BACK_OFF_MAX)
    pause(sender_id, MEDIUM, until=now + length, reason=reason, now=now)


class BucketPace:
    """The pace port of one sender: takes slots, and learns limits from RingCentral's answers."""

    def __init__(
        self,
        sender_id: int,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        *,
        ceiling: int | None,
        patience: timedelta,
        light: str = LIGHT,
    ) -> None:
        self._sender_id = sender_id
        self._clock = clock
        self._sleep = sleep
        self._ceiling = ceiling
        self._patience = patience
        self._light = light

    def wait_for(self, group: str) -> None:
        """Take a slot of the group, waiting a little if need be.

        Raises PaceExceeded when the bucket is paused or the wait would exceed our patience.
        """
        group = self._light if group == LIGHT else group
        give_up_at = self._clock() + self._patience
        while (wait := self._try(group, self._clock())) is not None:
            if self._clock() + wait > give_up_at:
                raise PaceExceeded(
                    f"The next {group} call to RingCentral is free in "
                    f"{ceil(wait.total_seconds())} s.",
                    hint="Try again then; a running worker does so by itself.",
                    quiet_for=wait,
                )
            assert_outside()
            self._sleep(wait.total_seconds())

    def heard(self, group: str, status: int, headers: Mapping[str, str]) -> None:
        """Learn from an answer: the group's limit, and on 429 how long to be silent.

        Never raises: a text was just answered, and a database that is busy now must not make its
        outcome unknown. The next answer tells the limit again, and a 429 pauses when it settles.
        """
        heard = pacing.read_rate_headers(headers)
        known = heard.group if heard.group in START_LIMITS else group
        try:
            if status == 429:
                self.quiet(known, pacing.retry_after(headers))
            elif heard.limit:
                self._learn(known, heard.limit)
        except DatabaseError:
            log.warning("bucket.not_learnt", group=known, status=status, exc_info=True)

    def quiet(self, group: str, length: timedelta) -> None:
        """Start nothing in the group for so long: RingCentral asked for it."""
        now = self._clock()
        until = pacing.paused_until(now, length)
        with write():
            pause(self._sender_id, group, until=until, reason="rate limit", now=now)

    def _try(self, group: str, now: datetime) -> timedelta | None:
        with write():
            bucket = RateBucket.objects.select_for_update().get(sender=self._sender_id, group=group)
            free_at = max(bucket.next_slot, bucket.paused_until or bucket.next_slot)
            if free_at > now:
                return free_at - now
            take_slot(bucket, now, self._ceiling)
            return None

    def _learn(self, group: str, limit: int) -> None:
        groups = [LIGHT, DOUBT] if group == LIGHT else [group]
        rows = RateBucket.objects.filter(sender=self._sender_id, group__in=groups)
        if rows.exclude(limit_per_minute=limit).exists():
            with write():
                rows.update(limit_per_minute=limit)


def _spacing(bucket: RateBucket, ceiling: int | None) -> timedelta:
    limit = bucket.limit_per_minute
    reserve = max(limit // DOUBT_PART, 1)
    if bucket.group == DOUBT:
        return pacing.spacing(reserve)
    if bucket.group == LIGHT:
        return pacing.spacing(max(limit - reserve, 1))
    return pacing.spacing(limit, ceiling if bucket.group == MEDIUM else None)
