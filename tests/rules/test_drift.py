"""Which side changes when RingCentral's list and the ledger differ: the stricter one stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.drift import (
    AGAIN_MAX,
    AGAIN_MIN,
    EVERY_NUMBER,
    ON_ITS_WAY,
    Entry,
    Mend,
    Ours,
    is_blocked,
    is_phone,
    may_lift,
    mend,
    news,
    try_again_in,
)
from tests.moments import NOON

DESK, OTHER, FORMER = "+16505550100", "+16505550101", "+16505550109"
BOTH = {DESK, OTHER}
SECOND = timedelta(seconds=1)
READ_AT = NOON + timedelta(hours=1)

OUT = Entry(DESK, True, "Recipient", NOON, "PhoneNumber")
OUT_THERE_TOO = replace(OUT, sender=OTHER)
IN = replace(OUT, opted_out=False)
RIDDLE = replace(OUT, readable=False)
FREE = Ours()
STOPPED = Ours(opted_out=True, told_at=NOON)
PENDING = Ours(opted_out=True, due=True)
# Wrote START a minute after that opt-out, heard a minute later, told.
BACK = Ours(
    asked_at=NOON + timedelta(minutes=1),
    heard_at=NOON + timedelta(minutes=2),
    told_at=NOON + timedelta(minutes=3),
)
BACK_UNTOLD = replace(BACK, told_at=NOON - SECOND, due=True)


def of(ours: Ours, *entries: Entry) -> Mend:
    """What a complete list mends."""
    return mend(ours, entries, BOTH, read_at=READ_AT)


@pytest.mark.parametrize(
    ("ours", "entries", "expected"),
    [
        # Both sides agree.
        (FREE, [], Mend.NOTHING),
        (FREE, [IN], Mend.NOTHING),
        (STOPPED, [OUT, OUT_THERE_TOO], Mend.NOTHING),
        (STOPPED, [replace(OUT, sender=EVERY_NUMBER, coverage="Account")], Mend.NOTHING),
        # RingCentral knows of an opt-out that we do not.
        (FREE, [OUT], Mend.STOP_HERE),
        (FREE, [IN, OUT_THERE_TOO], Mend.STOP_HERE),
        (FREE, [replace(OUT, sender=FORMER)], Mend.STOP_HERE),
        (FREE, [replace(OUT, sender=EVERY_NUMBER, coverage="CampaignType")], Mend.STOP_HERE),
        (FREE, [replace(OUT, changed_at=None)], Mend.STOP_HERE),
        # We know of one that RingCentral lacks, for one sender at least.
        (STOPPED, [], Mend.STOP_THERE),
        (STOPPED, [OUT], Mend.STOP_THERE),
        (STOPPED, [OUT, replace(OUT_THERE_TOO, opted_out=False)], Mend.STOP_THERE),
        (STOPPED, [replace(OUT, sender=EVERY_NUMBER, coverage="CampaignType")], Mend.STOP_THERE),
        (STOPPED, [OUT, replace(OUT_THERE_TOO, readable=False)], Mend.STOP_THERE),
        # What RingCentral is yet to hear is no difference.
        (PENDING, [], Mend.NOTHING),
        (PENDING, [IN], Mend.NOTHING),
        (BACK_UNTOLD, [OUT], Mend.NOTHING),
        # A list from before the last push proves nothing by what it lacks.
        (replace(STOPPED, told_at=READ_AT), [], Mend.NOTHING),
        (replace(BACK, told_at=READ_AT), [OUT], Mend.NOTHING),
        # The person's own START is newer than the opt-out; or it is not.
        (BACK, [OUT], Mend.LIFT_THERE),
        (BACK, [replace(OUT, sender=FORMER)], Mend.NOTHING),
        (BACK, [replace(OUT, sender=EVERY_NUMBER)], Mend.NOTHING),
        (BACK, [replace(OUT, changed_at=NOON + timedelta(seconds=61))], Mend.STOP_HERE),
        (BACK_UNTOLD, [replace(OUT, changed_at=NOON + timedelta(seconds=61))], Mend.STOP_HERE),
        (BACK, [OUT, replace(OUT_THERE_TOO, changed_at=READ_AT)], Mend.STOP_HERE),
        # Without a date only a START that RingCentral is yet to hear explains it.
        (BACK, [replace(OUT, changed_at=None)], Mend.STOP_HERE),
        (BACK_UNTOLD, [replace(OUT, changed_at=None)], Mend.NOTHING),
        # An entry that cannot be read: a person looks, and an opt-out stays one.
        (FREE, [RIDDLE], Mend.REVIEW),
        (replace(FREE, in_review=True), [RIDDLE], Mend.NOTHING),
        (FREE, [RIDDLE, OUT], Mend.STOP_HERE),
        (replace(STOPPED, told_at=None), [RIDDLE, OUT, OUT_THERE_TOO], Mend.NOTHING),
        (BACK_UNTOLD, [RIDDLE], Mend.NOTHING),
        (BACK_UNTOLD, [replace(RIDDLE, changed_at=None)], Mend.NOTHING),
        (BACK, [replace(RIDDLE, changed_at=READ_AT)], Mend.REVIEW),
    ],
)
def test_what_a_whole_list_mends(ours: Ours, entries: list[Entry], expected: Mend):
    assert of(ours, *entries) is expected


@pytest.mark.parametrize(
    ("ours", "entry", "expected"),
    [
        (FREE, OUT, Mend.STOP_HERE),
        (FREE, RIDDLE, Mend.REVIEW),
        (FREE, IN, Mend.NOTHING),
        (STOPPED, IN, Mend.NOTHING),
        (STOPPED, OUT, Mend.NOTHING),
        (BACK, OUT, Mend.NOTHING),
    ],
)
def test_an_event_is_not_concluded_from_what_it_lacks(ours: Ours, entry: Entry, expected: Mend):
    assert mend(ours, [entry], BOTH, read_at=None) is expected


@pytest.mark.parametrize(
    ("source", "after_heard", "is_news"),
    [
        ("Api", timedelta(0), False),
        ("Api", ON_ITS_WAY, False),
        ("api", ON_ITS_WAY + SECOND, True),
        ("Recipient", timedelta(0), True),
        ("Carrier", timedelta(0), True),
    ],
)
def test_our_own_push_of_a_stop_comes_back_as_no_news(source: str, after_heard, is_news: bool):
    assert BACK.heard_at is not None
    entry = replace(OUT, source=source, changed_at=BACK.heard_at + after_heard)
    assert bool(news(BACK, [entry])) is is_news


@pytest.mark.parametrize(
    ("ours", "entries", "expected"),
    [
        (BACK_UNTOLD, [], True),
        (BACK_UNTOLD, [IN, OUT], True),
        (BACK_UNTOLD, [replace(OUT, changed_at=READ_AT, source="Carrier")], False),
        (BACK_UNTOLD, [OUT, replace(OUT_THERE_TOO, changed_at=READ_AT)], False),
        (BACK_UNTOLD, [replace(RIDDLE, changed_at=READ_AT)], False),
        (replace(BACK_UNTOLD, in_review=True), [replace(RIDDLE, changed_at=READ_AT)], False),
        (BACK_UNTOLD, [replace(OUT, changed_at=None)], True),
        (PENDING, [], False),
        (FREE, [], False),
    ],
)
def test_r7_a_start_is_told_only_over_what_it_is_newer_than(
    ours: Ours, entries: list[Entry], expected: bool
):
    assert may_lift(ours, entries) is expected


def test_the_oldest_opt_out_is_the_evidence():
    later, undated = replace(OUT, changed_at=READ_AT), replace(OUT, changed_at=None)
    assert news(FREE, [undated, later, undated, OUT])[0] == OUT


SENDERS = st.sampled_from([DESK, OTHER, FORMER, EVERY_NUMBER])
MOMENTS = st.none() | st.integers(-300, 300).map(lambda n: NOON + n * SECOND)
ENTRIES = st.lists(
    st.builds(
        Entry,
        SENDERS,
        st.booleans(),
        st.sampled_from(["Recipient", "Api", "Upstream", "Carrier", ""]),
        MOMENTS,
        st.sampled_from(["", "PhoneNumber", "Account", "CampaignType"]),
        st.booleans(),
    ),
    max_size=4,
)
STANDINGS = st.builds(Ours, st.booleans(), st.booleans(), MOMENTS, MOMENTS, MOMENTS, st.booleans())


@given(STANDINGS, ENTRIES, MOMENTS)
def test_only_a_start_in_the_ledger_ever_lifts_anything(ours: Ours, entries: list[Entry], read_at):
    found = mend(ours, entries, BOTH, read_at=read_at)
    if found is Mend.LIFT_THERE:
        assert ours.asked_at is not None
        assert not ours.opted_out
        assert not news(ours, entries)
    if ours.opted_out:
        assert found in (Mend.NOTHING, Mend.STOP_THERE)


@given(ENTRIES, MOMENTS)
def test_whoever_said_no_start_is_stopped_by_any_opt_out_there(entries: list[Entry], read_at):
    stops = any(entry.opted_out and entry.readable for entry in entries)
    assert (mend(FREE, entries, BOTH, read_at=read_at) is Mend.STOP_HERE) is stops


def test_a_sender_without_an_entry_is_not_blocked():
    assert is_blocked([OUT, OUT_THERE_TOO], BOTH)
    assert not is_blocked([OUT], BOTH)
    assert is_blocked([replace(OUT, sender=EVERY_NUMBER)], BOTH)


@pytest.mark.parametrize(
    ("number", "expected"),
    [("+13125550142", True), ("13125550142", False), ("unknown", False), ("72345", False),
     ("*", False), ("", False), ("+1312555", True), ("+0312555014", False)],
)  # fmt: skip
def test_short_codes_and_withheld_numbers_are_on_no_list(number: str, expected: bool):
    assert is_phone(number) is expected


@pytest.mark.parametrize(
    ("ago", "wait"),
    [
        (timedelta(0), AGAIN_MIN),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(days=9), AGAIN_MAX),
    ],
)
def test_what_was_refused_is_tried_less_and_less_often(ago: timedelta, wait: timedelta):
    assert try_again_in(NOON - ago, NOON) == wait
