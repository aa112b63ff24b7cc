"""What `why` tells of those on standby is what happened to them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.ask_standby import ask_standby
from shiftbell.flow.tell_story import why
from shiftbell.store import outbox
from shiftbell.store.models import Employee, Message, Offer, PhoneNumber, Shift
from shiftbell.store.transactions import write
from tests.flow.talk import Talk


@pytest.fixture
def wed(talk: Talk) -> Shift:
    """A shift that Ana holds, with Ben and Cara on standby."""
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben", "Cara")
    for name in ("Ana", "Ben", "Cara"):
        talk.says(name, "yes")
    return shift


def story_of_ben(wed: Shift) -> list[str]:
    """Return the sentences of why Ben was asked, or was not."""
    offer = Offer.objects.get(employee__first_name="Ben", shift=wed)
    return [line.words for line in why(f"o{offer.pk}").lines]


def test_who_let_the_time_pass(talk: Talk, wed: Shift):
    talk.says("Ana", "drop")
    talk.wait(12)
    assert story_of_ben(wed)[-1] == "Did not take the opening in time."


@pytest.mark.parametrize(
    ("words", "reason"), [("stop", "opted out"), ("pause", "paused"), ("stop maybe?", "in review")]
)
def test_who_may_not_be_asked(talk: Talk, wed: Shift, words: str, reason: str):
    talk.says("Ben", words)
    talk.says("Ana", "drop")
    talk.wait(12)
    assert story_of_ben(wed)[-1] == f"Was passed over on standby: {reason}."


def test_who_is_busy(talk: Talk, wed: Shift):
    talk.offer(talk.shift(starts_in=25), "Ben")
    talk.says("Ben", "yes")
    talk.says("Ana", "drop")
    talk.wait(1)
    assert story_of_ben(wed)[-1] == "Was passed over on standby: overlap."


def test_who_left_the_crew_or_has_a_number_that_cannot_be_used(talk: Talk, wed: Shift):
    Employee.objects.filter(first_name="Ben").update(active=False)
    PhoneNumber.objects.filter(employee__first_name="Cara").update(unusable_since=talk.now)
    talk.says("Ana", "drop")
    talk.wait(1)
    told = [line.words for line in why(str(wed)).lines]
    assert "Was passed over on standby: inactive." in told
    assert "Was passed over on standby: unusable." in told


def test_whose_question_never_left(talk: Talk, wed: Shift):
    talk.says("Ana", "drop")
    ask_standby(talk.now)
    with write():
        outbox.cancel(Message.objects.get(kind="standby"), reason="paused", now=talk.now)
    ask_standby(talk.now)
    assert story_of_ben(wed)[-1] == "Was passed over on standby: paused."


def test_a_question_that_waits_for_the_morning_promises_no_time(talk: Talk, wed: Shift):
    talk.now += timedelta(hours=12)
    talk.says("Ana", "drop")
    ask_standby(talk.now)
    assert "Is asked whether the opening is still wanted." in story_of_ben(wed)


def test_a_yes_too_late_to_the_question(talk: Talk, wed: Shift):
    talk.says("Ana", "drop")
    talk.wait(1)
    talk.says("Ana", "yes")
    talk.says("Ben", "yes")
    late = "Said YES when the shift was filled; number 1 on standby."
    assert story_of_ben(wed).count(late) == 2
