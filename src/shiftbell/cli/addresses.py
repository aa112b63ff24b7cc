"""`shiftbell people email`: whether a person's address takes e-mail, and a word that it does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.check_address import CheckedAddress


def email(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    usable: Annotated[
        bool, typer.Option("--usable", help="It takes e-mail after all: write to it again.")
    ] = False,
    because: Annotated[str, typer.Option(help="How you know, for the record.")] = "",
    json: terminal.Json = False,
) -> None:
    """Show whether a person's e-mail address takes e-mail, and what is wrong with it.

    Where you know better than a mail server's answer, say --usable, and --because why. That
    somebody wants no more e-mail is never ended so.

    Example: shiftbell people email e7 --usable --because "their mailbox was full"
    """
    if usable is not bool(because.strip()):
        raise BadInput(
            "A word about an address needs a reason, and a reason a word.",
            hint='Write --usable --because "their mailbox was full".',
        )
    values = with_database()
    from shiftbell.flow.check_address import call_usable, check_address

    if usable:
        checked = call_usable(person, because=because.strip(), actor="cli", now=terminal.now())
    else:
        checked = check_address(person)
    _say(_entry(checked), values.time_zone, json=json)


def _entry(checked: CheckedAddress) -> dict[str, Any]:
    row = checked.address
    return {
        "id": str(checked.employee),
        "name": checked.employee.name,
        "address": terminal.masked(row.address),
        "wants_none": checked.unsubscribed,
        "trouble": terminal.masked(row.unusable_reason) or None,
        "since": row.unusable_since,
        "ended_by": checked.ended_by,
    }


def _say(entry: dict[str, Any], zone: str, *, json: bool) -> None:
    if json:
        terminal.say_json(entry)
        return
    since = f" since {terminal.local(entry['since'], zone)}" if entry["since"] else ""
    state = "they want none" if entry["wants_none"] else "refused" if since else "may be sent"
    terminal.say(f"{entry['name']} ({entry['id']}), {entry['address']}")
    terminal.say(f"E-mail:   {state}")
    terminal.say(f"Trouble:  {entry['trouble'] or 'nothing known'}{since}")
    if entry["ended_by"]:
        terminal.say(f"Ends by:  {entry['ended_by']}")
