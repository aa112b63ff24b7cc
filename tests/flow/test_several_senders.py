"""Several extensions: each with its own token and bucket, people spread, conversations kept."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from shiftbell.simulator.world import Setup
from shiftbell.store import numbers
from shiftbell.store.models import AccessToken, Message, Sender
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def three(tmp_path: Path) -> Stage:
    return Stage(setup=Setup(senders=3), senders_in=tmp_path)


def test_offers_are_spread_over_the_senders_and_each_keeps_its_own_limit(tmp_path: Path) -> None:
    stage = three(tmp_path)
    crew.offer(crew.shift(now=stage.now), crew.hire(90, stage.now), stage.now)
    stage.run(60)
    by_sender = Counter(text.sender for text in stage.world.texts if text.by == "account")
    assert len(by_sender) == 3
    assert max(by_sender.values()) - min(by_sender.values()) <= 1
    assert sum(by_sender.values()) == 90
    assert not stage.world.limiter.excesses
    assert AccessToken.objects.exclude(secret=b"").count() == 3


def test_a_conversation_stays_with_the_sender_that_began_it(tmp_path: Path) -> None:
    stage = three(tmp_path)
    people = crew.hire(9, stage.now)
    for _ in range(2):
        crew.offer(crew.shift(now=stage.now), people, stage.now)
        stage.run(60)
    pairs = {(text.phone, text.sender) for text in stage.world.texts}
    assert len(pairs) == len(people)


def test_an_answer_leaves_from_the_number_that_was_texted(tmp_path: Path) -> None:
    stage = three(tmp_path)
    crew.hire(1, stage.now)
    other = stage.world.account.senders()[2].number.phone_number
    stage.world.say(crew.number(0), "HELP", sender=other)
    stage.run(30)
    (answer,) = Message.objects.filter(direction="out")
    assert (answer.kind, answer.sender.e164, answer.state) == ("help", other, "delivered")


def test_a_sender_kept_for_a_place_is_chosen_for_that_place_alone(tmp_path: Path) -> None:
    three(tmp_path)
    Sender.objects.filter(position=2).update(locations=["Dock 4"])
    with write():
        rows = [numbers.number_row(crew.number(n)) for n in range(3)]
        chosen = [
            numbers.sender_for(rows[0], "Dock 4").position,
            numbers.sender_for(rows[1], "Pier 9").position,
            numbers.sender_for(rows[2], "").position,
        ]
    assert chosen[0] == 2
    assert set(chosen[1:]) == {0, 1}


def test_a_sender_that_left_the_configuration_sends_nothing_more(tmp_path: Path) -> None:
    stage = three(tmp_path)
    crew.offer(crew.shift(now=stage.now), crew.hire(9, stage.now), stage.now)
    Sender.objects.filter(position=1).update(active=False)
    stage.run(60)
    waiting = Message.objects.filter(direction="out", state="queued")
    assert {message.sender.position for message in waiting} == {1}
