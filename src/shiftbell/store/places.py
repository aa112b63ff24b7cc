"""Locations by the names people write."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from shiftbell.store import timeline
from shiftbell.store.models import Location


def location_named(name: str, *, zone: str, now: datetime, actor: str) -> Location:
    """Return the location with this name or id, whatever its case; made in `zone` if unknown.

    Call inside `write()`.
    """
    named = Q(external_id__iexact=name) | Q(name__iexact=name)
    if found := Location.objects.filter(named).order_by("pk").first():
        return found
    timeline.tell("location.added", at=now, actor=actor, name=name, zone=zone)
    return Location.objects.get_or_create(external_id=name, defaults={"name": name, "zone": zone})[
        0
    ]


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
