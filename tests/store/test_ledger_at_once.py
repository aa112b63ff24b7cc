"""Several who add to the ledger at once: no chain breaks, and nobody who looks is alarmed."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from shiftbell.rules.ledger import Flaw
from shiftbell.store import audit, consent, ledger
from shiftbell.store.models import Consent, PhoneNumber
from shiftbell.store.numbers import locked_number
from shiftbell.store.transactions import write
from tests.crew import hire
from tests.ledgers import said
from tests.moments import NOON

WRITERS, EACH = 4, 15


@pytest.mark.django_db(transaction=True)
def test_events_added_at_once_never_break_a_chain():
    people = hire(3, NOON)
    done = threading.Event()
    flaws: list[Flaw] = []

    def add(writer: int) -> None:
        for turn in range(EACH):
            person = people[(writer + turn) % len(people)]
            # As another process would: its own connection, its own copy of the number's row.
            copy = PhoneNumber.objects.get(employee=person)
            with write():
                number = locked_number(copy.pk)
                now = NOON + timedelta(seconds=turn)
                if (writer + turn) % 2:
                    consent.revoke(number, person, said(), now=now)
                else:
                    consent.resume(copy, person, said("START"), now=now)
        connection.close()

    def look() -> None:
        while not done.is_set():
            flaws.extend(audit.verify().flaws)
            ledger.anchor(NOON + timedelta(days=1))
        connection.close()

    watcher = threading.Thread(target=look)
    watcher.start()
    writers = [threading.Thread(target=add, args=(writer,)) for writer in range(WRITERS)]
    for each in writers:
        each.start()
    for each in writers:
        each.join()
    done.set()
    watcher.join()
    assert flaws == []
    assert Consent.objects.count() == len(people) + WRITERS * EACH
    assert audit.verify().flaws == ()


@pytest.mark.django_db
def test_two_copies_of_one_locked_row_add_to_one_chain():
    (person,) = hire(1, NOON)
    with write():
        first, second = (PhoneNumber.objects.get(employee=person) for _ in range(2))
        consent.pause(first, person, said("PAUSE"), until=NOON, now=NOON)
        consent.revoke(second, person, said(), now=NOON)
        consent.resume(first, person, said("START"), now=NOON)
    assert list(Consent.objects.values_list("place", flat=True)) == [1, 2, 3, 4]
    assert audit.verify().flaws == ()
