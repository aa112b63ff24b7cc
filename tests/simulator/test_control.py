"""The control API and the phones page: what a tester sees and does."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime

import pytest

from tests.simulator.rig import ANA, BEN, DESK, NOON, OTHER_DESK, Rig


def reply(rig: Rig, **body: object):
    return rig.http.post("/_simulator/reply", content=json.dumps(body).encode())


def test_the_environment_is_what_a_client_needs_and_a_shell_can_source():
    rig = Rig(logged_in=False)
    lines = rig.http.get("/_simulator/env").text.splitlines()
    values = dict(line.split("=", 1) for line in lines)
    assert list(values) == [
        "RC_SERVER_URL",
        "RC_CLIENT_ID",
        "RC_CLIENT_SECRET",
        "RC_JWT_TOKEN",
        "RC_FROM_NUMBER",
    ]
    assert values["RC_SERVER_URL"] == "http://127.0.0.1"
    assert values["RC_FROM_NUMBER"] == DESK
    assert all(shlex.split(value) == [value] for value in values.values())


def test_each_sender_has_credentials_of_its_own():
    senders = Rig(senders=3).http.get("/_simulator/senders").json()
    assert [s["number"] for s in senders] == [DESK, OTHER_DESK, "+16505550102"]
    assert len({s["jwt"] for s in senders}) == 3


def test_a_reply_goes_to_whoever_texted_last():
    rig = Rig(senders=2)
    assert reply(rig, phone=ANA, text="hello").json()["to"] == DESK
    rig.sign_in(sender=1)
    rig.send_body({"from": {"phoneNumber": OTHER_DESK}})
    rig.world.advance(60)
    assert reply(rig, **{"from": "312-555-0142", "text": "yes"}).json()["to"] == OTHER_DESK
    assert reply(rig, phone=ANA, text="yes", to=DESK).json()["to"] == DESK


@pytest.mark.parametrize(
    "body",
    [
        {"text": "hi"},
        {"phone": "rubbish", "text": "hi"},
        {"phone": ANA},
        {"phone": ANA, "text": ""},
        {"phone": ANA, "text": "x" * 5001},
        {"phone": ANA, "text": "\ud83d"},
        {"phone": ANA, "text": "hi", "to": BEN},
        {"phone": ANA, "text": "hi", "to": 7},
    ],
)
def test_a_reply_that_makes_no_sense_is_refused(body):
    assert reply(Rig(), **body).status_code in (400, 404)


def test_phones_are_described_one_by_one_or_all_at_once():
    rig = Rig()
    one = {"number": "(312) 555-0142", "temperament": "says_yes", "name": "Ana", "delay": 3}
    assert rig.http.post("/_simulator/phones", json=one).json() == {"phones": 1}
    several = [{"number": BEN, "delay": [1, 2]}, {"number": ANA, "temperament": "says_no"}]
    assert rig.http.post("/_simulator/phones", json=several).json() == {"phones": 2}
    shown = rig.http.get("/_simulator/phones").json()["phones"]
    assert [(p["number"], p["name"], p["temperament"]) for p in shown] == [
        (ANA, "Ana", "says_no"),
        (BEN, "", "silent"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"number": "x"},
        {"number": ANA, "temperament": "odd"},
        {"number": ANA, "delay": "soon"},
        {"number": ANA, "failure": "broken"},
        {"number": ANA, "delay": [1]},
        {"number": ANA, "name": 7},
        [7],
    ],
)
def test_a_phone_that_makes_no_sense_is_refused(body):
    assert Rig().http.post("/_simulator/phones", json=body).status_code == 400


def test_only_phones_that_changed_are_shown_again():
    rig = Rig()
    reply(rig, phone=ANA, text="one")
    reply(rig, phone=BEN, text="two")
    first = rig.http.get("/_simulator/phones")
    assert len(first.json()["phones"]) == 2
    reply(rig, phone=BEN, text="three")
    news = rig.http.get("/_simulator/phones", params={"since": first.json()["revision"]}).json()
    assert [p["number"] for p in news["phones"]] == [BEN]
    assert [t["text"] for t in news["phones"][0]["texts"]] == ["two", "three"]
    assert news["total"] == 2


def test_phones_that_have_not_changed_are_not_sent_again():
    rig = Rig()
    reply(rig, phone=ANA, text="one")
    tag = rig.http.get("/_simulator/phones").headers["ETag"]
    same = rig.http.get("/_simulator/phones", headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")
    reply(rig, phone=ANA, text="two")
    assert rig.http.get("/_simulator/phones", headers={"If-None-Match": tag}).status_code == 200


def test_a_phone_shows_what_never_left_but_the_carriers_log_does_not():
    rig = Rig()
    rig.world.describe(ANA, "opted_out")
    rig.sent()
    rig.world.advance(60)
    [phone] = rig.http.get("/_simulator/phones").json()["phones"]
    assert [(t["status"], t["code"]) for t in phone["texts"]] == [("SendingFailed", "SMS-RC-413")]
    assert rig.http.get("/_simulator/messages").json() == []


def test_the_clock_is_moved_over_http():
    rig = Rig()
    rig.sent()
    shown = rig.http.get("/_simulator/clock").json()
    assert (shown["now"], shown["manual"]) == ("2026-06-06T12:00:00.000Z", True)
    assert datetime.fromisoformat(shown["nextDue"]).astimezone(UTC) > NOON
    moved = rig.http.post("/_simulator/clock", json={"advance": 90.5}).json()
    assert moved["now"] == "2026-06-06T12:01:30.500Z"
    assert len(rig.world.texts) == 1
    for wrong in (-1, "x", True, None, 1e12):
        assert rig.http.post("/_simulator/clock", json={"advance": wrong}).status_code == 400


def test_settings_are_shown_and_sessions_are_ended():
    rig = Rig()
    shown = rig.http.get("/_simulator/settings").json()
    assert shown["limits"] == {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
    assert shown["campaignStatus"] == "Confirmed"
    rig.http.post("/_simulator/settings", json={"endSessions": True})
    assert rig.send().status_code == 401


def test_deliveries_are_listed():
    rig = Rig()
    rig.subscribe()
    reply(rig, phone=ANA, text="yes")
    rig.world.advance(5)
    [delivery] = rig.http.get("/_simulator/deliveries").json()
    assert delivery["status"] == 200
    assert delivery["event"]["body"]["subject"] == "yes"


@pytest.mark.parametrize("path", ["/", "/_simulator/"])
def test_the_phones_page_needs_nothing_from_elsewhere(path: str):
    rig = Rig(logged_in=False)
    page = rig.http.get(path)
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for name in ("phones.css", "phones.js"):
        assert f"/_simulator/static/{name}" in page.text
        assert rig.http.get(f"/_simulator/static/{name}").status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page.text


def test_the_page_never_writes_what_people_typed_as_html():
    script = Rig(logged_in=False).http.get("/_simulator/static/phones.js").text
    for danger in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert danger not in script
