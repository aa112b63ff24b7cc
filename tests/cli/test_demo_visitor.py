"""The demo on a terminal: once its story is over, a visitor takes a shift from a letter."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.cli.processes import environment
from tests.machine import END_WITHIN_SECONDS

LINK = re.compile(r"Take this shift: (http://\S+/m/\S+)")
DEREK = "derek.kowalski@example.com"


class Screen:
    """What a demo writes on its terminal, line by line."""

    def __init__(self, file: int) -> None:
        self._file, self._rest = file, b""

    def line(self, holding: str) -> str:
        """Return the next line that holds these words; waits for it."""
        while True:
            while b"\n" not in self._rest:
                self._rest += os.read(self._file, 4096)
            line, _, self._rest = self._rest.partition(b"\n")
            if holding in (words := line.decode()):
                return words

    def address(self, beside: str) -> str:
        """Return the address that stands beside some words."""
        found = re.search(r"http://\S+", self.line(beside))
        assert found
        return found.group()


@contextmanager
def demo(folder: Path) -> Iterator[Screen]:
    """Run a demo on a terminal of its own, and end it as Ctrl-C would."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "shiftbell.cli", "demo"],
        cwd=folder,
        env=environment(folder) | {"NO_COLOR": "1", "TMPDIR": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=its,
        stderr=its,
    )
    os.close(its)
    try:
        yield Screen(ours)
    finally:
        process.terminate()
        try:
            process.wait(END_WITHIN_SECONDS)
        finally:
            process.kill()
            os.close(ours)


def letters(simulator: str, to: str) -> list[dict[str, Any]]:
    listed = httpx2.get(f"{simulator}_simulator/mails").json()["mails"]
    return [letter for letter in listed if letter["to"] == to]


def test_a_visitor_takes_a_shift_from_a_letter_and_signs_its_reader_up(tmp_path: Path) -> None:
    with demo(tmp_path) as screen:
        simulator = screen.address("their phones")
        assert screen.address("their mail") == f"{simulator}mail"
        screen.line("Your turn.")
        join = screen.address("sign up for texts")
        assert "Derek Kowalski" in screen.line(f"JOIN {join[-4:]}")
        screen.line("Derek Kowalski is asked by e-mail (no recorded consent to be texted)")

        first, second = letters(simulator, DEREK)
        (link,) = LINK.findall(second["text"])
        assert first["subject"] != second["subject"]
        assert "Take this shift" in httpx2.get(link).text
        assert "It is yours." in httpx2.post(link, data={"do": "accept"}).text
        screen.line("Derek Kowalski said YES by e-mail in time and holds the shift")

        assert f"JOIN {join[-4:]}" in httpx2.get(join).text
        said = {"from": "+12245550133", "text": f"JOIN {join[-4:]}"}
        assert httpx2.post(f"{simulator}_simulator/reply", json=said).status_code == 200
        screen.line("Derek Kowalski signed up and may be texted from now on")
