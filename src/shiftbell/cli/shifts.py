"""`shiftbell shifts`: the work there is to fill."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database, with_senders
from shiftbell.cli.files import read_file
from shiftbell.cli.people import problem_as_json, say_problems
from shiftbell.errors import BadInput, BadTime

if TYPE_CHECKING:
    from shiftbell.config import Settings
    from shiftbell.flow.cancel_shift import CancelReport
    from shiftbell.store.models import Shift


def register(app: typer.Typer) -> None:
    """Add `shifts add`, `shifts list`, `shifts show` and `shifts cancel`."""
    shifts = typer.Typer(no_args_is_help=True, help="The work to fill: post it, cancel it.")
    shifts.command("add")(add)
    shifts.command("list")(list_shifts)
    shifts.command("show")(show)
    shifts.command("cancel")(cancel)
    app.add_typer(shifts, name="shifts", rich_help_panel=terminal.DAILY)


def add(
    location: Annotated[str, typer.Option(help="Where; made in TIME_ZONE if it is new.")] = "",
    date: Annotated[str, typer.Option(help="2026-11-28, 11/28/2026, tomorrow or +2 days.")] = "",
    start: Annotated[str, typer.Option(help="7am, 7:30 PM or 19:30, the location's time.")] = "",
    end: Annotated[str, typer.Option(help="3pm; no later than the start: the next day.")] = "",
    role: Annotated[str, typer.Option(help="Only people with this role are asked.")] = "",
    openings: Annotated[int, typer.Option(help="How many people it needs.")] = 1,
    note: Annotated[str, typer.Option(help="For the manager; never texted.")] = "",
    id: Annotated[str, typer.Option("--id", help="Your own id of it; made up if empty.")] = "",
    file: Annotated[str, typer.Option(help="A CSV file of shifts instead; - is stdin.")] = "",
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Post a shift, or a file of them. Nobody is texted: `shiftbell offer` does that.

    Example: shiftbell shifts add --location "Dock 4" --date tomorrow --start 7am --end 3pm
    """
    values = with_database()
    if file:
        if location or date or start or end:
            raise BadInput("Give either one shift or --file.", hint="The file has all its facts.")
        _add_file(file, values, dry_run=dry_run, json=json)
        return
    if dry_run:
        raise BadInput("--dry-run goes with --file.", hint="One shift can be cancelled again.")
    from shiftbell.flow.post_shift import post_shift

    try:
        posted = post_shift(
            location=location, date=date, start=start, end=end, role=role, openings=openings,
            note=note, external_id=id, zone=ZoneInfo(values.time_zone), now=terminal.now(),
            actor="cli",
        )  # fmt: skip
    except BadTime as trouble:
        typed = {"date": f"--date {date}", "startTime": f"--start {start}"}
        option = typed.get(trouble.field, f"--end {end}").rstrip()
        raise BadTime(f"{option}: {trouble.message}", hint=trouble.hint) from None
    if json:
        terminal.say_json(_entry(posted.shift) | {"added": posted.added})
        return
    words = "posted" if posted.added else "there already"
    terminal.say(f"{_words(posted.shift)} ({posted.shift}) is {words}.")
    terminal.say(f"Offer it: shiftbell offer {posted.shift}")


def list_shifts(
    all: Annotated[bool, typer.Option("--all", help="Past and cancelled ones too.")] = False,
    json: terminal.Json = False,
) -> None:
    """List the shifts ahead and how many openings are taken.

    Example: shiftbell shifts list
    """
    with_database()
    from shiftbell.store.models import Shift

    rows = Shift.objects.select_related("location").order_by("starts_at", "pk")
    if not all:
        rows = rows.filter(ends_at__gt=terminal.now(), cancelled_at__isnull=True)
    shifts = [_entry(shift) | {"words": _words(shift)} for shift in rows]
    if json:
        terminal.say_json(shifts)
        return
    if not shifts:
        terminal.note("No shift ahead. Post one with `shiftbell shifts add`.")
    terminal.say_table(
        ("Id", "External id", "Shift", "Role", "Taken", "State"),
        (
            (s["id"], s["external_id"], s["words"], s["role"],
             f"{s['taken']} of {s['openings']}", s["state"])
            for s in shifts
        ),
    )  # fmt: skip


