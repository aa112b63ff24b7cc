"""What may leave now: a table of every reason to wait or never to leave."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shiftbell.rules.reach import Reach
from shiftbell.rules.sending import MANNERS, Kind, Leave, Leaving, Ruling, may_leave
from tests.moments import NOON

HOUR = timedelta(hours=1)
MORNING = NOON + 8 * HOUR
AFTER_STOP = {Kind.STOP, Kind.HELP}
OF_A_HOLDER = {Kind.CONFIRMATION, Kind.CHANGE, Kind.REMINDER}
ASKING = {Kind.OFFER, Kind.STANDBY}
TO_WHOEVER_WROTE = {Kind.STOP, Kind.HELP, Kind.START, Kind.ANSWER, Kind.TEST}
ANSWERS = {Kind.STOP, Kind.HELP, Kind.START, Kind.CONFIRMATION, Kind.ANSWER}


def rule(kind: Kind, **facts: Any) -> Ruling:
    return may_leave(Leaving(kind=kind, expires_at=NOON + 24 * HOUR, **facts), NOON)


def kinds_that_go(**facts: Any) -> set[Kind]:
    """Return the kinds that leave, where answers answer a reply of a minute ago."""
    just_now = {"answered": NOON - timedelta(minutes=1)}
    return {
        kind
        for kind in Kind
        if rule(kind, **((just_now if kind in ANSWERS else {}) | facts)).verdict is Leave.GO
    }


def test_every_kind_has_its_manner() -> None:
    assert set(MANNERS) == set(Kind)


@pytest.mark.parametrize(
    ("facts", "go"),
    [
        ({}, set(Kind)),
        ({"reach": Reach(opted_out=True)}, AFTER_STOP),
        ({"reach": Reach(unusable=True), "unusable": "landline"}, AFTER_STOP),
        ({"reach": Reach(consent=False)}, ANSWERS | {Kind.TEST}),
        ({"reach": Reach(consent=False), "answered": None}, {Kind.TEST}),
        ({"reach": Reach(moved_on=True)}, TO_WHOEVER_WROTE),
        ({"active": False}, set(Kind) - ASKING),
        ({"in_review": True}, set(Kind) - ASKING),
        ({"paused_until": NOON + HOUR}, set(Kind) - ASKING),
        ({"paused_until": NOON}, set(Kind)),
        ({"closed": "filled"}, set(Kind) - ASKING),
        ({"withdrawn": True}, set(Kind) - ASKING),
        ({"released": True}, set(Kind) - OF_A_HOLDER),
        ({"next_allowed": MORNING}, ANSWERS | {Kind.TEST}),
        ({"next_allowed": MORNING, "answered": NOON - HOUR}, {Kind.TEST}),
        ({"next_allowed": MORNING, "wakes": True}, ANSWERS | ASKING | {Kind.TEST}),
        ({"blocked_since": NOON}, set()),
        ({"blocked_since": NOON - timedelta(minutes=2)}, set(Kind)),
    ],
)
def test_which_kinds_leave(facts: dict[str, Any], go: set[Kind]) -> None:
    assert kinds_that_go(**facts) == go


@pytest.mark.parametrize("kind", list(Kind))
def test_nothing_leaves_once_it_expired(kind: Kind) -> None:
    ruling = may_leave(Leaving(kind=kind, expires_at=NOON), NOON)
    assert (ruling.verdict, ruling.reason) == (Leave.CANCEL, "expired")


@pytest.mark.parametrize("kind", sorted(set(Kind) - AFTER_STOP))
def test_after_a_stop_the_reason_is_the_stop_whatever_else_is_wrong(kind: Kind) -> None:
    worst = Reach(opted_out=True, unusable=True, consent=False)
    ruling = rule(kind, reach=worst, unusable="landline", closed="filled")
    assert (ruling.verdict, ruling.reason) == (Leave.CANCEL, "opted_out")


def test_a_text_held_for_the_night_waits_until_the_morning() -> None:
    ruling = rule(Kind.OFFER, next_allowed=MORNING)
    assert ruling == Ruling(Leave.HOLD, "quiet_hours", MORNING)


def test_a_text_that_would_be_stale_by_morning_is_dropped() -> None:
    text = Leaving(kind=Kind.OFFER, expires_at=MORNING, next_allowed=MORNING)
    assert may_leave(text, NOON) == Ruling(Leave.CANCEL, "expires_in_quiet_hours")


def test_an_old_yes_is_confirmed_at_night_only_for_a_shift_that_starts_early() -> None:
    late = {"answered": NOON - 3 * HOUR, "next_allowed": MORNING}
    for starts_at, verdict in ((MORNING + HOUR, Leave.GO), (MORNING + 9 * HOUR, Leave.HOLD)):
        ruling = rule(Kind.CONFIRMATION, **late, shift_starts_at=starts_at)
        assert ruling.verdict is verdict


@pytest.mark.parametrize(
    ("starts_after_morning", "verdict"),
    [(timedelta(0), Leave.GO), (1.9 * HOUR, Leave.GO), (2 * HOUR, Leave.HOLD)],
)
def test_a_cancellation_breaks_the_quiet_only_for_a_shift_that_starts_soon(
    starts_after_morning: timedelta, verdict: Leave
) -> None:
    ruling = rule(
        Kind.CANCELLATION, next_allowed=MORNING, shift_starts_at=MORNING + starts_after_morning
    )
    assert ruling.verdict is verdict


def test_answers_come_before_cancellations_before_reminders_before_offers() -> None:
    order = [Kind.ANSWER, Kind.CANCELLATION, Kind.REMINDER, Kind.OFFER]
    lanes = [MANNERS[kind].lane for kind in order]
    assert lanes == sorted(set(lanes))
