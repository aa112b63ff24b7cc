"""Quiet hours where the clocks change, where they never do, and where the days differ."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import hours
from shiftbell.rules.hours import Hours
from shiftbell.rules.whose_hours import window_of

CHICAGO = "America/Chicago"
QUARTER = timedelta(minutes=15)

TEXAS = window_of(hours.DEFAULT_WINDOW, "TX")
RHODE_ISLAND = window_of(hours.DEFAULT_WINDOW, "RI")
SUNDAY_NIGHTS = Hours((None,) * 6 + ((time(2), time(3)),))


def at(text: str, zone: str, *, again: bool = False) -> datetime:
    """Return a local time; `again`, its second showing in the night the clocks are set back."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=int(again))


@pytest.mark.parametrize(
    ("zone", "now", "leaves"),
    [
        # The nights in which the clocks are set: eight is eight, 10 or 12 hours after 22:00.
        (CHICAGO, "2026-03-08T04:00:00+00:00", "2026-03-08T08:00-05:00"),
        (CHICAGO, "2026-11-01T03:00:00+00:00", "2026-11-01T08:00-06:00"),
        # Arizona sets no clocks, so that it is level with Denver in winter and behind in summer.
        ("America/Phoenix", "2026-03-08T12:00:00+00:00", "2026-03-08T08:00-07:00"),
        ("America/Phoenix", "2026-11-01T12:00:00+00:00", "2026-11-01T08:00-07:00"),
        # The Navajo Nation does: whoever lives there has that zone of their own.
        ("America/Denver", "2026-07-01T13:30:00+00:00", "2026-07-01T08:00-06:00"),
        ("America/Phoenix", "2026-07-01T14:30:00+00:00", "2026-07-01T08:00-07:00"),
        ("Pacific/Honolulu", "2026-07-01T12:00:00+00:00", "2026-07-01T08:00-10:00"),
        ("Pacific/Honolulu", "2026-12-01T12:00:00+00:00", "2026-12-01T08:00-10:00"),
        ("America/Puerto_Rico", "2026-07-01T11:00:00+00:00", "2026-07-01T08:00-04:00"),
        ("America/Puerto_Rico", "2026-12-01T11:00:00+00:00", "2026-12-01T08:00-04:00"),
        # Indiana and Kentucky lie in two zones each.
        ("America/Indiana/Indianapolis", "2026-07-01T11:00:00+00:00", "2026-07-01T08:00-04:00"),
        ("America/Indiana/Knox", "2026-07-01T11:00:00+00:00", "2026-07-01T08:00-05:00"),
        ("America/Kentucky/Louisville", "2026-07-01T11:00:00+00:00", "2026-07-01T08:00-04:00"),
        (CHICAGO, "2026-07-01T11:00:00+00:00", "2026-07-01T08:00-05:00"),
        # The year ends in the waiting.
        (CHICAGO, "2027-01-01T03:00:00+00:00", "2027-01-01T08:00-06:00"),
        ("America/New_York", "2027-01-01T02:00:00+00:00", "2027-01-01T08:00-05:00"),
    ],
)
def test_q1_a_text_kept_overnight_leaves_at_eight_on_the_readers_wall(zone, now, leaves):
    held = datetime.fromisoformat(now)
    assert not hours.allowed(held, ZoneInfo(zone))
    assert hours.next_allowed(held, ZoneInfo(zone)) == datetime.fromisoformat(leaves)


def test_a_traveller_is_woken_by_no_clock_but_their_own():
    now = at("2026-11-23T09:00", CHICAGO)
    assert hours.allowed(now, ZoneInfo(CHICAGO))
    assert not hours.allowed(now, ZoneInfo("Pacific/Honolulu"))
    leaves = hours.next_allowed(now, ZoneInfo("Pacific/Honolulu"))
    assert leaves == at("2026-11-23T12:00", CHICAGO)


