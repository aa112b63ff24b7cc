"""Replies found late, by a sync after an outage: what they could mean, and what newer ones say."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.store.models import Message, Offer, Sender, Shift
from tests.flow.talk import Talk

WED, THU = "Wed Nov 25 12pm-8pm, Dock 4", "Thu Nov 26 12pm-8pm, Dock 4"


@pytest.fixture
def wed(talk: Talk) -> Shift:
    shift = talk.shift()
    talk.offer(shift, "Ana")
    return shift


@pytest.fixture
def thu(talk: Talk, wed: Shift) -> Shift:
    shift = talk.shift(starts_in=48)
    talk.offer(shift, "Ana")
    return shift


def test_an_older_yes_to_one_shift_survives_a_no_to_another(talk: Talk, wed: Shift, thu: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "no 1")
    assert talk.says("Ana", "yes 2", ago=120) == [f"It is yours, Ana: {THU}."]


def test_an_older_drop_of_one_shift_survives_a_yes_to_another(talk: Talk, wed: Shift):
    talk.says("Ana", "yes")
    thu = talk.shift(starts_in=48)
    talk.offer(thu, "Ana")
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "yes 2")
    assert talk.says("Ana", "drop 1", ago=120)[0].startswith(f"{WED} is no longer yours.")
    assert (talk.holders(wed), talk.holders(thu)) == ([], ["Ana"])


def test_an_older_no_to_one_shift_survives_a_yes_to_another(talk: Talk, wed: Shift, thu: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "yes 2")
    talk.says("Ana", "no 1", ago=120)
    assert Offer.objects.get(shift=wed).state == "declined"


@pytest.mark.parametrize(
    ("older", "newer"), [("yes", "no"), ("yes 1", "no 1"), ("no", "yes"), ("no 1", "yes 1")]
)
def test_what_newer_words_about_the_same_shift_take_back_goes_to_a_person(
    talk: Talk, wed: Shift, older: str, newer: str
):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", newer)
    holders = talk.holders(wed)
    assert talk.says("Ana", older, ago=300) == []
    assert talk.holders(wed) == holders
    assert talk.in_the_inbox() == [older]
    assert talk.facts("reply.stale") == talk.facts("reply.needs_person") == 1


def test_an_older_drop_of_what_was_taken_again_goes_to_a_person(talk: Talk, wed: Shift):
    talk.says("Ana", "yes")
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "drop")
    talk.says("Ana", "yes")
    assert talk.says("Ana", "drop", ago=300) == []
    assert talk.holders(wed) == ["Ana"]
    assert talk.in_the_inbox() == ["drop"]


def test_an_older_yes_counts_no_more_after_a_stop_and_a_start(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "stop")
    talk.says("Ana", "start")
    assert talk.says("Ana", "yes", ago=300) == []
    assert talk.holders(wed) == []
    assert talk.in_the_inbox() == ["yes"]


def test_a_yes_written_before_another_offer_left_means_the_one_before(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=4)
    talk.offer(talk.shift(starts_in=48), "Ana")
    talk.now += timedelta(minutes=2)
    assert talk.says("Ana", "yes", ago=240) == [f"It is yours, Ana: {WED}."]


def test_a_yes_survives_a_no_to_an_offer_that_left_after_it_was_written(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=4)
    talk.offer(talk.shift(starts_in=48), "Ana")
    talk.says("Ana", "no")
    talk.now += timedelta(minutes=2)
    assert talk.says("Ana", "yes", ago=240) == [f"It is yours, Ana: {WED}."]


def test_a_yes_to_what_filled_meanwhile_takes_no_offer_that_came_later(talk: Talk, wed: Shift):
    talk.offer(wed, "Ben")
    talk.now += timedelta(minutes=3)
    talk.says("Ben", "yes")
    talk.offer(talk.shift(starts_in=48), "Ana")
    talk.now += timedelta(minutes=2)
    assert talk.says("Ana", "yes", ago=240) == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]


def test_an_offer_that_left_within_the_clocks_error_may_be_meant(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    assert talk.says("Ana", "YES 1", ago=9) == [f"It is yours, Ana: {WED}."]


def test_when_a_reply_was_written_is_told_by_our_clock(talk: Talk, wed: Shift):
    Sender.objects.update(skew_seconds=60)  # RingCentral's clock is a minute ahead
    talk.now += timedelta(seconds=60)
    talk.offer(talk.shift(starts_in=48), "Ana")
    assert talk.says("Ana", "yes", ago=-25) == [f"It is yours, Ana: {WED}."]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_a_text_that_did_not_arrive_is_not_what_a_yes_answers(talk: Talk, wed: Shift, state: str):
    talk.says("Ana", "help")
    Message.objects.filter(kind="help").update(state=state)
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]


def test_two_rounds_about_one_shift_are_one_question(talk: Talk, wed: Shift):
    asked = Message.objects.get()
    second = Offer.objects.get()
    second.pk, second.round, second.code = None, 2, 2
    second.save()
    asked.pk, asked.intent, asked.offer = None, "offer:again", second
    asked.save()
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]
