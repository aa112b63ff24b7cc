"""How long RingCentral waits for the webhook, while everything else is busy.

The real processes on this machine: `serve` with its worker texting a crew at RingCentral's pace, a
simulator, 50 clients that hang on pages (half send headers a byte at a time, half a body), and two
that ask for /health again and again. Then handshakes and events are sent as RingCentral sends them,
each over a connection of its own.
"""

from __future__ import annotations

import json
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import shiftbell
from shiftbell import config
from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.control import environment
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World

from .figures import Figure, percentile

REQUESTS = 400  # of each kind
A_SECOND = 40.0
SLOW_CLIENTS = 50
P99_MS = 50.0
TEXTS_MIN = 10  # 20 s at RingCentral's pace are 13; fewer, and the worker did not run
PATH = "/webhooks/ringcentral"
TOKEN = secrets.token_hex(16)

Address = tuple[str, int]


def measure() -> list[Figure]:
    """Return p50 and p99 of handshakes and events, in milliseconds, and what went wrong."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name)
        simulator = stack.enter_context(_simulator())
        given = _settings(simulator, folder)
        address = stack.enter_context(_serve(folder, given))
        _offer(folder, given)
        stack.enter_context(_slow_clients(address))
        stack.enter_context(_busy_pages(address))
        texts_before = len(simulator.world.texts)
        handshakes = _send(address, {"Validation-Token": "6d1c64a5-0f5e-4b6e"}, "")
        event = json.dumps({"uuid": "bench", "event": "/bench", "body": {"pad": "x" * 900}})
        events = _send(address, {"Verification-Token": TOKEN}, event)
        texts = len(simulator.world.texts) - texts_before
    return [
        Figure("handshake p50", percentile(handshakes, 50), "ms"),
        Figure("handshake p99", percentile(handshakes, 99), "ms", bar=P99_MS),
        Figure("event p50", percentile(events, 50), "ms"),
        Figure("event p99", percentile(events, 99), "ms", bar=P99_MS),
        Figure("event longest", max(events), "ms"),
        Figure("texts that left meanwhile", texts, bar=TEXTS_MIN, at_least=True),
    ]


@contextmanager
def _simulator() -> Iterator[Server]:
    server = Server(World(7, RealClock(), setup=Setup()))
    server.start()
    yield server
    server.stop()


def _settings(simulator: Server, folder: Path) -> dict[str, str]:
    lines = environment(simulator.world, simulator.url).splitlines()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    return (
        config.surroundings()
        | dict(line.split("=", 1) for line in lines)
        | {
            "PORT": str(port),
            "WEBHOOK_URL": f"http://127.0.0.1:{port}{PATH}",
            "WEBHOOK_SECRET": TOKEN,
            "BRAND_NAME": "Acme",
            "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3",
            "SEND_FROM": "00:00",
            "SEND_UNTIL": "23:59",
        }
    )


@contextmanager
def _serve(folder: Path, given: dict[str, str]) -> Iterator[Address]:
    command = [sys.executable, "-m", "shiftbell.cli", "serve"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert process.stdout is not None
        assert "answers at" in process.stdout.readline(), (folder / "log").read_text()
        yield "127.0.0.1", int(given["PORT"])
    finally:
        process.terminate()
        process.wait()


def _offer(folder: Path, given: dict[str, str]) -> None:
    """Begin a broadcast that lasts longer than the measurement."""
    crew = Path(shiftbell.__file__).parent / "data" / "sample_crew.csv"
    shift = ("--location", "Dock 4", "--date", "tomorrow", "--start", "7am", "--end", "3pm")
    for words in (
        ("people", "import", str(crew)),
        ("shifts", "add", *shift, "--id", "BENCH"),
        ("offer", "BENCH"),
    ):
        command = [sys.executable, "-m", "shiftbell.cli", *words]
        subprocess.run(command, cwd=folder, env=given, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _slow_clients(address: Address) -> Iterator[None]:
    """Keep 50 page requests hanging, each sending a byte twice a second."""
    over = threading.Event()
    starts = (
        b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n",
    )

    def drip(begin: bytes) -> None:
        while not over.is_set():
            try:
                with socket.create_connection(address, timeout=10) as connection:
                    connection.sendall(begin)
                    while not over.wait(0.5):
                        connection.sendall(b"x")
            except OSError:
                pass  # the server had enough of it; hang again

    threads = [threading.Thread(target=drip, args=(starts[n % 2],)) for n in range(SLOW_CLIENTS)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


@contextmanager
def _busy_pages(address: Address) -> Iterator[None]:
    """Ask for /health five times a second, from two clients."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.2):
            _request(address, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    yield
    over.set()
    for thread in threads:
        thread.join()


def _send(address: Address, headers: dict[str, str], body: str) -> list[float]:
    """Send REQUESTS requests at an even pace; return how long each took, in milliseconds."""
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    request = (
        f"POST {PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n{head}\r\n{body}"
    ).encode()
    took, began = [], time.perf_counter()
    for number in range(REQUESTS):
        time.sleep(max(0.0, began + number / A_SECOND - time.perf_counter()))
        started = time.perf_counter()
        answer = _request(address, request)
        took.append((time.perf_counter() - started) * 1000)
        assert answer.startswith(b"HTTP/1.1 200 "), answer[:200]
    return took


def _request(address: Address, request: bytes) -> bytes:
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))
