"""Real processes of the command line, each in a folder and an environment of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.machine import END_WITHIN_SECONDS

SAMPLE = {
    "RC_SERVER_URL": "http://127.0.0.1:9",  # nothing listens there
    "RC_CLIENT_ID": "sample-client",
    "RC_CLIENT_SECRET": "sample-secret",
    "RC_JWT_TOKEN": "sample-jwt",
    "RC_FROM_NUMBER": "+16505550100",
    "WEBHOOK_SECRET": "sample-verification-token",
    "BRAND_NAME": "Acme",
}
KEPT = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "PYTHONPATH", "TMPDIR", "COVERAGE_PROCESS_START")


@dataclass
class Running:
    """A process that runs: its address once it said so, and what it wrote to stderr so far."""

    process: subprocess.Popen[str]
    log: Path
    passed_over: list[str] = field(default_factory=list)

    def line(self, *holding: str) -> str:
        """Return the next line of stdout that holds all of `holding`; waits for it.

        Lines passed over meanwhile are kept: who of several writes first is often left to chance.
        """
        for place, line in enumerate(self.passed_over):
            if all(part in line for part in holding):
                return self.passed_over.pop(place)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if all(part in line for part in holding):
                return line
            self.passed_over.append(line)
        raise AssertionError(f"it ended without a line with {holding}; stderr: {self.written()}")

    def address(self) -> str:
        """Wait until it says where it answers, and return that."""
        found = re.search(r"http://[^/]+", self.line("http://"))
        assert found
        return found.group()

    def written(self) -> str:
        """Return what stands on its stderr."""
        return self.log.read_text(encoding="utf-8")

    def end(self) -> int:
        """Send SIGTERM and return the exit code."""
        self.process.terminate()
        return self.process.wait(END_WITHIN_SECONDS)


def environment(folder: Path, **given: str) -> dict[str, str]:
    """Return an environment with nothing of ours in it but what is given and a database."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return kept | {"DATABASE_URL": f"sqlite:///{folder}/x.sqlite3"} | given


@contextmanager
def running(folder: Path, *arguments: str, **given: str) -> Iterator[Running]:
    """Run `shiftbell ARGUMENTS` in `folder` for as long as the block, with sample settings."""
    log = folder / "stderr.txt"
    with log.open("w") as stderr:
        process = _start(folder, arguments, given, stderr.fileno())
    yield from _until_done(Running(process, log))


@contextmanager
def running_aloud(folder: Path, *arguments: str, **given: str) -> Iterator[Running]:
    """Do the same with its log among the lines of stdout, for a test that waits for one of them."""
    process = _start(folder, arguments, given, subprocess.STDOUT)
    yield from _until_done(Running(process, Path(os.devnull)))


def _start(
    folder: Path, arguments: Sequence[str], given: Mapping[str, str], stderr: int
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "shiftbell.cli", *arguments],
        cwd=folder,
        env=environment(folder, **(SAMPLE | dict(given))),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )


def _until_done(one: Running) -> Iterator[Running]:
    try:
        yield one
    finally:
        one.process.terminate()
        try:
            one.process.wait(END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            one.process.kill()
            one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()


def run(folder: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Run `shiftbell ARGUMENTS` in `folder` to its end, with nothing set but what is given."""
    return subprocess.run(
        [sys.executable, "-m", "shiftbell.cli", *arguments],
        cwd=folder,
        env=environment(folder, **given),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
