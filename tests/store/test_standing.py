"""What the database answers about consent is what the events of the ledger add up to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftbell.rules.consent import Event, Standing, replay
from shiftbell.store import consent, ledger, numbers
from shiftbell.store.models import Consent, Employee, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

KINDS = sorted(set(Event) - {Event.ERASED})
SAID = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([None, 0, 1])), max_size=9)


def history(number: PhoneNumber) -> Standing:
    return replay(map(ledger.word_of, Consent.objects.filter(number=number).order_by("place")))


def people() -> list[Employee]:
    """Return one who had a number and one who has it."""
    ana = crew.person("Ana", 0, consent=False, active=False)
    return [ana, crew.person("Ben", 0, consent=False)]


@pytest.mark.django_db
@settings(deadline=None, max_examples=60)
@given(SAID)
def test_whoever_agreed_and_takes_nights_is_who_a_replay_names(said):
    with transaction.atomic():
        crew_of_two = people()
        ids = [employee.pk for employee in crew_of_two]
        number = PhoneNumber.objects.get()
        for kind, who in said:
            by = None if who is None else crew_of_two[who]
            ledger.add(number, kind, now=NOON, at=NOON, employee=by, **crew.ON_PAPER.said)
        agreed = frozenset(employee for employee, _ in consent.who_agreed(ids))
        nights = frozenset(employee for employee, _ in consent.who_takes_nights(ids))
        proven = {each.pk for each in crew_of_two if consent.has_consent(each, number)}
        standing = history(number)
        transaction.set_rollback(True)
    assert (agreed, nights) == (standing.agreed, standing.nights)
    assert proven == standing.agreed


@pytest.mark.django_db
@settings(deadline=None, max_examples=60)
@given(SAID)
def test_a_number_is_opted_out_since_when_a_replay_says(said):
    with write():
        crew_of_two = people()
        for minute, (kind, who) in enumerate(said):
            by = None if who is None else crew_of_two[who]
            record(kind, by, crew_of_two[1], minute)
        number = PhoneNumber.objects.get()
        standing = history(number)
        transaction.set_rollback(True)
    assert (number.opted_out_at, number.paused_until) == (
        standing.out_since,
        standing.paused_until,
    )


def record(kind: Event, by: Employee | None, holder: Employee, minute: int) -> None:
    """Say something in the way each kind of event comes about."""
    number = numbers.locked_number(PhoneNumber.objects.get().pk)
    now, paper = NOON + timedelta(minutes=minute), crew.ON_PAPER
    match kind:
        case Event.GRANTED:
            consent.join(number, by, paper, at=now, now=now)
        case Event.RESUMED:
            consent.resume(number, by, paper, now=now)
        case Event.REVOKED | Event.WRONG_NUMBER:
            wrong = kind is Event.WRONG_NUMBER
            consent.revoke(number, by, paper, now=now, wrong_number=wrong)
        case Event.PAUSED:
            consent.pause(number, by, paper, until=NOON + timedelta(days=3), now=now)
        case Event.NUMBER_CHANGED:
            consent.change_number(by or holder, number, paper, now=now)
        case _:
            allowed = kind is Event.NIGHT_ALLOWED
            consent.allow_nights(by or holder, paper, allowed=allowed, at=now, now=now)
