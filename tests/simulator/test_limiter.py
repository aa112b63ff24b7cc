"""The rate: a sliding minute per user and group, and a penalty that every knock starts again."""

from __future__ import annotations

from tests.simulator.rig import ANA, OTHER_DESK, STORE, Rig, codes


def test_forty_texts_a_minute_pass_and_the_next_one_does_not():
    rig = Rig()
    answers = [rig.send() for _ in range(41)]
    assert [a.status_code for a in answers] == [200] * 40 + [429]
    first, last = answers[0], answers[-1]
    names = ("Group", "Limit", "Remaining", "Window")
    assert [first.headers[f"X-Rate-Limit-{n}"] for n in names] == ["medium", "40", "39", "60"]
    assert [last.headers[f"X-Rate-Limit-{n}"] for n in names] == ["medium", "40", "0", "60"]
    assert last.headers["Retry-After"] == "60"
    assert last.json() == {
        "errorCode": "CMN-301",
        "message": "Request rate exceeded",
        "errors": [{"errorCode": "CMN-301", "message": "Request rate exceeded"}],
    }
    assert len(rig.world.limiter.excesses) == 1


def test_the_window_slides_so_a_new_calendar_minute_gives_nothing_new():
    rig = Rig()
    rig.clock.advance(59)
    for _ in range(40):
        assert rig.send().status_code == 200
    rig.clock.advance(2)
    assert rig.send().status_code == 429


def test_a_slot_comes_back_sixty_seconds_after_it_was_taken():
    rig = Rig()
    for _ in range(40):
        rig.send()
        rig.clock.advance(1)
    rig.clock.advance(20)
    assert rig.send().headers["X-Rate-Limit-Remaining"] == "0"
    rig.clock.advance(1)
    assert rig.send().status_code == 200


def test_each_call_inside_the_penalty_starts_it_again():
    rig = Rig()
    for _ in range(41):
        rig.send()
    for _ in range(3):
        rig.clock.advance(59)
        assert codes(rig.send()) == (429, "CMN-301")
    assert [x.in_penalty for x in rig.world.limiter.excesses] == [False, True, True, True]
    rig.clock.advance(60)
    assert rig.send().status_code == 200


def test_groups_and_extensions_are_counted_apart():
    rig = Rig(senders=2, limits={"medium": 1})
    assert [rig.send().status_code for _ in range(2)] == [200, 429]
    answer = rig.http.get(STORE)
    assert answer.headers["X-Rate-Limit-Group"] == "light"
    assert answer.headers["X-Rate-Limit-Limit"] == "50"
    rig.sign_in(sender=1)
    assert rig.send_body({"from": {"phoneNumber": OTHER_DESK}}).status_code == 200


def test_other_calls_of_the_group_use_the_same_slots():
    rig = Rig(limits={"medium": 2})
    assert rig.subscribe().status_code == 200
    assert [rig.send().status_code for _ in range(2)] == [200, 429]


def test_the_account_phone_list_is_heavy():
    answer = Rig().http.get("/restapi/v1.0/account/~/phone-number")
    assert answer.headers["X-Rate-Limit-Group"] == "heavy"
    assert answer.headers["X-Rate-Limit-Limit"] == "10"


def test_a_sixth_login_within_a_minute_is_refused():
    rig = Rig(logged_in=False)
    assert [rig.log_in().status_code for _ in range(6)] == [200] * 5 + [429]
    assert rig.log_in().headers["X-Rate-Limit-Group"] == "auth"


def test_a_refused_token_costs_no_slot():
    rig = Rig(limits={"medium": 1})
    for _ in range(3):
        rig.http.post("/restapi/v1.0/subscription", headers={"Authorization": "Bearer x"})
    assert rig.send().status_code == 200


def test_a_limit_can_be_raised_while_the_world_runs():
    rig = Rig(limits={"medium": 1})
    rig.send()
    rig.http.post("/_simulator/settings", json={"limits": {"medium": 100}})
    answer = rig.send()
    assert (answer.status_code, answer.headers["X-Rate-Limit-Limit"]) == (200, "100")


def test_a_429_out_of_the_blue_brings_its_penalty():
    rig = Rig()
    rig.world.faults.set("rate_limited", next=1)
    assert codes(rig.send()) == (429, "CMN-301")
    rig.clock.advance(59)
    assert rig.send().status_code == 429
    rig.clock.advance(60)
    assert rig.send().status_code == 200


def test_every_call_is_remembered_with_its_group_and_extension():
    rig = Rig()
    rig.send()
    rig.send("rubbish")
    rows = rig.http.get("/_simulator/calls").json()
    calls = [(c["group"], c["extension"], c["status"]) for c in rows["calls"]]
    assert calls == [("auth", "62893", 200), ("medium", "62893", 200), ("medium", "62893", 400)]
    assert rows["excesses"] == []
    assert ANA not in str(rows)
