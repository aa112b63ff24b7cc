"""The simulator on a port: real sockets, the machine's clock, and threads of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.clock import ManualClock, RealClock
from shiftbell.simulator.server import Server, serve
from shiftbell.simulator.world import Setup, World
from tests.simulator.receiver import RealReceiver
from tests.simulator.rig import ANA, DESK, INBOUND, JWT_GRANT, ME, NOON, SUBSCRIPTION, codes

QUICK = Setup(pace=Pace((0, 0.01), (0, 0.01)), webhook_seconds=(0, 0.01), limits={"medium": 500})


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server(World(1, RealClock(), setup=QUICK))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def http(server: Server) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.url, timeout=10) as client:
        log_in(client)
        yield client


def log_in(client: httpx2.Client) -> None:
    lines = client.get("/_simulator/env").text.splitlines()
    env = dict(line.split("=", 1) for line in lines)
    answer = client.post(
        "/restapi/oauth/token",
        data={"grant_type": JWT_GRANT, "assertion": env["RC_JWT_TOKEN"]},
        auth=(env["RC_CLIENT_ID"], env["RC_CLIENT_SECRET"]),
    )
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def send(client: httpx2.Client, timeout: float = 10) -> httpx2.Response:
    body = {"from": {"phoneNumber": DESK}, "to": [{"phoneNumber": ANA}], "text": "Reply YES"}
    return client.post(f"{ME}/sms", json=body, timeout=timeout)


def texts_left(server: Server, count: int) -> int:
    """Wait until `count` texts have left, or ten seconds; return how many did."""
    left = threading.Event()

    def look() -> None:
        if len(server.world.texts) >= count:
            left.set()
        else:
            server.world.after(0.01, look)

    server.world.after(0, look)
    left.wait(10)
    return len(server.world.texts)


def test_a_text_leaves_by_itself_and_its_answer_comes_by_webhook(
    server: Server, http: httpx2.Client
):
    with RealReceiver() as receiver:
        mode = {"transportType": "WebHook", "address": receiver.url}
        body = {"eventFilters": [INBOUND], "deliveryMode": mode}
        assert http.post(SUBSCRIPTION, json=body).json()["status"] == "Active"
        phone = {"number": ANA, "temperament": "enthusiastic", "delay": 0}
        http.post("/_simulator/phones", json=phone)
        answer = send(http)
        assert answer.headers["Server"] == "nginx"
        assert answer.json()["messageStatus"] == "Queued"
        event = receiver.wait_for_event()
        assert event["body"]["from"]["phoneNumber"] == ANA
        assert http.post("/_simulator/clock", json={"advance": 1}).status_code == 409


def test_a_dropped_connection_is_closed_without_a_byte(server: Server, http: httpx2.Client):
    server.world.faults.set("drop_after_accept", next=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        send(http)
    assert texts_left(server, 1) == 1
    server.world.faults.set("drop_before_accept", next=1)
    with pytest.raises(httpx2.RemoteProtocolError):
        send(http)
    assert [call.status for call in server.world.calls[-2:]] == [0, 0]


def test_a_slow_answer_is_really_late(server: Server, http: httpx2.Client):
    server.world.faults.set("slow_answer", next=1, seconds=30)
    with pytest.raises(httpx2.ReadTimeout):
        send(http, timeout=0.2)


def test_many_callers_at_once_are_all_answered(server: Server, http: httpx2.Client):
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: send(http), range(80)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 80
    assert texts_left(server, 80) == 80


def test_an_unreachable_receiver_and_one_without_a_handshake_are_told_apart(
    server: Server, http: httpx2.Client
):
    with RealReceiver() as receiver:
        address = receiver.url
        receiver.is_obedient = False
        mode = {"transportType": "WebHook", "address": address}
        body = {"eventFilters": [INBOUND], "deliveryMode": mode}
        assert codes(http.post(SUBSCRIPTION, json=body)) == (400, "SUB-525")
    assert codes(http.post(SUBSCRIPTION, json=body)) == (400, "SUB-521")


def test_a_served_world_can_have_a_clock_moved_by_hand():
    server = Server(World(1, ManualClock(NOON)))
    server.start()
    with httpx2.Client(base_url=server.url) as client:
        log_in(client)
        send(client)
        assert client.get("/_simulator/messages").json() == []
        client.post("/_simulator/clock", json={"advance": 60})
        [text] = client.get("/_simulator/messages").json()
    server.stop()
    assert text["to"] == ANA


def test_serving_tells_its_port_and_ends_when_interrupted():
    said: list[str] = []

    def ready(server: Server) -> None:
        said.append(server.url)
        said.append(httpx2.get(f"{server.url}/_simulator/env").text)
        raise KeyboardInterrupt

    serve(port=0, seed=3, on_ready=ready)
    url, env = said
    assert not url.endswith(":0")
    assert f"RC_SERVER_URL={url}\n" in env
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)


def test_rubbish_on_the_wire_is_refused(server: Server):
    answer = httpx2.post(f"{server.url}{ME}/sms", content=b"\xff\x00", timeout=5)
    assert codes(answer) == (401, "AGW-401")
    assert json.loads(answer.content)["errorCode"] == "AGW-401"
