"""serve, as an operator meets it: a start that says what is wrong, children that come back."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from shiftbell.cli.family import BACK_OFF_SECONDS, READY_WITHIN_SECONDS, Child
from shiftbell.config import REQUIRED
from tests.cli.processes import SAMPLE, Running, run, running, running_aloud
from tests.config.samples import COMPLETE
from tests.config.test_knobs import MALFORMED
from tests.machine import children, free_port, wait_for_end

CONFIGURATION = 3


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
def test_every_malformed_value_ends_the_start_with_a_sentence_of_its_own(
    tmp_path: Path, command: str
) -> None:
    wrong = {name: values[0] for name, values in MALFORMED.items()}
    ended = run(tmp_path, command, **(COMPLETE | wrong))
    assert (ended.returncode, ended.stdout) == (CONFIGURATION, "")
    sentences = ended.stderr.splitlines()
    assert {sentence.split()[0] for sentence in sentences} == set(wrong)
    assert len(sentences) == len(wrong)


def test_every_missing_value_is_named_and_nothing_is_left_behind(tmp_path: Path) -> None:
    ended = run(tmp_path, "serve")
    assert ended.returncode == CONFIGURATION
    assert [line.split()[0] for line in ended.stderr.splitlines()] == list(REQUIRED)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"WEBHOOK_URL": "https://example.org/webhooks/ringcentral"}, "WEBHOOK_SECRET"),
        ({"RC_SERVER_URL": "https://example.org"}, "RC_SERVER_URL"),
        ({"RC_SENDERS_FILE": "missing.toml"}, "RC_SENDERS_FILE"),
        ({"RC_JWT_TOKEN": "", "RC_JWT_TOKEN_FILE": "missing"}, "RC_JWT_TOKEN_FILE"),
        ({"HOST": "no.such.host.invalid"}, "HOST"),
        ({"DATABASE_URL": "sqlite:////proc/no/x.sqlite3"}, "DATABASE_URL"),
        ({"DATABASE_URL": "sqlite:////proc/version/x.sqlite3"}, "DATABASE_URL"),
        ({"PORT": "3999", "WEBHOOK_PORT": "3999"}, "WEBHOOK_PORT"),
        ({"SEND_UNTIL": "09:00"}, "SEND_FROM and SEND_UNTIL leave no time"),
    ],
)
def test_what_cannot_work_ends_the_start_by_name(
    tmp_path: Path, given: dict[str, str], named: str
) -> None:
    ended = run(tmp_path, "serve", **(COMPLETE | given))
    assert ended.returncode == CONFIGURATION
    assert ended.stderr.startswith(named)
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
def test_q1_hours_that_leave_a_state_none_end_the_start(tmp_path: Path, command: str) -> None:
    ended = run(tmp_path, command, **(COMPLETE | {"SEND_FROM": "20:00"}))
    assert (ended.returncode, ended.stdout) == (CONFIGURATION, "")
    assert ended.stderr == (
        "SEND_FROM and SEND_UNTIL leave no time at which a text may leave in CT. Let some of its "
        "hours in (data/state_hours.toml), or set QUIET_HOURS_BY_STATE=0.\n"
    )
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["PORT", "WEBHOOK_PORT"])
def test_a_port_that_is_taken_ends_the_start_by_name(tmp_path: Path, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(tmp_path, "serve", **(COMPLETE | {"PORT": "0", name: port}))
    assert ended.returncode == CONFIGURATION
    assert ended.stderr.splitlines()[-1].startswith(f"{name} {port} on 127.0.0.1 ")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    with running_aloud(tmp_path, "serve", "--port", "0") as process:
        yield process


def pid_in(line: str) -> int:
    found = re.search(r"pid=(\d+)", line)
    assert found
    return int(found.group(1))


def test_it_starts_without_ringcentral_restarts_what_dies_and_ends_whole(server: Running) -> None:
    web = pid_in(server.line("child.started", "child=web"))
    url = server.address()
    worker = pid_in(server.line("child.started", "child=worker"))
    server.line("sync.failed")
    health = httpx2.get(f"{url}/health").json()
    assert (health["status"], health["simulated"]) == ("degraded", True)
    assert health["ringcentral"]["reachable"] is False

    os.kill(worker, signal.SIGKILL)
    assert f"code={-signal.SIGKILL}" in server.line("child.ended", "child=worker")
    new_worker = pid_in(server.line("child.started", "child=worker"))

    (answering,) = children(web)
    os.kill(web, signal.SIGKILL)
    new_web = pid_in(server.line("child.started", "child=web"))
    wait_for_end(answering)

    assert server.end() == 0
    for pid in (new_worker, new_web):
        wait_for_end(pid)


def test_nobody_outlives_a_parent_that_was_killed(server: Running) -> None:
    web = pid_in(server.line("child.started", "child=web"))
    server.address()
    worker = pid_in(server.line("child.started", "child=worker"))
    family = [web, worker, *children(web)]
    assert len(family) == 3
    server.process.kill()
    server.process.wait()
    for pid in family:
        wait_for_end(pid)


def test_the_webhook_may_have_a_server_of_its_own(tmp_path: Path) -> None:
    port = str(free_port())
    with running(tmp_path, "serve", "--port", "0", WEBHOOK_PORT=port) as process:
        line = process.line("answers at")
        assert f"the webhook is http://127.0.0.1:{port}/webhooks/ringcentral" in line
        answer = httpx2.post(
            f"http://127.0.0.1:{port}/webhooks/ringcentral",
            json={"uuid": "1"},
            headers={"Verification-Token": SAMPLE["WEBHOOK_SECRET"]},
        )
        assert answer.status_code == 200
        assert process.end() == 0


def test_a_child_that_keeps_dying_is_given_more_time_each_time() -> None:
    child, now = Child("short", ["no-such-command"]), 1000.0
    for pause in BACK_OFF_SECONDS[:3]:
        child.tend(now)
        assert child.pid is not None
        child.end_by(time.monotonic() + 30)
        assert child.tend(now) == 2
        child.tend(now + pause * 0.9)
        assert child.pid is None
        now += pause


def test_a_child_waits_for_what_it_needs_but_not_for_ever() -> None:
    child, now = Child("patient", ["no-such-command"], ready=lambda: False), 1000.0
    child.tend(now)
    child.tend(now + READY_WITHIN_SECONDS * 0.9)
    assert child.pid is None
    child.tend(now + READY_WITHIN_SECONDS)
    assert child.pid is not None
    child.end_by(time.monotonic() + 30)
