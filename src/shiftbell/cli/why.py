"""`shiftbell why`: the whole story of one thing."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database


def register(app: typer.Typer) -> None:
    """Add `why`."""
    app.command("why", rich_help_panel=terminal.DAILY)(why)


def why(
    id: Annotated[
        str,
        typer.Argument(
            help="m12, o3, e4, s5, b6, a message's number, or an employee's or shift's own id."
        ),
    ],
    json: terminal.Json = False,
) -> None:
    """Tell the whole story of a text, an offer, a person, a shift or a broadcast.

    Example: shiftbell why m1881
    """
    with_database()
    from shiftbell.flow.tell_story import why as tell

    story = tell(id)
    if json:
        terminal.say_json(asdict(story) | {"summary": dict(story.summary)})
        return
    terminal.say(f"{story.id}: {story.title}")
    width = max((len(label) for label, _ in story.summary), default=0) + 1
    for label, value in story.summary:
        terminal.say(f"  {label + ':':<{width}} {value}")
    terminal.say(f"What happened ({story.zone}):")
    for line in story.lines:
        about = f"{line.about}: " if line.about else ""
        terminal.say(f"  {line.at:%a %b} {line.at.day:>2} {line.at:%H:%M:%S}  {about}{line.words}")
