"""Subscriptions: the handshake while they are made, and their life until they end."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulator.rig import (
    CONSENTS,
    HOOK,
    INBOUND,
    OUTBOUND,
    SUBSCRIPTION,
    TOKEN,
    Receiver,
    Rig,
    codes,
    echo,
)

WEEK = 604799
REMINDER = "/restapi/v1.0/subscription/~?threshold=86400&interval=3600"


def mode(**changes: object) -> dict[str, object]:
    return {"transportType": "WebHook", "address": HOOK, "verificationToken": TOKEN, **changes}


def test_a_subscription_comes_back_with_real_ids_and_without_its_secret():
    rig = Rig()
    answer = rig.subscribe(INBOUND, OUTBOUND, CONSENTS, REMINDER, expiresIn=315360000)
    body = answer.json()
    own = "/restapi/v1.0/account/80964/extension/62893/message-store"
    assert answer.status_code == 200
    assert body["eventFilters"] == [
        f"{own}/instant?type=SMS",
        f"{own}?type=SMS&direction=Outbound",
        "/restapi/v2/accounts/80964/sms/consents",
        f"/restapi/v1.0/subscription/{body['id']}?threshold=86400&interval=3600",
    ]
    assert (body["status"], body["expiresIn"]) == ("Active", 315360000)
    assert body["deliveryMode"] == {
        "transportType": "WebHook", "encryption": False, "address": HOOK
    }  # fmt: skip
    assert TOKEN not in answer.text


def test_the_handshake_is_an_empty_post_with_both_tokens_while_the_create_waits():
    rig = Rig()
    assert rig.subscribe().status_code == 200
    [(url, headers, body)] = rig.receiver.requests
    assert (url, body) == (HOOK, b"")
    assert headers["Verification-Token"] == TOKEN
    assert len(headers["Validation-Token"]) == 36
    assert headers["User-Agent"] == "RingCentral-Webhook/8.3"


def misbehaves(receiver: Receiver, how: str) -> None:
    answers: dict[str, Callable[[dict[str, str]], tuple[int, dict[str, str], bytes]]] = {
        "answers 500": lambda h: (500, echo(h), b""),
        "answers 204": lambda h: (204, echo(h), b""),
        "echoes nothing": lambda _: (200, {"Content-Type": "application/json"}, b""),
        "echoes it in the body": lambda h: (
            200,
            {"Content-Type": "application/json"},
            h["Validation-Token"].encode(),
        ),
        "answers html": lambda h: (200, echo(h) | {"Content-Type": "text/html"}, b""),
        "answers too much": lambda h: (200, echo(h), b"x" * 1000),
    }
    receiver.is_away = how == "is away"
    receiver.answer = answers.get(how)


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ("answers 500", "SUB-522"),
        ("answers 204", "SUB-522"),
        ("echoes nothing", "SUB-525"),
        ("echoes it in the body", "SUB-525"),
        ("answers html", "SUB-525"),
        ("answers too much", "SUB-525"),
        ("is away", "SUB-521"),
    ],
)
def test_a_receiver_that_fails_the_handshake_gets_no_subscription(how: str, code: str):
    rig = Rig()
    misbehaves(rig.receiver, how)
    assert codes(rig.subscribe()) == (400, code)
    assert rig.http.get(SUBSCRIPTION).json()["records"] == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"deliveryMode": None}, (400, "CMN-101")),
        ({"deliveryMode": mode(transportType="PubNub")}, (400, "CMN-101")),
        ({"deliveryMode": mode(address="ftp://example.com/")}, (400, "CMN-101")),
        ({"deliveryMode": mode(address="http://[broken")}, (400, "CMN-101")),
        ({"deliveryMode": mode(address="http://example.com/hook")}, (400, "SUB-523")),
        ({"deliveryMode": mode(verificationToken=7)}, (400, "CMN-101")),
        ({"expiresIn": 630720000}, (400, "CMN-101")),
        ({"expiresIn": 0}, (400, "CMN-101")),
        ({"expiresIn": True}, (400, "CMN-101")),
        ({"eventFilters": []}, (400, "CMN-101")),
        ({"eventFilters": "all"}, (400, "CMN-101")),
        ({"eventFilters": ["/restapi/v1.0/nonsense"]}, (400, "SUB-508")),
        ({"eventFilters": [INBOUND.partition("?")[0]]}, (400, "SUB-508")),
        ({"eventFilters": [REMINDER]}, (400, "SUB-515")),
        ({"eventFilters": [INBOUND, REMINDER.replace("3600", "86400")]}, (400, "SUB-508")),
        ({"eventFilters": [INBOUND, REMINDER], "expiresIn": 100000}, (400, "SUB-508")),
        ({"eventFilters": ["/restapi/v1.0/account/~/a2p-sms/opt-outs"]}, (403, "CMN-401")),
    ],
)
def test_a_bad_subscription_is_refused_before_any_handshake(body, expected):
    rig = Rig()
    assert codes(rig.subscribe(**body)) == expected
    assert rig.receiver.requests == []


def test_plain_http_is_let_through_to_this_machine_only():
    rig = Rig()
    for host in ("127.0.0.1:3000", "localhost:3000", "[::1]:3000"):
        assert rig.subscribe(deliveryMode=mode(address=f"http://{host}/hook")).status_code == 200


def test_expires_in_counts_at_the_root_alone():
    rig = Rig()
    body = rig.subscribe(deliveryMode=mode(expiresIn=315360000)).json()
    assert body["expiresIn"] == WEEK


def test_a_filter_without_its_permission_is_disabled_not_refused():
    rig = Rig()
    opt_outs = "/restapi/v1.0/account/~/a2p-sms/opt-outs"
    body = rig.subscribe(INBOUND, opt_outs).json()
    assert len(body["eventFilters"]) == 1
    assert [f["reason"] for f in body["disabledFilters"]] == ["CMN-401"]


def test_only_an_admin_watches_somebody_elses_mailbox():
    rig = Rig(senders=2)
    theirs = INBOUND.replace("extension/~", "extension/62894")
    assert rig.subscribe(theirs).status_code == 200
    rig.sign_in(sender=1)
    mine = INBOUND.replace("extension/~", "extension/62893")
    assert codes(rig.subscribe(mine)) == (403, "SUB-402")


def test_subscriptions_are_read_renewed_changed_and_deleted():
    rig = Rig()
    made = rig.subscribe(expiresIn=1000).json()
    path = f"{SUBSCRIPTION}/{made['id']}"
    rig.clock.advance(400)
    assert rig.http.get(path).json()["expiresIn"] == 600
    renewed = rig.http.post(f"{path}/renew")
    assert renewed.json()["expiresIn"] == 1000
    assert renewed.headers["X-Rate-Limit-Group"] == "light"
    rig.clock.advance(400)
    assert rig.http.put(path).json()["expiresIn"] == 1000
    changed = rig.http.put(path, json={"eventFilters": [CONSENTS], "expiresIn": 5000}).json()
    assert changed["eventFilters"] == ["/restapi/v2/accounts/80964/sms/consents"]
    assert changed["expiresIn"] == 5000
    answer = rig.http.delete(path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert codes(rig.http.get(path)) == (404, "CMN-102")


def test_a_new_address_shakes_hands_again():
    rig = Rig()
    path = f"{SUBSCRIPTION}/{rig.subscribe().json()['id']}"
    elsewhere = "https://example.com/elsewhere"
    answer = rig.http.put(path, json={"deliveryMode": {"address": elsewhere}})
    assert answer.json()["deliveryMode"]["address"] == elsewhere
    assert [url for url, _, _ in rig.receiver.requests] == [HOOK, elsewhere]
    rig.receiver.status = 404
    answer = rig.http.put(path, json={"deliveryMode": {"address": HOOK}})
    assert codes(answer) == (400, "SUB-522")
    assert rig.http.get(path).json()["deliveryMode"]["address"] == elsewhere


def test_an_expired_subscription_is_gone():
    rig = Rig()
    path = f"{SUBSCRIPTION}/{rig.subscribe(expiresIn=100).json()['id']}"
    rig.clock.advance(100)
    assert codes(rig.http.get(path)) == (404, "SUB-507")
    assert rig.http.get(SUBSCRIPTION).json()["records"] == []


def test_the_thirty_first_subscription_is_refused():
    rig = Rig(limits={"medium": 100})
    assert [rig.subscribe().status_code for _ in range(30)] == [200] * 30
    assert codes(rig.subscribe()) == (403, "SUB-505")


def test_a_subscription_belongs_to_who_made_it():
    rig = Rig(senders=2)
    path = f"{SUBSCRIPTION}/{rig.subscribe().json()['id']}"
    rig.sign_in(sender=1)
    assert codes(rig.http.get(path)) == (404, "CMN-102")
    assert codes(rig.http.delete(path)) == (404, "CMN-102")


def test_a_receiver_may_call_back_during_its_handshake():
    rig = Rig()
    heard = []

    def answer(headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        heard.append(rig.http.get(SUBSCRIPTION).json()["records"])
        return 200, echo(headers), b""

    rig.receiver.answer = answer
    assert rig.subscribe().status_code == 200
    assert heard == [[]]
