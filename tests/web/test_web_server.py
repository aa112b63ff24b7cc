"""The webhook behind the real server: sizes, lengths and slow clients."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import httpx2
import pytest

from shiftbell.web.webhook import BODY_MAX, PATH
from shiftbell.web.wsgi import THREADS
from tests.cli.processes import Running, running

TOKEN = {"Verification-Token": "sample-verification-token"}
SLOW_CLIENTS = THREADS + 20
QUICK_SECONDS = 2.0  # of a server that is idle; one whose threads are all held never answers


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("web"), "web", "--port", "0") as process:
        yield process


@pytest.fixture(scope="module")
def url(server: Running) -> str:
    return server.address()


@pytest.fixture
def client(url: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=url, timeout=10) as client:
        yield client


def chunks(total: int) -> Iterator[bytes]:
    yield b'"'
    for _ in range(total // 1000):
        yield b"x" * 1000
    yield b'"'


def rejected(client: httpx2.Client) -> int:
    return int(client.get("/health").json()["webhook"]["rejected"])


def waiting(client: httpx2.Client) -> int:
    return int(client.get("/health").json()["webhook"]["waiting"])


def test_the_whole_answer_to_a_handshake_fits_into_1024_bytes(url: str) -> None:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        connection.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: x\r\nValidation-Token: {'a' * 256}\r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"a" * 256 in answer
    assert b"content-length: 0" in answer.lower()
    assert len(answer) <= 1024


@pytest.mark.parametrize(("length", "status"), [(BODY_MAX - 1000, 200), (2_000_000, 413)])
def test_a_body_without_a_declared_length_is_read_no_further_than_64_kib(
    client: httpx2.Client, length: int, status: int
) -> None:
    before = waiting(client)
    assert client.post(PATH, headers=TOKEN, content=chunks(length)).status_code == status
    assert waiting(client) - before == (status == 200)


def test_a_declared_2_mb_are_refused(client: httpx2.Client) -> None:
    assert client.post(PATH, headers=TOKEN, content=b"x" * 2_000_000).status_code == 413


def test_a_chunked_handshake_is_none(client: httpx2.Client) -> None:
    answer = client.post(PATH, headers={"Validation-Token": "x"}, content=iter([b"{}"]))
    assert answer.status_code == 401


def test_a_wrong_token_leaves_a_count_and_not_one_line(
    client: httpx2.Client, server: Running
) -> None:
    before, written = rejected(client), server.written()
    for _ in range(20):
        assert client.post(PATH, headers={"Verification-Token": "x"}, json={}).status_code == 401
    assert client.get("/nowhere").status_code == 404
    assert rejected(client) - before == 20
    assert server.written() == written


SLOW = {
    "headers": f"POST {PATH} HTTP/1.1\r\nHost: x\r\nX-Slo",
    "nothing": "",
    "a body without the token": f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{{",
    "a body for a page": "POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
    "idle after an answer": "GET /health HTTP/1.1\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_clients_that_never_finish_hold_no_thread(
    url: str, client: httpx2.Client, sent: str
) -> None:
    parts = urlsplit(url)
    with ExitStack() as open_connections:
        for _ in range(SLOW_CLIENTS):
            connection = socket.create_connection((parts.hostname, parts.port), timeout=10)
            open_connections.enter_context(connection).sendall(sent.encode())
        began = time.monotonic()
        assert client.post(PATH, headers=TOKEN, json={"uuid": "1"}).status_code == 200
        assert client.get("/health").status_code == 200
        assert time.monotonic() - began < QUICK_SECONDS


def test_sigterm_ends_it_though_clients_keep_their_connections(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("web"), "web", "--port", "0") as process:
        url = process.address()
        with httpx2.Client(base_url=url) as client:
            assert client.get("/health").status_code == 200
            assert process.end() == 0
