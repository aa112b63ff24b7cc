"""How results are printed where no terminal is."""

from __future__ import annotations

import json
from decimal import Decimal

from shiftbell.cli import terminal
from tests.moments import NOON


def test_a_table_in_a_pipe_is_tab_separated_and_nothing_breaks_a_row(capsys):
    terminal.say_table(("Id", "Name"), [("e1", "Ana\tGarcia\nLopez"), ("e2", None)])
    assert capsys.readouterr().out == "Id\tName\ne1\tAna Garcia Lopez\ne2\t\n"


def test_json_is_one_document_with_moments_in_iso(capsys):
    terminal.say_json({"at": NOON, "name": "José", "cost": Decimal("1.20"), "of": {"b", "a"}})
    printed = capsys.readouterr().out
    assert "José" in printed
    assert json.loads(printed) == {
        "at": "2026-11-24T18:00:00+00:00",
        "name": "José",
        "cost": "1.20",
        "of": ["a", "b"],
    }


def test_progress_shows_nothing_in_a_pipe(capsys):
    with terminal.progress("Importing") as advance:
        advance(1, 2)
    assert capsys.readouterr() == ("", "")
