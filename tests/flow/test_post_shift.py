"""Posting shifts by hand and from a file, against a real database."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from shiftbell.errors import BadInput, BadTime, Conflict
from shiftbell.flow.post_shift import PostedShift, ShiftsReport, post_shift, post_shifts
from shiftbell.store.models import Location, Message, Shift, TimelineEntry
from tests.crew import place
from tests.moments import NOON

pytestmark = pytest.mark.django_db

CHICAGO = ZoneInfo("America/Chicago")
SAMPLE = files("shiftbell").joinpath("data", "sample_shifts.csv").read_bytes()
HEAD = "Shift ID,Location,Date,Start,End,Openings\n"


def post(**more) -> PostedShift:
    words = {"location": "Dock 4", "date": "2026-11-28", "start": "7am", "end": "3pm"} | more
    return post_shift(**words, zone=CHICAGO, now=NOON, actor="cli")


def post_file(text: str | bytes, **more) -> ShiftsReport:
    raw = text.encode() if isinstance(text, str) else text
    return post_shifts(raw, zone=CHICAGO, now=NOON, actor="cli", **more)


def test_a_shift_is_posted_in_the_zone_of_its_location():
    place("Pier 9", "America/Los_Angeles")
    assert post().shift.starts_at == datetime(2026, 11, 28, 13, 0, tzinfo=UTC)
    assert post(location="pier 9").shift.starts_at == datetime(2026, 11, 28, 15, 0, tzinfo=UTC)
    assert Location.objects.get(name="Dock 4").zone == "America/Chicago"
    assert not Message.objects.exists()


def test_a_night_shift_ends_on_the_next_day():
    night = post(start="10pm", end="6am").shift
    assert night.ends_at == datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


def test_a_shift_without_an_id_gets_one_and_is_found_again_by_its_facts():
    first, second = post(), post()
    assert (first.added, second.added) == (True, False)
    assert second.shift == first.shift
    assert first.shift.external_id == f"s{first.shift.pk}"
    assert TimelineEntry.objects.get(what="shift.added").detail == {
        "when": "Sat Nov 28 7am-3pm, Dock 4",
        "openings": 1,
    }


def test_one_id_with_other_facts_is_refused():
    post(external_id="S-1")
    assert not post(external_id="S-1").added
    with pytest.raises(Conflict, match="other facts"):
        post(external_id="S-1", end="4pm")


def test_the_same_shift_with_other_openings_is_refused_without_blaming_an_id():
    first = post(openings=2).shift
    said = f"The same shift is posted already ({first}), with 2 openings."
    with pytest.raises(Conflict) as caught:
        post(openings=3)
    assert caught.value.sentence() == f"{said} Give this one --id to post it as well."
    (problem,) = post_file(f"{HEAD},Dock 4,2026-11-28,7am,3pm,1\n").problems
    assert problem.message == said
    assert problem.hint == "Give this one a Shift ID to post it as well."
    assert post(openings=3, external_id="S-2").added


@pytest.mark.parametrize(
    ("words", "error", "field"),
    [
        ({"location": " "}, BadInput, "location"),
        ({"openings": 0}, BadInput, "openings"),
        ({"openings": 501}, BadInput, "openings"),
        ({"external_id": "s4 "}, BadInput, "external_id"),
        ({"end": "7am"}, BadTime, "endTime"),
        ({"date": "2026-11-31"}, BadTime, "date"),
        ({"date": "yesterday"}, BadTime, "date"),
        ({"date": "2026-11-20"}, BadTime, "date"),
        ({"date": "2027-03-14", "start": "2:30am"}, BadTime, "startTime"),
    ],
)
def test_what_cannot_be_posted_names_the_field(words, error, field):
    with pytest.raises(error) as caught:
        post(**words)
    assert caught.value.field == field
    assert not Shift.objects.exists()


def test_the_sample_file_lands_and_a_second_time_changes_nothing():
    first, second = post_file(SAMPLE), post_file(SAMPLE)
    assert [one.added for one in first.posted] == [True] * 6
    assert [one.added for one in second.posted] == [False] * 6
    assert Shift.objects.count() == 6


def test_a_dry_run_posts_nothing():
    report = post_file(SAMPLE, dry_run=True)
    assert len(report.rows) == 6
    assert not Shift.objects.exists()
    assert not Location.objects.exists()


def test_good_rows_land_beside_bad_ones():
    post(external_id="S-1")
    report = post_file(
        f"{HEAD}S-1,Dock 4,2026-11-28,7am,4pm,1\n"
        "S-2,Dock 4,soon,7am,3pm,1\n"
        "S-3,Dock 4,2026-11-28,7am,3pm,2\n"
    )
    assert [one.shift.external_id for one in report.posted] == ["S-3"]
    assert [(one.line, one.code) for one in report.problems] == [
        (2, "shift_differs"),
        (3, "bad_time"),
    ]
