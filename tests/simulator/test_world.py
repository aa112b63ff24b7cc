"""The world: one seed, one log; time that moves when told; people who answer as they are."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import pytest

from shiftbell.simulator.clock import ManualClock, RealClock
from shiftbell.simulator.people import TEMPERAMENTS
from shiftbell.simulator.world import World
from tests.simulator.rig import ANA, BEN, INBOUND, NOON, OFFER, OUTBOUND, STORE, Rig

CROWD = {"says_yes": 3.0, "says_no": 2.0, "stops": 1.0, "silent": 4.0, "chatters": 1.0}


def story(seed: int) -> tuple[str, list[bytes]]:
    rig = Rig(seed, temperaments=CROWD, faults={"webhook_doubled": 0.2, "late_flip": 0.1})
    rig.subscribe(INBOUND, OUTBOUND)
    for number in range(40, 70):
        rig.send(f"+131255501{number}")
        rig.world.advance(2)
    rig.world.advance(1200)
    log = rig.http.get("/_simulator/messages").text + rig.http.get(STORE).text
    return log, [body for _, _, body in rig.receiver.requests]


def test_the_same_seed_and_calls_give_the_same_log_byte_for_byte():
    assert story(7) == story(7)


def test_another_seed_gives_another_log():
    assert story(7)[0] != story(8)[0]


def test_reading_never_disturbs_what_happens():
    def log(looks: int) -> str:
        rig = Rig(temperaments=CROWD)
        rig.send()
        for _ in range(looks):
            rig.http.get(STORE)
            rig.http.get("/_simulator/phones")
        rig.send(BEN)
        rig.world.advance(600)
        return rig.http.get("/_simulator/messages").text

    assert log(0) == log(5)


def test_everything_on_the_way_happens_at_its_own_time():
    rig = Rig()
    seen: list[tuple[int, datetime]] = []

    def note(seconds: int) -> None:
        seen.append((seconds, rig.clock.now()))

    for seconds in (3, 1, 2, 1):
        rig.world.after(seconds, partial(note, seconds))
    rig.world.advance(2)
    moments = [(1, NOON + timedelta(seconds=1))] * 2 + [(2, NOON + timedelta(seconds=2))]
    assert seen == moments
    assert rig.world.next_due() == NOON + timedelta(seconds=3)
    rig.world.advance(10)
    assert rig.world.next_due() is None
    assert rig.clock.now() == NOON + timedelta(seconds=12)


def test_a_clock_moved_behind_the_worlds_back_only_needs_a_run():
    rig = Rig()
    rig.sent()
    rig.clock.advance(60)
    assert rig.world.texts == []
    rig.world.run_due()
    assert len(rig.world.texts) == 1


def test_a_clock_never_runs_backwards():
    clock = ManualClock(NOON)
    clock.advance_to(NOON - timedelta(hours=1))
    assert clock.now() == NOON
    with pytest.raises(AssertionError):
        clock.advance(-1)


def test_the_machines_clock_cannot_be_moved():
    with pytest.raises(AssertionError):
        World(1, RealClock()).advance(1)


def test_a_reset_world_starts_over_with_the_same_credentials():
    rig = Rig()
    first = rig.send().json()["id"]
    environment = rig.http.get("/_simulator/env").text
    rig.world.advance(500)
    assert rig.http.post("/_simulator/reset").status_code == 204
    assert rig.http.get("/_simulator/messages").json() == []
    assert rig.http.get("/_simulator/env").text == environment
    assert rig.http.get(STORE).status_code == 401
    rig.sign_in()
    assert rig.send().json()["id"] == first


def answers(rig: Rig, phone: str = ANA) -> list[str]:
    return [t.text for t in rig.world.texts if t.direction == "Inbound" and t.phone == phone]


@pytest.mark.parametrize(
    "temperament", [kind.name for kind in TEMPERAMENTS.values() if kind.answers]
)
def test_people_answer_an_offer_as_they_are(temperament: str):
    rig = Rig()
    kind = TEMPERAMENTS[temperament]
    rig.world.describe(ANA, temperament)
    rig.sent()
    rig.world.advance(10000)
    first, *rest = answers(rig)
    assert first in kind.answers
    assert rest == ([kind.then] if kind.then else [])


@pytest.mark.parametrize("temperament", ["silent", "landline", "unreachable", "opted_out"])
def test_some_people_never_answer(temperament: str):
    rig = Rig()
    rig.world.describe(ANA, temperament)
    rig.sent()
    rig.world.advance(10000)
    assert answers(rig) == []


def test_a_stranger_is_silent_unless_the_world_is_told_otherwise():
    assert Rig().world.person(ANA).temperament.name == "silent"
    crowd = Rig(temperaments=CROWD).world
    people = [crowd.person(f"+131255501{n}") for n in range(10, 60)]
    assert {person.temperament.name for person in people} == set(CROWD)


def test_people_answer_only_what_invites_an_answer_and_each_wording_once():
    rig = Rig()
    rig.world.describe(ANA, "enthusiastic", reply_seconds=(1, 1))
    for text in ("It is yours, Ana. Reply STOP to opt out.", OFFER, OFFER):
        rig.sent(text=text)
        rig.world.advance(30)
    assert len(answers(rig)) == 1
    rig.world.advance(3600)
    rig.sign_in()
    rig.sent(text="Turno abierto. Responde SI para tomarlo.")
    rig.world.advance(30)
    assert len(answers(rig)) == 2


def test_two_machines_never_answer_each_other_for_ever():
    rig = Rig(limits={"medium": 100})
    rig.world.describe(ANA, "chatters", reply_seconds=(1, 1))
    for number in range(10):
        rig.sent(text=f"Sorry, I did not get that ({number}). Reply YES or NO.")
        rig.world.advance(30)
    assert len(answers(rig)) == 3


def test_a_reply_delay_of_the_world_or_of_a_person_is_kept():
    rig = Rig(reply_seconds=(2, 2))
    rig.world.describe(ANA, "says_yes")
    rig.world.describe(BEN, "says_yes", reply_seconds=(50, 50))
    rig.sent(ANA)
    rig.sent(BEN)
    rig.world.advance(20)
    assert (len(answers(rig, ANA)), len(answers(rig, BEN))) == (1, 0)
    rig.world.advance(40)
    assert len(answers(rig, BEN)) == 1
