"""send-test: every step is checked before a text is risked, and the end is the text's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.control import environment
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World
from tests.cli.processes import SAMPLE, run

PHONE = "+13125550142"


@pytest.fixture(scope="module")
def simulator() -> Iterator[Server]:
    setup = Setup(
        pace=Pace(leaves=(0.05, 0.1), reports=(0.05, 0.1)),
        limits={"auth": 500, "light": 500, "medium": 500},
    )
    server = Server(World(7, RealClock(), setup=setup))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("send-test")


def credentials(simulator: Server) -> dict[str, str]:
    lines = environment(simulator.world, simulator.url).splitlines()
    return {"BRAND_NAME": "Acme"} | dict(line.split("=", 1) for line in lines)


def send_test(folder: Path, simulator: Server, *words: str, **given: str) -> CompletedProcess[str]:
    return run(folder, "send-test", *words, **(credentials(simulator) | given))


def test_a_text_is_sent_and_followed_to_the_phone(folder: Path, simulator: Server) -> None:
    ended = send_test(folder, simulator, "(312) 555-0142", "--json")
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert (result["to"], result["status"], result["sent"]) == ("+1•••••0142", "delivered", True)
    (text,) = [text for text in simulator.world.texts if text.phone == PHONE]
    assert text.id == result["ringcentral_id"]
    assert text.text.startswith("Acme: this is a test text.")
    ticks = [line for line in ended.stderr.splitlines() if line.startswith("✔")]
    assert len(ticks) == 7
    assert "5550142" not in ended.stderr + ended.stdout
    assert result["from"].startswith("+1•••••")


def test_a_dry_run_checks_everything_and_sends_nothing(folder: Path, simulator: Server) -> None:
    before = len(simulator.world.texts)
    ended = send_test(folder, simulator, "--dry-run", TEST_PHONE_NUMBER=PHONE)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "✔ Its texting campaign is Confirmed."
    assert len(simulator.world.texts) == before


def test_a_text_that_cannot_arrive_ends_with_the_carriers_reason(
    folder: Path, simulator: Server
) -> None:
    simulator.world.describe("+13125550143", "landline")
    ended = send_test(folder, simulator, "+13125550143")
    assert ended.returncode == 1
    assert "SMS-CAR-411" in ended.stderr


def test_a_campaign_that_is_not_confirmed_stops_it_before_a_text_is_risked(
    folder: Path, simulator: Server
) -> None:
    before = len(simulator.world.texts)
    simulator.world.faults.set("campaign_suspended", rate=1.0)
    try:
        ended = send_test(folder, simulator, PHONE)
    finally:
        simulator.world.faults.clear()
    assert ended.returncode == 1
    assert "campaign is not Confirmed" in ended.stderr
    assert len(simulator.world.texts) == before


@pytest.mark.parametrize(
    ("words", "given", "code", "said"),
    [
        ((), {}, 2, "There is no number to send to."),
        (("nobody",), {}, 2, "number"),
        ((PHONE,), {"RC_SERVER_URL": "http://127.0.0.1:9"}, 4, ""),
        ((PHONE,), {"RC_FROM_NUMBER": "+16505550177"}, 3, "RC_FROM_NUMBER +1•••••0177 does not"),
        (
            (PHONE,),
            {**SAMPLE, "RC_SERVER_URL": "https://platform.ringcentral.com", "BRAND_NAME": ""},
            3,
            "BRAND_NAME is missing",
        ),
    ],
)
def test_what_is_missing_is_said_with_its_own_exit_code(
    tmp_path: Path,
    simulator: Server,
    words: tuple[str, ...],
    given: dict[str, str],
    code: int,
    said: str,
) -> None:
    ended = send_test(tmp_path, simulator, *words, **given)
    assert ended.returncode == code, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
