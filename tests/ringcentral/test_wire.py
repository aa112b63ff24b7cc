"""Did it leave? Until when? Proved against real sockets."""

import socket
import threading
import time

import pytest

from shiftbell.errors import (
    DeadlinePassed,
    NotDelivered,
    OutcomeUnknown,
    WithdrawnAtTheLastMoment,
)
from shiftbell.ringcentral import wire as wire_module
from shiftbell.ringcentral.wire import Answer, Wire
from tests.ringcentral.peer import PATIENCE_SECONDS, Guest, Peer

BODY = {"text": "Acme: Sat Nov 28 7am-3pm, Dock 4."}


def nothing() -> None:
    """A last check that has no objection."""


def dispatch(peer_url: str, seconds: float = 5.0, last_check=nothing, timeout=20.0) -> Answer:
    with Wire(peer_url, timeout_seconds=timeout) as wire:
        request = wire.request("POST", "/sms", "Bearer secret-of-the-hour", body=BODY)
        deadline = time.monotonic() + seconds
        return wire.dispatch(request, deadline=deadline, last_check=last_check)


def polite(guest: Guest) -> None:
    guest.read_request()
    guest.answer(b'{"id": 1}')


def silent(guest: Guest) -> None:
    guest.read_request()
    guest.peer.closing.wait(PATIENCE_SECONDS)


def test_a_request_and_its_answer_arrive_whole():
    with Peer(polite) as peer:
        answer = dispatch(peer.url)
    assert (answer.status, answer.json()) == (200, {"id": 1})
    head, _, body = peer.guests[0].said.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /sms HTTP/1.1\r\n")
    assert b"Authorization: Bearer secret-of-the-hour" in head
    assert b"Accept-Encoding: identity" in head
    assert body == b'{"text": "Acme: Sat Nov 28 7am-3pm, Dock 4."}'


def test_the_last_check_comes_after_the_connection_and_before_the_first_byte():
    with Peer(polite) as peer:

        def check() -> None:
            assert peer.accepted.wait(PATIENCE_SECONDS)
            seen.append(peer.guests[0].said)

        seen: list[bytes] = []
        dispatch(peer.url, last_check=check)
    assert seen == [b""]


def test_a_last_check_that_objects_leaves_the_connection_untouched():
    def check() -> None:
        raise WithdrawnAtTheLastMoment("She has just opted out.")

    with Peer(polite) as peer:
        with pytest.raises(WithdrawnAtTheLastMoment, match="just opted out"):
            dispatch(peer.url, last_check=check)
        assert peer.done.wait(PATIENCE_SECONDS)
    assert [guest.said for guest in peer.guests] == [b""]


def test_a_deadline_that_passes_during_the_last_check_sends_nothing():
    def check() -> None:
        threading.Event().wait(0.6)

    with Peer(polite) as peer:
        with pytest.raises(DeadlinePassed):
            dispatch(peer.url, seconds=0.5, last_check=check)
        assert peer.done.wait(PATIENCE_SECONDS)
    assert [guest.said for guest in peer.guests] == [b""]


def test_after_the_deadline_nobody_even_connects():
    with Peer(polite) as peer, pytest.raises(DeadlinePassed):
        dispatch(peer.url, seconds=-0.001)
    assert peer.guests == []


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Slow: very\r\n\r\n{}" + b" " * 400,
        b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b" " * 400,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 40,
    ],
    ids=["headers", "body", "continues"],
)
def test_one_deadline_holds_against_a_server_that_drips(answer):
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.drip(answer)

    with Peer(manners) as peer:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            dispatch(peer.url, seconds=0.3)
        assert 0.25 < time.monotonic() - began < 4.0


def test_a_read_has_one_deadline_too():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n" + b" " * 400)

    with Peer(manners) as peer, Wire(peer.url, timeout_seconds=0.3) as wire:
        began = time.monotonic()
        with pytest.raises(OutcomeUnknown):
            wire.exchange(wire.request("GET", "/sms", "Bearer x"))
        assert time.monotonic() - began < 4.0


def test_silence_after_the_request_leaves_it_in_doubt():
    with Peer(silent) as peer, pytest.raises(OutcomeUnknown, match="ReadTimeout"):
        dispatch(peer.url, seconds=0.2)


def test_a_connection_cut_after_the_request_leaves_it_in_doubt():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.reset()

    with Peer(manners) as peer, pytest.raises(OutcomeUnknown):
        dispatch(peer.url)


