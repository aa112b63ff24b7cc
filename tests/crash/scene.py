"""A scene for crash tests: a served simulator, a real database file, real processes.

The simulator lives in the test's process, on real sockets, so the carrier's log is at hand; the web
and worker processes are the product's, and are killed with SIGKILL.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World
from tests import crew
from tests.crash.steps import PERIODIC
from tests.machine import children, free_port

ROOT = Path(__file__).parents[2]
SETUP = Setup(
    limits={"medium": 1200, "light": 6000, "auth": 100},
    reply_seconds=(0.1, 0.4),
    pace=Pace(leaves=(0.01, 0.05), reports=(0.05, 0.1)),
    webhook_seconds=(0.01, 0.05),
)
TEMPERAMENTS = ("says_yes", "enthusiastic", "says_no", "stops", "says_yes", "says_yes")
UNSETTLED = """
    SELECT count(*) FROM shiftbell_message
    WHERE (direction = 'in' AND state = 'received')
       OR (direction = 'out' AND state IN ('queued', 'sending', 'in_doubt'))
"""
LEASED = "SELECT count(*) FROM shiftbell_message WHERE state IN ('queued', 'sending')"
CROWD = 300  # as many phones have someone who may answer
TELLING = 40.0  # seconds within which everything settles once the weather is fair


def until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    """Wait until a condition holds: the one place where tests of real processes wait."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.02)


class Scene:
    """One installation and its carrier."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.world = World(seed, RealClock(), setup=SETUP)
        self.server = Server(self.world)
        self.server.start()
        self.port = free_port()
        self.database = folder / "crash.sqlite3"
        self._log = (folder / "errors.log").open("a")
        self._processes: list[subprocess.Popen[str]] = []
        for place in range(CROWD):
            self.world.describe(crew.number(place), TEMPERAMENTS[place % len(TEMPERAMENTS)])
        self.run_to_end("-m", "django", "migrate", "--verbosity", "0")
        self.web = self.start("-m", "shiftbell.cli", "web")

    @property
    def environment(self) -> dict[str, str]:
        app = self.world.account.app
        sender = self.world.account.senders()[0]
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "shiftbell.django_settings",
            "DATABASE_URL": f"sqlite:///{self.database}",
            "RC_SERVER_URL": self.server.url,
            "RC_CLIENT_ID": app.client_id,
            "RC_CLIENT_SECRET": app.client_secret,
            "RC_JWT_TOKEN": sender.jwt,
            "RC_FROM_NUMBER": sender.number.phone_number,
            "BRAND_NAME": "Acme",
            "WEBHOOK_URL": f"http://127.0.0.1:{self.port}/webhooks/ringcentral",
            "WEBHOOK_SECRET": "crash",
            "PORT": str(self.port),
            "HTTP_TIMEOUT_SECONDS": "1.0",
            "LEASE_MARGIN_SECONDS": "0.5",
            "DOUBT_WAIT_SECONDS": "1.5",
            "PYTHONPATH": str(ROOT),
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._processes.append(process)
        return process

    def run_to_end(self, *arguments: str) -> None:
        process = self.start(*arguments)
        assert process.wait(60) == 0, (self.folder / "errors.log").read_text()[-2000:]

    def offer(self, first: int, people: int, openings: int) -> None:
        numbers = (str(first), str(people), str(openings))
        self.run_to_end("-m", "tests.crash.worker", "offer", *numbers)

    def killed_at(self, step: str, occurrence: int) -> bool:
        """Run a worker until it dies at a step; False when it settled all without passing it."""
        worker = self.start("-m", "tests.crash.worker", "run", step, str(occurrence))
        until(
            lambda: worker.poll() is not None or (step not in PERIODIC and self.quiet()),
            TELLING,
            f"{step} or nothing to do",
        )
        if worker.poll() is None:
            self.stop(worker)
            return False
        assert worker.returncode == -signal.SIGKILL, (self.folder / "errors.log").read_text()[
            -3000:
        ]
        return True

    def settle(self, people: int) -> None:
        """Let an undisturbed worker finish everything, and text a few people more.

        The later texts prove the message store fresh, as any next broadcast does: they leave when
        no lease of the killed workers runs any more.
        """
        worker = self.start("-m", "tests.crash.worker", "run")
        until(lambda: self.rows(LEASED) == [(0,)], TELLING, "leases that run out")
        self.offer(people, 3, openings=1)
        until(self.quiet, TELLING, "everything settled")
        self.stop(worker)

    def quiet(self) -> bool:
        """Whether nothing is left to send, to hear or to bring."""
        coming = self.world.next_due()
        soon = coming is not None and coming - self.world.clock.now() < timedelta(minutes=1)
        if soon or self.rows(UNSETTLED) != [(0,)]:
            return False
        return len(self.heard()) == len(self.said()) and bool(self.said())

    def kill_web(self) -> None:
        """Kill the web process and its children, as a power cut would, and start it anew."""
        for child in children(self.web.pid):
            os.kill(child, signal.SIGKILL)
        self.web.kill()
        self.web.wait(20)
        self.web = self.start("-m", "shiftbell.cli", "web")

    def stop(self, process: subprocess.Popen[str]) -> None:
        process.terminate()
        process.wait(20)

    def end(self) -> None:
        for process in self._processes:
            if process.poll() is None:
                process.kill()
            process.wait(20)
        self._log.close()
        self.server.stop()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        database = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def carried(self) -> Counter[tuple[str, str]]:
        """The carrier's log of what we texted."""
        return Counter(
            (text.phone, text.text)
            for text in self.world.texts
            if text.direction == "Outbound" and text.by == "account"
        )

    def intended(self) -> Counter[tuple[str, str]]:
        """Every text that was meant and not withdrawn."""
        return Counter(
            (str(phone), str(text))
            for phone, text in self.rows(
                "SELECT e164, text FROM shiftbell_message m"
                " JOIN shiftbell_phonenumber n ON n.id = m.number_id"
                " WHERE direction = 'out' AND state NOT IN ('cancelled', 'failed')"
            )
        )

    def said(self) -> list[str]:
        """What people texted us, as the carrier saw it."""
        return [text.id for text in self.world.texts if text.direction == "Inbound"]

    def has_said(self, count: int) -> bool:
        """Whether people have texted us so often."""
        return len(self.said()) >= count

    def heard(self) -> list[str]:
        query = (
            "SELECT ringcentral_id FROM shiftbell_message WHERE direction='in' AND state='heard'"
        )
        return [str(row[0]) for row in self.rows(query)]


@contextmanager
def scene(folder: Path, seed: int) -> Iterator[Scene]:
    made = Scene(folder, seed)
    try:
        yield made
    finally:
        made.end()
