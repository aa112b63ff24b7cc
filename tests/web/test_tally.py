"""A stranger's knocking is counted in full and written at most once a second."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from shiftbell.store.models import Counter
from shiftbell.web.tally import Tally


class Watch:
    """A clock that only moves when told to."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def stored(name: str) -> int:
    return Counter.objects.get(name=name).value


@pytest.mark.django_db
def test_the_first_is_written_at_once_and_the_rest_of_the_second_together() -> None:
    watch = Watch()
    tally = Tally("knocks", clock=watch)
    tally.count()
    assert stored("knocks") == 1
    with CaptureQueriesContext(connection) as queries:
        for _ in range(1000):
            tally.count()
    assert not queries.captured_queries
    assert (stored("knocks"), tally.total()) == (1, 1001)
    watch.seconds += 1
    tally.count()
    assert (stored("knocks"), tally.total()) == (1002, 1002)


@pytest.mark.django_db
def test_a_total_goes_on_where_the_process_before_ended() -> None:
    Tally("knocks").count()
    later = Tally("knocks")
    later.count()
    assert later.total() == 2


@pytest.mark.django_db
def test_nothing_is_lost_or_raised_while_the_database_cannot_be_written() -> None:
    watch = Watch()
    tally = Tally("knocks", clock=watch)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        tally.count()
        cursor.execute("PRAGMA query_only = OFF")
    assert tally.total() == 1
    watch.seconds += 1
    tally.count()
    assert stored("knocks") == 2


@pytest.mark.django_db(transaction=True)
def test_threads_that_count_together_are_all_counted() -> None:
    tally = Tally("knocks", every_seconds=0.0)

    def knock(_: int) -> None:
        tally.count()
        connections.close_all()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(knock, range(40)))
    assert stored("knocks") == tally.total() == 40
