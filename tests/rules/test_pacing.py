"""How far apart calls leave, and what RingCentral's headers do to that."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import pacing
from shiftbell.rules.pacing import Group

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("limit", "ceiling", "seconds"),
    [
        (40, None, 1.5225),
        (40, 35, 1.74),
        (40, 100, 1.5225),
        (100, None, 0.609),
        (1, None, 60.9),
        (40, 1, 60.9),
    ],
)
def test_departures_are_spaced_by_the_lower_limit_and_a_little_more(limit, ceiling, seconds):
    assert pacing.spacing(limit, ceiling) == timedelta(seconds=seconds)


def test_nobody_computes_the_spacing_of_a_bucket_that_may_send_nothing():
    with pytest.raises(AssertionError):
        pacing.spacing(0)


def test_every_group_has_a_limit_to_begin_with():
    assert set(pacing.DEFAULT_LIMITS) == set(Group)


@pytest.mark.parametrize(
    ("previous", "expected"),
    [
        (None, NOON + 2 * SECOND),
        (NOON - 3600 * SECOND, NOON + 2 * SECOND),
        (NOON, NOON + 2 * SECOND),
        (NOON + SECOND, NOON + 3 * SECOND),
    ],
)
def test_the_next_slot_is_a_full_spacing_on(previous, expected):
    assert pacing.next_slot(previous, NOON, 2 * SECOND) == expected


@given(
    limit=st.integers(1, 1000),
    waits=st.lists(st.floats(0, 90), min_size=2, max_size=120),
)
def test_no_sliding_minute_ever_holds_more_than_the_limit(limit, waits):
    apart, now, slot = pacing.spacing(limit), NOON, None
    departures = []
    for wait in waits:
        now += timedelta(seconds=wait)
        if slot is None or slot <= now:
            slot = pacing.next_slot(slot, now, apart)
            departures.append(now)
    for first in departures:
        minute = [at for at in departures if first <= at < first + 60 * SECOND]
        assert len(minute) <= limit


def test_forty_a_minute_are_used_to_at_least_thirty_nine():
    slot, minute = NOON, 0
    while slot < NOON + 60 * SECOND:
        minute += 1
        slot = pacing.next_slot(slot, slot, pacing.spacing(40))
    assert minute in (39, 40)


def test_a_bucket_told_to_be_quiet_is_quiet_that_long():
    assert pacing.paused_until(NOON, 42 * SECOND) == NOON + 42 * SECOND


def test_rate_headers_are_read_in_any_case():
    headers = {
        "x-rate-limit-group": "Medium",
        "X-RATE-LIMIT-LIMIT": " 40 ",
        "X-Rate-Limit-Remaining": "0",
        "X-Rate-Limit-Window": "60",
    }
    heard = pacing.read_rate_headers(headers)
    assert heard == pacing.RateHeard("medium", 40, 0, timedelta(minutes=1))


@pytest.mark.parametrize(
    "rubbish", ["", "-1", "0", "1e3", "40, 40", "forty", "٤٠", "9" * 30, "1.5"]
)
def test_a_limit_that_makes_no_sense_counts_as_not_heard(rubbish):
    heard = pacing.read_rate_headers(
        {"X-Rate-Limit-Limit": rubbish, "X-Rate-Limit-Window": rubbish}
    )
    assert (heard.limit, heard.window) == (None, None)


@pytest.mark.parametrize("rubbish", ["", "two words", "<script>", "x" * 40, "40"])
def test_a_group_that_makes_no_sense_counts_as_not_heard(rubbish):
    assert pacing.read_rate_headers({"X-Rate-Limit-Group": rubbish}).group is None


DATE = {"Date": "Sun, 22 Nov 2026 12:00:00 GMT"}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "60"}, 60),
        ({"retry-after": " 7 "}, 7),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "0"}, 1),
        ({"Retry-After": "86400"}, 3600),
        ({"Retry-After": "9" * 9}, 3600),
        ({"Retry-After": "9" * 40}, 30),
        ({"Retry-After": "-5"}, 30),
        ({"Retry-After": "soon"}, 30),
        ({"Retry-After": "nan"}, 30),
        ({"Retry-After": "inf"}, 30),
        ({"Retry-After": ""}, 30),
        ({}, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 12:01:15 GMT", **DATE}, 75),
        ({"Retry-After": "Sun, 22 Nov 2026 13:01:15 +0100", **DATE}, 75),
        ({"Retry-After": "Sun, 22 Nov 2026 11:59:00 GMT", **DATE}, 30),
        ({"Retry-After": "Wed, 22 Nov 2028 12:00:00 GMT", **DATE}, 3600),
        ({"Retry-After": "Sun, 22 Nov 2026 12:01:15 GMT"}, 30),
        ({"Retry-After": "Sun, 22 Nov 2026 12:01:15 GMT", "Date": "today"}, 30),
    ],
)
def test_how_long_to_be_quiet(headers, seconds):
    assert pacing.retry_after(headers) == timedelta(seconds=seconds)


def test_the_caller_may_choose_another_default():
    assert pacing.retry_after({}, 5 * SECOND) == 5 * SECOND


@given(st.dictionaries(st.sampled_from(["Retry-After", "Date", "X-Rate-Limit-Limit"]), st.text()))
def test_no_header_breaks_the_reading(headers):
    assert SECOND <= pacing.retry_after(headers) <= 3600 * SECOND
    limit = pacing.read_rate_headers(headers).limit
    assert limit is None or limit >= 1
