"""The shared clocks of RingCentral's usage groups."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest
from django.db import connection
from pydantic import SecretStr

from shiftbell.config import SenderConfig
from shiftbell.errors import PaceExceeded
from shiftbell.store.buckets import DOUBT, LIGHT, MEDIUM, BucketPace, pause_for_fault
from shiftbell.store.models import RateBucket
from shiftbell.store.senders import sync_senders
from shiftbell.store.transactions import patience, write
from tests.moments import NOON

pytestmark = pytest.mark.django_db


class Desk:
    def __init__(self) -> None:
        self.now = NOON
        (self.sender,) = sync_senders([SenderConfig("+16505550100", SecretStr("jwt"))], NOON)

    def pace(self, patience: float = 5, light: str = LIGHT) -> BucketPace:
        return BucketPace(
            self.sender.pk,
            lambda: self.now,
            self.sleep,
            ceiling=None,
            patience=timedelta(seconds=patience),
            light=light,
        )

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def calls_in(self, seconds: float, *paces: BucketPace, group: str = LIGHT) -> int:
        end, calls = self.now + timedelta(seconds=seconds), 0
        while self.now < end:
            for pace in paces:
                try:
                    pace.wait_for(group)
                    calls += 1
                except PaceExceeded:
                    pass
            self.now += timedelta(seconds=0.05)
        return calls


def test_two_processes_share_one_clock() -> None:
    desk = Desk()
    calls = desk.calls_in(60, desk.pace(0), desk.pace(0), group=MEDIUM)
    assert 39 <= calls <= 40


def test_light_and_its_part_for_doubt_stay_within_the_limit_together() -> None:
    desk = Desk()
    calls = desk.calls_in(60, desk.pace(0), desk.pace(0, light=DOUBT))
    assert 47 <= calls <= 50


def test_a_429_silences_the_group_for_as_long_as_it_says() -> None:
    desk = Desk()
    pace = desk.pace()
    pace.heard(MEDIUM, 429, {"Retry-After": "60", "X-Rate-Limit-Group": "medium"})
    with pytest.raises(PaceExceeded) as caught:
        pace.wait_for(MEDIUM)
    assert caught.value.quiet_for == timedelta(seconds=60)
    assert caught.value.sentence() == (
        "The next medium call to RingCentral is free in 60 s. "
        "Try again then; a running worker does so by itself."
    )
    pace.wait_for(LIGHT)
    assert RateBucket.objects.get(group=MEDIUM).paused_until == NOON + timedelta(seconds=60)


def test_a_429_of_light_silences_its_part_for_doubt_too() -> None:
    desk = Desk()
    desk.pace().heard(LIGHT, 429, {"Retry-After": "60"})
    with pytest.raises(PaceExceeded):
        desk.pace(light=DOUBT).wait_for(LIGHT)
    assert desk.now == NOON


def test_the_limit_is_learnt_from_the_headers() -> None:
    desk = Desk()
    desk.pace().heard(MEDIUM, 200, {"X-Rate-Limit-Group": "medium", "X-Rate-Limit-Limit": "60"})
    assert RateBucket.objects.get(group=MEDIUM).limit_per_minute == 60
    assert 59 <= desk.calls_in(60, desk.pace(0), group=MEDIUM) <= 60


@pytest.mark.django_db(transaction=True)
def test_what_hears_an_answer_never_raises_though_the_database_is_busy() -> None:
    desk = Desk()
    busy = sqlite3.connect(connection.settings_dict["NAME"])
    busy.execute("BEGIN IMMEDIATE")
    try:
        with patience(0.1):
            desk.pace().heard(MEDIUM, 200, {"X-Rate-Limit-Limit": "60"})
            desk.pace().heard(MEDIUM, 429, {"Retry-After": "60"})
    finally:
        busy.close()
    bucket = RateBucket.objects.get(group=MEDIUM)
    assert (bucket.limit_per_minute, bucket.paused_until) == (40, None)
    desk.pace().heard(MEDIUM, 200, {"X-Rate-Limit-Limit": "60"})
    assert RateBucket.objects.get(group=MEDIUM).limit_per_minute == 60


def test_a_short_wait_is_waited_out() -> None:
    desk = Desk()
    pace = desk.pace(patience=5)
    pace.wait_for(MEDIUM)
    pace.wait_for(MEDIUM)
    assert timedelta(seconds=1) < desk.now - NOON < timedelta(seconds=2)


def test_pauses_for_our_faults_grow_and_end() -> None:
    desk = Desk()
    lengths = []
    for _ in range(6):
        with write():
            pause_for_fault(desk.sender.pk, reason="CMN-401", now=desk.now)
        until = RateBucket.objects.get(group=MEDIUM).paused_until
        assert until is not None
        lengths.append(until - desk.now)
        desk.now = until
    minutes = [length.total_seconds() / 60 for length in lengths]
    assert minutes == [5, 10, 20, 40, 60, 60]
