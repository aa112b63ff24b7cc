"""`shiftbell people`: the roster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shiftbell.cli import addresses, numbers, terminal
from shiftbell.cli.database import with_database
from shiftbell.cli.files import read_file
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.import_people import ImportReport, Progress
    from shiftbell.rules.columns import Problem
    from shiftbell.store.models import Employee

ShowNumbers = Annotated[
    bool, typer.Option("--show-numbers", help="Show phone numbers and e-mail addresses whole.")
]


def register(app: typer.Typer) -> None:
    """Add `people import`, `list`, `show`, `number`, `email` and `nights`."""
    people = typer.Typer(no_args_is_help=True, help="The roster: import it, look at it.")
    people.command("import")(import_file)
    people.command("list")(list_people)
    people.command("show")(show)
    people.command("number")(numbers.number)
    people.command("email")(addresses.email)
    people.command("nights")(nights)
    app.add_typer(people, name="people", rich_help_panel=terminal.DAILY)


def import_file(
    file: Annotated[
        str, typer.Argument(help="A CSV file, as scheduling products export; - is stdin.")
    ],
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Bring a crew file onto the roster. Importing it again updates instead of doubling.

    Columns are recognised by their headings, in any order. Each row that is refused is reported
    with its line and what to do; the others land. The exit code is 1 when no row landed.

    Only who agreed to it is texted: say so in the columns SMS Consent (yes), Consent Date
    (2026-09-01) and Consent Source (paper form); Night Offers (yes) allows urgent ones at night.
    A sample: src/shiftbell/data/sample_crew.csv.

    Example: shiftbell people import crew.csv --dry-run
    """
    values = with_database()
    from shiftbell.flow.import_people import import_people
    from shiftbell.rules.roster_changes import Outcome

    raw = read_file(file)
    with terminal.progress("Importing") as bar, _interruptible(bar, dry_run) as advance:
        report = import_people(
            raw,
            now=terminal.now(),
            actor="cli",
            region=values.default_region,
            zone=ZoneInfo(values.time_zone),
            dry_run=dry_run,
            progress=advance,
        )
    if json:
        terminal.say_json(_as_json(report))
    else:
        _say(report, values.time_zone)
    if report.rows and report.count(Outcome.REFUSED) == len(report.rows):
        raise typer.Exit(terminal.FAILED)


def list_people(
    location: Annotated[str, typer.Option(help="Only people of this location.")] = "",
    show_numbers: ShowNumbers = False,
    json: terminal.Json = False,
) -> None:
    """List the active people, with whether they may be texted.

    Example: shiftbell people list --location "Dock 4"
    """
    with_database()
    from shiftbell.store.models import Employee

    rows = Employee.objects.filter(active=True).select_related("number").order_by("pk")
    if location:
        rows = rows.filter(locations__name__iexact=location)
    people = [_entry(one, show_numbers) for one in rows.prefetch_related("locations")]
    if json:
        terminal.say_json(people)
        return
    if not people:
        terminal.note("Nobody yet. Bring a crew in with `shiftbell people import crew.csv`.")
    terminal.say_table(
        ("Id", "External id", "Name", "Number", "Work", "Locations", "Texts"),
        (
            (p["id"], p["external_id"], p["name"], p["number"], ", ".join(p["roles"]),
             ", ".join(p["locations"]), p["standing"])
            for p in people
        ),
    )  # fmt: skip


def show(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    show_numbers: ShowNumbers = False,
    json: terminal.Json = False,
) -> None:
    """Show one person: what the roster says, and every consent event.

    Example: shiftbell people show e7
    """
    with_database()
    from shiftbell.flow.export_consents import in_words
    from shiftbell.store import find
    from shiftbell.store.models import Consent

    employee = find.employee(person)
    entry = _entry(employee, show_numbers) | {"night_offers": _takes_nights(employee)}
    events = [
        {
            "at": one.at,
            "kind": one.kind,
            "what": in_words(one),
            "source": one.source if show_numbers else terminal.masked(one.source),
            "by": one.actor,
        }
        for one in Consent.objects.filter(employee=employee).order_by("pk")
    ]
    if json:
        terminal.say_json(entry | {"consent_events": events})
        return
    for label, value in entry.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        shown = {True: "yes", False: "no"}[shown] if isinstance(shown, bool) else shown
        if shown not in ("", None):
            terminal.say(f"{label.replace('_', ' ').capitalize() + ':':<14}{shown}")
    for event in events:
        terminal.say(f"{event['at']:%Y-%m-%d}  {event['what']} ({event['source']})")
    terminal.say(f"The whole story: shiftbell why {employee}")


