"""Which shift a short reply means, where there is more than one."""

from __future__ import annotations

import pytest

from shiftbell.store.models import Message, Offer, Shift
from tests.flow.talk import Talk

WED, THU = "Wed Nov 25 12pm-8pm, Dock 4", "Thu Nov 26 12pm-8pm, Dock 4"
LIST = f"Which one?\n1) {WED}\n2) {THU}\nReply with the number."


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


def test_with_several_live_offers_yes_gets_a_list(talk: Talk, wed: Shift, thu: Shift):
    assert talk.says("Ana", "yes") == [LIST]
    assert talk.says("Ana", "yes") == [LIST]
    assert talk.holders(wed) == talk.holders(thu) == []


@pytest.mark.parametrize("words", ["2", "#2", "YES 2", "yes #2", "sí 2"])
def test_a_number_says_which(talk: Talk, wed: Shift, thu: Shift, words: str):
    assert talk.says("Ana", words) == [f"It is yours, Ana: {THU}."]
    assert talk.holders(thu) == ["Ana"]


def test_a_number_nobody_gave_gets_the_list(talk: Talk, wed: Shift, thu: Shift):
    assert talk.says("Ana", "YES 7") == [
        f"There is no open shift 7 for you. Which one?\n1) {WED}\n2) {THU}\nReply with the number."
    ]


def test_a_number_with_nothing_open_says_so(talk: Talk):
    talk.employee("Ana")
    assert talk.says("Ana", "YES 7") == [
        "Thanks Ana, but no open shift is waiting for your answer right now."
    ]


def test_the_number_of_a_filled_shift_leads_to_standby(talk: Talk, wed: Shift, thu: Shift):
    talk.offer(wed, "Ben")
    talk.says("Ben", "yes")
    assert talk.says("Ana", "YES 1") == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]


def test_a_filled_last_offer_leaves_the_other_to_be_meant(talk: Talk, wed: Shift, thu: Shift):
    talk.offer(thu, "Ben")
    talk.says("Ben", "yes")
    assert talk.says("Ana", "yes") == [f"Do you mean {WED}? Reply YES 1."]
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]


def test_after_another_text_of_ours_we_ask_whether_it_is_meant(talk: Talk, wed: Shift):
    talk.says("Ana", "help")
    assert talk.says("Ana", "yes") == [f"Do you mean {WED}? Reply YES 1."]
    assert talk.holders(wed) == []
    assert talk.says("Ana", "YES 1") == [f"It is yours, Ana: {WED}."]


def test_a_yes_to_a_reminder_is_not_a_yes_to_an_offer_before_it(talk: Talk, wed: Shift):
    talk.says("Ana", "yes")
    thu = talk.shift(starts_in=48)
    talk.offer(thu, "Ana")
    Message.objects.create(
        direction="out",
        kind="reminder",
        state="sent",
        number=talk.number("Ana"),
        sender=talk.sender,
        shift=wed,
        text="a reminder",
        intent="reminder:1",
        created_at=talk.now,
        left_at=talk.now,
    )
    assert talk.says("Ana", "yes, I'll be there") == [f"Do you mean {THU}? Reply YES 2."]
    assert talk.holders(thu) == []


def test_a_yes_written_before_a_text_of_ours_does_not_answer_that_text(talk: Talk, wed: Shift):
    thu = talk.shift(starts_in=48)
    talk.now = wed.created_at
    talk.offer(thu, "Ana")
    Message.objects.filter(shift=wed).update(left_at=talk.now.replace(hour=17))
    # Written a minute ago: Thursday's text had not left yet, and Wednesday's had.
    assert talk.says("Ana", "yes", ago=60) == [f"It is yours, Ana: {WED}."]


@pytest.mark.parametrize("code", ["1", "2"])
def test_no_and_a_number_declines_that_one(talk: Talk, wed: Shift, thu: Shift, code: str):
    assert talk.says("Ana", f"NO {code}") == ["OK Ana, not this one."]
    assert Offer.objects.get(code=code).state == "declined"
    assert Offer.objects.exclude(code=code).get().state == "open"


def test_a_plain_no_declines_the_last_one_asked(talk: Talk, wed: Shift, thu: Shift):
    talk.says("Ana", "no")
    assert Offer.objects.get(shift=thu).state == "declined"
    assert Offer.objects.get(shift=wed).state == "open"


def test_no_and_then_yes_takes_it_while_it_is_open(talk: Talk, wed: Shift):
    talk.says("Ana", "no")
    assert talk.says("Ana", "yes actually") == [f"It is yours, Ana: {WED}."]


def test_no_and_then_yes_by_number(talk: Talk, wed: Shift, thu: Shift):
    talk.says("Ana", "no 1")
    assert talk.says("Ana", "YES 1") == [f"It is yours, Ana: {WED}."]


def test_no_and_then_yes_too_late_leads_to_standby(talk: Talk, wed: Shift):
    talk.offer(wed, "Ben")
    talk.says("Ana", "no")
    talk.says("Ben", "yes")
    assert talk.says("Ana", "yes") == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]


def test_a_bare_number_after_a_no_that_named_nothing_is_not_a_yes(
    talk: Talk, wed: Shift, thu: Shift
):
    assert "There is no open shift 7" in talk.says("Ana", "NO 7")[0]
    assert talk.says("Ana", "2") == [f"Do you mean {THU}? Reply YES 2."]
    assert talk.says("Ana", "NO 2") == ["OK Ana, not this one."]


def test_a_no_to_a_shift_they_hold_is_never_guessed(talk: Talk, wed: Shift):
    talk.says("Ana", "yes")
    assert talk.says("Ana", "no") == [
        "Sorry, I only understand YES, NO, DROP, HELP or STOP. Which one do you mean?"
    ]
    assert talk.holders(wed) == ["Ana"]
    assert talk.in_the_inbox() == ["no"]


def test_no_from_standby_leaves_the_line(talk: Talk, wed: Shift):
    talk.offer(wed, "Ben", "Cara")
    for name in ("Ben", "Ana", "Cara"):
        talk.says(name, "yes")
    assert talk.says("Ana", "no") == ["OK Ana, not this one."]
    assert talk.says("Cara", "yes")[0].endswith("You are first on standby.")
