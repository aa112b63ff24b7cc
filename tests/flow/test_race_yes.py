"""Fifty say YES at once to a shift with three openings: real threads, real processes, one file."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, connections

from shiftbell.flow.hear_reply import hear_next
from shiftbell.store import inbox
from shiftbell.store.models import Assignment, Message, PhoneNumber, Shift, Standby
from tests.flow.talk import Talk
from tests.moments import NOON

PEOPLE, OPENINGS = 50, 3

HEAR_ALL = """
import sys
import django
django.setup()
from datetime import datetime
from shiftbell.flow.hear_reply import hear_next
sys.stdin.readline()
heard = 0
while hear_next(datetime.fromisoformat(sys.argv[1])):
    heard += 1
print(heard)
"""


@pytest.fixture
def everyone_said_yes(transactional_db: None) -> Shift:
    """A shift whose whole crew was asked, each of whom answered; nobody was heard yet."""
    talk = Talk()
    shift = talk.shift(openings=OPENINGS)
    names = [f"P{place}" for place in range(PEOPLE)]
    talk.offer(shift, *names)
    talk.now += timedelta(seconds=30)
    for name in names:
        talk.drop_in(name, "YES")
    return shift


def assert_three_won_and_the_rest_were_thanked(shift: Shift) -> None:
    held = Assignment.objects.filter(shift=shift, state="held")
    assert sorted(held.values_list("opening", flat=True)) == [1, 2, 3]
    answers = Message.objects.filter(direction="out", kind__in=["confirmation", "answer"])
    assert Counter(answers.values_list("metadata__wording", flat=True)) == {
        "shift_confirmed": OPENINGS,
        "just_filled": PEOPLE - OPENINGS,
    }
    assert answers.values("number").distinct().count() == PEOPLE
    assert Standby.objects.filter(shift=shift).count() == PEOPLE - OPENINGS
    assert not Message.objects.filter(state="received").exists()


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_hear_fifty_replies(everyone_said_yes: Shift):
    together = threading.Barrier(PEOPLE)

    def hear_all() -> None:
        together.wait()
        try:
            while hear_next(NOON + timedelta(minutes=1)):
                pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hear_all) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert_three_won_and_the_rest_were_thanked(everyone_said_yes)


@pytest.mark.django_db(transaction=True)
def test_two_processes_hear_fifty_replies(everyone_said_yes: Shift):
    environment = os.environ | {
        "DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}",
        "DJANGO_SETTINGS_MODULE": "shiftbell.django_settings",
    }
    now = (NOON + timedelta(minutes=1)).isoformat()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", HEAR_ALL, now],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    heard = [int(worker.communicate(timeout=60)[0]) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0]
    assert sum(heard) >= PEOPLE
    assert_three_won_and_the_rest_were_thanked(everyone_said_yes)


@pytest.mark.django_db(transaction=True)
def test_one_text_told_by_many_at_once_is_stored_once():
    talk = Talk()
    together, known = threading.Barrier(8), []

    def receive() -> None:
        together.wait()
        try:
            known.append(
                inbox.receive(
                    talk.sender,
                    ringcentral_id="1",
                    from_number="+13125550142",
                    text="yes",
                    received_at=NOON,
                    now=NOON,
                )
            )
        finally:
            connections.close_all()

    threads = [threading.Thread(target=receive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(known) == [False] * 7 + [True]
    assert Message.objects.count() == PhoneNumber.objects.count() == 1
