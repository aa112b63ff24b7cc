"""Reading shifts from a file: what `shifts add --file` takes.

A shift needs a location, a day, a start and an end; the rest may be left out. Times are local to
the location's own zone, and an hour that the change of clocks skips or repeats is refused rather
than guessed. A shift without an ID can be recognised by its location, role and times only.

Which headings mean what stands in `columns`; what a written time means in `hours`; whether the
shift is there already is the store's to know.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from shiftbell.errors import BadTime
from shiftbell.rules import hours, ids
from shiftbell.rules.columns import Cells, Problem, cells_of, columns_of, require
from shiftbell.rules.tables import Table

OPENINGS_MAX = 500

_NO_ZONES: Mapping[str, ZoneInfo] = MappingProxyType({})
_MEANS = {"date": ("date", "start"), "startTime": ("start",), "endTime": ("end",)}


@dataclass(frozen=True)
class ShiftRow:
    """What one row says about a shift; the times are UTC."""

    line: int
    external_id: str | None
    location: str
    role: str
    starts_at: datetime
    ends_at: datetime
    openings: int
    note: str


@dataclass(frozen=True)
class ShiftsRead:
    """The shifts of a file, what was wrong, and the columns nobody asked for."""

    shifts: list[ShiftRow]
    problems: list[Problem]
    ignored_columns: list[str]


def read_shifts(
    table: Table,
    *,
    default_zone: ZoneInfo,
    today: date,
    zones: Mapping[str, ZoneInfo] = _NO_ZONES,
) -> ShiftsRead:
    """Read every row of `table`.

    `zones` gives the zone of each known location by its casefolded name, others are in
    `default_zone`. Raises BadInput where the file has no columns for place and time.
    """
    columns = columns_of(table.headers, "shifts")
    for needed in ("location", "start", "end"):
        require(columns, needed, example="Shift ID, Location, Role, Date, Start and End")
    shifts: dict[str, ShiftRow] = {}
    problems: list[Problem] = []
    for cells in cells_of(table, columns):
        zone = zones.get(cells.text("location").casefold(), default_zone)
        shift = None if cells.refused else _shift(cells, zone, today)
        if shift and not cells.refused:
            # Without an ID every row is a shift of its own.
            key = shift.external_id or f"line {shift.line}"
            _refuse_other(shifts.setdefault(key, shift), shift, cells)
        problems += cells.problems
    return ShiftsRead(list(shifts.values()), problems, columns.ignored)


def _shift(cells: Cells, zone: ZoneInfo, today: date) -> ShiftRow | None:
    location = cells.told("location")
    if not location:
        message = "The shift has no location."
        cells.refuse("no_location", message, "Write where to come.", "location")
    external_id = cells.told("external_id")
    if ids.looks_like_ours(external_id):
        cells.refuse("our_id", ids.LOOKS_LIKE_OURS, ids.WRITE_ANOTHER, "external_id")
    openings = _openings(cells)
    try:
        starts_at, ends_at = _times(cells, zone, today)
    except BadTime as trouble:
        cells.refuse("bad_time", trouble.message, trouble.hint, *_MEANS[trouble.field])
        return None
    if starts_at.astimezone(zone).date() < today:
        cells.refuse("past", "This shift is in the past.", "Correct the date.", "date", "start")
    return ShiftRow(
        line=cells.row.line,
        external_id=external_id or None,
        location=location,
        role=cells.told("role"),
        starts_at=starts_at,
        ends_at=ends_at,
        openings=openings,
        note=cells.text("note"),
    )


def _times(cells: Cells, zone: ZoneInfo, today: date) -> tuple[datetime, datetime]:
    """Return start and end in UTC; the dates may stand in their own column or with the times."""
    start_day, start = hours.split_moment(cells.told("start"))
    end_day, end = hours.split_moment(cells.told("end"))
    # Excel writes a date cell with a midnight behind it.
    day = hours.split_moment(cells.told("date"))[0] or start_day
    if not end_day:
        return hours.shift_times(day, start, end, zone, today=today)
    starts_on = hours.parse_date(day, today=today, field="date")
    ends_on = hours.parse_date(end_day, today=today, field="endTime")
    starts_at = hours.local_to_utc(
        starts_on, hours.parse_time(start, field="startTime"), zone, field="startTime"
    )
    ends_at = hours.local_to_utc(
        ends_on, hours.parse_time(end, field="endTime"), zone, field="endTime"
    )
    if ends_at <= starts_at:
        hint = "Correct one of the two."
        raise BadTime("The shift ends before it starts.", hint=hint, field="endTime")
    return starts_at, ends_at


def _openings(cells: Cells) -> int:
    """Return how many people the shift needs; 1 where the file does not say."""
    value = cells.told("openings").removesuffix(".0")
    if value and not (value.isascii() and value.isdigit() and 1 <= int(value) <= OPENINGS_MAX):
        hint = f"Write a number from 1 to {OPENINGS_MAX}."
        cells.refuse("bad_openings", "This is no number of people.", hint, "openings")
        return 1
    return int(value or 1)


def _refuse_other(first: ShiftRow, shift: ShiftRow, cells: Cells) -> None:
    """Say on `cells` where `first`, on a line above, has the ID of `shift` already."""
    if first is shift:
        return
    if replace(shift, line=first.line) == first:
        message = f"This is the shift of line {first.line} again."
        cells.remark("joined", message, "Nothing to do.", "external_id")
    else:
        message = f"The shift on line {first.line} has this ID, with other values."
        hint = "Keep the right row, or give this shift an ID of its own."
        cells.refuse("duplicate_id", message, hint, "external_id")
