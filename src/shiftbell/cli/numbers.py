"""`shiftbell people number`: what is wrong with a person's number, and what ends that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.check_number import Checked


def number(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    usable: Annotated[
        bool, typer.Option("--usable", help="It takes texts after all: send to it again.")
    ] = False,
    theirs: Annotated[
        bool,
        typer.Option("--theirs", help="Someone called it wrong, but it is theirs: await START."),
    ] = False,
    because: Annotated[str, typer.Option(help="How you know, for the record.")] = "",
    json: terminal.Json = False,
) -> None:
    """Show whether a person's number takes texts, what is wrong with it, and what ends that.

    Where you know better, such as after a call, say --usable or --theirs, and --because why. An
    opt-out is never ended so, nor is it consent.

    Example: shiftbell people number e7 --usable --because "called, it is a mobile"
    """
    if usable and theirs:
        raise BadInput("Say --usable or --theirs, not both.")
    if (usable or theirs) is not bool(because.strip()):
        raise BadInput(
            "A word about a number needs a reason, and a reason a word.",
            hint='Write --usable --because "called, it is a mobile".',
        )
    values = with_database()
    from shiftbell.flow import check_number as flow

    word: dict[str, Any] = {"because": because.strip(), "actor": "cli", "now": terminal.now()}
    if usable:
        checked = flow.call_usable(person, **word)
    elif theirs:
        checked = flow.call_theirs(person, **word)
    else:
        checked = flow.check_number(person)
    _say(_entry(checked), values.time_zone, json=json)


def _entry(checked: Checked) -> dict[str, Any]:
    from shiftbell.flow.tell_story import standing
    from shiftbell.rules import phones

    row = checked.number
    return {
        "id": str(checked.employee),
        "name": checked.employee.name,
        "number": phones.mask(row.e164),
        "texts": standing(checked.employee),
        "trouble": str(checked.trouble) if checked.trouble else None,
        "since": row.unusable_since,
        "reason": row.unusable_reason,
        "opted_out_since": row.opted_out_at,
        "ended_by": checked.ended_by,
    }


def _say(entry: dict[str, Any], zone: str, *, json: bool) -> None:
    if json:
        terminal.say_json(entry)
        return
    trouble = (entry["trouble"] or "nothing known").replace("_", " ")
    since = f" since {terminal.local(entry['since'], zone)}" if entry["since"] else ""
    terminal.say(f"{entry['name']} ({entry['id']}), {entry['number']}")
    terminal.say(f"Texts:    {entry['texts']}")
    terminal.say(f"Trouble:  {trouble}{since}")
    if entry["ended_by"]:
        terminal.say(f"Ends by:  {entry['ended_by']}")
