"""The same thing asked for by several at once, over real threads and connections."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from threading import Barrier
from typing import TypeVar
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.fill_shift import fill
from shiftbell.flow.import_people import import_people
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.remind import remind
from shiftbell.rules.roster_changes import Outcome
from shiftbell.rules.sending import Kind
from shiftbell.store.models import Employee, Message, Offer
from shiftbell.store.transactions import write
from tests.crew import person, sender, shift
from tests.moments import NOON

pytestmark = pytest.mark.django_db(transaction=True)

Result = TypeVar("Result")
SAMPLE = files("shiftbell").joinpath("data", "sample_crew.csv").read_bytes()


def at_once(count: int, act: Callable[[], Result]) -> list[Result]:
    """Call `act` in so many threads that start together; return what each got."""
    together = Barrier(count)

    def run() -> Result:
        try:
            together.wait(timeout=10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


def bring():
    zone = ZoneInfo("America/Chicago")
    return import_people(SAMPLE, now=NOON, actor="cli", region="US", zone=zone)


def test_one_crew_imported_twice_at_once_lands_once():
    reports = at_once(2, bring)
    assert Employee.objects.count() == 60
    assert sum(report.count(Outcome.ADDED) for report in reports) == 60
    assert sum(report.count(Outcome.REFUSED) for report in reports) == 0


def test_one_shift_offered_by_three_at_once_asks_everyone_once():
    sender()
    bring()
    work = shift()
    reports = at_once(3, lambda: offer_shift(work, now=NOON, actor="cli"))
    assert sum(len(report.offers) for report in reports) == 57
    assert Message.objects.count() == Offer.objects.count() == 57


def test_one_shift_cancelled_and_reminded_of_at_once_is_told_once():
    sender()
    work = shift(hours=24 * 3)
    with write():
        fill(work, person("Ana", "01"), None, NOON)
    reports = at_once(3, lambda: cancel_shift(work.pk, now=NOON, actor="cli"))
    assert sorted(report.already for report in reports) == [False, True, True]
    other = shift(hours=27)
    with write():
        fill(other, person("Ben", "02"), None, NOON.replace(day=20))
    evening = NOON.replace(day=25, hour=0)
    at_once(3, lambda: remind(evening))
    assert sorted(Message.objects.values_list("kind", flat=True)) == [
        Kind.CANCELLATION,
        Kind.REMINDER,
    ]
