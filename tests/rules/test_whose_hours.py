"""Whose clock counts, whose state's hours do, and what they leave of the operator's window."""

from datetime import time

import pytest

from shiftbell.errors import ConfigError
from shiftbell.rules.data import read_data
from shiftbell.rules.hours import DEFAULT_WINDOW, Hours
from shiftbell.rules.whose_hours import (
    recipient_state,
    recipient_zone_name,
    require_hours,
    window_of,
)

# The codes of the states, with DC and the territories, as the Postal Service writes them.
WRITTEN = (
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM "
    "NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC AS GU MP PR VI"
)
STATES = read_data("state_hours.toml")
DAYS = ("weekdays", "saturday", "sunday")


@pytest.mark.parametrize(
    ("employee", "home", "site", "judged_in"),
    [
        # A traveller, or someone of the Navajo Nation at work in Arizona, named their own.
        ("Pacific/Honolulu", "America/Chicago", "America/Chicago", "Pacific/Honolulu"),
        ("America/Denver", "America/Phoenix", "America/Phoenix", "America/Denver"),
        # Asked to help out elsewhere: their home's clock, not the site's.
        ("", "America/Indiana/Knox", "America/Indiana/Indianapolis", "America/Indiana/Knox"),
        ("", "", "America/Puerto_Rico", "America/Puerto_Rico"),
        ("", "", "", "America/New_York"),
    ],
)
def test_q2_a_zone_is_the_persons_own_or_their_homes_or_the_sites(employee, home, site, judged_in):
    # Nothing about the number is asked, so no area code can have a say.
    assert recipient_zone_name(employee, home, site, "America/New_York") == judged_in


@pytest.mark.parametrize(
    ("home", "site", "state"),
    [("TX", "FL", "TX"), ("", "FL", "FL"), ("TX", "", "TX"), ("", "", "")],
)
def test_the_hours_of_a_state_follow_the_home_and_else_the_site(home, site, state):
    assert recipient_state(home, site) == state


@pytest.mark.parametrize(
    ("state", "weekday", "saturday", "sunday"),
    [
        ("FL", (8, 20), (8, 20), (8, 20)),
        ("OK", (8, 20), (8, 20), (8, 20)),
        ("MD", (8, 20), (8, 20), (8, 20)),
        ("MS", (8, 20), (8, 20), None),
        ("NJ", (8, 20), (8, 20), (8, 20)),
        ("CT", (9, 20), (9, 20), (9, 20)),
        ("TX", (9, 21), (9, 21), (12, 21)),
        ("RI", (9, 18), (10, 17), None),
        ("IL", (8, 21), (8, 21), (8, 21)),
        ("", (8, 21), (8, 21), (8, 21)),
    ],
)
def test_q1_a_stricter_state_narrows_the_hours(state, weekday, saturday, sunday):
    days = [day and (time(day[0]), time(day[1])) for day in (weekday, saturday, sunday)]
    expected = Hours((days[0],) * 5 + (days[1], days[2]))
    assert window_of(DEFAULT_WINDOW, state) == expected


@pytest.mark.parametrize("written", ["tx", " TX "])
def test_a_state_may_be_written_small(written):
    assert window_of(DEFAULT_WINDOW, written) == window_of(DEFAULT_WINDOW, "TX")


def test_an_operator_may_keep_to_one_window_everywhere():
    assert window_of(DEFAULT_WINDOW, "RI", by_state=False) == Hours.daily(DEFAULT_WINDOW)


def test_only_what_the_operator_and_the_state_both_allow_is_left():
    narrow = (time(10), time(17, 30))
    left = window_of(narrow, "RI").days
    assert left == (narrow,) * 5 + ((time(10), time(17)), None)


def test_a_day_on_which_nothing_is_left_is_a_day_without_texts():
    morning = window_of((time(8), time(10)), "RI").days
    assert morning == ((time(9), time(10)),) * 5 + (None, None)


def test_a_week_in_which_nothing_is_left_is_refused_naming_the_state_and_the_settings():
    with pytest.raises(ConfigError, match=r"SEND_FROM and SEND_UNTIL .* in FL"):
        window_of((time(20), time(21)), "fl")


@pytest.mark.parametrize("code", STATES)
def test_each_state_is_a_real_one_with_a_name_a_source_and_how_sure_we_are(code):
    row = STATES[code]
    assert code in WRITTEN.split()
    assert set(row) == {"name", *DAYS, "source", "read", "note"}
    assert row["name"]
    assert row["source"]
    assert row["read"] in {"statute", "summary", "table"}
    assert row["read"] != "table" or row["note"].startswith("Unconfirmed")


@pytest.mark.parametrize("code", STATES)
def test_each_state_is_stricter_than_the_default_and_never_laxer(code):
    windows = [tuple(STATES[code][days]) for days in DAYS]
    opens, closes = DEFAULT_WINDOW
    assert all(opens <= day[0] < day[1] <= closes for day in windows if day)
    assert any(day != DEFAULT_WINDOW for day in windows)


@pytest.mark.parametrize(
    ("opens", "closes", "state"), [(20, 21, "CT"), (8, 9, "CT"), (18, 20, "RI")]
)
def test_q1_a_window_that_leaves_some_state_no_hour_is_refused_at_the_start(opens, closes, state):
    with pytest.raises(ConfigError, match=f"in {state}"):
        require_hours((time(opens), time(closes)))
    require_hours((time(opens), time(closes)), by_state=False)


def test_the_default_window_leaves_every_state_some_hours():
    for window in (DEFAULT_WINDOW, (time(9), time(18))):
        require_hours(window)
        assert all(any(window_of(window, state).days) for state in read_data("state_hours.toml"))
