"""`shiftbell locations`: where people work, and by which clock and hours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.change_location import LocationReport
    from shiftbell.store.models import Location


def register(app: typer.Typer) -> None:
    """Add `locations list` and `locations set`."""
    locations = typer.Typer(no_args_is_help=True, help="Where people work: zone, state, manager.")
    locations.command("list")(list_locations)
    locations.command("set")(set_location)
    app.add_typer(locations, name="locations", rich_help_panel=terminal.SET_UP)


def list_locations(json: terminal.Json = False) -> None:
    """List the locations. Without a state, only SEND_FROM and SEND_UNTIL bound the hours there.

    Example: shiftbell locations list
    """
    with_database()
    from shiftbell.store.models import Location

    entries = [_entry(place) for place in Location.objects.order_by("name", "pk")]
    if json:
        terminal.say_json(entries)
        return
    if not entries:
        terminal.note("None yet. Importing people or posting a shift makes them.")
    terminal.say_table(
        ("External id", "Location", "Zone", "State", "Manager"),
        (
            (e["external_id"], e["name"], e["zone"], e["state"], e["manager_name"])
            for e in entries
        ),
    )  # fmt: skip


def set_location(
    location: Annotated[str, typer.Argument(help="Its name, or its own id.")],
    zone: Annotated[
        str | None, typer.Option(help="America/Chicago, or Central. Shifts keep their moment.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="IL, or Illinois: its stricter hours hold, if it has any.")
    ] = None,
    manager_name: Annotated[str | None, typer.Option(help="Who leads there.")] = None,
    manager_email: Annotated[str | None, typer.Option(help="Where they are written to.")] = None,
    manager_phone: Annotated[str | None, typer.Option(help="Where they are called.")] = None,
    json: terminal.Json = False,
) -> None:
    """Set what is known of a location; an empty value forgets it.

    The zone cannot change while people have been told of a shift ahead: they read its hour by the
    old clock.

    Example: shiftbell locations set "Dock 4" --zone America/Chicago --state IL
    """
    given = {
        "zone": zone,
        "state": state,
        "manager_name": manager_name,
        "manager_email": manager_email,
        "manager_phone": manager_phone,
    }
    said = {field: text for field, text in given.items() if text is not None}
    if not said:
        raise BadInput("Nothing is to be set.", hint="Give it --zone, --state or --manager-name.")
    values = with_database()
    from shiftbell.flow.change_location import change_location

    report = change_location(
        location, said, region=values.default_region, now=terminal.now(), actor="cli"
    )
    if json:
        terminal.say_json(_as_json(report))
    else:
        _say(report)


def _say(report: LocationReport) -> None:
    from shiftbell.flow.change_location import FIELDS
    from shiftbell.flow.write_text import shift_words

    place = report.location
    if not report.changed:
        terminal.say(f"{place.name} is so already.")
        return
    fields = ", ".join(FIELDS[field] for field in report.changed)
    terminal.say(f"{place.name}: {fields} changed. It is in the zone {place.zone}.")
    if report.rewritten:
        terminal.say("Shifts keep their moment, so they read differently now:")
    for shift, before in report.rewritten:
        terminal.say(f"  {shift}  {before} → {shift_words(shift)}")
    if report.rewritten:
        terminal.say("Where the old hour was the right one, cancel the shift and post it anew.")


def _as_json(report: LocationReport) -> dict[str, Any]:
    from shiftbell.flow.write_text import shift_words

    return _entry(report.location) | {
        "changed": list(report.changed),
        "shifts": [
            {"id": str(shift), "before": before, "after": shift_words(shift)}
            for shift, before in report.rewritten
        ],
    }


def _entry(place: Location) -> dict[str, Any]:
    names = ("external_id", "name", "zone", "state", "manager_name", "manager_email")
    return {name: getattr(place, name) for name in (*names, "manager_phone")}
