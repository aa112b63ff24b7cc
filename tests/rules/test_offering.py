"""Who is asked, with which number, and when the last text leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.offering import (
    SAID,
    Asked,
    Candidate,
    Lane,
    Skip,
    choose_code,
    closed,
    last_leaves_at,
    why_not,
)
from shiftbell.rules.shifts import ShiftFacts

NOW = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
START = NOW + timedelta(days=1)
ANA = Candidate(reachable_at=NOW)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("facts", "again", "reason"),
    [
        ({}, False, None),
        ({"active": False}, False, Skip.INACTIVE),
        ({"active": False, "listed": True}, False, Skip.INACTIVE),
        ({"fits_location": False}, False, Skip.ELSEWHERE),
        ({"fits_location": False, "listed": True}, False, None),
        ({"fits_role": False}, False, Skip.OTHER_ROLE),
        ({"fits_role": False, "listed": True}, False, None),
        ({"holds": True}, True, Skip.ALREADY_HOLDS),
        ({"asked": Asked.OPEN}, False, Skip.ALREADY_OFFERED),
        ({"asked": Asked.OPEN}, True, None),
        ({"asked": Asked.WAITING}, False, Skip.ALREADY_OFFERED),
        ({"asked": Asked.WAITING}, True, Skip.ALREADY_OFFERED),
        ({"asked": Asked.DECLINED}, False, Skip.DECLINED),
        ({"asked": Asked.DECLINED}, True, Skip.DECLINED),
        ({"asked": Asked.LATE}, True, Skip.ON_STANDBY),
        ({"has_number": False}, False, Skip.NO_NUMBER),
        ({"opted_out": True, "listed": True}, True, Skip.OPTED_OUT),
        ({"unusable": True}, False, Skip.UNUSABLE),
        ({"consent": False}, False, Skip.NO_CONSENT),
        ({"in_review": True}, False, Skip.IN_REVIEW),
        ({"paused_until": NOW + SECOND}, False, Skip.PAUSED),
        ({"paused_until": NOW}, False, None),
        ({"overlap": True}, False, Skip.OVERLAP),
        ({"reachable_at": START}, False, Skip.QUIET_HOURS),
        ({"reachable_at": START - SECOND}, False, None),
        # The reason given is one whose mending would change something.
        ({"opted_out": True, "consent": False}, False, Skip.OPTED_OUT),
        ({"asked": Asked.DECLINED, "opted_out": True}, False, Skip.DECLINED),
        ({"fits_location": False, "consent": False}, False, Skip.ELSEWHERE),
    ],
)
def test_who_is_not_asked_and_why(facts, again, reason):
    assert why_not(replace(ANA, **facts), START, NOW, again=again) is reason


def test_every_reason_has_words_for_people():
    assert set(SAID) == set(Skip)


@pytest.mark.parametrize(
    ("facts", "now", "reason"),
    [
        ({}, NOW, None),
        ({"taken_by": frozenset({1})}, NOW, None),
        ({"taken_by": frozenset({1, 2})}, NOW, Skip.FILLED),
        ({}, START, Skip.STARTED),
        ({}, START - SECOND, None),
        ({"cancelled": True, "taken_by": frozenset({1, 2})}, START, Skip.CANCELLED),
    ],
)
def test_a_shift_takes_people_until_it_is_full_started_or_cancelled(facts, now, reason):
    shift = ShiftFacts(
        shift=1, starts_at=START, ends_at=START + timedelta(hours=8), openings=2, cancelled=False
    )
    assert closed(replace(shift, **facts), now) is reason


@pytest.mark.parametrize(
    ("taken", "code"), [([], 1), ([1], 2), ([2], 1), ([1, 2, 4], 3), ([3, 1, 2, 2], 4)]
)
def test_a_code_is_the_smallest_number_that_is_free(taken, code):
    assert choose_code(taken) == code


@given(st.sets(st.integers(1, 50)))
def test_a_code_is_never_one_that_is_taken(taken):
    assert choose_code(taken) not in taken


def lane(offers: list[int], ahead: Sequence[int] = (), free: int = 0, spacing: int = 2) -> Lane:
    def at(seconds: Sequence[int]) -> list[datetime]:
        return [NOW + second * SECOND for second in seconds]

    return Lane(NOW + free * SECOND, spacing * SECOND, at(ahead), at(offers))


@pytest.mark.parametrize(
    ("lanes", "seconds"),
    [
        ([lane([0])], 0),
        ([lane([0, 0, 0])], 4),
        ([lane([0, 0, 0], free=10)], 14),
        ([lane([0, 0], ahead=[0, 0, 0])], 8),
        # A text held until later neither blocks the others nor is overtaken by them for ever.
        ([lane([0, 0], ahead=[100])], 2),
        ([lane([0, 100, 0])], 100),
        ([lane([100, 100], ahead=[99])], 103),
        # Two senders share the crew; the slower one decides.
        ([lane([0, 0]), lane([0, 0, 0])], 4),
        ([lane([], ahead=[0]), lane([0])], 0),
    ],
)
def test_when_the_last_text_leaves(lanes, seconds):
    assert last_leaves_at(lanes) == NOW + seconds * SECOND


def test_without_texts_nothing_leaves():
    assert last_leaves_at([lane([])]) is None
