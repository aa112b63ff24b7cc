"""`shiftbell consents check` and `sync`: RingCentral's list of opt-outs beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_ringcentral
from shiftbell.cli.people import ShowNumbers

if TYPE_CHECKING:
    from shiftbell.flow.check_consents import Checked
    from shiftbell.flow.compare_consents import Comparison

# What was found, and the side that was out of date.
COUNTS = {
    "missing_here": "opted out at RingCentral and not here",
    "missing_there": "opted out here and not at RingCentral, for one sender at least",
    "lifted_here": "allowed again here by START and still opted out at RingCentral",
    "in_doubt": "with an entry at RingCentral that cannot be read",
    "unreadable": "entries at RingCentral that name no number",
}


def register(consents: typer.Typer) -> None:
    """Add the commands to `shiftbell consents`."""
    for command in (check, sync):
        consents.command(command.__name__)(command)


def check(
    numbers: Annotated[list[str], typer.Argument(help="Numbers, like +13125550142.")],
    show_numbers: ShowNumbers = False,
    json: terminal.Json = False,
) -> None:
    """Look numbers up at RingCentral and here: did they opt out? Nothing changes.

    A look-up that fails is an error and never "no". The exit code is 1 when one failed, and 4 when
    RingCentral answered none of them.

    Example: shiftbell consents check +13125550142
    """
    values = with_ringcentral()
    from shiftbell.flow.check_consents import check_consents
    from shiftbell.flow.switchboard import Switchboard
    from shiftbell.rules import phones

    wanted = [phones.parse(number, values.default_region) for number in numbers]
    board = Switchboard(values)
    try:
        board.open()
        found = check_consents(board, wanted)
    finally:
        board.close()
    if json:
        terminal.say_json([_as_json(one) for one in found])
    else:
        _say(found, values.time_zone, whole=show_numbers)
    if all(one.unreached for one in found):
        raise typer.Exit(terminal.RINGCENTRAL)
    if any(one.error for one in found):
        raise typer.Exit(terminal.FAILED)


def sync(dry_run: terminal.DryRun = False, json: terminal.Json = False) -> None:
    """Bring RingCentral's list of opt-outs and ours in step now; a worker does so each hour.

    An opt-out on either side becomes one on both. Only the person's own START lifts one.

    Example: shiftbell consents sync --dry-run
    """
    values = with_ringcentral()
    from shiftbell.flow.compare_consents import compare
    from shiftbell.flow.switchboard import Switchboard
    from shiftbell.flow.tell_ringcentral import tell_ringcentral

    board = Switchboard(values)
    try:
        board.open()
        with terminal.progress("Mending") as advance:
            found = compare(board, mend=not dry_run, progress=advance)
        while not dry_run and tell_ringcentral(board):
            pass
    finally:
        board.close()
    untold = _untold()
    if json:
        terminal.say_json(_counts(found) | {"mended": found.mended, "not_told_yet": untold})
        return
    _say_comparison(found, untold)


def _untold() -> int:
    from shiftbell.store import opt_outs

    return opt_outs.untold()


def _as_json(one: Checked) -> dict[str, Any]:
    number = one.number
    return {
        "phoneNumber": one.phone,
        "optedOut": one.opted_out,
        "optOutDate": one.since,
        "error": one.error or None,
        "shiftbell": {
            "known": number is not None,
            "employee": str(one.employee.external_id) if one.employee else None,
            "optedOut": number is not None and number.opted_out_at is not None,
            "optOutDate": number.opted_out_at if number else None,
            "inReview": number is not None and number.review_since is not None,
            "ringcentralToldAt": number.ringcentral_told_at if number else None,
            "ringcentralDueAt": number.ringcentral_due_at if number else None,
            "agrees": one.agrees,
        },
    }


def _say(found: list[Checked], zone: str, *, whole: bool) -> None:
    from shiftbell.rules.phones import mask

    terminal.say_table(
        ("Number", "Who", "At RingCentral", "Here"),
        (
            (
                one.phone if whole else mask(one.phone),
                one.employee.name if one.employee else "",
                _theirs(one, zone),
                _ours(one, zone),
            )
            for one in found
        ),
    )


def _theirs(one: Checked, zone: str) -> str:
    if one.opted_out is None:
        return f"not known: {one.error}"
    if not one.opted_out:
        return "not opted out"
    return f"opted out on {terminal.local(one.since, zone)}" if one.since else "opted out"


def _ours(one: Checked, zone: str) -> str:
    number = one.number
    if number is None:
        return "not known"
    if number.opted_out_at is None:
        return "a person must look" if number.review_since else "not opted out"
    waits = "; RingCentral is still to hear" if number.ringcentral_due_at else ""
    return f"opted out on {terminal.local(number.opted_out_at, zone)}{waits}"


def _counts(found: Comparison) -> dict[str, int]:
    return {"entries": found.entries} | {name: getattr(found, name) for name in COUNTS}


def _say_comparison(found: Comparison, untold: int) -> None:
    terminal.say(f"{found.entries} entries at RingCentral are about our numbers.")
    for name, words in COUNTS.items():
        if count := getattr(found, name):
            terminal.say(f"{count:>6} {words}")
    if not found.differs:
        terminal.say("Both sides agree.")
    elif not found.mended:
        terminal.say("Nothing was changed.")
    else:
        terminal.say("The opt-outs missing here were recorded; RingCentral is told of the others.")
    if untold:
        terminal.note(f"RingCentral is still to hear of {untold}; a running worker goes on.")