def nights(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    word: Annotated[str, typer.Argument(metavar="on|off", help="Whether they may be woken.")],
    source: Annotated[
        str, typer.Option(help="How they agreed to it, like 'told Ana on the phone'.")
    ] = "",
    json: terminal.Json = False,
) -> None:
    """Record that somebody takes urgent offers at night, or no longer.

    Example: shiftbell people nights e7 on --source "told Ana on the phone"
    """
    if word not in {"on", "off"}:
        raise BadInput(f"{word!r} is neither on nor off.", hint="Write one of the two.")
    with_database()
    from shiftbell.flow.allow_nights import allow_nights
    from shiftbell.flow.tell_story import standing
    from shiftbell.store import find

    employee, allowed = find.employee(person), word == "on"
    new = allow_nights(employee.pk, allowed=allowed, source=source, now=terminal.now(), actor="cli")
    if json:
        terminal.say_json({"id": str(employee), "night_offers": allowed, "changed": new})
        return
    words = "takes urgent offers at night" if allowed else "is not offered anything at night"
    terminal.say(f"{employee.name} ({employee}) {words}{'' if new else ', as before'}.")
    if allowed and (now_is := standing(employee)) != "may be texted":
        terminal.note(f"As things stand, though: {now_is}.")


def say_problems(problems: tuple[Problem, ...]) -> None:
    """Print what was wrong with rows: the refused ones first."""
    for heading, refused in (("Refused:", True), ("Remarks:", False)):
        chosen = [problem for problem in problems if problem.refused is refused]
        if chosen:
            terminal.say(heading)
        for one in chosen:
            value = f" {one.value!r}" if one.value else ""
            terminal.say(f"  line {one.line}, {one.column}{value}: {one.message} {one.hint}")


@contextmanager
def _interruptible(bar: Progress, dry_run: bool) -> Iterator[Progress]:
    """Pass progress on to `bar`, and on a Ctrl-C say how far the import had come."""
    so_far = [0, 0]

    def advance(done: int, total: int) -> None:
        so_far[:] = done, total
        bar(done, total)

    try:
        yield advance
    except KeyboardInterrupt:
        done, total = so_far
        landed = f"{done} of {total} rows were taken in"
        landed = "nothing was written" if dry_run or not done else landed
        terminal.note(f"Interrupted: {landed}. Import the file again: nobody is doubled.")
        raise typer.Exit(terminal.INTERRUPTED) from None


def problem_as_json(problem: Problem) -> dict[str, object]:
    """Return one problem for a machine."""
    names = ("line", "column", "value", "code", "message", "hint", "refused")
    return {name: getattr(problem, name) for name in names}


def _say(report: ImportReport, zone: str) -> None:
    counts = Counter(str(row.outcome) for row in report.rows)
    words = ", ".join(
        f"{counts[name]} {name}" for name in ("added", "changed", "unchanged", "refused")
    )
    would = " Nothing was written: this was a dry run." if report.dry_run else ""
    terminal.say(f"{len(report.rows)} rows: {words}.{would}")
    if report.locations_added:
        terminal.say(f"New locations, in the zone {zone}: {', '.join(report.locations_added)}.")
    if report.ignored_columns:
        terminal.say(f"Columns left out: {', '.join(report.ignored_columns)}.")
    if not report.asks_consent:
        terminal.say(
            "The file has no column SMS Consent, so it allows nobody to be texted. "
            "Add SMS Consent, Consent Date and Consent Source."
        )
    if report.unshown:
        terminal.say(
            f"Of {report.unshown} consents it is not recorded what people were shown. "
            "If you know it, say so in the columns Consent Text and Consent Version."
        )
    say_problems(report.problems)


def _as_json(report: ImportReport) -> dict[str, object]:
    counts = Counter(str(row.outcome) for row in report.rows)
    return {
        "dry_run": report.dry_run,
        **{name: counts[name] for name in ("added", "changed", "unchanged", "refused")},
        "locations_added": report.locations_added,
        "ignored_columns": report.ignored_columns,
        "consent_column": report.asks_consent,
        "consents_without_words": report.unshown,
        "problems": [problem_as_json(one) for one in report.problems],
        "rows": [
            {
                "line": row.line,
                "outcome": row.outcome,
                "external_id": row.external_id,
                "name": row.name,
                "changed": row.changed,
            }
            for row in report.rows
        ],
    }


def _takes_nights(employee: Employee) -> bool:
    from shiftbell.store import consent

    return employee.number is not None and consent.takes_nights(employee, employee.number)


def _entry(employee: Employee, show_numbers: bool) -> dict[str, Any]:
    from shiftbell.flow.tell_story import standing

    whole = {
        "number": employee.number.e164 if employee.number else None,
        "email": employee.email,
        "notes": employee.notes,
    }
    seen = whole if show_numbers else terminal.masked(whole)
    return {
        "id": str(employee),
        "external_id": employee.external_id,
        "name": employee.name,
        "number": seen["number"],
        "email": seen["email"],
        "language": employee.language,
        "zone": employee.zone,
        "roles": employee.roles,
        "locations": sorted(place.name for place in employee.locations.all()),
        "notes": seen["notes"],
        "active": employee.active,
        "standing": standing(employee),
    }
