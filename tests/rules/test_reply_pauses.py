"""How long a PAUSE lasts, in what was said and on the person's own calendar."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.replies import Meaning, Pause, understand

CHICAGO = ZoneInfo("America/Chicago")
SUNDAY = datetime(2026, 11, 22, 15, 30, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("reply", "pause"),
    [
        ("PAUSE", Pause()),
        ("pause please", Pause()),
        ("PAUSE 7", Pause(days=7)),
        ("pausa 3 días", Pause(days=3)),
        ("pause for two weeks", Pause(days=14)),
        ("mute 5 days", Pause(days=5)),
        ("pause for a month", Pause(days=30)),
        ("pause a couple of weeks", Pause(days=14)),
        ("pausar por 2 semanas", Pause(days=14)),
        ("pause until tomorrow", Pause(days=1)),
        ("pause until Monday", Pause(weekday=0)),
        ("pausa hasta el lunes", Pause(weekday=0)),
        ("Pause until next Friday", Pause(weekday=4)),
        ("pause until dec 5", Pause(month_day=(12, 5))),
        ("pause until December 5th", Pause(month_day=(12, 5))),
        ("pausa hasta el 3 de enero", Pause(month_day=(1, 3))),
        ("PAUSE until 1/15", Pause(month_day=(1, 15))),
        ("PAUSE until 31/31", Pause()),
        ("pause indefinitely", Pause(days=90)),
        ("pause 9999", Pause(days=9999)),
    ],
)
def test_a_pause_is_as_long_as_it_says(reply: str, pause: Pause):
    reading = understand(reply)
    assert (reading.meaning, reading.pause) == (Meaning.PAUSE, pause)
    assert reading.number == pause.days


@pytest.mark.parametrize(
    ("pause", "until"),
    [
        (Pause(), "2026-11-29T15:30"),
        (Pause(days=1), "2026-11-23T15:30"),
        (Pause(days=0), "2026-11-23T15:30"),
        (Pause(days=9999), "2027-02-20T15:30"),
        (Pause(weekday=0), "2026-11-23T00:00"),
        (Pause(weekday=6), "2026-11-29T00:00"),
        (Pause(month_day=(12, 5)), "2026-12-05T00:00"),
        (Pause(month_day=(1, 3)), "2027-01-03T00:00"),
        (Pause(month_day=(11, 22)), "2027-02-20T15:30"),
        (Pause(month_day=(2, 29)), "2027-02-20T15:30"),
    ],
)
def test_it_ends_on_the_persons_own_calendar(pause: Pause, until: str):
    ends = pause.until(SUNDAY)
    assert (ends.tzinfo, f"{ends:%Y-%m-%dT%H:%M}") == (CHICAGO, until)


def test_the_clock_shows_the_same_time_after_a_change_of_clocks():
    before_the_change = datetime(2026, 10, 30, 9, 0, tzinfo=CHICAGO)
    until = Pause(days=7).until(before_the_change)
    assert until == datetime(2026, 11, 6, 9, 0, tzinfo=CHICAGO)
    assert until.astimezone(UTC) - before_the_change.astimezone(UTC) == timedelta(days=7, hours=1)


def test_an_hour_that_the_clocks_skip_becomes_the_one_they_show():
    until = Pause(days=1).until(datetime(2027, 3, 13, 2, 30, tzinfo=CHICAGO))
    assert until.isoformat() == "2027-03-14T03:30:00-05:00"


@given(
    st.builds(
        Pause,
        days=st.none() | st.integers(0, 10**6),
        weekday=st.none() | st.integers(0, 6),
        month_day=st.none() | st.tuples(st.integers(1, 12), st.integers(1, 28)),
    ),
    st.integers(0, 10 * 365 * 24 * 60),
)
def test_every_pause_ends_in_the_future_and_within_ninety_days(pause: Pause, minutes: int):
    now = (SUNDAY.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(CHICAGO)
    until = pause.until(now)
    assert until.tzinfo is now.tzinfo
    assert now < until
    assert until.date() - now.date() <= timedelta(days=90)
