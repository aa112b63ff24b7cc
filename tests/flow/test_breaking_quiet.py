"""What may break the night (Q3): an answer, a cancellation, and an urgent offer, where allowed."""

from __future__ import annotations

import pytest

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.fill_shift import fill
from shiftbell.flow.plan_offer import plan_offer
from shiftbell.store.models import Attempt, Broadcast
from shiftbell.store.models import TimelineEntry as Fact
from shiftbell.store.transactions import write
from tests.flow.night import (
    EVENING,
    MORNING,
    allow_nights,
    bring,
    clock,
    left,
    offer,
    person,
    shift,
    states,
    until,
)
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def test_q3_a_shift_at_five_wakes_only_who_takes_night_offers_and_keeps_the_reason() -> None:
    stage = Stage(at=EVENING)
    ana, ben = person(stage, "Ana", 1), person(stage, "Ben", 2)
    allow_nights(ana)
    at_five = shift(stage, "2026-11-25 05:00")
    plain = offer(stage, at_five)
    assert {str(one.reason) for one in plain.skipped} == {"quiet_hours"}
    assert plain.broadcast is None

    plan = plan_offer(at_five, now=stage.now, urgent=True, values=stage.values)
    assert [one.employee for one in plan.people if one.woken] == [ana]
    assert [(one.employee, str(one.reason)) for one in plan.skipped] == [(ben, "quiet_hours")]

    report = offer(stage, at_five, urgent="Nadia called out sick")
    stage.run(5)
    assert left(stage) == ["Ana"]
    assert report.broadcast is not None
    assert report.broadcast.urgent_reason == "Nadia called out sick"
    assert Attempt.objects.get().basis == "urgent: Nadia called out sick"
    fact = Fact.objects.get(what="broadcast.urgent")
    assert (fact.actor, fact.broadcast) == ("cli", report.broadcast.pk)
    assert fact.detail == {"reason": "Nadia called out sick"}


def test_q3_an_urgent_offer_wakes_nobody_who_did_not_agree_to_it() -> None:
    stage = Stage(at=EVENING)
    ana = person(stage, "Ana", 1)
    person(stage, "Ben", 2)
    allow_nights(ana)
    report = offer(stage, shift(stage, "2026-11-25 14:00"), urgent="Nadia called out sick")
    assert {one.employee.first_name: one.waits for one in report.plan.people} == {
        "Ana": False,
        "Ben": True,
    }
    until(stage, MORNING)
    assert left(stage) == ["Ana"]
    stage.run(5)
    assert left(stage) == ["Ana", "Ben"]


def test_q3_an_opt_in_that_ended_before_the_text_left_wakes_nobody() -> None:
    stage = Stage(at=EVENING)
    ana = person(stage, "Ana", 1)
    allow_nights(ana)
    offer(stage, shift(stage, "2026-11-25 14:00"), urgent="Nadia called out sick")
    allow_nights(ana, allowed=False)
    stage.run(5)
    assert (left(stage), states()) == ([], [("queued", "quiet_hours")])


def test_q3_an_opt_in_is_about_a_number_and_does_not_move_with_the_person() -> None:
    stage = Stage(at=EVENING)
    allow_nights(person(stage, "Ana", 1))
    work = shift(stage, "2026-11-25 14:00")
    head = "Employee ID,First Name,Cell,SMS Consent,Consent Date,Consent Source"
    # Another number and then the old one again, each with a consent of its own.
    for number, hour in (("312-555-0199", "23:30"), ("312-555-0101", "23:40")):
        bring(stage, head, f"crew-1,Ana,{number},yes,2026-11-24 {hour},paper form")
        plan = plan_offer(work, now=stage.now, urgent=True, values=stage.values)
        assert [one.waits for one in plan.people] == [True]


def test_q3_called_urgent_later_the_text_that_waits_for_morning_leaves_now_and_once() -> None:
    stage = Stage(at=EVENING)
    ana = person(stage, "Ana", 1)
    person(stage, "Ben", 2)
    allow_nights(ana)
    at_ten = shift(stage, "2026-11-25 10:00")
    offer(stage, at_ten)
    foretold = plan_offer(at_ten, now=stage.now, urgent=True, values=stage.values)
    assert [one.employee for one in foretold.people] == [ana]
    for _ in range(2):  # the second finds everyone asked
        offer(stage, at_ten, urgent="Nadia called out sick")
    stage.run(10)
    assert left(stage) == ["Ana"]
    assert states(employee=ana)[0] == ("cancelled", "asked_urgently")
    until(stage, MORNING, look=10)
    assert left(stage) == ["Ana", "Ben"]
    assert Broadcast.objects.count() == 2


def test_q3_a_yes_at_half_past_eleven_is_answered_at_once() -> None:
    stage = Stage(at=clock("2026-11-24 20:30"))
    ana = person(stage, "Ana", 1)
    assert ana.number is not None
    work = shift(stage, "2026-11-25 14:00")
    offer(stage, work)
    stage.run(10)
    until(stage, clock("2026-11-24 23:30"))
    stage.world.say(ana.number.e164, "YES")
    stage.run(20)
    assert states(kind="confirmation")[0][0] in {"sent", "delivered"}
    assert left(stage) == ["Ana", "Ana"]


@pytest.mark.parametrize(
    ("said", "kind", "ends"),
    [
        ("YES", "confirmation", ("queued", "quiet_hours")),
        ("what?", "answer", ("cancelled", "expires_in_quiet_hours")),
    ],
)
def test_q3_an_answer_heard_hours_later_in_the_night_waits_or_is_dropped(
    said: str, kind: str, ends: tuple[str, str]
) -> None:
    stage = Stage(at=clock("2026-11-24 20:00"))
    ana = person(stage, "Ana", 1)
    assert ana.number is not None
    offer(stage, shift(stage, "2026-11-25 14:00"))
    stage.run(10)
    stage.world.say(ana.number.e164, said)
    stage.world.advance(3 * 3600)  # nothing runs here
    stage.run(60)
    assert states(kind=kind) == [ends]
    until(stage, MORNING, look=5)
    assert left(stage).count("Ana") == (2 if kind == "confirmation" else 1)


@pytest.mark.parametrize(
    ("starts", "at_once"), [("06:00", True), ("09:59", True), ("10:00", False), ("12:00", False)]
)
def test_q3_a_cancellation_breaks_the_night_only_for_a_shift_that_starts_soon(
    starts: str, at_once: bool
) -> None:
    stage = Stage(at=EVENING)
    ana = person(stage, "Ana", 1)
    work = shift(stage, f"2026-11-25 {starts}")
    with write():
        fill(work, ana, None, stage.now)
    cancel_shift(work.pk, now=stage.now, actor="cli")
    stage.run(5)
    assert left(stage) == (["Ana"] if at_once else [])
    until(stage, MORNING, look=5)
    assert left(stage) == ["Ana"]
