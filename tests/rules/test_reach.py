"""By text, else by e-mail, else by nobody: one table."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.reach import REACHABLE, SAID, Bar, Channel, Reach

ANY = st.builds(Reach, **{each.name: st.booleans() for each in fields(Reach)})


@pytest.mark.parametrize(
    ("known", "bar"),
    [
        ({}, None),
        ({"number": False}, Bar.NO_NUMBER),
        ({"opted_out": True}, Bar.OPTED_OUT),
        ({"unusable": True}, Bar.UNUSABLE),
        ({"moved_on": True}, Bar.MOVED_ON),
        ({"consent": False}, Bar.NO_CONSENT),
        ({"opted_out": True, "unusable": True, "consent": False}, Bar.OPTED_OUT),
        ({"unusable": True, "moved_on": True}, Bar.UNUSABLE),
        ({"moved_on": True, "consent": False}, Bar.MOVED_ON),
        ({"number": False, "consent": False}, Bar.NO_NUMBER),
    ],
)
def test_the_weightiest_reason_bars_a_text(known, bar):
    assert Reach(**known).bar is bar
    by_mail, by_nobody = (Reach(**known, email=email).channel for email in (True, False))
    assert by_mail is (Channel.EMAIL if bar else Channel.TEXT)
    assert by_nobody is (Channel.NONE if bar else Channel.TEXT)


@given(ANY)
def test_k1_k3_r4_a_text_needs_a_number_of_theirs_consent_and_no_word_against_it(reach):
    may = reach.number and reach.consent
    may = may and not (reach.opted_out or reach.unusable or reach.moved_on)
    assert (reach.channel is Channel.TEXT) is may
    assert (reach.bar is None) is may


@given(ANY)
def test_k4_whoever_may_not_be_texted_is_e_mailed_where_they_gave_an_address(reach):
    if reach.bar is not None:
        assert reach.channel is (Channel.EMAIL if reach.email else Channel.NONE)


def test_every_bar_has_its_words():
    assert set(SAID) == set(Bar)
    assert REACHABLE.channel is Channel.TEXT