def test_an_answer_cut_short_leaves_it_in_doubt():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.conn.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"id": ')

    with Peer(manners) as peer, pytest.raises(OutcomeUnknown):
        dispatch(peer.url)


def test_a_connection_cut_before_the_first_byte_is_no_doubt():
    with Peer(Guest.reset) as peer, pytest.raises(NotDelivered):
        dispatch(peer.url, last_check=lambda: assert_soon(peer.done))


def assert_soon(event: threading.Event) -> None:
    assert event.wait(PATIENCE_SECONDS)


def test_a_refused_connection_is_no_doubt():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(NotDelivered, match="ConnectError"):
        dispatch(f"http://127.0.0.1:{port}")


def test_a_name_without_address_is_no_doubt():
    with pytest.raises(NotDelivered):
        dispatch("http://nobody.invalid")


def test_connecting_takes_half_of_the_time_at_most():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        with socket.create_connection(address), socket.socket() as waiting:
            waiting.setblocking(False)
            waiting.connect_ex(address)
            began = time.monotonic()
            with pytest.raises(NotDelivered, match="ConnectTimeout"):
                dispatch(f"http://127.0.0.1:{address[1]}", seconds=1.0)
            assert time.monotonic() - began < 0.95


def twice_polite(guest: Guest) -> None:
    for _ in range(2):
        polite(guest)


def test_a_text_never_rides_on_a_used_connection():
    with Peer(twice_polite) as peer, Wire(peer.url) as wire:
        wire.exchange(wire.request("GET", "/sms", "Bearer x"))
        for _ in range(2):
            request = wire.request("POST", "/sms", "Bearer x", body=BODY)
            wire.dispatch(request, deadline=time.monotonic() + 5, last_check=nothing)
        assert len(peer.guests) == 3


def test_reads_share_a_connection():
    with Peer(twice_polite) as peer, Wire(peer.url) as wire:
        for _ in range(2):
            assert wire.exchange(wire.request("GET", "/sms", "Bearer x")).status == 200
        assert len(peer.guests) == 1


def test_a_kept_connection_that_the_server_closed_meanwhile_is_not_used():
    with Peer(polite) as peer, Wire(peer.url) as wire:
        for _ in range(2):
            peer.done.clear()
            assert wire.exchange(wire.request("GET", "/sms", "Bearer x")).status == 200
            assert peer.done.wait(PATIENCE_SECONDS)
        assert len(peer.guests) == 2


def test_a_redirect_is_an_answer_and_is_not_followed():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.answer(b"", "302 Found", "Location: /elsewhere\r\n")

    with Peer(manners) as peer:
        assert dispatch(peer.url).status == 302
    assert len(peer.guests) == 1


def test_an_answer_without_end_is_given_up():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.answer(b" " * (wire_module.BODY_BYTES_MAX + 1))

    with Peer(manners) as peer, pytest.raises(OutcomeUnknown, match="too large"):
        dispatch(peer.url)


def test_a_token_that_cannot_be_a_header_is_neither_sent_nor_quoted():
    with Peer(polite) as peer, Wire(peer.url) as wire:
        request = wire.request("POST", "/sms", "Bearer secret\nof-the-hour", body=BODY)
        with pytest.raises(NotDelivered) as refused:
            wire.dispatch(request, deadline=time.monotonic() + 5, last_check=nothing)
    assert "of-the-hour" not in str(refused.value)


@pytest.mark.parametrize(
    ("headers", "request_id"),
    [
        ({"rcrequestid": "12345678-5f1c-11ef-9c3b-0242ac120002"}, None),
        ({"rcrequestid": "call +13125550142"}, "call •••••0142"),
        ({}, ""),
    ],
)
def test_a_request_id_is_kept_whole_only_if_it_is_one(headers, request_id):
    answer = Answer(200, headers, b"")
    assert answer.request_id == (headers["rcrequestid"] if request_id is None else request_id)


@pytest.mark.parametrize("date", ["", "today", "Sun, 22 Nov 2026 12:00:00 GMT"])
def test_the_servers_clock_is_read_where_it_can_be(date):
    said = Answer(200, {"date": date}, b"").server_time
    assert (said is not None and said.isoformat()) == (
        "2026-11-22T12:00:00+00:00" if date.startswith("Sun") else False
    )


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff\xfe", b"[" * 100_000, b"9" * 5000])
def test_a_body_that_is_no_json_is_none(body):
    assert Answer(200, {}, body).json() is None
