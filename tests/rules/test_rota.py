"""Shifts from a file: times in the location's zone, and what keeps a row out."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from shiftbell.errors import BadInput
from shiftbell.rules.rota import ShiftRow, ShiftsRead, read_shifts
from shiftbell.rules.tables import read_table

CHICAGO = ZoneInfo("America/Chicago")
TODAY = date(2026, 11, 22)
HEADERS = "Shift ID,Location,Role,Date,Start,End,Openings,Note"


def read(rows: str, headers: str = HEADERS, **more) -> ShiftsRead:
    table = read_table(f"{headers}\n{rows}\n".encode())
    return read_shifts(table, default_zone=CHICAGO, today=TODAY, **more)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_full_row_is_read():
    found = read("S-1,Dock 4,Picker,11/28/2026,7am,3pm,2,Gate B")
    assert found.shifts == [
        ShiftRow(
            line=2,
            external_id="S-1",
            location="Dock 4",
            role="Picker",
            starts_at=utc("2026-11-28T13:00"),
            ends_at=utc("2026-11-28T21:00"),
            openings=2,
            note="Gate B",
        )
    ]
    assert found.problems == []


@pytest.mark.parametrize(
    ("headers", "row"),
    [
        ("Site,Date,Start Time,End Time", "Dock 4,2026-11-28,07:00,15:00"),
        ("Location,Start,End", "Dock 4,11/28/2026 7:00 AM,11/28/2026 3:00 PM"),
        ("Location,Start,End", "Dock 4,2026-11-28T07:00,2026-11-28T15:00"),
        ("Location,Start,End", 'Dock 4,"Nov 28, 2026 7am",3pm'),
        ("Area,Shift Date,From,To", "Dock 4,2026-11-28 00:00:00,0700,1500"),
        ("Location,Date,Start,End", "Dock 4,+6 days,7 a.m.,3 p.m."),
    ],
)
def test_the_same_shift_is_understood_from_many_files(headers, row):
    (shift,) = read(row, headers).shifts
    assert (shift.starts_at, shift.ends_at) == (utc("2026-11-28T13:00"), utc("2026-11-28T21:00"))
    assert (shift.external_id, shift.openings, shift.role, shift.note) == (None, 1, "", "")


def test_times_are_those_of_the_location():
    zones = {"dock 9": ZoneInfo("America/Los_Angeles")}
    found = read("1,Dock 9,,2026-11-28,7am,3pm,,\n2,Dock 4,,2026-11-28,7am,3pm,,", zones=zones)
    assert [shift.starts_at.hour for shift in found.shifts] == [15, 13]


def test_a_night_shift_ends_the_next_day():
    (shift,) = read("1,Dock 4,,2026-11-28,10pm,6am,,").shifts
    assert shift.ends_at == utc("2026-11-29T12:00")


@pytest.mark.parametrize(
    ("row", "code", "column", "says"),
    [
        ("1,,,2026-11-28,7am,3pm,,", "no_location", "Location", "no location"),
        ("s4,Dock 4,,2026-11-28,7am,3pm,,", "our_id", "Shift ID", "Shiftbell's own"),
        ("1,Dock 4,,someday,7am,3pm,,", "bad_time", "Date", "cannot be read"),
        ("1,Dock 4,,2026-11-28,,3pm,,", "bad_time", "Start", "no time"),
        ("1,Dock 4,,2026-11-28,7am,7am,,", "bad_time", "End", "same time"),
        ("1,Dock 4,,2027-03-14,2:30am,9am,,", "bad_time", "Start", "does not exist"),
        ("1,Dock 4,,2026-11-28,3pm,11/28/2026 7am,,", "bad_time", "End", "before it starts"),
        ("1,Dock 4,,2026-11-21,7am,3pm,,", "past", "Date", "in the past"),
        ("1,Dock 4,,2026-11-28,7am,3pm,two,", "bad_openings", "Openings", "number of people"),
        ("1,Dock 4,,2026-11-28,7am,3pm,0,", "bad_openings", "Openings", "number of people"),
        ("1,Dock 4,,2026-11-28,7am,3pm,1,a,b", "bad_row", "", "more cells"),
    ],
)
def test_a_bad_row_is_refused_naming_the_column(row, code, column, says):
    found = read(row)
    assert found.shifts == []
    (problem,) = found.problems
    assert (problem.line, problem.code, problem.column, problem.refused) == (2, code, column, True)
    assert says in problem.message
    assert problem.hint


def test_an_id_that_comes_twice_is_joined_when_the_same_and_refused_when_not():
    same = "S-1,Dock 4,,2026-11-28,7am,3pm,,"
    found = read(f"{same}\n{same}\nS-1,Dock 4,,2026-11-29,7am,3pm,,")
    assert len(found.shifts) == 1
    assert [(problem.line, problem.code) for problem in found.problems] == [
        (3, "joined"),
        (4, "duplicate_id"),
    ]


def test_rows_without_an_id_are_shifts_of_their_own():
    row = ",Dock 4,,2026-11-28,7am,3pm,,"
    assert len(read(f"{row}\n{row}").shifts) == 2


def test_a_file_without_places_or_times_is_refused_whole():
    with pytest.raises(BadInput, match="no column we can use"):
        read("1,7am", "Shift ID,Start")
