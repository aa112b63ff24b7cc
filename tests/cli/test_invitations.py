"""consents invite, invitations, campaign: what an operator gets to hang up and to register."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from shiftbell.cli import invitations, terminal
from shiftbell.errors import ShiftbellError
from shiftbell.store.models import Invitation, Message
from tests import crew

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command of the group; return its exit code, stdout and stderr."""
    consents = typer.Typer()
    invitations.register(consents)
    crew.sender()
    crew.place()

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            get_command(consents).main(list(arguments), standalone_mode=False)
            code = 0
        except ShiftbellError as error:
            code = terminal.complain(error)
        return code, *capsys.readouterr()

    return run


def made() -> Invitation:
    return Invitation.objects.get()


def test_an_invitation_prints_what_to_text_and_texts_no_one(run):
    code, out, _ = run("invite", "--location", "dock 4")
    assert code == 0
    assert made().location == crew.place()
    assert out.splitlines() == [
        f"Code:  {made().code}",
        f"Text:  JOIN {made().code} to (650) 555-0100",
        "Page:  Set PUBLIC_URL to show its page to people outside this machine.",
    ]
    assert not Message.objects.exists()


def test_it_writes_the_sheet_and_the_code_to_files(run, tmp_path: Path):
    sheet, qr = tmp_path / "sheet.html", tmp_path / "qr.svg"
    code, out, _ = run("invite", "--sheet", str(sheet), "--qr", str(qr), "--language", "es")
    assert code == 0
    assert f"Envía JOIN {made().code} al (650) 555-0100" in sheet.read_text("utf-8")
    assert qr.read_text("utf-8").startswith("<?xml")
    assert str(sheet) in out
    assert str(qr) in out


def test_one_made_before_can_be_printed_again(run, tmp_path: Path):
    run("invite")
    code, out, _ = run("invite", "--code", made().code, "--sheet", str(tmp_path / "sheet.html"))
    assert code == 0
    assert made().code in out


def test_a_file_that_cannot_be_written_says_that_the_invitation_is_there(run, tmp_path: Path):
    code, _, err = run("invite", "--sheet", str(tmp_path / "nowhere" / "sheet.html"))
    assert code == terminal.USAGE
    assert "cannot be written: no such file or directory." in err
    assert f"add --code {made().code}." in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--location", "Dock 9"), "There is no location 'Dock 9'. Known: Dock 4."),
        (("--code", "4821"), "There is no such open invitation."),
        (("--language", "fr"), "There is no sheet in 'fr'. Write en or es."),
    ],
)
def test_what_cannot_be_done_is_said_and_makes_no_invitation(run, arguments, said):
    code, _, err = run("invite", *arguments)
    assert code == terminal.USAGE
    assert said in err
    assert not Invitation.objects.exists()


def test_invitations_are_listed_and_ended(run):
    run("invite", "--location", "Dock 4")
    code, out, _ = run("invitations", "--end", made().code)
    assert code == 0
    heading, row = (line.split("\t") for line in out.splitlines())
    assert heading == ["Text", "Location", "Made", "Ended", "Page"]
    assert row[:2] == [f"JOIN {made().code}", "Dock 4"]
    assert row[3] == f"{made().ended_at:%Y-%m-%d}"
    assert run("invite", "--code", made().code)[0] == terminal.USAGE


def test_without_any_it_says_how_to_make_one(run):
    code, _, err = run("invitations")
    assert code == 0
    assert "shiftbell consents invite" in err


def test_a_machine_gets_the_same_as_json(run):
    _, out, _ = run("invite", "--location", "Dock 4", "--json")
    shown = json.loads(out)
    assert shown["code"] == made().code
    assert (shown["text"], shown["number"]) == (f"JOIN {made().code}", "+16505550100")
    assert shown["location"] == "Dock 4"
    assert json.loads(run("invitations", "--json")[1])[0]["code"] == made().code


def test_the_registration_is_printed_with_a_word_about_what_is_missing(run):
    code, out, err = run("campaign")
    assert code == 0
    assert "Opt in page:\n  not published yet" in out
    assert "Has links:\n  no" in out
    assert "set PUBLIC_URL" in err
    assert "There is no marketing." in json.loads(run("campaign", "--json")[1])["description"]