@pytest.mark.parametrize(
    ("window", "now", "leaves"),
    [
        # 2:30 is skipped on 8 March 2026: the window opens with the jump, at 3:00.
        ((time(2, 30), time(9)), "2026-03-08T07:00+00:00", "2026-03-08T03:00-05:00"),
        # A window that is skipped whole waits for the next day.
        ((time(2), time(3)), "2026-03-08T07:00+00:00", "2026-03-09T02:00-05:00"),
        # One that would close in the hour that is skipped is closed by the jump.
        ((time(0), time(2, 30)), "2026-03-08T08:00+00:00", "2026-03-09T00:00-05:00"),
        # On 1 November 1:00 to 2:00 comes twice, and so does what the clock then says.
        ((time(1, 30), time(9)), "2026-11-01T06:15+00:00", "2026-11-01T01:30-05:00"),
        ((time(1, 30), time(9)), "2026-11-01T07:00+00:00", "2026-11-01T01:30-06:00"),
        ((time(0, 30), time(1, 30)), "2026-11-01T06:45+00:00", "2026-11-01T01:00-06:00"),
        ((time(0, 30), time(1, 30)), "2026-11-01T07:30+00:00", "2026-11-02T00:30-06:00"),
    ],
)
def test_a_window_may_open_and_close_in_the_hour_that_changes(window, now, leaves):
    held = datetime.fromisoformat(now)
    then = hours.next_allowed(held, ZoneInfo(CHICAGO), window)
    assert then == datetime.fromisoformat(leaves)


@pytest.mark.parametrize(
    ("week", "now", "leaves"),
    [
        (TEXAS, "2026-11-21T08:59", "2026-11-21T09:00"),  # a Saturday
        (TEXAS, "2026-11-21T21:00", "2026-11-22T12:00"),
        (TEXAS, "2026-11-22T11:59", "2026-11-22T12:00"),
        (TEXAS, "2026-11-22T20:59", "2026-11-22T20:59"),
        (TEXAS, "2026-11-22T21:00", "2026-11-23T09:00"),
        (RHODE_ISLAND, "2026-11-20T18:00", "2026-11-21T10:00"),
        (RHODE_ISLAND, "2026-11-21T17:00", "2026-11-23T09:00"),
        (RHODE_ISLAND, "2026-11-22T12:00", "2026-11-23T09:00"),
        # The only window of the week falls into the hour that is skipped: a week later.
        (SUNDAY_NIGHTS, "2026-03-02T12:00", "2026-03-15T02:00"),
    ],
)
def test_the_days_of_a_week_may_differ(week, now, leaves):
    then = hours.next_allowed(at(now, CHICAGO), ZoneInfo(CHICAGO), week)
    assert then == at(leaves, CHICAGO)


@pytest.mark.parametrize(
    ("week", "wanted", "moved"),
    [
        (TEXAS, "2026-11-22T08:00", "2026-11-21T20:30"),
        (TEXAS, "2026-11-22T18:00", "2026-11-22T18:00"),
        (RHODE_ISLAND, "2026-11-20T18:00", "2026-11-20T17:30"),
        (RHODE_ISLAND, "2026-11-22T18:00", "2026-11-21T16:30"),
        (SUNDAY_NIGHTS, "2026-03-14T12:00", "2026-03-01T02:30"),
    ],
)
def test_what_may_not_be_late_leaves_on_the_last_day_that_allows_it(week, wanted, moved):
    then = hours.last_allowed(at(wanted, CHICAGO), ZoneInfo(CHICAGO), week)
    assert then == at(moved, CHICAGO)


def test_q4_a_shift_at_five_is_offered_in_the_evening_or_not_at_all():
    starts_at = at("2026-11-24T05:00", CHICAGO)
    evening, night = at("2026-11-23T20:59", CHICAGO), at("2026-11-23T21:00", CHICAGO)
    assert hours.next_allowed(evening, ZoneInfo(CHICAGO)) == evening
    assert hours.next_allowed(night, ZoneInfo(CHICAGO)) > starts_at


@pytest.mark.parametrize(
    ("starts", "zone", "week", "reminder_at", "due"),
    [
        ("2026-11-24T05:00", CHICAGO, TEXAS, time(18), "2026-11-23T18:00"),
        ("2026-11-24T05:00", CHICAGO, TEXAS, time(22), "2026-11-23T20:30"),
        # Monday's shifts: Sunday evening, or Saturday where Sundays are kept free.
        ("2026-11-23T05:00", CHICAGO, TEXAS, time(18), "2026-11-22T18:00"),
        ("2026-11-23T05:00", "America/New_York", RHODE_ISLAND, time(18), "2026-11-21T16:30"),
        # The clocks change between the reminder and the shift.
        ("2026-03-08T05:00", CHICAGO, TEXAS, time(18), "2026-03-07T18:00"),
        ("2026-11-01T05:00", CHICAGO, TEXAS, time(18), "2026-10-31T18:00"),
        ("2027-01-01T05:00", CHICAGO, TEXAS, time(18), "2026-12-31T18:00"),
    ],
)
def test_q4_a_reminder_moves_earlier_and_never_past_the_start(starts, zone, week, reminder_at, due):
    starts_at = at(starts, zone)
    decided = hours.reminder_due(
        starts_at,
        ZoneInfo(zone),
        assigned_at=starts_at - timedelta(days=9),
        now=starts_at - timedelta(days=9),
        reminder_at=reminder_at,
        window=week,
    )
    assert decided == at(due, zone)


