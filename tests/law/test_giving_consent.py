"""K1 to K5: nobody is texted without consent on record, and the first text says what it must."""

from __future__ import annotations

import pytest

from shiftbell.flow.offer_shift import offer_shift
from shiftbell.rules.disclosure import disclosure
from shiftbell.store import consent, invitations, numbers
from shiftbell.store.models import Attempt, Consent, Message
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.talk import Talk
from tests.stage import Stage

REQUIRED = ("Acme", "open shifts", "frequency varies", "Msg & data rates may apply", "HELP", "STOP")


def join(talk: Talk, who: str, words: str = "JOIN {}") -> list[str]:
    with write():
        invitation = invitations.make(crew.place(), now=talk.now, actor="Mia")
    return talk.says(who, words.format(invitation.code))


def test_k1_nobody_without_recorded_consent_is_offered_anything(talk: Talk):
    talk.employee("Ana", consent=False)
    report = offer_shift(talk.shift(), now=talk.now, actor="Mia")
    assert [one.reason for one in report.skipped] == ["no_consent"]
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_k1_every_text_that_left_names_the_consent_or_the_reply_it_rests_on():
    stage = Stage()
    people = crew.hire(3, stage.now)
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(20)
    for position, words in enumerate(("yes", "help", "please stop texting me")):
        stage.world.say(crew.number(position), words)
    stage.run(60)
    left = Attempt.objects.filter(outcome="accepted").select_related("message", "consent")
    assert {attempt.message.kind for attempt in left} == {"offer", "confirmation", "help", "stop"}
    for attempt in left:
        answers = attempt.message.answers
        assert answers is not None or (
            attempt.consent is not None and attempt.consent.employee == attempt.message.employee
        )
        assert attempt.basis == (f"it answers {answers}" if answers else "")


def test_k1_a_join_is_recorded_with_its_words_and_what_was_shown(talk: Talk):
    talk.employee("Ana", consent=False)
    join(talk, "Ana")
    proof = consent.proof(talk.employee("Ana"), talk.number("Ana"))
    assert proof is not None
    shown = disclosure("Acme", "help@example.com")
    assert (proof.disclosure, proof.version) == (shown.words, shown.version)
    assert proof.words.startswith("JOIN ")
    assert (proof.how, proof.actor, proof.number) == ("text", "employee", talk.number("Ana"))
    assert proof.detail["reply"] == str(Message.objects.get(direction="in"))


def test_k3_another_number_asks_for_consent_again_even_when_the_old_one_comes_back(talk: Talk):
    ana = talk.employee("Ana")
    first = talk.number("Ana")
    with write():
        consent.change_number(ana, first, crew.ON_PAPER, now=talk.now)
    assert not consent.has_consent(ana, numbers.locked_number(first.pk))


def test_k3_a_wrong_number_ends_everyones_consent_for_it(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "wrong number")
    talk.says("Ana", "START")
    report = offer_shift(talk.shift(starts_in=48), now=talk.now, actor="Mia")
    assert report.offers == ()
    assert not consent.has_consent(talk.employee("Ana"), talk.number("Ana"))


def test_k4_the_disclosure_makes_texting_no_condition_and_names_another_way():
    for language, free, otherwise in (
        ("en", "not a condition of employment", "another way"),
        ("es", "no es una condición", "otra manera"),
    ):
        words = disclosure("Acme", "help@example.com", language).words
        assert free in words
        assert otherwise in words


def test_k5_joining_is_confirmed_with_all_that_a_first_text_must_say(talk: Talk):
    talk.employee("Ana", consent=False, texted=False)
    (answer,) = join(talk, "Ana")
    assert [words for words in REQUIRED if words not in answer] == []


@pytest.mark.django_db
def test_k5_the_words_ride_on_the_first_text_of_any_kind_and_on_no_second():
    stage = Stage()
    people = crew.hire(1, stage.now)
    for hours in (20, 48):
        offer_shift(
            crew.shift(now=stage.now, hours=hours), now=stage.now, actor="Mia", values=stage.values
        )
        stage.run(10)
    first, second = Message.objects.filter(employee=people[0]).order_by("pk")
    assert [words for words in REQUIRED if words not in first.text] == []
    assert "frequency varies" not in second.text


def test_k5_a_join_with_a_code_nobody_gave_out_records_nothing_and_asks_again(talk: Talk):
    talk.employee("Ana", consent=False)
    (answer,) = talk.says("Ana", "JOIN 9999")
    assert "code is not in use" in answer
    assert not Consent.objects.exists()


def test_a_join_from_someone_who_is_not_on_the_roster_counts_once_they_are(talk: Talk):
    (answer,) = join(talk, crew.number(7))
    assert "HELP" in answer
    assert talk.reasons() == ["JOIN from a number that nobody on the roster has; add them with it"]
    with write():
        ben = crew.person("Ben", 7, consent=False)
        number = numbers.locked_number(ben.number_id or 0)
        assert consent.adopt(ben, number, now=talk.now)
    assert consent.has_consent(ben, number)


def test_a_join_after_a_stop_is_the_persons_own_new_consent(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "please stop texting me")
    (answer,) = join(talk, "Ana")
    assert "open shifts" in answer
    assert talk.number("Ana").opted_out_at is None
