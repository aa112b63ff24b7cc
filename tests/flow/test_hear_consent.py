"""STOP, START, PAUSE, HELP, a wrong number, and what may mean STOP."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.rules.sending import Kind
from shiftbell.store.models import Consent, Message, Offer
from tests.flow.talk import Talk

WED = "Wed Nov 25 12pm-8pm, Dock 4"
STOPPED = "Acme: you are opted out and get no more texts. Reply START to get them again."


@pytest.mark.parametrize("words", ["STOP", "stop", "Unsubscribe"])
def test_ringcentral_confirms_its_own_words_so_we_do_not(talk: Talk, words: str):
    talk.offer(talk.shift(), "Ana")
    assert talk.says("Ana", words) == []
    assert talk.number("Ana").opted_out_at is not None


@pytest.mark.parametrize("words", ["please stop texting me", "no mas mensajes", "STOPALL"])
def test_any_other_opt_out_gets_one_confirmation(talk: Talk, words: str):
    talk.offer(talk.shift(), "Ana")
    assert talk.says("Ana", words) == [STOPPED]
    assert talk.says("Ana", words) == []
    confirmation = Message.objects.get(kind=Kind.STOP)
    assert confirmation.expires_at is not None
    heard = Message.objects.filter(direction="in").earliest("pk")
    assert heard.received_at is not None
    assert confirmation.expires_at == heard.received_at + timedelta(minutes=5)


def test_an_opt_out_withdraws_everything_that_waits_for_that_number(talk: Talk):
    talk.offer(talk.shift(), "Ana", "Ben", leave=False)
    talk.drop_in("Ana", "take me off your list")
    talk.hear()
    assert talk.texts("Ana") == [STOPPED]
    assert Offer.objects.get(employee__first_name="Ana").state == "withdrawn"
    assert len(talk.texts("Ben")) == 1


def test_an_opt_out_leaves_the_shift_and_tells_the_manager(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    talk.says("Ana", "stop")
    assert talk.holders(shift) == ["Ana"]
    assert talk.told() == [
        f"Ana opted out of texts. They still hold {WED}; reminders must reach them another way."
    ]


@pytest.mark.parametrize("word", ["CANCEL", "end", "Quit."])
def test_a_bare_cancel_opts_out_and_the_manager_hears_it_may_mean_a_shift(talk: Talk, word: str):
    talk.employee("Ana")
    talk.says("Ana", word)
    assert talk.number("Ana").opted_out_at is not None
    assert talk.told() == [
        f"Ana wrote {word}, which opts out of all texts; they may have meant a shift. Ask them."
    ]


def test_yes_from_someone_who_opted_out_goes_to_the_inbox_without_a_text(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "stop")
    assert talk.says("Ana", "yes") == []
    assert talk.holders(shift) == []
    assert talk.in_the_inbox() == ["yes"]


def test_help_is_answered_even_after_an_opt_out(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "stop")
    (answer,) = talk.says("Ana", "HELP")
    assert "help@example.com" in answer
    message = Message.objects.get(kind=Kind.HELP)
    assert message.expires_at == talk.now + timedelta(hours=1)


@pytest.mark.parametrize("words", ["START", "unstop", "resume"])
def test_start_lifts_an_opt_out_and_is_confirmed(talk: Talk, words: str):
    talk.employee("Ana")
    talk.says("Ana", "stop")
    (answer,) = talk.says("Ana", words)
    assert answer.startswith("Acme: you will get texts")
    assert talk.number("Ana").opted_out_at is None
    assert Consent.objects.filter(kind="resumed").count() == 1


def test_yes_never_lifts_an_opt_out(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "stop")
    talk.says("Ana", "yes")
    assert talk.number("Ana").opted_out_at is not None


def test_a_wrong_number_gets_one_apology_and_nothing_ever_again(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    assert talk.says("Ana", "wrong number") == [
        "Acme: sorry about that. This number gets no more texts from us."
    ]
    assert talk.number("Ana").unusable_reason == "wrong_number"
    assert talk.says("Ana", "START") == []
    assert talk.number("Ana").unusable_since is not None
    assert talk.told()[0].startswith("The number on record for Ana is someone else's")


def test_what_may_mean_stop_waits_for_a_person_and_is_not_answered(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    assert talk.says("Ana", "stop texting me today") == []
    assert talk.number("Ana").review_since is not None
    assert talk.number("Ana").opted_out_at is None
    assert talk.in_the_inbox() == ["stop texting me today"]
    assert len(talk.told()) == 1


@pytest.mark.parametrize(
    ("words", "until"),
    [("PAUSE", "Tue Dec 1"), ("PAUSE 14", "Tue Dec 8"), ("pause until monday", "Mon Nov 30")],
)
def test_pause_mutes_offers_for_a_while(talk: Talk, words: str, until: str):
    talk.employee("Ana")
    assert talk.says("Ana", words) == [
        f"OK Ana, no open shifts until {until}. Texts about your own shifts still come."
    ]
    assert talk.number("Ana").paused_until is not None


def test_yes_during_a_pause_still_counts(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "pause")
    assert talk.says("Ana", "YES 1") == [f"It is yours, Ana: {WED}."]


def test_an_opt_out_heard_late_is_confirmed_in_time_or_not_at_all(talk: Talk):
    talk.employee("Ana")
    talk.now += timedelta(minutes=30)
    talk.drop_in("Ana", "please stop texting me", ago=1200)
    talk.hear()
    confirmation = Message.objects.get(kind=Kind.STOP)
    assert confirmation.expires_at is not None
    assert confirmation.expires_at < talk.now  # the claim will cancel it
