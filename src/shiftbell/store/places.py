"""Locations by the names people write, and the shifts that lie ahead there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from shiftbell.errors import NotFound
from shiftbell.store import timeline
from shiftbell.store.models import Assignment, Location, Offer, Shift

_NAMED_MAX = 10


def location_named(name: str, *, zone: str, now: datetime, actor: str) -> Location:
    """Return the location with this name or id, whatever its case; made in `zone` if unknown.

    Call inside `write()`.
    """
    if found := Location.objects.filter(_called(name)).order_by("pk").first():
        return found
    timeline.tell("location.added", at=now, actor=actor, name=name, zone=zone)
    return Location.objects.get_or_create(external_id=name, defaults={"name": name, "zone": zone})[
        0
    ]


def locked_location(name: str) -> Location:
    """Return the location with this name or id, locked; raise NotFound for one nobody knows.

    Call inside `write()`, before the shifts there are locked.
    """
    found = Location.objects.filter(_called(name)).order_by("pk").select_for_update().first()
    if found is not None:
        return found
    names = list(Location.objects.order_by("name").values_list("name", flat=True))
    known = ", ".join(names[:_NAMED_MAX]) + (", …" if len(names) > _NAMED_MAX else "")
    raise NotFound(
        f"There is no location {name!r}.",
        hint=f"Known: {known}." if names else "Importing people or posting a shift makes one.",
    )


def shifts_ahead(location: Location, now: datetime) -> list[Shift]:
    """Return the shifts there that are neither over nor cancelled, locked, by their start."""
    there = Shift.objects.filter(location=location, ends_at__gt=now, cancelled_at__isnull=True)
    locked = there.select_related("location").select_for_update(of=("self",)).order_by("pk")
    return sorted(locked, key=lambda shift: shift.starts_at)


def told_of(shifts: Sequence[Shift]) -> list[Shift]:
    """Return those of these shifts that somebody holds or may still answer about."""
    held = Assignment.objects.filter(shift__in=shifts, state=Assignment.HELD)
    over = [Offer.WITHDRAWN, Offer.DECLINED]
    asked = Offer.objects.filter(shift__in=shifts).exclude(state__in=over)
    ids = {*held.values_list("shift", flat=True), *asked.values_list("shift", flat=True)}
    return [shift for shift in shifts if shift.pk in ids]


def known_names() -> dict[str, str]:
    """Return the name of every location by its casefolded name and id."""
    rows = list(Location.objects.order_by("-pk").values_list("external_id", "name"))
    by_name = {name.casefold(): name for _, name in rows}
    return by_name | {external_id.casefold(): name for external_id, name in rows}


def zones() -> dict[str, ZoneInfo]:
    """Return the zone of every location by its casefolded name and id."""
    rows = list(Location.objects.order_by("-pk").values_list("external_id", "name", "zone"))
    by_name = {name.casefold(): ZoneInfo(zone) for _, name, zone in rows}
    return by_name | {external_id.casefold(): ZoneInfo(zone) for external_id, _, zone in rows}


def _called(name: str) -> Q:
    return Q(external_id__iexact=name) | Q(name__iexact=name)
