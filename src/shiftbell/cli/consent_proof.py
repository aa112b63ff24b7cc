"""`shiftbell consents verify`, `export` and `erase`: the ledger as evidence."""

from __future__ import annotations

import os
from datetime import datetime
from json import dumps
from pathlib import Path
from typing import Annotated

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput

KEEP_IT = "Keep this anchor elsewhere, where nobody can change it with the database"


def register(consents: typer.Typer) -> None:
    """Add the commands to `shiftbell consents`."""
    for command in (verify, export, erase):
        consents.command(command.__name__)(command)


def verify(
    anchor: Annotated[
        str, typer.Option(help="An anchor that you kept elsewhere: is it still in there?")
    ] = "",
    json: terminal.Json = False,
) -> None:
    """Look through the whole consent ledger for anything that was changed behind its back.

    Every entry, chain and anchor is computed anew; what does not fit is named. Somebody who could
    compute all of it anew would not be found by that: give an anchor that you kept elsewhere too.
    The exit code is 1 when something is wrong.

    Example: shiftbell consents verify
    """
    from shiftbell.rules import ledger

    kept = ledger.read_kept(anchor) if anchor else None
    if anchor and kept is None:
        hint = "Paste it whole: a day, a count and a head, as `shiftbell consents verify` shows it."
        raise BadInput("This is no anchor.", hint=hint, field="anchor")
    with_database()
    from shiftbell.store import audit

    with terminal.progress("Looking through the ledger") as bar:
        verdict = audit.verify(bar)
    flaws = [(flaw.where, flaw.what) for flaw in verdict.flaws]
    if kept is not None and not audit.anchor_is_there(*kept):
        flaws.append((f"the anchor of {kept[0]} that you kept", "it is not in the ledger"))
    newest = verdict.newest
    newest_kept = ledger.kept(newest.day, newest.count, newest.head) if newest else None
    if json:
        terminal.say_json(
            {
                "whole": not flaws,
                "flaws": [{"where": where, "what": what} for where, what in flaws],
                "events": verdict.events,
                "chains": verdict.chains,
                "anchors": verdict.anchors,
                "newest_anchor": newest_kept,
            }
        )
    else:
        counts = f"{verdict.events} entries, {verdict.chains} chains, {verdict.anchors} anchors"
        terminal.say(f"{counts}: {'all as written' if not flaws else f'{len(flaws)} flaws'}.")
        for where, what in flaws:
            terminal.say(f"  {where}: {what}.")
        if newest_kept and not flaws:
            terminal.say(f"{KEEP_IT}:\n  {newest_kept}")
    if flaws:
        raise typer.Exit(terminal.FAILED)


def export(
    employee: Annotated[str, typer.Option(help="e7, or the employee's own id.")],
    output: Annotated[str, typer.Option(help="Write it to this file; without it, to stdout.")] = "",
    json: terminal.Json = False,
) -> None:
    """Write one file with all that is on record of a person, for a dispute.

    Every consent and opt-out with its words and hashes, every text out with why it was allowed,
    every reply with both times, every e-mail, and each accepted shift as written consent: what
    was shown beside what was answered. It shows phone numbers whole, since it is evidence.

    Example: shiftbell consents export --employee e7 --output e7.txt
    """
    with_database()
    from dataclasses import asdict

    from shiftbell.flow.export_consents import export_consents
    from shiftbell.rules.dossier import laid_out
    from shiftbell.store import find

    dossier = export_consents(find.employee(employee), now=terminal.now())
    written = _as_json(asdict(dossier)) if json else laid_out(dossier)
    if not output:
        terminal.say(written.rstrip("\n"))
        return
    _write_private(output, written)
    terminal.note(f"{output} shows phone numbers whole; keep it where only those read it who must.")


def erase(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    because: Annotated[str, typer.Option(help="Why, for the record: it names nobody.")],
    despite_retention: Annotated[
        bool, typer.Option("--despite-retention", help="Also within 4 years of the last contact.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    json: terminal.Json = False,
) -> None:
    """Erase what the consent ledger says of somebody who left; it cannot be brought back.

    That something was said, and when, stays, so the ledger stays whole; opt-outs stay in force.
    Texts, replies, e-mails, the timeline and the roster entry are not erased by this.

    Example: shiftbell consents erase e7 --because "their request of 2 Nov"
    """
    with_database()
    from shiftbell.flow.change_consent import check_erasure, erase_consents
    from shiftbell.store import find

    row, now = find.employee(person), terminal.now()
    check_erasure(row, because=because, now=now, despite_retention=despite_retention)
    if not yes and not terminal.confirm(f"Erase what the ledger says of {row.name} for good?"):
        terminal.note("Nothing was erased.")
        raise typer.Exit(terminal.FAILED)
    erased = erase_consents(
        row, because=because, actor="cli", now=now, despite_retention=despite_retention
    )
    if json:
        terminal.say_json({"employee": str(row), "erased": erased})
        return
    entries = "1 entry" if erased == 1 else f"{erased} entries"
    terminal.say(
        f"{entries} of {row} erased. Opt-outs stay in force. Not erased: texts, replies, e-mails, "
        "the timeline and the roster entry."
    )


def _as_json(facts: dict[str, object]) -> str:
    return dumps(facts, ensure_ascii=False, indent=2, default=datetime.isoformat) + "\n"


def _write_private(file: str, text: str) -> None:
    """Write a file that only its owner may read."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            Path(file).chmod(0o600)
            stream.write(text)
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise BadInput(f"{file} cannot be written: {reason}.", hint="Name another file.") from None
