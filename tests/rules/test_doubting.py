"""How the message store is read about a text that may have left."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.rules.doubting import (
    Evidence,
    Finding,
    Look,
    StoreRow,
    is_unclear,
    judge,
    pick,
    window,
)
from tests.moments import NOON

SECOND = timedelta(seconds=1)
LEASE = NOON + 30 * SECOND
WAIT = 90 * SECOND
TEXT = "Acme: Sat Nov 28 7am-3pm, Dock 4. Reply YES to take it, STOP to opt out."


def row(name: str, after: float, text: str = TEXT) -> StoreRow:
    return StoreRow(name, text, NOON + after * SECOND)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([], ""),
        ([row("a", 3)], "a"),
        ([row("a", -4)], "a"),  # RingCentral's clock may be a little behind
        ([row("a", -6)], ""),
        ([row("a", 120)], "a"),
        ([row("a", 121)], ""),
        ([row("a", 3, "written by hand")], ""),  # a colleague's own words prove nothing
        ([row("a", 1, "written by hand"), row("b", 9)], "b"),
        ([row("a", 9), row("b", 3)], "b"),
        ([row("a", 3, f"[Sent by RingCentral] {TEXT}")], "a"),
        ([row("a", 1, "hi"), row("b", 2, "Test account - " + TEXT.upper())], "b"),
    ],
)
def test_which_row_is_the_text(rows: list[StoreRow], found: str) -> None:
    assert pick(rows, TEXT, *window(NOON, LEASE, WAIT)) == found


@pytest.mark.parametrize(
    ("rows", "unclear"),
    [
        ([], False),
        ([row("a", 3, "written by hand")], True),
        ([row("a", 300, "written by hand")], False),
        ([StoreRow("a", "", None)], True),  # deleted
    ],
)
def test_a_row_that_may_or_may_not_be_the_text_is_no_proof(
    rows: list[StoreRow], unclear: bool
) -> None:
    assert is_unclear(rows, *window(NOON, LEASE, WAIT)) is unclear
    now = LEASE + WAIT
    look = Look(LEASE, now - 30 * SECOND)
    finding = judge(look, Evidence(fresh=True, unclear=unclear), now, WAIT)
    assert finding is (Finding.UNSETTLED if unclear else Finding.ABSENT)


@pytest.mark.parametrize(
    ("after_lease", "apart", "fresh", "finding"),
    [
        (0, 30, True, Finding.UNSETTLED),  # too early
        (89, 30, True, Finding.UNSETTLED),
        (90, 30, True, Finding.ABSENT),
        (90, 29, True, Finding.UNSETTLED),  # the two look-ups are too close
        (90, None, True, Finding.UNSETTLED),  # there was only one
        (90, 30, False, Finding.UNSETTLED),  # nothing proves the store fresh
        (90 + 600, 30, False, Finding.CANNOT_TELL),
        (90 + 6000, 30, True, Finding.ABSENT),  # a later text of ours may still prove it
    ],
)
def test_when_a_text_is_surely_absent(
    after_lease: float, apart: float | None, fresh: bool, finding: Finding
) -> None:
    now = LEASE + after_lease * SECOND
    look = Look(LEASE, None if apart is None else now - apart * SECOND)
    assert judge(look, Evidence(fresh=fresh), now, WAIT) is finding


def test_a_found_text_settles_at_once() -> None:
    evidence = Evidence(found_id="a")
    assert judge(Look(LEASE, None), evidence, NOON + SECOND, WAIT) is Finding.FOUND