def show(
    shift: Annotated[str, typer.Argument(help="s4, or the shift's own id.")],
    json: terminal.Json = False,
) -> None:
    """Show one shift: who holds it, who waits, how its offers stand.

    Example: shiftbell shifts show s4
    """
    with_database()
    from shiftbell.store import find

    row = find.shift(shift)
    entry = _entry(row) | _people(row)
    if json:
        terminal.say_json(entry)
        return
    terminal.say(f"{_words(row)} ({row}), {entry['state']}")
    terminal.say(f"Taken: {entry['taken']} of {entry['openings']}")
    for label in ("held_by", "standby"):
        if entry[label]:
            terminal.say(f"{label.replace('_', ' ').capitalize()}: {', '.join(entry[label])}")
    offers = ", ".join(f"{count} {state}" for state, count in sorted(entry["offers"].items()))
    terminal.say(f"Offers: {offers or 'none yet'}")
    terminal.say(f"The whole story: shiftbell why {row}")


def cancel(
    shift: Annotated[str, typer.Argument(help="s4, or the shift's own id.")],
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Cancel a shift: whoever holds it is told, by text or e-mail, and nobody is asked any more.

    Example: shiftbell shifts cancel s4 --dry-run
    """
    values = with_database()
    from shiftbell.flow.cancel_shift import cancel_shift, plan_cancel
    from shiftbell.store import find

    row, now = find.shift(shift), terminal.now()
    report = plan_cancel(row, now=now)
    if not dry_run:
        if report.told:
            with_senders(values, now)
        report = cancel_shift(row.pk, now=now, actor="cli")
    if json:
        terminal.say_json(_cancelled(report, dry_run))
    else:
        _say_cancelled(report, dry_run)


def _add_file(file: str, values: Settings, *, dry_run: bool, json: bool) -> None:
    from shiftbell.flow.post_shift import post_shifts

    report = post_shifts(
        read_file(file),
        zone=ZoneInfo(values.time_zone),
        now=terminal.now(),
        actor="cli",
        dry_run=dry_run,
    )
    added = [one.shift for one in report.posted if one.added]
    if json:
        terminal.say_json(
            {
                "dry_run": dry_run,
                "usable": len(report.rows),
                "added": [_entry(shift) for shift in added],
                "ignored_columns": report.ignored_columns,
                "problems": [problem_as_json(one) for one in report.problems],
            }
        )
    else:
        done = "Nothing was written: this was a dry run." if dry_run else f"{len(added)} are new."
        terminal.say(f"{len(report.rows)} shifts can be used. {done}")
        for shift in added:
            terminal.say(f"  {shift}  {_words(shift)}")
        say_problems(report.problems)
    if not report.rows:
        raise typer.Exit(terminal.FAILED)


def _say_cancelled(report: CancelReport, dry_run: bool) -> None:
    words = f"{_words(report.shift)} ({report.shift})"
    if report.already:
        terminal.say(f"{words} was cancelled before; nobody is told again.")
        return
    terminal.say(f"{words} {'would be' if dry_run else 'is'} cancelled.")
    if report.told:
        terminal.say(f"Told by text: {', '.join(one.name for one in report.told)}.")
    if report.emailed:
        terminal.say(f"Told by e-mail: {', '.join(one.name for one in report.emailed)}.")
    if not (report.told or report.emailed or report.untold):
        terminal.say("Nobody holds it, so nobody need be told.")
    for one, reason in report.untold:
        terminal.say(f"Call {one.name}: {reason}.")
    terminal.say(f"Texts and e-mails withdrawn before they left: {report.withdrawn}.")


def _cancelled(report: CancelReport, dry_run: bool) -> dict[str, object]:
    return {
        "dry_run": dry_run,
        "shift": _entry(report.shift),
        "already": report.already,
        "told": [str(one) for one in report.told],
        "emailed": [str(one) for one in report.emailed],
        "untold": [{"employee": str(one), "reason": reason} for one, reason in report.untold],
        "withdrawn": report.withdrawn,
    }


def _words(shift: Shift) -> str:
    from shiftbell.flow.write_text import shift_words

    return shift_words(shift)


def _entry(shift: Shift) -> dict[str, Any]:
    from shiftbell.rules.offering import closed
    from shiftbell.store import openings

    facts = openings.facts_of(shift, terminal.now())
    return {
        "id": str(shift),
        "external_id": shift.external_id,
        "location": shift.location.name,
        "zone": shift.location.zone,
        "role": shift.role,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
        "openings": shift.openings,
        "taken": len(facts.taken_by),
        "state": str(closed(facts, terminal.now()) or "open"),
        "note": shift.note,
    }


def _people(shift: Shift) -> dict[str, Any]:
    from collections import Counter

    from shiftbell.store import openings

    holders = openings.holders(shift).select_related("employee").order_by("opening")
    return {
        "held_by": [held.employee.name for held in holders],
        "standby": [standby.employee.name for standby in openings.line(shift)],
        "offers": dict(Counter(shift.offers.values_list("state", flat=True))),
    }
