"""RingCentral's own Python client, unchanged, against the simulator on a port."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ringcentral import SDK  # type: ignore[import-untyped]
from ringcentral.http.api_exception import ApiException  # type: ignore[import-untyped]

from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World
from tests.simulator.receiver import RealReceiver
from tests.simulator.rig import ANA, BEN, DESK, INBOUND, ME, OFFER, STORE

QUICK = Setup(pace=Pace((0, 0.01), (0, 0.01)), webhook_seconds=(0, 0.01), refresh_tokens=True)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(World(1, RealClock(), setup=QUICK))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def platform(server: Server):
    account = server.world.account
    platform = SDK(account.app.client_id, account.app.client_secret, server.url).platform()
    platform.login(jwt=account.senders()[0].jwt)
    return platform


def send(platform, to: str = ANA):
    body = {"from": {"phoneNumber": DESK}, "to": [{"phoneNumber": to}], "text": OFFER}
    return platform.post(f"{ME}/sms", body).json_dict()


def test_it_logs_in_stays_logged_in_and_logs_out(platform):
    assert platform.logged_in()
    platform.refresh()
    assert platform.get(ME).json().extensionNumber == "101"
    platform.logout()
    assert not platform.logged_in()


def test_it_sends_a_text_and_reads_it_back(platform):
    sent = send(platform)
    assert sent["messageStatus"] == "Queued"
    assert platform.get(f"{STORE}/{sent['id']}").json().subject == OFFER
    listed = platform.get(STORE, {"direction": "Outbound"}).json_dict()
    assert [record["id"] for record in listed["records"]] == [sent["id"]]
    # It does not encode the + of a number: the server reads a blank.
    found = platform.get(STORE, {"phoneNumber": ANA}).json_dict()
    assert len(found["records"]) == 1


def test_it_reads_several_messages_as_parts(platform):
    first, second = send(platform), send(platform, BEN)
    parts = platform.get(f"{STORE}/{first['id']},{second['id']}").multipart()
    assert [part.json_dict()["id"] for part in parts] == [first["id"], second["id"]]


def test_it_is_told_what_was_wrong(platform):
    with pytest.raises(ApiException) as refusal:
        send(platform, "rubbish")
    answer = refusal.value.api_response()
    assert answer.response().status_code == 400
    assert answer.json_dict()["errors"][0]["errorCode"] == "CMN-101"


def test_it_subscribes_and_an_answer_comes_to_its_webhook(server: Server, platform):
    with RealReceiver() as receiver:
        mode = {"transportType": "WebHook", "address": receiver.url}
        made = platform.post(
            "/restapi/v1.0/subscription", {"eventFilters": [INBOUND], "deliveryMode": mode}
        ).json_dict()
        assert made["status"] == "Active"
        server.world.say(ANA, "YES")
        assert receiver.wait_for_event()["body"]["subject"] == "YES"
        gone = platform.delete(f"/restapi/v1.0/subscription/{made['id']}")
        assert gone.response().status_code == 204
