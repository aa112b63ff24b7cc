"""A number that changed hands: who has it now never reads what was meant for who had it before."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.cancel_shift import cancel_shift, plan_cancel
from shiftbell.flow.import_people import import_people
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.remind import remind
from shiftbell.rules.posting import End, Posted
from shiftbell.store.claiming import claim
from shiftbell.store.models import Employee, Message, PhoneNumber, RateBucket, Shift
from shiftbell.store.settling import settle
from tests import crew
from tests.flow.talk import Talk
from tests.stage import Stage

pytestmark = pytest.mark.django_db

HEAD = "Employee ID,First Name,Cell Phone,Status,SMS Consent,Consent Date,Consent Source"


def bring(now, *rows: str) -> None:
    """Import some lines of a crew file."""
    report = import_people(
        "\n".join([HEAD, *rows]).encode(),
        now=now,
        actor="Mia",
        region="US",
        zone=ZoneInfo("America/Chicago"),
    )
    assert not any(problem.refused for problem in report.problems)


def hand_over(number: PhoneNumber, now) -> Employee:
    """Let who holds a number leave the crew, and Zed join with it."""
    old = Employee.objects.get(number=number, active=True)
    bring(
        now,
        f"{old.external_id},{old.first_name},{number.e164},Inactive,,,",
        f"Zed,Zed,{number.e164},Active,yes,2026-11-20,form",
    )
    return Employee.objects.get(external_id="Zed")


def hired(talk: Talk, name: str) -> PhoneNumber:
    """Hire someone who was texted before, and return their number."""
    talk.employee(name)
    return talk.number(name)


def holding(talk: Talk) -> Shift:
    """Let Ana take a shift that starts in two days."""
    work = talk.shift(starts_in=51)
    talk.offer(work, "Ana")
    talk.says("Ana", "yes")
    return work


def test_a_reminder_is_not_read_by_the_next_holder_and_the_manager_is_told_once(talk: Talk):
    holding(talk)
    hand_over(talk.number("Ana"), talk.now)
    talk.now += timedelta(hours=30)
    for _ in range(3):
        talk.now += timedelta(minutes=1)
        remind(talk.now)
    assert not Message.objects.filter(kind="reminder").exists()
    (told,) = talk.told()
    assert told.startswith("Ana must be called about Thu Nov 26 3pm-11pm, Dock 4")


def test_a_reminder_still_reaches_who_left_the_crew_but_kept_number_and_shift(talk: Talk):
    holding(talk)
    bring(talk.now, f"Ana,Ana,{talk.number('Ana').e164},Inactive,,,")
    remind(talk.now + timedelta(hours=30.1))
    assert Message.objects.get(kind="reminder").state == "queued"


def test_a_cancellation_is_not_read_by_the_next_holder_and_the_manager_calls(talk: Talk):
    work = holding(talk)
    hand_over(talk.number("Ana"), talk.now)
    ana = Employee.objects.get(external_id="Ana")
    expected = ((ana, "the number is someone else's"),)
    assert plan_cancel(work, now=talk.now).untold == expected
    report = cancel_shift(work.pk, now=talk.now, actor="Mia")
    assert (report.told, report.untold) == ((), expected)
    assert not Message.objects.filter(kind="cancellation").exists()
    assert talk.told()[0].startswith("Ana must be called")


def test_the_next_holder_is_told_who_texts_and_how_to_stop(talk: Talk):
    zed = hand_over(hired(talk, "Ana"), talk.now)
    offer_shift(talk.shift(), to=[zed.pk], now=talk.now, actor="Mia")
    assert "Msg & data rates" in Message.objects.get(kind="offer").text


@pytest.mark.parametrize("line", ["Ben,Ben,{ana},Active,,,", "Ana,Ana,{ana},Active,,,"])
def test_a_number_is_texted_as_for_the_first_time_after_a_change_or_a_return(talk: Talk, line):
    ana = hired(talk, "Ana")
    talk.employee("Ben")
    bring(talk.now, f"Ana,Ana,{ana.e164},Inactive,,,")
    ana.refresh_from_db()
    assert ana.first_texted_at is not None
    bring(talk.now, line.format(ana=ana.e164))
    ana.refresh_from_db()
    assert ana.first_texted_at is None


def test_any_other_change_of_a_person_leaves_the_first_text_where_it_was(talk: Talk):
    number = hired(talk, "Ana")
    bring(talk.now, f"Ana,Anna,{number.e164},Active,,,")
    number.refresh_from_db()
    assert number.first_texted_at is not None


def texted(stage: Stage) -> list[str]:
    return [text.text for text in stage.world.texts if text.direction == "Outbound"]


def test_a_confirmation_that_waits_never_reaches_the_next_holder():
    stage = Stage(webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    crew.offer(crew.shift(now=stage.now, hours=30), [ana], stage.now)
    stage.run(5)
    texts = RateBucket.objects.filter(group="medium")
    texts.update(paused_until=stage.now + timedelta(minutes=1))
    stage.world.say(crew.number(0), "yes")
    stage.run(35)
    before = texted(stage)
    assert ana.number is not None
    hand_over(ana.number, stage.now)
    stage.run(60)
    confirmation = Message.objects.get(kind="confirmation")
    assert (confirmation.state, confirmation.reason) == ("cancelled", "number_changed")
    assert texted(stage) == before


def test_a_text_on_the_wire_does_not_count_as_the_first_one_to_the_next_holder():
    stage = Stage(webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    leased = claim(stage.now, stage.values)
    assert leased is not None
    assert ana.number is not None
    hand_over(ana.number, stage.now)
    settle(leased, Posted(End.ACCEPTED, ringcentral_id="1"), stage.now)
    assert PhoneNumber.objects.get(e164=crew.number(0)).first_texted_at is None


def test_an_offer_leased_when_its_reader_left_the_crew_is_not_tried_again():
    stage = Stage(webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    leased = claim(stage.now, stage.values)
    assert leased is not None
    bring(stage.now, f"E0,Emp0,{crew.number(0)},Inactive,,,")
    settle(leased, Posted(End.LIMITED, retry_after=timedelta(seconds=30)), stage.now)
    stage.run(120)
    message = Message.objects.get(kind="offer")
    assert (message.state, message.reason, texted(stage)) == ("cancelled", "inactive", [])
