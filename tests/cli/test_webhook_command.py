"""The webhook commands against a served simulator that really calls back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.control import environment
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import World
from tests.cli.processes import SAMPLE, run, running
from tests.machine import free_port


@pytest.fixture
def simulator() -> Iterator[Server]:
    server = Server(World(7, RealClock()))
    server.start()
    yield server
    server.stop()


def kept(simulator: Server) -> int:
    world = simulator.world
    return len(world.subscriptions.of(world.account.senders()[0], world.clock.now()))


def test_a_subscription_is_made_seen_renewed_and_deleted(tmp_path: Path, simulator: Server) -> None:
    port = str(free_port())
    lines = environment(simulator.world, simulator.url).splitlines()
    given = dict(line.split("=", 1) for line in lines) | {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}/webhooks/ringcentral",
        "WEBHOOK_SECRET": "any long random text",
    }

    def webhook(command: str) -> tuple[int, str]:
        ended = run(tmp_path, "webhook", command, "--json", **given)
        assert "Traceback" not in ended.stderr
        assert given["RC_FROM_NUMBER"] not in ended.stdout
        return ended.returncode, json.loads(ended.stdout)[0]["status"] if ended.stdout else ""

    assert webhook("status") == (1, "missing")
    assert webhook("create") == (4, "")  # nobody answers at WEBHOOK_URL yet
    with running(tmp_path, "web", "--port", port, **given) as web:
        web.address()
        assert webhook("create") == (0, "Active")
        assert webhook("create") == (0, "Active")
        assert webhook("status") == (0, "Active")
        assert webhook("renew") == (0, "Active")
        assert kept(simulator) == 1
        assert webhook("delete") == (0, "deleted")
        assert kept(simulator) == 0


def test_without_an_address_there_is_nothing_to_subscribe(
    tmp_path: Path, simulator: Server
) -> None:
    lines = environment(simulator.world, simulator.url).splitlines()
    ended = run(tmp_path, "webhook", "create", **dict(line.split("=", 1) for line in lines))
    assert ended.returncode == 3
    assert ended.stderr.startswith("WEBHOOK_URL is missing.")


def test_nothing_is_called_missing_while_ringcentral_cannot_be_asked(tmp_path: Path) -> None:
    hook = "http://127.0.0.1:9/webhooks/ringcentral"
    ended = run(tmp_path, "webhook", "status", **SAMPLE, WEBHOOK_URL=hook)
    assert (ended.returncode, ended.stdout) == (4, "")
    assert len(ended.stderr.splitlines()) == 1
