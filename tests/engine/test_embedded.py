"""The engine of one machine: woken by commits, never dead of one bad piece, periodic jobs once."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection

from shiftbell.engine import ticks
from shiftbell.engine.embedded import EmbeddedRunner
from shiftbell.engine.runner import Job
from shiftbell.store.models import Counter
from tests.moments import NOON

pytestmark = pytest.mark.django_db(transaction=True)
SOON = 10.0  # seconds that nothing here comes near


def run(jobs: list[Job], until: threading.Event, *, also: int = 1) -> None:
    """Run the jobs in `also` runners side by side until an event is set."""
    stop = threading.Event()
    runners = [
        threading.Thread(target=EmbeddedRunner().run, args=(jobs, stop)) for _ in range(also)
    ]
    for runner in runners:
        runner.start()
    happened = until.wait(SOON)
    stop.set()
    for runner in runners:
        runner.join()
    assert happened, "it did not happen in time"


def test_a_commit_of_another_connection_wakes_a_job() -> None:
    looked, seen = threading.Event(), threading.Event()

    def look(now: datetime) -> bool:
        looked.set()
        if Counter.objects.filter(name="news").exists():
            seen.set()
        return False

    def commit() -> None:
        assert looked.wait(SOON)
        Counter.objects.create(name="news")
        connection.close()

    writer = threading.Thread(target=commit)
    writer.start()
    run([Job("look", look)], seen)
    writer.join()
    assert seen.is_set()


def test_a_job_that_raises_is_tried_again() -> None:
    calls: list[datetime] = []
    worked = threading.Event()

    def stumble(now: datetime) -> bool:
        calls.append(now)
        if len(calls) == 1:
            raise RuntimeError("a bad row")
        worked.set()
        return False

    run([Job("stumble", stumble)], worked)
    assert len(calls) >= 2


def test_a_job_with_more_to_do_goes_on_at_once() -> None:
    done, left = threading.Event(), list(range(500))

    def chew(now: datetime) -> bool:
        if left:
            left.pop()
        else:
            done.set()
        return bool(left)

    run([Job("chew", chew)], done)
    assert not left


def test_stopping_waits_for_the_piece_under_way() -> None:
    stop, began, ended = threading.Event(), threading.Event(), []

    def slow(now: datetime) -> bool:
        began.set()
        stop.wait(SOON)
        ended.append(now)
        return False

    runner = threading.Thread(target=EmbeddedRunner().run, args=([Job("slow", slow)], stop))
    runner.start()
    assert began.wait(SOON)
    stop.set()
    runner.join()
    assert len(ended) == 1


def test_a_periodic_job_runs_once_per_due_time_however_many_workers_look() -> None:
    at = NOON + timedelta(seconds=30)
    minute = timedelta(minutes=1)
    assert [ticks.due("report", minute, at) for _ in range(3)] == [True, False, False]
    assert ticks.due("report", minute, at + timedelta(seconds=29)) is False
    assert ticks.due("report", minute, at + timedelta(seconds=31)) is True


def test_two_workers_run_a_periodic_job_once() -> None:
    ran: list[datetime] = []
    done = threading.Event()

    def report(now: datetime) -> bool:
        ran.append(now)
        return False

    looks: list[datetime] = []

    def look(now: datetime) -> bool:
        looks.append(now)
        if len(looks) > 6:
            done.set()
        return False

    run([Job("report", report, every=timedelta(days=365)), Job("look", look)], done, also=2)
    assert len(ran) == 1
