"""Replies that are unclear, late, from strangers, doubled, or broken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from shiftbell.flow.hear_reply import hear_next
from shiftbell.store import inbox
from shiftbell.store.models import Message, Sender, Shift
from tests.flow.talk import Talk

WED = "Wed Nov 25 12pm-8pm, Dock 4"
KIND_QUESTION = "Sorry, I only understand YES, NO, DROP, HELP or STOP. Which one do you mean?"
STRANGER = "+16175550123"


@pytest.fixture
def wed(talk: Talk) -> Shift:
    shift = talk.shift()
    talk.offer(shift, "Ana")
    return shift


def test_a_riddle_gets_one_kind_question_and_a_person(talk: Talk, wed: Shift):
    assert talk.says("Ana", "is lunch paid?") == [KIND_QUESTION]
    assert talk.says("Ana", "I mean the break") == []
    assert talk.in_the_inbox() == ["is lunch paid?", "I mean the break"]


def test_the_kind_question_may_be_asked_again_the_next_day(talk: Talk, wed: Shift):
    talk.says("Ana", "is lunch paid?")
    talk.now += timedelta(hours=25)
    assert talk.says("Ana", "hello?") == [KIND_QUESTION]


def test_yes_to_the_kind_question_is_yes_to_the_offer_before_it(talk: Talk, wed: Shift):
    talk.says("Ana", "is lunch paid?")
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]


def test_a_tapback_is_no_answer_and_gets_none(talk: Talk, wed: Shift):
    text = talk.texts("Ana")[-1]
    assert talk.says("Ana", f"Liked “{text}”") == []
    assert talk.says("Ana", "") == []
    assert talk.in_the_inbox() == []
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]


@pytest.mark.parametrize("text", ["yes", "no", "drop", "hello", "start", "PAUSE"])
def test_a_stranger_goes_to_the_inbox_unanswered(talk: Talk, text: str):
    assert talk.says(STRANGER, text) == []
    assert talk.in_the_inbox() == [text]


def test_a_stranger_is_helped(talk: Talk):
    assert talk.says(STRANGER, "help")[0].startswith("Acme: texts about open shifts")


def test_a_strangers_stop_binds_the_number_without_a_word(talk: Talk):
    assert talk.says(STRANGER, "leave me alone") == []
    assert Message.objects.get(direction="in").number.opted_out_at is not None


def test_the_number_of_someone_who_left_is_a_strangers(talk: Talk, wed: Shift):
    ana = talk.employee("Ana")
    ana.active = False
    ana.save()
    assert talk.says("Ana", "yes") == []
    assert talk.holders(wed) == []
    assert talk.in_the_inbox() == ["yes"]


def test_a_short_code_is_kept_and_never_answered(talk: Talk):
    inbox.receive(
        talk.sender,
        ringcentral_id="1",
        from_number="72345",
        text="HELP",
        received_at=talk.now,
        now=talk.now,
    )
    talk.hear()
    assert not Message.objects.filter(direction="out").exists()


@pytest.mark.parametrize("number", ["", "unknown caller with a long name", "+1"])
def test_a_text_from_an_odd_number_is_stored(talk: Talk, number: str):
    assert inbox.receive(
        talk.sender,
        ringcentral_id="1",
        from_number=number,
        text="hi \ud83d there\0",
        received_at=talk.now,
        now=talk.now,
    )
    talk.hear()
    assert Message.objects.get().state == "heard"


def test_a_text_known_already_is_stored_and_heard_once(talk: Talk, wed: Shift):
    known = [
        inbox.receive(
            talk.sender,
            ringcentral_id="77",
            from_number=talk.number("Ana").e164,
            text="yes",
            received_at=talk.now,
            now=talk.now,
        )
        for _ in range(2)
    ]
    talk.hear()
    assert known == [True, False]
    assert talk.facts("reply.heard") == talk.facts("assignment.made") == 1


def test_replies_are_heard_in_ringcentrals_order(talk: Talk, wed: Shift):
    talk.offer(wed, "Ben")
    talk.now += timedelta(minutes=1)
    talk.drop_in("Ben", "yes", ago=10)
    talk.drop_in("Ana", "yes", ago=20)
    talk.hear()
    assert talk.holders(wed) == ["Ana"]


def test_who_was_first_is_decided_when_heard_and_never_taken_back(talk: Talk, wed: Shift):
    talk.offer(wed, "Ben")
    talk.now += timedelta(minutes=5)
    talk.says("Ben", "yes")
    assert talk.says("Ana", "yes", ago=200) == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]


def test_an_older_yes_found_after_a_no_counts_no_more(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "no")
    assert talk.says("Ana", "yes", ago=300) == []
    assert talk.holders(wed) == []
    assert talk.in_the_inbox() == ["yes"]
    assert talk.facts("reply.stale") == 1


def test_an_older_yes_that_nothing_contradicts_still_counts(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "help")
    assert talk.says("Ana", "yes", ago=300) == [f"It is yours, Ana: {WED}."]


def test_an_older_stop_always_counts(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "yes")
    talk.says("Ana", "stop", ago=300)
    assert talk.number("Ana").opted_out_at is not None


def test_a_stop_found_after_a_start_asks_the_manager_which_holds(talk: Talk):
    talk.employee("Ana")
    talk.now += timedelta(minutes=10)
    talk.says("Ana", "start")
    talk.says("Ana", "stop", ago=300)
    assert talk.number("Ana").opted_out_at is not None
    assert talk.told() == ["A later START or JOIN was heard before it; ask which one holds."]


def test_a_reply_that_cannot_be_heard_waits_for_a_person_and_blocks_nobody(talk: Talk, wed: Shift):
    wed.location.zone = "Mars/Olympus"
    wed.location.save()
    assert talk.says("Ana", "yes") == []
    assert talk.in_the_inbox() == ["yes"]
    assert talk.holders(wed) == []
    assert hear_next(talk.now) is False


def break_with(talk: Talk, text: str) -> None:
    """Let Ana write something at a time that no clock of ours can tell."""
    Sender.objects.update(skew_seconds=60)
    inbox.receive(
        talk.sender,
        ringcentral_id="1",
        from_number=talk.number("Ana").e164,
        text=text,
        received_at=datetime.min.replace(tzinfo=UTC),
        now=talk.now,
    )
    talk.hear()
    assert talk.reasons() == ["it could not be heard"]


@pytest.mark.parametrize("text", ["stop", "leave me alone", "wrong number"])
def test_an_opt_out_that_cannot_be_heard_is_obeyed_all_the_same(talk: Talk, wed: Shift, text: str):
    talk.offer(talk.shift(starts_in=48), "Ana", leave=False)
    break_with(talk, text)
    assert talk.number("Ana").opted_out_at == talk.now
    assert not Message.objects.filter(direction="out", state="queued").exists()
    assert talk.facts("consent.revoked") + talk.facts("consent.wrong_number") == 1


def test_what_may_be_an_opt_out_and_cannot_be_heard_holds_offers_back(talk: Talk, wed: Shift):
    break_with(talk, "stop texting me on sundays")
    assert talk.number("Ana").review_since == talk.now
    assert talk.number("Ana").opted_out_at is None


@pytest.mark.parametrize("text", ["yes", "drop", "start", "pause"])
def test_nothing_else_that_cannot_be_heard_is_obeyed(talk: Talk, wed: Shift, text: str):
    break_with(talk, text)
    number = talk.number("Ana")
    assert (number.opted_out_at, number.review_since, number.paused_until) == (None, None, None)
    assert talk.holders(wed) == []


def test_a_stop_is_heard_though_the_zone_of_a_held_shift_cannot_be_read(talk: Talk, wed: Shift):
    talk.says("Ana", "yes")
    wed.location.zone = "Mars/Olympus"
    wed.location.save()
    assert talk.says("Ana", "leave me alone")[0].startswith("Acme: you are opted out")
    assert talk.told() == [
        f"Ana opted out of texts. They still hold the shift {wed.external_id}; "
        "reminders must reach them another way."
    ]


def test_an_answer_leaves_from_the_number_that_was_texted(talk: Talk, wed: Shift):
    talk.says("Ana", "help")
    assert Message.objects.get(kind="help").sender == talk.sender
