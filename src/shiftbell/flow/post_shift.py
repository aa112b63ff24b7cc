"""Post shifts: one by hand, or a file of them. Posting texts nobody.

Posting the same shift again finds it instead of doubling it: by its id, or where it has none by
its place, work and times. One id with other facts is refused: people may have been texted the old
ones, so changing them silently would leave their phones wrong.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from shiftbell.errors import BadInput, BadTime, Conflict
from shiftbell.flow.write_text import shift_words
from shiftbell.rules import hours, ids
from shiftbell.rules.columns import Problem
from shiftbell.rules.rota import OPENINGS_MAX, ShiftRow, read_shifts
from shiftbell.rules.tables import read_table
from shiftbell.store import places, timeline
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Shift
from shiftbell.store.transactions import write


@dataclass(frozen=True, slots=True)
class PostedShift:
    """A shift, and whether it is new."""

    shift: Shift
    added: bool


@dataclass(frozen=True, slots=True)
class ShiftsReport:
    """What became of a file of shifts; in a dry run nothing was posted."""

    posted: tuple[PostedShift, ...]
    rows: tuple[ShiftRow, ...]
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...]
    dry_run: bool


def post_shift(
    *,
    location: str,
    date: str,
    start: str,
    end: str,
    role: str = "",
    openings: int = 1,
    note: str = "",
    external_id: str = "",
    zone: ZoneInfo,
    now: datetime,
    actor: str,
) -> PostedShift:
    """Post one shift, its times as written at its location, like "Nov 28", "7am", "3pm".

    A location that is not known yet is made in `zone`. Raises BadTime or BadInput for what cannot
    be used, Conflict where the id belongs to another shift.
    """
    if not location.strip():
        raise BadInput("The shift has no location.", hint="Write where to come.", field="location")
    if not 1 <= openings <= OPENINGS_MAX:
        hint = f"Write a number from 1 to {OPENINGS_MAX}."
        raise BadInput("This is no number of people.", hint=hint, field="openings")
    own_id = external_id.strip()
    if ids.looks_like_ours(own_id):
        raise BadInput(ids.LOOKS_LIKE_OURS, hint=ids.WRITE_ANOTHER, field="external_id")
    there = places.zones().get(location.strip().casefold(), zone)
    today = now.astimezone(there).date()
    starts_at, ends_at = hours.shift_times(date, start, end, there, today=today)
    if starts_at <= now:
        raise BadTime("This shift has started already.", hint="Correct the date.", field="date")
    row = ShiftRow(
        0, own_id or None, location.strip(), role.strip(), starts_at, ends_at, openings, note
    )
    with write():
        return _post(row, zone=zone, now=now, actor=actor)


def post_shifts(
    raw: bytes, *, zone: ZoneInfo, now: datetime, actor: str, dry_run: bool = False
) -> ShiftsReport:
    """Post a CSV file of shifts; good rows land, each other says what to do.

    Raises BadInput where the file as a whole cannot be used.
    """
    today = now.astimezone(zone).date()
    read = read_shifts(read_table(raw), default_zone=zone, today=today, zones=places.zones())
    problems = list(read.problems)
    posted: list[PostedShift] = []
    rows: list[ShiftRow] = []
    for chunk in in_chunks(read.shifts):
        with write():
            for row in chunk:
                if (known := _known(row)) and _differs(known, row):
                    problems.append(_taken(row, known))
                    continue
                rows.append(row)
                if not dry_run:
                    posted.append(_post(row, zone=zone, now=now, actor=actor))
    return ShiftsReport(
        posted=tuple(posted),
        rows=tuple(rows),
        problems=tuple(sorted(problems, key=lambda problem: problem.line)),
        ignored_columns=tuple(read.ignored_columns),
        dry_run=dry_run,
    )


def _post(row: ShiftRow, *, zone: ZoneInfo, now: datetime, actor: str) -> PostedShift:
    if known := _known(row):
        if _differs(known, row):
            taken = _taken(row, known)
            raise Conflict(taken.message, hint=taken.hint)
        return PostedShift(known, added=False)
    shift = Shift.objects.create(
        external_id=row.external_id or f"new-{uuid.uuid4().hex}",
        location=places.location_named(row.location, zone=zone.key, now=now, actor=actor),
        role=row.role,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        openings=row.openings,
        note=row.note,
        created_at=now,
    )
    if not row.external_id:
        shift.external_id = str(shift)  # `rules/ids` keeps everyone else from bringing it
        shift.save(update_fields=["external_id"])
    timeline.tell(
        "shift.added",
        at=now,
        actor=actor,
        shift=shift,
        when=shift_words(shift),
        openings=shift.openings,
    )
    return PostedShift(shift, added=True)


def _known(row: ShiftRow) -> Shift | None:
    same = (
        Q(external_id=row.external_id)
        if row.external_id
        else Q(
            location__name__iexact=row.location,
            role__iexact=row.role,
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            cancelled_at__isnull=True,
        )
    )
    return Shift.objects.filter(same).select_related("location").order_by("pk").first()


def _differs(known: Shift, row: ShiftRow) -> bool:
    place = {known.location.name.casefold(), known.location.external_id.casefold()}
    return (
        row.location.casefold() not in place
        or (known.starts_at, known.ends_at) != (row.starts_at, row.ends_at)
        or known.role.casefold() != row.role.casefold()
        or known.openings != row.openings
        or known.cancelled_at is not None
    )


def _taken(row: ShiftRow, known: Shift) -> Problem:
    message = "There is a shift with this id and other facts, or it was cancelled."
    hint = "Give the new shift an id of its own, and cancel the old one if it is wrong."
    if not row.external_id:
        plural = "" if known.openings == 1 else "s"
        message = (
            f"The same shift is posted already ({known}), with {known.openings} opening{plural}."
        )
        hint = f"Give this one {'a Shift ID' if row.line else '--id'} to post it as well."
    return Problem(
        line=row.line,
        column="external_id",
        value=row.external_id or "",
        code="shift_differs",
        message=message,
        hint=hint,
        refused=True,
        meaning="external_id",
    )
