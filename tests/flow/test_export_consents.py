"""One file for a dispute: what was allowed, what was sent, what was answered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.change_consent import record_opt_out
from shiftbell.flow.export_consents import BY_HAND, export_consents, history
from shiftbell.rules.dossier import Dossier, Reply, Text, laid_out
from shiftbell.store import consent
from shiftbell.store.models import Attempt, Consent, Message, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.talk import OURS, Talk
from tests.ledgers import filled, said
from tests.moments import NOON

pytestmark = pytest.mark.django_db


def export(talk: Talk, name: str) -> Dossier:
    return export_consents(talk.employee(name), now=talk.now)


def send(talk: Talk, name: str) -> None:
    """Let what waits for someone leave, with an attempt and RingCentral's id on record."""
    ana = talk.employee(name)
    for text in Message.objects.filter(direction="out", state="queued", employee=ana):
        Attempt.objects.create(
            message=text,
            sender=talk.sender,
            number=text.number,
            owner="w",
            consent=consent.proof(ana, text.number),
            started_at=talk.now,
            lease_until=talk.now,
            outcome="accepted",
        )
        Message.objects.filter(pk=text.pk).update(ringcentral_id=f"rc{text.pk}")
    talk.send()


@pytest.fixture
def accepted(talk: Talk) -> Dossier:
    """What is on record once Ana took a shift."""
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben", leave=False)
    send(talk, "Ana")
    talk.now += timedelta(minutes=1)
    talk.says("Ana", "Yes please", ago=3)
    talk.says("Ben", "ok me too")
    return export(talk, "Ana")


def test_f1_an_accepted_shift_shows_the_words_the_reply_both_times_and_the_ids_together(accepted):
    (taken,) = accepted.shifts_accepted
    (shown,), answer = taken.shown, taken.answer
    assert isinstance(shown, Text)
    assert isinstance(answer, Reply)
    offer, reply = Message.objects.get(pk=1), Message.objects.get(text="Yes please")
    assert (shown.id, shown.words, shown.ringcentral_id) == ("m1", offer.text, "rc1")
    assert (shown.left_at, shown.to_number) == (NOON, crew.number(0))
    assert (answer.id, answer.words, answer.ringcentral_id) == (str(reply), "Yes please", "9001")
    assert (answer.written_at, answer.heard_at) == (reply.received_at, reply.heard_at)
    assert (reply.received_at, reply.heard_at) == (
        NOON + timedelta(seconds=62),
        NOON + timedelta(seconds=65),
    )
    assert (taken.taken_at, taken.state) == (reply.heard_at, "held")
    page = laid_out(accepted)
    together = page[page.index("Shifts they accepted") : page.index("Texts to them")]
    for words in ("s1  Wed Nov 25", offer.text[:50], "Yes please", "rc1", "9001", "12:01:02 -0600"):
        assert words in together


def test_a_shift_given_by_hand_is_not_said_to_have_been_accepted(talk):
    talk.shift().assignments.create(employee=talk.employee("Ana"), opening=1, assigned_at=talk.now)
    (taken,) = export(talk, "Ana").shifts_accepted
    assert taken.answer == BY_HAND


def test_every_text_says_why_it_was_allowed_or_why_it_never_left(talk, accepted):
    offer, _ = accepted.texts
    granted = Consent.objects.get(employee=talk.employee("Ana"))
    assert [one.allowed_by for one in offer.tries] == [f"the consent {granted}"]
    assert accepted.replies[0].read_as == "accept"
    talk.offer(talk.shift(starts_in=72), "Ana", leave=False)
    record_opt_out(talk.employee("Ana"), said("stop", source="a letter"), now=talk.now)
    assert export(talk, "Ana").texts[-1].state == "never left: opted out"


def test_what_belongs_to_other_holders_of_a_number_is_left_out(talk, accepted):
    names = {word.whose for word in accepted.consents}
    assert names == {"Ana (Ana)"}
    assert {text.to_number for text in accepted.texts} == {crew.number(0)}
    assert {reply.from_number for reply in accepted.replies} == {crew.number(0)}


def test_an_opt_out_of_their_number_by_nobody_is_theirs_to_see(talk):
    number = talk.employee("Ana").number
    with write():
        line = PhoneNumber.objects.get(pk=number.pk)
        consent.revoke(line, None, said("", source="RingCentral"), now=talk.now)
    words = export(talk, "Ana").consents
    assert [(word.what, word.whose) for word in words] == [
        ("agreed to be texted", "Ana (Ana)"),
        ("wants no more texts", "nobody on the roster"),
    ]


def test_the_file_holds_every_kind_of_event_and_says_that_the_ledger_is_whole():
    crew.sender(OURS)
    people = filled()
    pages = [laid_out(export_consents(one, now=NOON)) for one in people.values()]
    ana, ben, cleo, dan = pages
    for words in ("agreed to be texted", "asked for texts again", "wants no more e-mail"):
        assert words in ana
    for words in ("urgent offers may come at night", "has another number now", "2026-11"):
        assert words in ben
    assert "the number is someone else's" in cleo
    assert "(what was said was erased)" in dan
    for page in pages:
        assert "yes, every entry" in page
        assert "All times are in America/Chicago" in page
        assert max(map(len, page.splitlines())) <= 100


def test_a_ledger_that_was_changed_says_so_in_the_file():
    crew.sender(OURS)
    ana = filled()["Ana"]
    Consent.objects.filter(pk=1).update(words="I was tricked")
    proof = export_consents(ana, now=NOON).proof
    assert proof.result == "no: see the flaws"
    assert any(flaw.startswith("number 1, entry 1 (c1)") for flaw in proof.flaws)


def test_the_history_of_a_number_has_all_its_holders():
    filled()
    line = PhoneNumber.objects.earliest("pk")
    assert history(None, [line]).count() == line.events
