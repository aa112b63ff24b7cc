"""What every command has in common: help with an example, and errors in one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from typer.main import get_command

from shiftbell import __version__, errors
from shiftbell.cli import COMMANDS, application, main, terminal


def leaves() -> Iterator[tuple[str, str]]:
    """Yield every command with its whole help."""

    def walk(command, path: str) -> Iterator[tuple[str, str]]:
        for name, child in getattr(command, "commands", {}).items():
            yield from walk(child, f"{path} {name}")
        if not hasattr(command, "commands"):
            yield path.strip(), command.help or ""

    yield from walk(get_command(application()), "")


def test_every_command_of_the_table_exists_and_shows_an_example():
    found = dict(leaves())
    assert {path.split()[0] for path in found} == set(COMMANDS)
    assert [path for path, help in found.items() if "Example: shiftbell " not in help] == []


def test_an_example_begins_with_the_command_it_is_of():
    wrong = [path for path, help in leaves() if f"Example: shiftbell {path}" not in help]
    assert wrong == []


@pytest.mark.parametrize("word", ["--version", "--help", "-h"])
def test_version_and_help_need_nothing(word, capsys):
    assert main([word]) == 0
    assert "shiftbell" in capsys.readouterr().out


def test_the_version_is_the_packages(capsys):
    main(["--version"])
    assert capsys.readouterr().out == f"shiftbell {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'. Try `shiftbell --help`."),
        (["migrate", "--nonsense"], "No such option: --nonsense. Try `shiftbell migrate --help`."),
        (["why"], "Missing argument 'ID'. Try `shiftbell why --help`."),
        (["shifts", "show"], "Missing argument 'SHIFT'. Try `shiftbell shifts show --help`."),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_code_2(arguments, said, capsys):
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.err.casefold().startswith(said[:16].casefold())
    assert shown.err.rstrip().endswith(said[-20:])
    assert shown.out == ""


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.ConfigError("x"), 3),
        (errors.BadInput("x"), 2),
        (errors.NotFound("x"), 2),
        (errors.BadTime("x"), 2),
        (errors.Conflict("x"), 1),
        (errors.LoginRefused("x", status=400, code="invalid_grant"), 4),
        (errors.RingCentralUnavailable("x"), 4),
        (errors.PaceExceeded("x", quiet_for=timedelta(seconds=1)), 4),
        (ValueError("x"), 1),
    ],
)
def test_exit_codes_say_whose_turn_it_is(error, code):
    assert terminal.exit_code(error) == code


def test_an_unexpected_error_is_one_sentence_too(capsys):
    assert terminal.complain(KeyError("first\nsecond")) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("Something unexpected: KeyError: ")
    assert "--debug" in line
