"""Quiet hours, reminders and written times, over the days when the clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadTime
from shiftbell.rules import hours

CHICAGO = ZoneInfo("America/Chicago")
PHOENIX = ZoneInfo("America/Phoenix")
TODAY = date(2026, 11, 22)

ZONES = st.sampled_from(
    [ZoneInfo(key) for key in ("America/Chicago", "America/St_Johns", "Australia/Lord_Howe", "UTC")]
)
WINDOWS = st.sampled_from(
    [hours.DEFAULT_WINDOW, (time(9), time(20)), (time(2, 30), time(21)), (time(8), time(8, 10))]
)
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


def at(text: str, zone: ZoneInfo = CHICAGO) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("clock", "may"),
    [("07:59:59", False), ("08:00", True), ("20:59:59", True), ("21:00", False), ("00:00", False)],
)
def test_texts_leave_from_eight_until_nine_in_the_evening(clock, may):
    assert hours.allowed(at(f"2026-11-22T{clock}"), CHICAGO) is may


@pytest.mark.parametrize(
    ("now", "leaves"),
    [
        ("2026-11-22T12:00", "2026-11-22T12:00"),
        ("2026-11-22T05:00", "2026-11-22T08:00"),
        ("2026-11-22T21:00", "2026-11-23T08:00"),
        ("2026-10-31T22:00", "2026-11-01T08:00"),
        ("2026-03-07T22:00", "2026-03-08T08:00"),
    ],
)
def test_a_text_kept_overnight_leaves_at_eight_by_the_readers_clock(now, leaves):
    assert hours.next_allowed(at(now), CHICAGO) == at(leaves)


@given(MOMENTS, ZONES, WINDOWS)
def test_the_next_moment_is_allowed_and_nothing_before_it_is(now, zone, window):
    then = hours.next_allowed(now, zone, window)
    assert then >= now
    assert hours.allowed(then, zone, window)
    assert hours.next_allowed(then, zone, window) == then
    if then > now:
        assert not hours.allowed(now, zone, window)
        assert not hours.allowed(then - (then - now) / 2, zone, window)


@given(MOMENTS, ZONES, WINDOWS)
def test_the_last_moment_is_allowed_and_never_later_than_asked(now, zone, window):
    then = hours.last_allowed(now, zone, window)
    assert now - timedelta(days=2) < then <= now
    assert hours.allowed(then, zone, window)


@pytest.mark.parametrize(
    ("starts", "assigned", "now", "due"),
    [
        # The day before at six in the evening.
        ("2026-11-28T07:00", "2026-11-24T10:00", "2026-11-24T10:00", "2026-11-27T18:00"),
        ("2026-11-28T22:00", "2026-11-24T10:00", "2026-11-24T10:00", "2026-11-27T18:00"),
        # Over the change of clocks, still six by the clock.
        ("2026-11-01T07:00", "2026-10-24T10:00", "2026-10-24T10:00", "2026-10-31T18:00"),
        # The machine was down at six: now is better than never.
        ("2026-11-28T07:00", "2026-11-24T10:00", "2026-11-27T20:00", "2026-11-27T18:00"),
        # It was down all night: nothing may leave before the start.
        ("2026-11-28T07:00", "2026-11-24T10:00", "2026-11-27T23:00", None),
        ("2026-11-28T10:00", "2026-11-24T10:00", "2026-11-27T23:00", "2026-11-27T18:00"),
        # Started already.
        ("2026-11-28T07:00", "2026-11-24T10:00", "2026-11-28T07:00", None),
        # Taken today: the confirmation is reminder enough.
        ("2026-11-28T07:00", "2026-11-27T06:30", "2026-11-27T06:30", None),
        ("2026-11-28T07:00", "2026-11-27T19:00", "2026-11-27T19:00", None),
        ("2026-11-28T07:00", "2026-11-27T06:00", "2026-11-27T06:00", "2026-11-27T18:00"),
    ],
)
def test_a_reminder_comes_the_evening_before_unless_it_helps_no_one(starts, assigned, now, due):
    decided = hours.reminder_due(at(starts), CHICAGO, assigned_at=at(assigned), now=at(now))
    assert decided == (due and at(due))


def test_a_reminder_follows_the_clock_of_the_reader_not_of_the_site():
    decided = hours.reminder_due(
        at("2026-11-28T00:30"),
        PHOENIX,
        assigned_at=at("2026-11-20T10:00"),
        now=at("2026-11-20T10:00"),
    )
    assert decided == at("2026-11-26T18:00", PHOENIX)


@pytest.mark.parametrize(
    ("reminder_at", "due"),
    [(time(7), "2026-11-26T20:30"), (time(22), "2026-11-27T20:30"), (time(8), "2026-11-27T08:00")],
)
def test_a_reminder_set_for_quiet_hours_moves_earlier_never_later(reminder_at, due):
    decided = hours.reminder_due(
        at("2026-11-28T07:00"),
        CHICAGO,
        assigned_at=at("2026-11-20T10:00"),
        now=at("2026-11-20T10:00"),
        reminder_at=reminder_at,
    )
    assert decided == at(due)


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("2026-11-28", date(2026, 11, 28)),
        ("11/28/2026", date(2026, 11, 28)),
        ("11/28/26", date(2026, 11, 28)),
        ("1/5/2027", date(2027, 1, 5)),
        ("11-28-2026", date(2026, 11, 28)),
        ("Nov 28 2026", date(2026, 11, 28)),
        ("Nov. 28, 2026", date(2026, 11, 28)),
        ("Sept 5, 2027", date(2027, 9, 5)),
        ("Saturday, November 28, 2026", date(2026, 11, 28)),
        ("28 Nov 2026", date(2026, 11, 28)),
        ("28-Nov-26", date(2026, 11, 28)),
        ("today", TODAY),
        ("Tomorrow", date(2026, 11, 23)),
        ("+2 days", date(2026, 11, 24)),
    ],
)
def test_a_date_is_read_as_people_write_it(written, means):
    assert hours.parse_date(written, today=TODAY) == means


@pytest.mark.parametrize("written", ["", "soon", "28/11/2026", "2026-02-30", "11/28", "11/28/0026"])
def test_an_unclear_date_is_refused_with_the_way_to_write_it(written):
    with pytest.raises(BadTime) as refusal:
        hours.parse_date(written, today=TODAY, field="Consent Date")
    assert refusal.value.field == "Consent Date"
    assert "2026-11-28" in refusal.value.hint


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("7am", time(7)),
        ("7 a.m.", time(7)),
        ("7p", time(19)),
        ("7:30 PM", time(19, 30)),
        ("07:00", time(7)),
        ("19:30:00", time(19, 30)),
        ("1930", time(19, 30)),
        ("12am", time(0)),
        ("12:15 pm", time(12, 15)),
        ("noon", time(12)),
        ("Midnight", time(0)),
    ],
)
def test_a_time_is_read_as_people_write_it(written, means):
    assert hours.parse_time(written, field="startTime") == means


@pytest.mark.parametrize("written", ["", "7", "25:00", "24:00", "7:75", "13pm", "0am", "morning"])
def test_an_unclear_time_is_refused(written):
    with pytest.raises(BadTime) as refusal:
        hours.parse_time(written, field="startTime")
    assert refusal.value.field == "startTime"
    assert refusal.value.hint


def test_a_shift_that_ends_before_it_starts_ends_the_next_day():
    start, end = hours.shift_times("2026-11-28", "7pm", "7am", CHICAGO, today=TODAY)
    assert (start, end) == (at("2026-11-28T19:00"), at("2026-11-29T07:00"))
    assert start.tzinfo is end.tzinfo is UTC


def test_a_night_shift_over_the_change_of_clocks_is_an_hour_longer():
    start, end = hours.shift_times("2026-10-31", "7pm", "7am", CHICAGO, today=TODAY)
    assert end - start == timedelta(hours=13)


@pytest.mark.parametrize(
    ("written", "field", "says"),
    [
        (("2026-11-28", "7am", "7:00"), "endTime", "same time"),
        (("2026-03-08", "2:30am", "9am"), "startTime", "does not exist"),
        (("2026-03-07", "9pm", "2:30am"), "endTime", "does not exist"),
        (("2026-11-01", "1:30am", "9am"), "startTime", "happens twice"),
        (("someday", "7am", "3pm"), "date", "cannot be read"),
        (("2026-11-28", "", "3pm"), "startTime", "no time"),
    ],
)
def test_a_time_that_is_not_one_moment_is_refused_naming_the_field(written, field, says):
    with pytest.raises(BadTime, match=says) as refusal:
        on, start, end = written
        hours.shift_times(on, start, end, CHICAGO, today=TODAY)
    assert refusal.value.field == field


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.times(), ZONES)
def test_every_local_time_is_one_moment_or_refused(on, clock, zone):
    clock = clock.replace(second=0, microsecond=0)
    try:
        moment = hours.local_to_utc(on, clock, zone, field="startTime")
    except BadTime as refusal:
        assert zone.key in refusal.message
    else:
        assert moment.astimezone(zone).replace(tzinfo=None) == datetime.combine(on, clock)


def test_an_hour_no_day_has_is_not_asked_about_morning_or_evening():
    with pytest.raises(BadTime, match="no such time of day"):
        hours.parse_time("25", field="startTime")
