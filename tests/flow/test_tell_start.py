"""Telling RingCentral of a START: only where nothing that it lists is newer."""

from __future__ import annotations

import pytest

from shiftbell.flow.tell_ringcentral import tell_ringcentral
from shiftbell.ringcentral.consents import NUMBERS_MAX
from shiftbell.store import consent, numbers
from shiftbell.store.models import PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.listing import (
    BACK,
    BY_HAND,
    blocked,
    calls,
    entry,
    hire,
    listening,
    number,
    phone_shows,
    stop,
)
from tests.stage import Stage

pytestmark = pytest.mark.django_db
SEARCHED = "*/consents/search"


@pytest.mark.parametrize("source", ["Carrier", "Recipient"])
def test_r7_an_opt_out_at_ringcentral_that_is_newer_than_the_start_is_never_lifted(source: str):
    stage = Stage(webhooks=False)
    tap = listening(stage)
    ana = hire(stage)
    stage.run(15)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), "START")  # while we are down
    stage.world.advance(300)
    stage.world.consents.set(entry(stage, source=source))
    stage.world.advance(300)
    stage.run(200, tick=5)
    assert [status for _, _, status in tap.records()].count("OptIn") == 0
    assert number().opted_out_at is not None
    assert blocked(stage) == [True]
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    stage.run(60, tick=5)
    assert phone_shows(stage) == []


@pytest.mark.parametrize("fault", ["rate_limited", "error_before_accept"])
def test_a_start_is_told_only_after_a_look_up_that_worked(fault: str):
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    stage.run(15)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.faults.set(fault, path=SEARCHED, rate=1)
    stage.world.say(crew.number(0), BACK)
    stage.run(10)
    stop(1, now=stage.now)
    stage.run(30, tick=5)
    assert number(0).opted_out_at is None
    assert number(0).ringcentral_due_at is not None
    assert "OptIn" not in [status for _, _, status in tap.records()]
    stage.world.faults.clear(fault)
    stage.run(60, tick=5)
    assert blocked(stage, 0) == [False]
    assert blocked(stage, 1) == [True]
    assert number(0).ringcentral_due_at is None


def test_many_starts_are_looked_up_at_once():
    stage = Stage()
    stage.run(15)
    stop(*range(NUMBERS_MAX), now=stage.now)
    stage.run(5)
    before = len(calls(stage, "POST"))
    with write():
        for row in PhoneNumber.objects.order_by("pk").select_for_update():
            consent.resume(row, None, BY_HAND, now=stage.now)
    while tell_ringcentral(stage.board):
        pass
    assert len(calls(stage, "POST")) == before + 1
    assert blocked(stage, NUMBERS_MAX - 1) == [False]


def test_a_start_is_not_told_over_an_entry_that_cannot_be_read_and_a_person_looks():
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    stage.run(15)
    stop(0, now=stage.now)
    stage.run(5)
    with write():
        row = numbers.locked_number(number().pk)
        consent.resume(row, numbers.holder(row), BY_HAND, now=stage.now)
    stage.world.advance(60)
    stage.world.consents.set(entry(stage, opt_status="Perhaps", source="Carrier"))
    while tell_ringcentral(stage.board):
        pass
    assert [status for _, _, status in tap.records()] == ["OptOut"]
    assert (number().ringcentral_due_at, number().opted_out_at) == (None, None)
    assert number().review_since is not None
