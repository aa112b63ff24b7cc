"""`shiftbell decide`: what a person knows about a text that may have left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.decide_doubt import Doubt

CONSEQUENCES = {
    "left": "It counts as sent and is never sent again.",
    "not-left": "It is dropped. If it is an offer, `shiftbell offer` asks the person again.",
}


def register(app: typer.Typer) -> None:
    """Add `decide`."""
    app.command("decide", rich_help_panel=terminal.DAILY)(decide)


def decide(
    text: Annotated[str, typer.Argument(help="m12; without it, the texts in doubt.")] = "",
    decision: Annotated[
        str, typer.Argument(metavar="left|not-left", help="What you found out about it.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    json: terminal.Json = False,
) -> None:
    """Settle a text that may have left and that RingCentral's message store cannot tell about.

    Such a text is never sent again by itself. Look at the phone or ask its owner, then say whether
    it left. This cannot be taken back. Without arguments the texts in doubt are listed.

    Example: shiftbell decide m12 not-left
    """
    if bool(text) != bool(decision) or decision not in {"", *CONSEQUENCES}:
        raise BadInput(
            "Say which text, and whether it left.", hint="Write `shiftbell decide m12 not-left`."
        )
    values = with_database()
    from shiftbell.flow import decide_doubt as flow

    if not text:
        _list([_entry(doubt) for doubt in flow.doubts()], values.time_zone, json=json)
        return
    doubt = flow.doubt_of(text)
    terminal.note(_described(doubt, values.time_zone))
    terminal.note(CONSEQUENCES[decision])
    if not yes and not terminal.confirm(f"Decide that {doubt.message} {_said(decision)}?"):
        terminal.note("Nothing was decided.")
        raise typer.Exit(terminal.FAILED)
    message = flow.decide_doubt(
        doubt.message, flow.Decision(decision), actor="cli", now=terminal.now()
    )
    if json:
        terminal.say_json({"id": str(message), "decision": decision, "state": message.state})
    else:
        terminal.say(f"{message} {_said(decision)}: it is {message.state} now.")


def _list(doubts: list[dict[str, Any]], zone: str, *, json: bool) -> None:
    if json:
        terminal.say_json(doubts)
        return
    if not doubts:
        terminal.note("No text is in doubt.")
        return
    terminal.say_table(
        ("Id", "Since", "To", "Number", "Text", "Message store"),
        (
            (one["id"], terminal.local(one["since"], zone), one["to"], one["number"], one["text"],
             "cannot tell" if one["given_up"] else "is being asked")
            for one in doubts
        ),
    )  # fmt: skip


def _entry(doubt: Doubt) -> dict[str, Any]:
    from shiftbell.rules import phones

    message = doubt.message
    return {
        "id": str(message),
        "since": doubt.since,
        "to": message.employee.name if message.employee else "",
        "number": phones.mask(message.number.e164),
        "shift": str(message.shift) if message.shift else "",
        "kind": message.kind,
        "text": phones.mask_text(message.text),
        "look_ups": doubt.look_ups,
        "given_up": doubt.given_up,
    }


def _described(doubt: Doubt, zone: str) -> str:
    one = _entry(doubt)
    to = one["to"] or "somebody"
    store = (
        "RingCentral's message store cannot tell."
        if doubt.given_up
        else "RingCentral's message store is still being asked; it may settle this by itself."
    )
    return (
        f"{one['id']} to {to} ({one['number']}), begun {terminal.local(one['since'], zone)}: "
        f"{one['text']}\n{store}"
    )


def _said(decision: str) -> str:
    return "left" if decision == "left" else "did not leave"