def test_a_reminder_that_no_hour_before_the_start_allows_never_leaves():
    missed = at("2026-11-21T17:30", "America/New_York")  # the machine was down on Saturday
    decided = hours.reminder_due(
        at("2026-11-23T05:00", "America/New_York"),
        ZoneInfo("America/New_York"),
        assigned_at=missed - timedelta(days=9),
        now=missed,
        window=RHODE_ISLAND,
    )
    assert decided is None


@pytest.mark.parametrize(
    "days", [(None,) * 7, ((time(8), time(21)),) * 6, ((time(21), time(8)),) * 7]
)
def test_a_week_has_seven_days_and_a_window_that_opens_before_it_closes(days):
    with pytest.raises(AssertionError):
        Hours(days)


# Zones whose clocks are set at two, at midnight, by half an hour, twice for a month of fasting, and
# never; in all of them the change falls on a quarter of an hour, like the windows below.
ZONES = st.sampled_from(
    [
        (ZoneInfo(key), datetime.fromisoformat(turns).replace(tzinfo=UTC))
        for key, turns in (
            (CHICAGO, "2026-03-08T08:00"),
            (CHICAGO, "2026-11-01T07:00"),
            ("America/Havana", "2026-03-08T05:00"),
            ("America/Havana", "2026-11-01T05:00"),
            ("America/Santiago", "2026-04-05T03:00"),
            ("Australia/Lord_Howe", "2026-04-04T15:00"),
            ("Africa/Casablanca", "2026-03-22T02:00"),
            ("America/Phoenix", "2026-11-01T07:00"),
            ("Pacific/Kiritimati", "2026-12-31T12:00"),
        )
    ]
)
CLOCKS = st.integers(0, 95).map(lambda quarters: time(quarters // 4, quarters % 4 * 15))
WINDOWS = st.lists(CLOCKS, min_size=2, max_size=2, unique=True).map(
    lambda two: (min(two), max(two))
)
WEEKS = (
    st.lists(st.none() | WINDOWS, min_size=7, max_size=7)
    .filter(any)
    .map(lambda days: Hours(tuple(days)))
)
AROUND = st.integers(-3 * 24 * 60, 3 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))


def quarters(since: datetime, step: timedelta):
    """Yield quarters of an hour without end; nothing above changes within one."""
    while True:
        yield since
        since += step


def cut(moment: datetime) -> datetime:
    return moment.replace(minute=moment.minute // 15 * 15)


@given(ZONES, AROUND, WINDOWS.map(Hours.daily) | WEEKS)
def test_the_next_moment_is_the_first_that_the_clock_allows(place, around, week):
    zone, now = place[0], place[1] + around
    then = hours.next_allowed(now, zone, week)
    first = next(q for q in quarters(cut(now), QUARTER) if hours.allowed(q, zone, week))
    assert then == max(first, now)
    assert then.tzinfo is UTC


@given(ZONES, AROUND, WINDOWS.map(Hours.daily) | WEEKS)
def test_the_last_moment_is_half_an_hour_before_the_clock_forbids(place, around, week):
    zone, wanted = place[0], place[1] + around
    then = hours.last_allowed(wanted, zone, week)
    assert hours.allowed(then, zone, week)
    last = next(q for q in quarters(cut(wanted), -QUARTER) if hours.allowed(q, zone, week))
    closes = last + QUARTER
    short = not hours.allowed(closes - timedelta(minutes=30), zone, week)
    early = closes - (timedelta(microseconds=1) if short else timedelta(minutes=30))
    assert then == (wanted if hours.allowed(wanted, zone, week) else early)


@given(st.dates(date(2026, 1, 1), date(2027, 12, 31)), WINDOWS)
def test_a_window_is_the_same_as_a_week_of_it(on, window):
    now = datetime.combine(on, time(13, 7), UTC)
    zone, week = ZoneInfo(CHICAGO), Hours.daily(window)
    assert hours.allowed(now, zone, window) == hours.allowed(now, zone, week)
    assert hours.next_allowed(now, zone, window) == hours.next_allowed(now, zone, week)
    assert hours.last_allowed(now, zone, window) == hours.last_allowed(now, zone, week)
