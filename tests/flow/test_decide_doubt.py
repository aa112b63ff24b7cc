"""What an operator says about a text that the message store cannot tell about."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from shiftbell import config
from shiftbell.errors import Conflict, NotFound
from shiftbell.flow.decide_doubt import Decision, decide_doubt, doubt_of, doubts
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.tell_story import why
from shiftbell.store import doubt
from shiftbell.store.claiming import claim
from shiftbell.store.models import Message, Offer
from tests.crew import person, sender, shift
from tests.moments import NOON

pytestmark = pytest.mark.django_db

LATER = NOON + timedelta(minutes=20)


@pytest.fixture
def text() -> Message:
    """An offer to Ana whose worker died; the message store was never read."""
    sender()
    person("Ana", "42")
    offer_shift(shift(), now=NOON, actor="cli")
    lease = claim(NOON, config.settings())
    assert lease is not None
    assert doubt.sweep(lease.lease_until)
    return Message.objects.get()


def decide(text: Message, decision: Decision, at: datetime = LATER) -> Message:
    return decide_doubt(text, decision, actor="Mia", now=at)


def test_a_text_in_doubt_is_listed_with_what_is_known_of_it(text: Message):
    (only,) = doubts()
    assert (only.message, only.since, only.look_ups, only.given_up) == (text, NOON, 0, False)
    assert doubt_of(f"m{text.pk}") == only


def test_left_keeps_it_as_sent_and_asks_no_more(text: Message):
    assert decide(text, Decision.LEFT).state == "sent"
    assert text.attempts.get().outcome == "decided"
    assert doubts() == []
    assert Offer.objects.get().state == "open"
    assert [line.words for line in why(str(text)).lines][-2:] == [
        "Mia decided: it left.",
        "RingCentral accepted it.",
    ]


def test_not_left_drops_it_and_the_person_can_be_asked_again(text: Message):
    assert decide(text, Decision.NOT_LEFT).state == "cancelled"
    assert Offer.objects.get().state == "withdrawn"
    assert [line.words for line in why(str(text)).lines][-2:] == [
        "Mia decided: it did not leave.",
        "It never left: an operator decided. (Mia)",
    ]
    offer_shift(Offer.objects.get().shift, now=LATER, actor="cli")
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "queued"]


def test_what_is_decided_cannot_be_decided_again(text: Message):
    decide(text, Decision.LEFT)
    with pytest.raises(Conflict, match=f"m{text.pk} is not in doubt: it is sent"):
        decide(text, Decision.NOT_LEFT)
    assert Message.objects.get().state == "sent"


def test_only_a_text_in_doubt_has_anything_to_decide(text: Message):
    decide(text, Decision.LEFT)
    with pytest.raises(Conflict, match="nothing to decide"):
        doubt_of(str(text))
    with pytest.raises(NotFound):
        doubt_of("m999")
