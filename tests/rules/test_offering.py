"""Who is asked, with which number, and when the last text leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.offering import (
    SAID,
    Asked,
    Candidate,
    Lane,
    SenderLoad,
    Skip,
    choose_code,
    choose_sender,
    closed,
    last_leaves_at,
    shortest_rest,
    why_not,
)
from shiftbell.rules.reach import Reach
from shiftbell.rules.shifts import ShiftFacts, Span
from tests.moments import NOON

START = NOON + timedelta(days=1)
ANA = Candidate(reachable_at=NOON)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)


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
        ({"reach": Reach(number=False)}, False, Skip.NO_NUMBER),
        ({"reach": Reach(opted_out=True, email=True)}, False, None),
        ({"reach": Reach(opted_out=True), "listed": True}, True, Skip.OPTED_OUT),
        ({"reach": Reach(unusable=True)}, False, Skip.UNUSABLE),
        ({"reach": Reach(consent=False)}, False, Skip.NO_CONSENT),
        ({"in_review": True}, False, Skip.IN_REVIEW),
        ({"paused_until": NOON + SECOND}, False, Skip.PAUSED),
        ({"paused_until": NOON}, False, None),
        ({"overlap": True}, False, Skip.OVERLAP),
        ({"rest": 7 * HOUR}, False, Skip.SHORT_REST),
        ({"rest": timedelta(0)}, True, Skip.SHORT_REST),
        ({"rest": 8 * HOUR}, False, None),
        ({"rest": -HOUR, "overlap": True}, False, Skip.OVERLAP),
        ({"reachable_at": START}, False, Skip.QUIET_HOURS),
        ({"reachable_at": START - SECOND}, False, None),
        # The reason given is one whose mending would change something.
        ({"reach": Reach(opted_out=True, consent=False)}, False, Skip.OPTED_OUT),
        ({"asked": Asked.DECLINED, "reach": Reach(opted_out=True)}, False, Skip.DECLINED),
        ({"fits_location": False, "reach": Reach(consent=False)}, False, Skip.ELSEWHERE),
    ],
)
def test_who_is_not_asked_and_why(facts, again, reason):
    ana = replace(ANA, **facts)
    assert why_not(ana, START, NOON, again=again, min_rest=8 * HOUR) is reason


def test_without_a_rule_nobody_rests_too_short():
    assert why_not(replace(ANA, rest=timedelta(0)), START, NOON) is None


@pytest.mark.parametrize(
    ("held", "hours"),
    [
        ([], None),
        ([(-16, -8)], 8),  # before it
        ([(20, 28)], 12),  # after it
        ([(-16, -8), (11, 19)], 3),
        ([(8, 16)], 0),  # begins as it ends
        ([(7, 15)], -1),
        ([(-16, -8), (-2, 4)], -4),
    ],
)
def test_the_shortest_rest_beside_other_shifts(held, hours):
    spans = [Span(n, START + a * HOUR, START + b * HOUR) for n, (a, b) in enumerate(held)]
    rest = None if hours is None else hours * HOUR
    assert shortest_rest(START, START + 8 * HOUR, spans) == rest


def test_every_reason_has_words_for_people():
    assert set(SAID) == set(Skip)


@pytest.mark.parametrize(
    ("facts", "now", "reason"),
    [
        ({}, NOON, None),
        ({"taken_by": frozenset({1})}, NOON, None),
        ({"taken_by": frozenset({1, 2})}, NOON, Skip.FILLED),
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


FIRST, SECOND_ONE = SenderLoad(1, 0, people=5), SenderLoad(2, 1, people=4)
DOCK = SenderLoad(3, 2, people=9, locations=("Dock 4",))


@pytest.mark.parametrize(
    ("place", "senders", "chosen"),
    [
        ("Dock 4", [], None),
        ("", [FIRST, SECOND_ONE], SECOND_ONE),  # fewest people
        ("", [SECOND_ONE, replace(FIRST, people=4)], replace(FIRST, people=4)),  # first configured
        ("Dock 4", [FIRST, SECOND_ONE, DOCK], DOCK),
        ("Pier 9", [FIRST, SECOND_ONE, replace(DOCK, people=0)], SECOND_ONE),
        ("Pier 9", [DOCK], DOCK),  # better than silence
    ],
)
def test_which_sender_begins_a_conversation(place, senders, chosen):
    assert choose_sender(place, senders) == chosen


def lane(offers: list[int], ahead: Sequence[int] = (), free: int = 0, spacing: int = 2) -> Lane:
    def at(seconds: Sequence[int]) -> list[datetime]:
        return [NOON + second * SECOND for second in seconds]

    return Lane(NOON + free * SECOND, spacing * SECOND, at(ahead), at(offers))


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
    assert last_leaves_at(lanes) == NOON + seconds * SECOND


def test_without_texts_nothing_leaves():
    assert last_leaves_at([lane([])]) is None
