"""R1 to R10: what ends our texts, how fast, and what may still be said."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shiftbell.flow.remind import remind
from shiftbell.rules.replies import Meaning, understand
from shiftbell.rules.sending import MANNERS, Kind
from shiftbell.rules.wording import Wording, WordingFacts, render
from shiftbell.store import consent
from shiftbell.store.models import Assignment, Consent, Message
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.talk import Talk
from tests.stage import Stage

STOPPED = "Acme: you are opted out and get no more texts. Reply START to get them again."
KEYWORDS = (
    "STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE",
    "STOPALL", "OPTOUT", "OPT-OUT", "STOP ALL", "REMOVE", "ARRET",
)  # fmt: skip
SPELLINGS = ("{}", " {} ", "{}.", "{}!!", '"{}"', "\n{}\n")


@pytest.mark.parametrize("word", KEYWORDS)
def test_r1_each_keyword_in_any_case_with_spaces_and_punctuation_opts_out(word: str):
    for spelling in SPELLINGS:
        for said in (word, word.lower(), word.capitalize()):
            assert understand(spelling.format(said), []).meaning is Meaning.OPT_OUT


@pytest.mark.parametrize("word", KEYWORDS)
def test_r1_a_keyword_ends_all_texts_to_that_number(talk: Talk, word: str):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", word)
    assert talk.number("Ana").opted_out_at is not None


@pytest.mark.parametrize(
    "words",
    [
        *("no more texts", "take me off", "take me off your list", "no mas", "no más mensajes"),
        *("stop texting me", "dont text me anymore", "unsubscibe", "leave me alone"),
        *("i want off this list", "quit texting", "lose my number", "pls stop"),
    ],
)
def test_r2_any_wording_a_reasonable_person_reads_as_stop_opts_out(words: str):
    assert understand(words, []).meaning is Meaning.OPT_OUT


def test_r2_wrong_person_opts_out_too(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "wrong person")
    assert talk.number("Ana").opted_out_at is not None
    assert Consent.objects.filter(kind="wrong_number").count() == 1


def test_r2_a_doubtful_reply_pauses_offers_until_a_person_has_read_it(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "stop texting me on sundays")
    assert talk.number("Ana").review_since is not None
    assert talk.in_the_inbox() == ["stop texting me on sundays"]


def test_r4_a_stop_withdraws_what_waits_in_the_same_transaction(talk: Talk):
    talk.offer(talk.shift(), "Ana", "Ben", leave=False)
    talk.drop_in("Ana", "stop")
    talk.hear()
    ana = Message.objects.get(kind=Kind.OFFER, employee=talk.employee("Ana"))
    revoked = Consent.objects.get(kind="revoked")
    assert (ana.state, ana.reason) == ("cancelled", "opted_out")
    assert revoked.recorded_at == talk.number("Ana").opted_out_at == talk.now


@pytest.mark.django_db
def test_r4_a_stop_among_three_hundred_queued_offers_takes_back_the_one_to_that_person():
    stage = Stage()
    people = crew.hire(301, stage.now)
    crew.offer(crew.shift(now=stage.now, openings=300), people, stage.now)
    stage.run(30)
    stage.world.say(crew.number(300), "please stop texting me")
    stage.run(2)
    withdrawn = Message.objects.get(kind=Kind.OFFER, employee=people[-1])
    assert (withdrawn.state, withdrawn.reason) == ("cancelled", "opted_out")
    stage.run(301 * 1.6)
    arrived = [text.text for text in stage.world.texts if text.phone == crew.number(300)]
    assert [text for text in arrived if "Reply YES" in text] == []
    assert Message.objects.filter(kind=Kind.OFFER, left_at__isnull=False).count() == 300


def test_r5_at_most_one_text_follows_and_it_promotes_nothing(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    said = [talk.says("Ana", words) for words in ("please stop texting me", "stop it", "yes", "ok")]
    assert said == [[STOPPED], [], [], []]


def test_r5_what_a_start_was_to_be_told_is_withdrawn_by_a_newer_stop(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "please stop texting me")
    for words in ("START", "please stop texting me"):
        talk.now += timedelta(minutes=1)
        talk.drop_in("Ana", words)
        talk.hear()
    start = Message.objects.get(kind=Kind.START)
    assert (start.state, start.reason) == ("cancelled", "opted_out")
    waiting = Message.objects.filter(direction="out", state="queued")
    assert [text.kind for text in waiting] == [Kind.STOP]


def test_r5_the_confirmation_leaves_within_five_minutes_or_never(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.drop_in("Ana", "please stop texting me")
    talk.hear()
    confirmation = Message.objects.get(kind=Kind.STOP)
    assert confirmation.expires_at == written(confirmation.answers) + timedelta(minutes=5)


def written(reply: Message | None) -> datetime:
    assert reply is not None
    assert reply.received_at is not None
    return reply.received_at


def test_r6_a_stop_ends_every_kind_of_text_and_no_date_or_setting_weakens_that(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "yes")
    talk.says("Ana", "stop")
    remind(talk.now + timedelta(hours=8))
    assert not Message.objects.filter(direction="out", state="queued").exists()
    after_stop = {kind for kind, manner in MANNERS.items() if manner.opted_out}
    assert after_stop == {Kind.STOP, Kind.HELP}


@pytest.mark.parametrize("word", ["HELP", "help", "Info", "ayuda"])
@pytest.mark.parametrize("standing", ["agreed", "opted out", "unknown"])
def test_r8_help_is_answered_whoever_asks_with_brand_contact_and_the_way_out(
    talk: Talk, standing: str, word: str
):
    who = "+13125550177" if standing == "unknown" else "Ana"
    if standing != "unknown":
        talk.employee("Ana")
    if standing == "opted out":
        talk.says("Ana", "please stop texting me")
    (answer,) = talk.says(who, word)
    assert all(words in answer for words in ("Acme", "help@example.com", "STOP"))


@pytest.mark.parametrize("word", ["START", "unstop", "Resume", "subscribe", "continue"])
def test_r9_start_and_its_kin_allow_texts_again_with_a_new_consent(talk: Talk, word: str):
    talk.employee("Ana")
    talk.says("Ana", "stop")
    talk.says("Ana", word)
    number = talk.number("Ana")
    proof = consent.proof(talk.employee("Ana"), number)
    assert number.opted_out_at is None
    assert proof is not None
    assert (proof.kind, proof.how, proof.words) == ("resumed", "text", word)


@pytest.mark.parametrize("word", ["yes", "YES", "ok yes please", "si"])
def test_r9_yes_never_lifts_an_opt_out_since_we_never_ask_that_question(talk: Talk, word: str):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "please stop texting me")
    assert talk.says("Ana", word) == []
    assert talk.number("Ana").opted_out_at is not None
    assert not Assignment.objects.exists()
    assert talk.in_the_inbox() == [word]


@pytest.mark.parametrize("words", ["YES STOP", "stop yes", "yes but stop texting me", "STOP 2"])
def test_r10_opt_out_words_beat_every_other_reading(words: str):
    assert understand(words, []).meaning in {Meaning.OPT_OUT, Meaning.REVIEW}


@pytest.mark.parametrize("word", ["CANCEL", "END", "QUIT"])
def test_r10_a_bare_cancel_opts_out_and_the_manager_hears_it_may_mean_a_shift(
    talk: Talk, word: str
):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    talk.says("Ana", word)
    assert talk.number("Ana").opted_out_at is not None
    assert talk.holders(shift) == ["Ana"]
    assert f"Ana wrote {word}" in talk.told()[0]


def test_r10_cancel_my_tuesday_shift_is_about_the_shift():
    assert understand("Cancel my Tuesday shift", []).meaning is Meaning.DROP


def test_the_words_after_an_opt_out_name_the_brand_and_the_way_back():
    for language in ("en", "es"):
        text = render(Wording.STOPPED, language, WordingFacts(brand="Acme"))
        assert "Acme" in text
        assert "START" in text


@pytest.mark.parametrize("words", ["STOP", "wrong number"])
def test_q3_night_offers_need_a_new_word_after_an_opt_out(talk: Talk, words: str):
    ana = talk.employee("Ana")
    with write():
        consent.allow_nights(ana, crew.ON_PAPER, allowed=True, at=talk.now, now=talk.now)
    assert consent.takes_nights(ana, talk.number("Ana"))
    talk.says("Ana", words)
    talk.says("Ana", "START")
    assert not consent.takes_nights(ana, talk.number("Ana"))
