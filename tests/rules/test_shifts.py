"""Who gets a shift, and which shift a short reply means."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.shifts import (
    Aim,
    DropVerdict,
    Heard,
    HeldFacts,
    LastText,
    OfferFacts,
    ShiftFacts,
    Span,
    Target,
    Verdict,
    aim_no,
    aim_yes,
    answer_drop,
    answer_yes,
    is_stale,
    leaves_to_a_person,
    lowest_free,
    overlap,
    standby_to_ask,
)
from tests.moments import NOON

HOUR = timedelta(hours=1)
ANA, BEN, CARA = 1, 2, 3
TOMORROW = ShiftFacts(7, NOON + 24 * HOUR, NOON + 32 * HOUR, openings=1)
CLASH = Span(8, NOON + 31 * HOUR, NOON + 40 * HOUR)
TAKEN = frozenset({BEN})


@pytest.mark.parametrize(
    ("shift", "held", "verdict"),
    [
        (TOMORROW, [], Verdict.ACCEPTED),
        (replace(TOMORROW, cancelled=True), [], Verdict.CANCELLED),
        (replace(TOMORROW, taken_by=TAKEN), [], Verdict.FILLED),
        (replace(TOMORROW, taken_by=TAKEN, openings=2), [], Verdict.ACCEPTED),
        (replace(TOMORROW, taken_by=frozenset({ANA})), [], Verdict.ALREADY_YOURS),
        (replace(TOMORROW, starts_at=NOON), [], Verdict.STARTED),
        (replace(TOMORROW, starts_at=NOON - HOUR), [], Verdict.STARTED),
        (TOMORROW, [CLASH], Verdict.OVERLAP),
        # the order where two hold
        (replace(TOMORROW, cancelled=True, taken_by=frozenset({ANA})), [], Verdict.CANCELLED),
        (
            replace(TOMORROW, taken_by=frozenset({ANA}), starts_at=NOON - HOUR),
            [],
            Verdict.ALREADY_YOURS,
        ),
        (replace(TOMORROW, taken_by=TAKEN, starts_at=NOON - HOUR), [], Verdict.STARTED),
        (replace(TOMORROW, taken_by=TAKEN), [CLASH], Verdict.OVERLAP),
        # openings kept for standby
        (replace(TOMORROW, kept_for=frozenset({BEN})), [], Verdict.FILLED),
        (replace(TOMORROW, kept_for=frozenset({ANA})), [], Verdict.ACCEPTED),
        (replace(TOMORROW, kept_for=frozenset({BEN}), openings=2), [], Verdict.ACCEPTED),
        (
            replace(TOMORROW, kept_for=frozenset({BEN}), starts_at=NOON + 2 * HOUR),
            [],
            Verdict.ACCEPTED,
        ),
    ],
)
def test_what_becomes_of_a_yes(shift: ShiftFacts, held: list[Span], verdict: Verdict):
    assert answer_yes(shift, ANA, held, NOON) is verdict


def test_undoing_a_drop_goes_before_those_on_standby_but_not_before_a_holder():
    kept = replace(TOMORROW, kept_for=frozenset({BEN}))
    assert answer_yes(kept, ANA, [], NOON, undoing=True) is Verdict.ACCEPTED
    taken = replace(TOMORROW, taken_by=TAKEN)
    assert answer_yes(taken, ANA, [], NOON, undoing=True) is Verdict.FILLED


def test_a_held_shift_never_clashes_with_itself_and_touching_ends_do_not_clash():
    itself = Span(TOMORROW.shift, TOMORROW.starts_at, TOMORROW.ends_at)
    before = Span(8, NOON, TOMORROW.starts_at)
    after = Span(9, TOMORROW.ends_at, TOMORROW.ends_at + HOUR)
    assert overlap(TOMORROW, [itself, before, after]) is None
    assert overlap(TOMORROW, [before, CLASH]) == CLASH


@given(
    openings=st.integers(1, 5),
    taken=st.frozensets(st.integers(2, 9), max_size=7),
    kept=st.frozensets(st.integers(1, 9), max_size=4),
    undoing=st.booleans(),
    hours=st.integers(-3, 30),
)
def test_a_yes_is_never_accepted_into_a_full_or_started_shift(
    openings: int, taken: frozenset[int], kept: frozenset[int], undoing: bool, hours: int
):
    shift = ShiftFacts(
        7, NOON + hours * HOUR, NOON + (hours + 8) * HOUR, openings, False, taken, kept
    )
    if answer_yes(shift, ANA, [], NOON, undoing=undoing) is Verdict.ACCEPTED:
        assert len(taken) < openings
        assert hours > 0


@pytest.mark.parametrize(
    ("taken", "openings", "free"), [((), 1, 1), ((1,), 1, None), ((1, 3), 3, 2), ((2,), 2, 1)]
)
def test_the_lowest_free_opening(taken: tuple[int, ...], openings: int, free: int | None):
    assert lowest_free(taken, openings) == free


@pytest.mark.parametrize(
    ("shift", "waiting", "pending", "asked"),
    [
        (TOMORROW, 3, 0, 1),
        (TOMORROW, 3, 1, 0),
        (TOMORROW, 0, 0, 0),
        (replace(TOMORROW, openings=3), 5, 1, 2),
        (replace(TOMORROW, taken_by=TAKEN), 3, 0, 0),
        (replace(TOMORROW, cancelled=True), 3, 0, 0),
        (replace(TOMORROW, starts_at=NOON), 3, 0, 0),
        (replace(TOMORROW, starts_at=NOON + 2 * HOUR), 3, 1, 3),
        (replace(TOMORROW, starts_at=NOON + HOUR, taken_by=TAKEN), 3, 0, 0),
        (replace(TOMORROW, taken_by=frozenset({2, 3})), 3, 0, 0),  # openings were cut
    ],
)
def test_how_many_on_standby_are_asked(shift: ShiftFacts, waiting: int, pending: int, asked: int):
    assert standby_to_ask(shift, waiting, pending, NOON) == asked


# Which offer is meant


def offer(place: int, state: str = "open", *, takeable: bool = True, undo: bool = False):
    return OfferFacts(
        offer=place,
        shift=place * 10,
        code=place,
        asked_at=NOON + place * HOUR,
        state=state,
        takeable=takeable,
        undo=undo,
    )


ONE, TWO, THREE = offer(1), offer(2), offer(3)
FILLED = offer(2, takeable=False)
HELD = offer(2, "accepted", takeable=False)
DECLINED = offer(2, "declined")
ITS_OFFER = LastText(offer=2, question=True, first_ask=True)
QUESTION = LastText(offer=2, question=True)
NO_QUESTION = LastText(offer=2)
OTHER = LastText()


@pytest.mark.parametrize(
    ("offers", "last", "target"),
    [
        # one live offer
        ([TWO], ITS_OFFER, Target(Aim.TAKE, 2)),
        ([TWO], QUESTION, Target(Aim.TAKE, 2)),
        ([TWO], NO_QUESTION, Target(Aim.CONFIRM, 2)),
        ([TWO], OTHER, Target(Aim.CONFIRM, 2)),
        ([TWO], None, Target(Aim.CONFIRM, 2)),
        # several
        ([ONE, TWO], ITS_OFFER, Target(Aim.LIST)),
        ([ONE, TWO], QUESTION, Target(Aim.TAKE, 2)),
        ([ONE, TWO], OTHER, Target(Aim.LIST)),
        ([ONE, TWO, THREE], NO_QUESTION, Target(Aim.LIST)),
        # the last one asked is gone
        ([FILLED], ITS_OFFER, Target(Aim.TAKE, 2)),
        ([ONE, FILLED], ITS_OFFER, Target(Aim.CONFIRM, 1)),
        ([ONE, FILLED, THREE], ITS_OFFER, Target(Aim.LIST)),
        ([ONE, FILLED], QUESTION, Target(Aim.TAKE, 2)),
        ([ONE, HELD], ITS_OFFER, Target(Aim.TAKE, 2)),
        # nothing live
        ([], None, Target(Aim.NOTHING)),
        ([], OTHER, Target(Aim.NOTHING)),
        ([HELD], OTHER, Target(Aim.TAKE, 2)),
        ([offer(1, "late", takeable=False), HELD], OTHER, Target(Aim.TAKE, 2)),
        ([HELD, offer(3, "late", takeable=False)], NO_QUESTION, Target(Aim.TAKE, 2)),
        ([HELD, offer(3, "late", takeable=False)], LastText(shift=20), Target(Aim.TAKE, 2)),
        # NO or DROP, then YES
        ([DECLINED], QUESTION, Target(Aim.TAKE, 2)),
        ([DECLINED], OTHER, Target(Aim.CONFIRM, 2)),
        ([offer(2, "given_back", undo=True)], OTHER, Target(Aim.TAKE, 2)),
        ([offer(2, "given_back")], OTHER, Target(Aim.CONFIRM, 2)),
        ([ONE, DECLINED], ITS_OFFER, Target(Aim.LIST)),
    ],
)
def test_what_a_plain_yes_means(offers: list[OfferFacts], last: LastText | None, target: Target):
    assert aim_yes(offers, None, last) == target


@pytest.mark.parametrize(
    ("offers", "number", "last", "target"),
    [
        ([ONE, TWO], 1, ITS_OFFER, Target(Aim.TAKE, 1)),
        ([ONE, TWO], 2, OTHER, Target(Aim.TAKE, 2)),
        ([ONE, FILLED], 2, OTHER, Target(Aim.TAKE, 2)),
        ([ONE, DECLINED], 2, OTHER, Target(Aim.TAKE, 2)),
        ([ONE, TWO], 7, OTHER, Target(Aim.UNKNOWN_NUMBER)),
        ([FILLED], 7, OTHER, Target(Aim.NOTHING)),
        ([ONE, TWO], 2, LastText(after_no=True), Target(Aim.CONFIRM, 2)),
        # the same number again, days later: the live one, else the newest
        ([replace(offer(1, "late", takeable=False), code=3), THREE], 3, None, Target(Aim.TAKE, 3)),
        ([replace(ONE, code=3), offer(3, takeable=False)], 3, None, Target(Aim.TAKE, 1)),
    ],
)
def test_what_a_numbered_yes_means(
    offers: list[OfferFacts], number: int, last: LastText | None, target: Target
):
    assert aim_yes(offers, number, last) == target


@pytest.mark.parametrize(
    ("offers", "number", "last", "target"),
    [
        ([TWO], None, ITS_OFFER, Target(Aim.TAKE, 2)),
        ([ONE, TWO], None, ITS_OFFER, Target(Aim.TAKE, 2)),
        ([TWO, THREE], None, ITS_OFFER, Target(Aim.TAKE, 2)),
        ([ONE, TWO], None, OTHER, Target(Aim.TAKE, 2)),
        ([ONE, offer(2, "late")], None, NO_QUESTION, Target(Aim.TAKE, 2)),
        ([HELD], None, NO_QUESTION, Target(Aim.UNCLEAR, 2)),
        ([HELD], None, LastText(shift=20), Target(Aim.UNCLEAR, 2)),
        ([ONE, HELD], None, NO_QUESTION, Target(Aim.UNCLEAR, 2)),
        ([ONE, HELD], None, OTHER, Target(Aim.TAKE, 1)),
        ([HELD], None, ITS_OFFER, Target(Aim.UNCLEAR, 2)),
        ([HELD], None, OTHER, Target(Aim.NOTHING)),
        ([], None, None, Target(Aim.NOTHING)),
        ([ONE, TWO], 1, ITS_OFFER, Target(Aim.TAKE, 1)),
        ([ONE, HELD], 2, OTHER, Target(Aim.UNCLEAR, 2)),
        ([ONE], 7, OTHER, Target(Aim.UNKNOWN_NUMBER)),
        ([HELD], 7, OTHER, Target(Aim.NOTHING)),
    ],
)
def test_what_a_no_declines(
    offers: list[OfferFacts], number: int | None, last: LastText | None, target: Target
):
    assert aim_no(offers, number, last) == target


@given(
    states=st.lists(
        st.sampled_from(["open", "accepted", "given_back", "declined", "late", "withdrawn"]),
        max_size=4,
    ),
    takeable=st.lists(st.booleans(), min_size=4, max_size=4),
    last=st.one_of(
        st.none(),
        st.builds(
            LastText,
            offer=st.one_of(st.none(), st.integers(1, 4)),
            question=st.booleans(),
            first_ask=st.booleans(),
        ),
    ),
)
def test_a_plain_yes_takes_a_live_offer_only_when_a_question_asked_for_it(
    states: list[str], takeable: list[bool], last: LastText | None
):
    offers = [
        offer(place + 1, state, takeable=takeable[place]) for place, state in enumerate(states)
    ]
    target = aim_yes(offers, None, last)
    taken = next((each for each in offers if each.offer == target.offer), None)
    if target.aim is Aim.TAKE and taken is not None and taken.takeable:
        assert last is not None
        assert (last.question, last.offer) == (True, taken.offer)


# DROP


def held(assignment: int, starts_in: float, code: int | None = None) -> HeldFacts:
    starts_at = NOON + starts_in * HOUR
    return HeldFacts(assignment, code or assignment, starts_at, starts_at + 8 * HOUR)


@pytest.mark.parametrize(
    ("shifts", "number", "verdict"),
    [
        ([], None, (DropVerdict.NOTHING, None)),
        ([held(1, 5)], None, (DropVerdict.DROP, 1)),
        ([held(1, 5), held(2, 30)], None, (DropVerdict.WHICH, None)),
        ([held(1, 5), held(2, 30)], 2, (DropVerdict.DROP, 2)),
        ([held(1, 5), held(2, 30)], 7, (DropVerdict.WHICH, None)),
        ([held(1, 5)], 7, (DropVerdict.WHICH, None)),
        ([held(1, 5, code=3), held(2, 30, code=3)], 3, (DropVerdict.WHICH, None)),
        ([held(1, 0)], None, (DropVerdict.AFTER_START, None)),
        ([held(1, -2)], None, (DropVerdict.AFTER_START, None)),
        ([held(1, -2)], 1, (DropVerdict.AFTER_START, None)),
        ([held(1, -2), held(2, 30)], 1, (DropVerdict.AFTER_START, None)),
        ([held(1, -2), held(2, 30)], None, (DropVerdict.DROP, 2)),
        ([held(1, -8)], None, (DropVerdict.NOTHING, None)),
    ],
)
def test_what_becomes_of_a_drop(
    shifts: list[HeldFacts], number: int | None, verdict: tuple[DropVerdict, int | None]
):
    assert answer_drop(shifts, number, NOON) == verdict


@pytest.mark.parametrize(
    ("older", "newer", "stale"),
    [
        ("accept", ["decline"], True),
        ("accept", ["drop"], True),
        ("accept", ["accept", "help", "unclear"], False),
        ("accept", [], False),
        ("decline", ["accept"], True),
        ("drop", ["accept"], True),
        ("opt_out", ["start", "accept"], False),
        ("wrong_number", ["start"], False),
        ("help", ["opt_out", "accept"], False),
        ("start", ["opt_out"], True),
        ("join", ["opt_out"], True),
        ("join", ["wrong_number"], True),
        ("join", ["start", "help", "accept"], False),
        ("opt_out", ["join"], False),
        ("pause", ["join"], True),
        ("review", ["join"], True),
        ("pause", ["start"], True),
        ("unclear", ["accept"], False),
    ],
)
def test_what_newer_replies_take_back(older: str, newer: list[str], stale: bool):
    assert is_stale(older, [Heard(meaning, 7) for meaning in newer], 7) is stale


@pytest.mark.parametrize(
    ("older", "newer", "stale"),
    [
        ("accept", Heard("decline", 8), False),
        ("accept", Heard("decline"), False),
        ("decline", Heard("accept", 8), False),
        ("drop", Heard("accept", 8), False),
        ("accept", Heard("opt_out"), True),
        ("drop", Heard("wrong_number", 8), True),
        ("pause", Heard("start"), True),
    ],
)
def test_words_about_another_shift_take_nothing_back(older: str, newer: Heard, stale: bool):
    assert is_stale(older, [newer], 7) is stale
    assert is_stale(older, [newer]) is stale


@pytest.mark.parametrize(
    "meaning", ["accept", "decline", "drop", "pause", "start", "join", "review"]
)
def test_only_what_is_about_a_shift_is_left_to_a_person_when_stale(meaning: str):
    assert leaves_to_a_person(meaning) is (meaning in {"accept", "decline", "drop"})
