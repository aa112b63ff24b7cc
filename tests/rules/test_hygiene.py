"""Troubles of numbers: what begins each, what ends it, and when failures add up."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import hygiene
from shiftbell.rules.hygiene import (
    BARRING,
    CHECKABLE,
    ENDED_BY,
    Fate,
    News,
    Trouble,
    after,
    is_unreachable,
    remark_on_giving,
)
from tests.moments import NOON

STATES = [None, *Trouble]


@pytest.mark.parametrize(
    ("trouble", "news", "then"),
    [
        (None, News.NO_TEXTS, Trouble.LANDLINE),
        (None, News.FAILING, Trouble.UNREACHABLE),
        (None, News.WRONG, Trouble.WRONG_NUMBER),
        (None, News.GIVEN, Trouble.RECYCLED),
        (Trouble.LANDLINE, News.TEXTED, None),
        (Trouble.LANDLINE, News.CHECKED, None),
        (Trouble.LANDLINE, News.DELIVERED, Trouble.LANDLINE),
        (Trouble.LANDLINE, News.RESTED, Trouble.LANDLINE),
        (Trouble.LANDLINE, News.GIVEN, Trouble.LANDLINE),
        (Trouble.UNREACHABLE, News.TEXTED, None),
        (Trouble.UNREACHABLE, News.DELIVERED, None),
        (Trouble.UNREACHABLE, News.CHECKED, None),
        (Trouble.UNREACHABLE, News.RESTED, None),
        (Trouble.UNREACHABLE, News.NO_TEXTS, Trouble.LANDLINE),
        (Trouble.UNREACHABLE, News.GIVEN, Trouble.RECYCLED),
        (Trouble.WRONG_NUMBER, News.GIVEN, Trouble.RECYCLED),
        (Trouble.RECYCLED, News.AGREED, None),
        (Trouble.RECYCLED, News.TEXTED, Trouble.RECYCLED),
        (Trouble.RECYCLED, News.CHECKED, Trouble.RECYCLED),
    ],
)
def test_what_news_makes_of_a_number(trouble: Trouble | None, news: News, then: Trouble | None):
    assert after(trouble, news) is then


@pytest.mark.parametrize("trouble", STATES)
def test_a_wrong_number_is_one_whatever_it_was_before(trouble: Trouble | None):
    assert after(trouble, News.WRONG) is Trouble.WRONG_NUMBER


@pytest.mark.parametrize("news", [each for each in News if each is not News.GIVEN])
def test_only_the_roster_ends_a_wrong_number(news: News):
    assert after(Trouble.WRONG_NUMBER, news) is Trouble.WRONG_NUMBER


@given(st.lists(st.sampled_from(News)))
def test_a_wrong_number_is_fine_only_once_the_roster_gave_it_and_its_holder_agreed(
    told: list[News],
):
    trouble: Trouble | None = Trouble.WRONG_NUMBER
    for news in told:
        trouble = after(trouble, news)
    if trouble not in (Trouble.WRONG_NUMBER, Trouble.RECYCLED):
        since = told[len(told) - told[::-1].index(News.WRONG) :] if News.WRONG in told else told
        assert News.AGREED in since[since.index(News.GIVEN) :]


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_ends_somehow_and_says_how(trouble: Trouble):
    assert any(after(trouble, news) is not trouble for news in News)
    assert ENDED_BY[trouble].endswith(".")
    assert str(trouble) in (hygiene.__doc__ or "")


def test_an_operator_ends_what_is_of_the_phone_and_nothing_else():
    assert {each for each in Trouble if after(each, News.CHECKED) is None} == CHECKABLE
    assert {Trouble.LANDLINE, Trouble.UNREACHABLE} == CHECKABLE < BARRING


def fates(*told: tuple[float, str, bool | None]) -> list[Fate]:
    """Return texts that left so many hours after noon, newest first."""
    made = [Fate(NOON + timedelta(hours=at), intent, arrived) for at, intent, arrived in told]
    return sorted(made, key=lambda fate: fate.at, reverse=True)


A, B, C, D = "abcd"


@pytest.mark.parametrize(
    ("texts", "proof", "gone"),
    [
        ([], None, False),
        ([(0, A, False), (30, B, False)], None, False),
        ([(0, A, False), (10, B, False), (24, C, False)], None, True),
        # One evening proves nothing, nor do repeats of one text.
        ([(0, A, False), (3, B, False), (6, C, False), (9, D, False)], None, False),
        ([(0, A, False), (1, A, False), (2, A, False), (30, B, False)], None, False),
        # Texts that nobody knows of neither count nor break the row.
        ([(0, A, False), (5, D, None), (10, B, False), (24, C, False)], None, True),
        ([(0, A, None), (10, B, None), (24, C, None)], None, False),
        # A delivery begins the row anew, and so does proof from elsewhere.
        ([(0, A, False), (5, D, True), (10, B, False), (34, C, False)], None, False),
        ([(0, A, False), (10, B, False), (24, C, False)], 5, False),
        ([(0, A, False), (10, B, False), (24, C, False)], -5, True),
        ([(0, A, False), (10, B, False), (24, C, False), (25, D, True)], None, False),
    ],
)
def test_when_failures_add_up(texts, proof: float | None, gone: bool):
    proof_at: datetime | None = None if proof is None else NOON + timedelta(hours=proof)
    assert is_unreachable(fates(*texts), proof_at) is gone


@pytest.mark.parametrize(
    ("trouble", "facts", "code"),
    [
        (None, {}, None),
        (None, {"others": True, "agreed": True}, None),
        (None, {"others": True}, "recycled"),
        (None, {"opted_out": True, "others": True}, "was_opted_out"),
        (Trouble.RECYCLED, {"others": True}, "recycled"),
        (Trouble.LANDLINE, {"others": True}, "landline"),
        (Trouble.UNREACHABLE, {}, "unreachable"),
        (Trouble.UNREACHABLE, {"others": True}, "recycled"),
        (Trouble.UNREACHABLE, {"others": True, "agreed": True}, None),
        (Trouble.WRONG_NUMBER, {"opted_out": True, "agreed": True}, "wrong_number"),
    ],
)
def test_what_to_know_of_a_number_when_it_is_given(trouble, facts, code: str | None):
    about = {"opted_out": False, "others": False, "agreed": False} | facts
    remark = remark_on_giving(trouble, **about)
    assert (remark and remark.code) == code
