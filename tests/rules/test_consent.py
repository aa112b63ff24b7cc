"""What events add up to, as a table and as properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.consent import (
    CONFIRMED_FIRST,
    Event,
    Standing,
    Word,
    may_tell_ringcentral,
    must_be_kept,
    replay,
)
from tests.moments import NOON

ANA, BEN = 1, 2
LATER = NOON + timedelta(days=3)


def words(*said: str) -> list[Word]:
    """Return events from words like "granted ana"; each is an hour after the one before."""
    people = {"ana": ANA, "ben": BEN}
    found = []
    for hour, one in enumerate(said):
        kind, _, who = one.partition(" ")
        until = LATER if kind == "paused" else None
        found.append(Word(Event(kind), NOON + timedelta(hours=hour), people.get(who), until))
    return found


NOBODY: frozenset[int] = frozenset()
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        ([], Standing()),
        (["granted ana"], Standing(agreed=frozenset({ANA}))),
        (["granted"], Standing()),
        (["granted ana", "granted ben"], Standing(agreed=frozenset({ANA, BEN}))),
        (["revoked"], Standing(out_since=NOON)),
        (["revoked", "revoked ana"], Standing(out_since=NOON)),
        (["granted ana", "revoked ana"], Standing(NOON + HOUR, agreed=frozenset({ANA}))),
        (["revoked ana", "granted ana"], Standing(NOON, agreed=frozenset({ANA}))),
        (["revoked", "resumed ana"], Standing(agreed=frozenset({ANA}))),
        (["revoked", "resumed"], Standing()),
        (["revoked", "resumed", "revoked"], Standing(NOON + 2 * HOUR)),
        (["granted ana", "wrong_number ana"], Standing(NOON + HOUR)),
        (["wrong_number", "granted ben"], Standing(NOON, agreed=frozenset({BEN}))),
        (["granted ana", "number_changed ana"], Standing()),
        (["granted ana", "number_changed ben"], Standing(agreed=frozenset({ANA}))),
        (["paused"], Standing(paused_until=LATER)),
        (["paused", "resumed"], Standing()),
        (["paused", "revoked"], Standing(NOON + HOUR, paused_until=LATER)),
        (["night_allowed ana"], Standing(nights=frozenset({ANA}))),
        (["night_allowed ana", "night_ended ana"], Standing()),
        (["night_allowed ana", "night_ended ben"], Standing(nights=frozenset({ANA}))),
        (["night_allowed ana", "wrong_number"], Standing(NOON + HOUR)),
        (["night_allowed ana", "number_changed ana"], Standing()),
        (["night_allowed ana", "revoked"], Standing(NOON + HOUR)),
        (["night_allowed ana", "revoked", "resumed ana"], Standing(agreed=frozenset({ANA}))),
        (["revoked", "erased"], Standing(NOON)),
        (["granted ana", "erased"], Standing(agreed=frozenset({ANA}))),
    ],
)
def test_events_add_up(said, standing):
    assert replay(words(*said)) == standing


ANY = st.builds(
    Word,
    st.sampled_from(list(Event)),
    st.datetimes(timezones=st.just(UTC)),
    st.one_of(st.none(), st.integers(1, 3)),
    st.one_of(st.none(), st.just(LATER)),
)
HISTORY = st.lists(ANY, max_size=8)
STOP = st.sampled_from([Event.REVOKED, Event.WRONG_NUMBER])


@given(HISTORY, STOP, st.lists(ANY.filter(lambda word: word.kind is not Event.RESUMED), max_size=8))
def test_r9_after_an_opt_out_nothing_but_the_persons_own_word_lifts_it(before, stop, after):
    standing = replay([*before, Word(stop, NOON), *after])
    assert standing.out_since is not None


@given(HISTORY, st.integers(1, 3))
def test_r9_consent_never_lifts_an_opt_out(history, employee):
    granted = [*history, Word(Event.GRANTED, NOON, employee)]
    assert replay(granted).out_since == replay(history).out_since
    assert employee in replay(granted).agreed


@given(HISTORY, st.integers(1, 3))
def test_k3_a_number_that_changed_hands_has_no_consent_left(history, employee):
    assert replay([*history, Word(Event.WRONG_NUMBER, NOON)]).agreed == NOBODY
    changed = replay([*history, Word(Event.NUMBER_CHANGED, NOON, employee)])
    assert employee not in changed.agreed | changed.nights


@given(HISTORY, ANY)
def test_the_first_of_several_opt_outs_says_since_when(history, word):
    since = replay(history).out_since
    if since is not None and word.kind is not Event.RESUMED:
        assert replay([*history, word]).out_since == since


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        (None, False),
        (NOON, True),
        (NOON - timedelta(days=4 * 365), True),
        (datetime(2022, 11, 24, 17, 59, tzinfo=UTC), False),
        (datetime(2022, 11, 24, 18, 1, tzinfo=UTC), True),
    ],
)
def test_k2_records_are_kept_for_four_years_after_the_last_contact(last, kept):
    assert must_be_kept(last, NOON) is kept


@pytest.mark.parametrize(
    ("left", "waits", "may"),
    [
        (None, False, True),
        (None, True, False),
        (NOON, True, False),
        (NOON - CONFIRMED_FIRST, False, True),
        (NOON - CONFIRMED_FIRST + timedelta(seconds=1), False, False),
    ],
)
def test_r5_ringcentral_hears_of_an_opt_out_after_its_confirmation(left, waits, may):
    assert may_tell_ringcentral(left, waits=waits, now=NOON) is may
