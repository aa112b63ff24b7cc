"""demo: a whole Shiftbell against a simulated RingCentral, and its story told as it happens.

Everything is the real thing but the people and their carriers: `serve` runs as an operator's would,
texts leave at RingCentral's pace, answers come by webhook, mails go to a mail server of the demo's.
The settings are the demo's own; a .env or a variable of the user's is never read here, so no real
person can be texted or e-mailed by it.
"""

from __future__ import annotations

import signal
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.errors import ShiftbellError

if TYPE_CHECKING:
    from shiftbell.cli.demo_stage import Stage
    from shiftbell.cli.demo_story import Story

Once = Annotated[
    bool, typer.Option("--once", help="End by itself when the story is over, in under 40 seconds.")
]

STORY_SECONDS = 33.0  # --once ends its story there whatever is still missing
FIRST_ACT_SECONDS = 90.0  # a visitor who plays during the story may never let it end
LOOK_SECONDS = 0.2


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", rich_help_panel=terminal.TRY)(demo)


def demo(once: Once = False, json: terminal.Json = False) -> None:
    """Watch a simulated crew of 60 being texted about a shift, and the shift being filled.

    Needs no account and texts nobody. Ends with Ctrl-C; with --once, or where there is no
    terminal, by itself. Then it prints what happened, with --json as one object.

    Example: shiftbell demo
    """
    began = time.monotonic()
    from shiftbell.cli.demo_stage import set_stage
    from shiftbell.cli.demo_story import Story

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # either ends it in order
    once = once or not sys.stdout.isatty()
    with set_stage() as stage:
        story = Story(began, to_stderr=json)
        story.introduce(stage.addresses())
        try:
            stage.raise_curtain()
            _watch(stage, story, began, once)
        except KeyboardInterrupt:
            story.say("Interrupted.")
        score: dict[str, Any] = stage.score()
    score["seconds"] = round(time.monotonic() - began, 1)
    if json:
        terminal.say_json(score)
    else:
        story.sum_up(score)
    if once and not score["filled"]:
        raise ShiftbellError("The shift was not filled in time.", hint="Is this machine very busy?")


def _watch(stage: Stage, story: Story, began: float, once: bool) -> None:
    """Tell what happens until the story is over, or until somebody interrupts it."""
    invited = False
    patience = STORY_SECONDS if once else FIRST_ACT_SECONDS
    while True:
        stage.check()
        story.go_on(stage)
        over = stage.is_over() or time.monotonic() - began > patience
        if over and once:
            return
        if over and not invited:
            stage.play_on()
            story.invite(stage.addresses(), stage.sign_up())
            invited = True
        time.sleep(LOOK_SECONDS)
