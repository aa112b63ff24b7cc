"""Whose trouble a mail server's refusal is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.mail_codes import Step, Whose, whose


@pytest.mark.parametrize(
    ("step", "code", "words", "verdict"),
    [
        (Step.GREETING, 421, "4.3.2 shutting down", Whose.LATER),
        (Step.GREETING, 554, "no service here", Whose.OURS),
        (Step.LOGIN, 535, "5.7.8 bad credentials", Whose.OURS),
        (Step.LOGIN, 454, "4.7.0 temporary failure", Whose.LATER),
        (Step.SENDER, 550, "5.1.1 unknown sender", Whose.OURS),
        (Step.SENDER, 530, "5.7.0 log in first", Whose.OURS),
        (Step.SENDER, 451, "4.3.0 try again", Whose.LATER),
        (Step.RECIPIENT, 550, "5.1.1 no such user", Whose.ADDRESS),
        (Step.RECIPIENT, 550, "no such user", Whose.ADDRESS),
        (Step.RECIPIENT, 550, "5.4.1 Recipient address rejected", Whose.ADDRESS),
        (Step.RECIPIENT, 550, "5.5.0 mailbox unavailable", Whose.ADDRESS),
        (Step.RECIPIENT, 553, "", Whose.ADDRESS),
        (Step.RECIPIENT, 556, "5.1.10 takes no mail", Whose.ADDRESS),
        (Step.RECIPIENT, 550, "5.1.8 sender's domain not found", Whose.OURS),
        (Step.RECIPIENT, 554, "5.7.1 Relay access denied", Whose.OURS),
        (Step.RECIPIENT, 550, "5.7.1 blocked", Whose.OURS),
        (Step.RECIPIENT, 554, "Relay access denied", Whose.OURS),
        (Step.RECIPIENT, 530, "log in first", Whose.OURS),
        (Step.RECIPIENT, 503, "5.5.1 out of order", Whose.OURS),
        (Step.RECIPIENT, 552, "5.2.2 mailbox full", Whose.LATER),
        (Step.RECIPIENT, 552, "mailbox full", Whose.LATER),
        (Step.RECIPIENT, 450, "4.2.0 greylisted", Whose.LATER),
        (Step.RECIPIENT, 421, "", Whose.LATER),
        (Step.CONTENT, 554, "5.7.1 looks like spam", Whose.OURS),
        (Step.CONTENT, 554, "transaction failed", Whose.OURS),
        (Step.CONTENT, 550, "no", Whose.OURS),
        (Step.CONTENT, 550, "5.1.1 no such user", Whose.ADDRESS),
        (Step.CONTENT, 552, "5.3.4 too big", Whose.OURS),
        (Step.CONTENT, 552, "out of storage", Whose.LATER),
        (Step.CONTENT, 451, "4.3.0 try again", Whose.LATER),
        (Step.CONTENT, 250, "where 354 was due", Whose.LATER),
        (Step.RECIPIENT, -1, "gibberish", Whose.LATER),
    ],
)
def test_a_refusal_is_about(step, code, words, verdict):
    assert whose(step, code, words) is verdict


@given(st.sampled_from(Step), st.integers(-1, 999), st.text(max_size=20))
def test_an_address_is_given_up_only_where_it_was_named_and_for_good(step, code, words):
    if whose(step, code, words) is Whose.ADDRESS:
        assert step in (Step.RECIPIENT, Step.CONTENT)
        assert 500 <= code <= 599
