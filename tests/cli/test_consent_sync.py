"""consents check and sync: a failed look-up is never "no", and a dry run changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.consents import Consent
from shiftbell.simulator.control import environment
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World
from tests.cli.processes import run

ANA, BEN = "+13125550142", "+13125550143"
SINCE = datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
SEARCH = "*/consents/search"


@pytest.fixture
def simulator() -> Iterator[Server]:
    limits = {"auth": 500, "light": 500, "medium": 500}
    server = Server(World(7, RealClock(), setup=Setup(limits=limits)))
    server.start()
    yield server
    server.stop()


def consents(folder: Path, simulator: Server, *words: str) -> CompletedProcess[str]:
    lines = environment(simulator.world, simulator.url).splitlines()
    given = {"BRAND_NAME": "Acme"} | dict(line.split("=", 1) for line in lines)
    return run(folder, "consents", *words, **given)


def opt_out(simulator: Server, phone: str = ANA) -> Consent:
    desk = simulator.world.account.senders()[0].number.phone_number
    entry = Consent(desk, phone, "OptOut", "Recipient", SINCE)
    simulator.world.consents.set(entry)
    return entry


def checked(ended: CompletedProcess[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ended.stdout)
    assert all(
        list(one) == ["phoneNumber", "optedOut", "optOutDate", "error", "shiftbell"]
        for one in found
    )
    return found


def test_a_check_shows_both_sides_of_each_number(tmp_path: Path, simulator: Server) -> None:
    opt_out(simulator)
    ended = consents(tmp_path, simulator, "check", "(312) 555-0142", BEN, "--json")
    assert ended.returncode == 0, ended.stderr
    ana, ben = checked(ended)
    assert (ana["phoneNumber"], ana["optedOut"], ana["error"]) == (ANA, True, None)
    assert datetime.fromisoformat(ana["optOutDate"]) == SINCE
    assert (ben["phoneNumber"], ben["optedOut"], ben["optOutDate"]) == (BEN, False, None)
    assert (ana["shiftbell"]["optedOut"], ana["shiftbell"]["agrees"]) == (False, False)
    shown = consents(tmp_path, simulator, "check", ANA, BEN)
    assert shown.stdout.splitlines()[1:] == [
        "+1•••••0142\t\topted out on Mon Nov 2 10:30\tnot known",
        "+1•••••0143\t\tnot opted out\tnot known",
    ]


def test_a_look_up_that_fails_is_an_error_and_never_a_no(tmp_path: Path, simulator: Server):
    opt_out(simulator)
    consents(tmp_path, simulator, "sync")
    simulator.world.faults.set("error_before_accept", path=SEARCH, rate=1)
    ended = consents(tmp_path, simulator, "check", ANA, BEN, "--json")
    assert ended.returncode == 4, "RingCentral answered nothing at all"
    ana, ben = checked(ended)
    assert (ana["optedOut"], ben["optedOut"]) == (None, None)
    assert ana["error"]
    assert ben["error"]
    assert ana["shiftbell"]["optedOut"] is True
    assert ana["shiftbell"]["agrees"] is None
    shown = consents(tmp_path, simulator, "check", BEN)
    assert shown.returncode == 4
    assert "not known: " in shown.stdout
    assert "not opted out" not in shown.stdout
    failed = consents(tmp_path, simulator, "sync")
    assert failed.returncode == 4
    assert "Traceback" not in failed.stderr


def test_a_sync_mends_both_ways_unless_it_is_a_dry_run(tmp_path: Path, simulator: Server):
    opt_out(simulator)
    dry = consents(tmp_path, simulator, "sync", "--dry-run")
    assert dry.returncode == 0, dry.stderr
    assert dry.stdout.splitlines() == [
        "1 entries at RingCentral are about our numbers.",
        "     1 opted out at RingCentral and not here",
        "Nothing was changed.",
    ]
    told = json.loads(consents(tmp_path, simulator, "sync", "--json").stdout)
    assert (told["missing_here"], told["missing_there"], told["mended"]) == (1, 0, True)
    simulator.world.consents.forget(opt_out(simulator).pair)
    told = json.loads(consents(tmp_path, simulator, "sync", "--json").stdout)
    assert (told["missing_here"], told["missing_there"], told["not_told_yet"]) == (0, 1, 0)
    (entry,) = simulator.world.consents.all()
    assert (entry.phone, entry.opt_status, entry.source) == (ANA, "OptOut", "Api")
    last = consents(tmp_path, simulator, "sync")
    assert last.stdout.splitlines()[-1] == "Both sides agree."


def test_one_entry_that_cannot_be_read_is_no_failure_of_the_network(
    tmp_path: Path, simulator: Server
) -> None:
    simulator.world.consents.set(replace(opt_out(simulator), opt_status="Perhaps"))
    ended = consents(tmp_path, simulator, "check", ANA, BEN, "--json")
    assert ended.returncode == 1
    assert [bool(one["error"]) for one in checked(ended)] == [True, False]


def test_nobody_there_to_ask_is_the_network_for_check_and_sync(tmp_path: Path, simulator: Server):
    simulator.stop()
    for words in (("check", ANA), ("sync",)):
        ended = consents(tmp_path, simulator, *words)
        assert ended.returncode == 4, ended.stderr


def test_what_is_no_number_is_refused_before_anything_is_asked(tmp_path: Path, simulator: Server):
    ended = consents(tmp_path, simulator, "check", "nobody")
    assert ended.returncode == 2
    assert simulator.world.calls == []
