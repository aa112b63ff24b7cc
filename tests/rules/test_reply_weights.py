"""The second opinion: learnt from the labelled replies, and never older than they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.reply_spelling import plain_words
from shiftbell.rules.reply_weights import features, sounds_like_opt_out
from tools.weigh_replies import WEIGHTS, examples, learn, text


def test_the_weights_are_what_the_labelled_replies_teach():
    assert text(learn(examples())) == WEIGHTS.read_text("utf-8"), "run `make generate`"


@pytest.mark.parametrize(
    ("reply", "doubtful"),
    [
        ("kindly discontinue these alerts to my cell", True),
        ("I no longer consent to being messaged", True),
        ("favor de ya no mandarme nada a este celular", True),
        ("what time does it end", False),
        ("is the shift still open", False),
        ("no puedo, tengo clase", False),
        ("", False),
    ],
)
def test_what_sounds_like_an_opt_out(reply: str, doubtful: bool):
    assert sounds_like_opt_out(plain_words(reply)) is doubtful


def test_words_are_weighed_alone_in_pairs_and_by_how_long_ones_begin():
    assert features("stop messaging me") == [
        "me", "messaging", "messaging me", "stop", "stop messaging", "~messa",
    ]  # fmt: skip


@given(st.text())
def test_any_text_can_be_weighed(words: str):
    assert sounds_like_opt_out(words) in {True, False}
