"""Faults: what the caller sees, and what has happened all the same."""

from __future__ import annotations

import httpx2
import pytest

from tests.simulator.rig import ANA, STORE, SYNC, Rig, codes


def accepted(rig: Rig) -> int:
    """Count the texts that were accepted, by what left a minute later."""
    rig.world.advance(60)
    return len(rig.world.texts)


@pytest.mark.parametrize(("status", "code"), [(500, "CMN-203"), (503, "CMN-201")])
def test_an_error_before_acceptance_leaves_nothing_done(status: int, code: str):
    rig = Rig()
    rig.world.faults.set("error_before_accept", next=1, status=status)
    assert codes(rig.send()) == (status, code)
    assert accepted(rig) == 0


@pytest.mark.parametrize(("status", "code"), [(500, "CMN-203"), (503, "CMN-201")])
def test_an_error_after_acceptance_looks_the_same_but_the_text_goes_out(status: int, code: str):
    rig = Rig()
    rig.world.faults.set("error_after_accept", next=1, status=status)
    assert codes(rig.send()) == (status, code)
    assert accepted(rig) == 1


@pytest.mark.parametrize(("fault", "left"), [("drop_before_accept", 0), ("drop_after_accept", 1)])
def test_a_dropped_connection_tells_nothing_about_acceptance(fault: str, left: int):
    rig = Rig()
    rig.world.faults.set(fault, next=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        rig.send()
    assert rig.world.calls[-1].status == 0
    assert accepted(rig) == left


def test_an_answer_slower_than_the_timeout_is_none_though_the_text_goes_out():
    rig = Rig()
    rig.world.faults.set("slow_answer", next=1, seconds=30)
    before = rig.clock.now()
    with pytest.raises(httpx2.ReadTimeout):
        rig.send()
    assert (rig.clock.now() - before).total_seconds() == 15
    assert [text.phone for text in rig.world.texts] == [ANA]


def test_an_answer_within_the_timeout_comes_late_and_time_has_passed():
    rig = Rig()
    rig.world.faults.set("slow_answer", next=1, seconds=14)
    before = rig.clock.now()
    assert rig.send().status_code == 200
    assert (rig.clock.now() - before).total_seconds() == 14


def test_faults_of_a_call_strike_the_sending_path_unless_told_otherwise():
    rig = Rig()
    rig.world.faults.set("error_before_accept", rate=1.0)
    assert rig.http.get(STORE).status_code == 200
    assert rig.send().status_code == 503
    rig.world.faults.set("error_before_accept", path="*/message-sync")
    assert rig.send().status_code == 200
    assert rig.http.get(SYNC).status_code == 503
    rig.world.faults.set("error_before_accept", path="*/oauth/token")
    assert codes(rig.log_in()) == (503, "CMN-201")


def test_the_next_n_calls_are_struck_and_no_more():
    rig = Rig()
    rig.world.faults.set("error_before_accept", next=2)
    assert [rig.send().status_code for _ in range(3)] == [503, 503, 200]


def test_a_fault_lets_some_calls_pass_before_it_strikes():
    rig = Rig()
    rig.world.faults.set("error_before_accept", skip=2, next=1)
    assert rig.http.get(STORE).status_code == 200
    assert [rig.send().status_code for _ in range(4)] == [200, 200, 503, 200]
    rig.world.faults.set("error_before_accept", skip=1, rate=1.0)
    assert [rig.send().status_code for _ in range(3)] == [200, 503, 503]


def test_an_answer_that_is_cut_is_no_json_though_the_text_goes_out():
    rig = Rig()
    rig.world.faults.set("answer_cut", next=1)
    answer = rig.send()
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    assert accepted(rig) == 1


def test_a_rate_strikes_about_as_often_as_it_says():
    rig = Rig(faults={"error_before_accept": 0.3}, limits={"medium": 1000})
    struck = sum(rig.send().status_code == 503 for _ in range(300))
    assert 60 < struck < 120


def test_a_refused_text_is_refused_and_not_dropped():
    rig = Rig()
    rig.world.faults.set("drop_after_accept", rate=1.0)
    assert codes(rig.send("rubbish")) == (400, "CMN-101")


def test_a_fault_switched_off_changes_nothing():
    plain, other = Rig(), Rig()
    other.world.faults.set("limbo", rate=1.0)
    other.world.faults.clear("limbo")
    assert plain.send().json() == other.send().json()
    for rig in (plain, other):
        rig.world.advance(60)
    assert plain.world.texts == other.world.texts


def test_faults_are_listed_set_and_cleared_over_http():
    rig = Rig()
    listed = rig.http.get("/_simulator/faults").json()
    known = {"name", "meaning", "rate", "next", "skip", "seconds", "path", "status"}
    assert known == set(listed[0])
    body = {"name": "store_lag", "rate": 0.5, "seconds": 7}
    answer = rig.http.post("/_simulator/faults", json=body).json()
    assert (answer["rate"], answer["seconds"]) == (0.5, 7)
    assert rig.world.faults.is_on("store_lag")
    assert rig.http.delete("/_simulator/faults?name=store_lag").status_code == 204
    assert not rig.world.faults.is_on("store_lag")
    rig.world.faults.set("limbo", rate=1.0)
    assert rig.http.delete("/_simulator/faults").status_code == 204
    assert not rig.world.faults.is_on("limbo")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "gremlins"},
        {"name": "limbo", "rate": 2},
        {"name": "limbo", "rate": "often"},
        {"name": "limbo", "next": 1.5},
        {"name": "limbo", "skip": -1},
        {"name": "limbo", "meaning": "none"},
        {"name": "error_before_accept", "status": 404},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(body):
    assert Rig().http.post("/_simulator/faults", json=body).status_code == 400


def test_an_unknown_fault_or_temperament_is_refused_when_the_world_is_made():
    with pytest.raises(KeyError):
        Rig(faults={"gremlins": 1.0})
    with pytest.raises(ValueError, match="gremlin"):
        Rig(temperaments={"gremlin": 1.0})
    with pytest.raises(ValueError, match="senders"):
        Rig(senders=0)
