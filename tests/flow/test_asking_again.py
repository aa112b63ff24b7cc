"""Asking someone twice: what counts as asked, which round it is, and which number answers it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from shiftbell import config
from shiftbell.flow.offer_shift import OfferReport, offer_shift
from shiftbell.flow.plan_offer import plan_offer
from shiftbell.store import openings, outbox
from shiftbell.store.models import Message, Offer, Shift
from shiftbell.store.transactions import write
from tests.flow.talk import Talk
from tests.locks import IN_ORDER, read_by_transaction

pytestmark = pytest.mark.django_db


def ask(talk: Talk, about: Shift, name: str = "Ana", *, again: bool = False) -> OfferReport:
    ids = [talk.employee(name).pk]
    return offer_shift(about, to=ids, now=talk.now, actor="Mia", again=again)


def withdraw(talk: Talk) -> None:
    """Withdraw what has not left, as a PAUSE would."""
    with write():
        outbox.withdraw(Q(kind="offer"), reason="paused", now=talk.now)


def asked_again_in_vain(talk: Talk) -> Shift:
    """Ask Ana about a shift, then once more at midnight, which is withdrawn before morning."""
    work = talk.shift(starts_in=48)
    ask(talk, work)
    talk.send()
    talk.now += timedelta(hours=12)
    ask(talk, work, again=True)
    withdraw(talk)
    talk.now += timedelta(hours=10)
    return work


def test_a_second_round_that_never_left_leaves_the_first_question_open(talk: Talk):
    work = asked_again_in_vain(talk)
    offer = Offer.objects.get()
    assert (offer.state, offer.round) == (Offer.OPEN, 1)
    assert [one.reason for one in ask(talk, work).skipped] == ["already_offered"]
    assert "It is yours" in talk.says("Ana", "yes")[0]


def test_a_second_round_that_never_left_may_be_asked_once_more(talk: Talk):
    work = asked_again_in_vain(talk)
    assert len(ask(talk, work, again=True).offers) == 1
    states = Message.objects.order_by("pk").values_list("intent", "state")
    ana = talk.employee("Ana").pk
    assert list(states) == [
        (f"offer:{work.pk}:{ana}:1", "sent"),
        (f"offer:{work.pk}:{ana}:2", "cancelled"),
        (f"offer:{work.pk}:{ana}:2", "queued"),
    ]


def test_a_second_round_that_never_left_keeps_its_number(talk: Talk):
    asked_again_in_vain(talk)
    ask(talk, talk.shift(starts_in=72))
    assert list(Offer.objects.order_by("pk").values_list("code", flat=True)) == [1, 2]


def test_an_only_round_that_never_left_counts_as_not_asked(talk: Talk):
    work = talk.shift(starts_in=48)
    ask(talk, work)
    withdraw(talk)
    assert Offer.objects.get().state == Offer.WITHDRAWN
    assert len(ask(talk, work).offers) == 1
    assert Offer.objects.get().round == 1


def test_an_offer_that_failed_for_good_reached_nobody_and_is_asked_anew(talk: Talk):
    work = talk.shift(starts_in=48)
    ask(talk, work)
    Message.objects.update(state="failed", left_at=talk.now)
    assert len(ask(talk, work).offers) == 1
    assert Offer.objects.get().round == 2
    assert Message.objects.filter(state="queued").count() == 1


def test_a_question_that_reached_the_phone_stands_though_its_repeat_failed(talk: Talk):
    work = talk.shift(starts_in=48)
    ask(talk, work)
    talk.send()
    ask(talk, work, again=True)
    Message.objects.filter(state="queued").update(state="failed", left_at=talk.now)
    assert [one.reason for one in ask(talk, work).skipped] == ["already_offered"]


@pytest.mark.parametrize(("hours", "code"), [(47, 2), (49, 1)])
def test_a_number_rests_for_two_days_after_its_shift(talk: Talk, hours: float, code: int):
    first = talk.shift(starts_in=24)
    ask(talk, first)
    talk.send()
    talk.now = first.ends_at + timedelta(hours=hours)
    later = talk.shift(starts_in=24)
    ask(talk, later)
    assert Offer.objects.get(shift=later).code == code


@pytest.mark.parametrize(
    ("begins", "reasons"),
    [
        (24 + 8 + 9.5, ["short_rest"]),
        (24 - 8 - 9.5, ["short_rest"]),
        (24 + 8 + 10, []),
        (24 + 4, ["overlap"]),
    ],
)
def test_who_would_rest_too_short_is_not_asked(talk: Talk, begins, reasons):
    ten_hours = config.read_settings(os.environ | {"MIN_REST_HOURS": "10"}, Path("none"))
    openings.assign(talk.shift(starts_in=24), talk.employee("Ana"), None, talk.now)
    work = talk.shift(starts_in=begins)
    assert plan_offer(work, now=talk.now, values=ten_hours).people or reasons
    report = offer_shift(work, now=talk.now, actor="Mia", values=ten_hours)
    assert [one.reason for one in report.skipped] == reasons


def test_without_a_rule_shifts_may_touch(talk: Talk):
    openings.assign(talk.shift(starts_in=24), talk.employee("Ana"), None, talk.now)
    assert not ask(talk, talk.shift(starts_in=24 + 8)).skipped


def test_offering_locks_numbers_then_people_then_the_shift(talk: Talk):
    work = talk.shift()
    talk.employee("Ana")
    with CaptureQueriesContext(connection) as seen:
        ask(talk, work)
    assert read_by_transaction(seen) == [IN_ORDER]
