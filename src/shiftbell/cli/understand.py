"""`shiftbell understand`: how a reply would be read. Needs no settings and no database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from shiftbell.cli import terminal
from shiftbell.cli.files import read_file
from shiftbell.errors import BadInput
from shiftbell.rules.replies import Reading
from shiftbell.rules.replies import understand as read


def register(app: typer.Typer) -> None:
    """Add `understand`."""
    app.command(
        "understand",
        rich_help_panel=terminal.TRY,
        context_settings={"ignore_unknown_options": True},  # "-_- no" is a reply
    )(understand)


def understand(
    text: Annotated[str | None, typer.Argument(help="The reply, as it was texted.")] = None,
    file: Annotated[
        str | None,
        typer.Option(help="Read one reply a line, a line break inside a reply as \\n; - is stdin."),
    ] = None,
    json: terminal.Json = False,
) -> None:
    """Say how a reply would be read: one word, then a tab and the number it names, if any.

    The words: opt_out, review, wrong_number, help, start, pause, drop, decline, accept, unclear.

    Example: shiftbell understand "Yes please, 2"
    """
    if (text is None) == (file is None):
        raise BadInput("Give either a reply or --file.", hint='For example: understand "Yes!!"')
    if text is not None:
        reading = read(text)
        terminal.say_json(_plain(text, reading)) if json else terminal.say(_line(reading))
        return
    assert file is not None
    readings = ((reply, read(reply)) for reply in _replies(file))
    if json:
        terminal.say_json([_plain(reply, reading) for reply, reading in readings])
        return
    for _, reading in readings:
        terminal.say(_line(reading))


def _replies(file: str) -> Iterator[str]:
    lines = read_file(file).decode("utf-8-sig", errors="replace").replace("\r\n", "\n").split("\n")
    for line in lines if lines[-1] else lines[:-1]:
        yield line.replace("\\n", "\n")


def _line(reading: Reading) -> str:
    number = "" if reading.number is None else f"\t{reading.number}"
    return f"{reading.meaning}{number}"


def _plain(text: str, reading: Reading) -> dict[str, object]:
    return {"text": text, "meaning": str(reading.meaning), "number": reading.number}
