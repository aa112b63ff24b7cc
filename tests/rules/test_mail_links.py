"""Links that act for their reader: nobody without the key writes, alters or re-purposes one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.mail_links import Named, Purpose, address, hide, read, token

KEY = "a sample key"
NONCE = "0123456789abcdef" * 2
nonces = st.binary(min_size=16, max_size=16).map(bytes.hex)
purposes = st.sampled_from(Purpose)


@given(nonces, purposes)
def test_a_token_names_its_link_and_its_purpose(nonce: str, purpose: Purpose) -> None:
    assert read(token(nonce, purpose, KEY), KEY) == Named(purpose, nonce)


@given(nonces, purposes)
def test_a_token_holds_letters_and_digits_only(nonce: str, purpose: Purpose) -> None:
    words = token(nonce, purpose, KEY)
    assert words.isascii()
    assert words.isalnum()
    assert words == words.lower()
    assert len(words) == 53


@given(nonces, purposes, st.integers(0, 52), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_no_letter_of_a_token_can_be_another(
    nonce: str, purpose: Purpose, place: int, letter: str
) -> None:
    good = token(nonce, purpose, KEY)
    altered = good[:place] + letter + good[place + 1 :]
    assert (read(altered, KEY) is None) == (altered != good)


@given(nonces, purposes)
def test_another_key_reads_nothing(nonce: str, purpose: Purpose) -> None:
    assert read(token(nonce, purpose, KEY), KEY + "2") is None


@pytest.mark.parametrize(
    "words", ["", "a", "a" * 53, "x" + "a" * 52, "é" * 53, token(NONCE, Purpose.ACCEPT, KEY) + "\n"]
)
def test_words_that_nobody_wrote_are_no_token(words: str) -> None:
    assert read(words, KEY) is None


def test_each_purpose_begins_with_a_letter_of_its_own() -> None:
    assert len({purpose[0] for purpose in Purpose}) == len(Purpose)


def test_what_is_named_is_not_shown() -> None:
    assert NONCE not in repr(Named(Purpose.ACCEPT, NONCE))


@pytest.mark.parametrize(
    "text",
    [
        "GET {url} HTTP/1.1",
        "Internal Server Error: /m/{token}",
        "see {url}?lang=es, or {url}",
        "token {token}.",
        "<a href='{url}'>",
        "/m/{token}/",
    ],
)
def test_no_text_shows_a_link_once_it_is_hidden(text: str) -> None:
    words = token(NONCE, Purpose.UNSUBSCRIBE, KEY)
    url = address("https://shifts.example.com", words)
    hidden = hide(text.format(url=url, token=words))
    assert words not in hidden
    assert "•••" in hidden
    assert hide(hidden) == hidden


@pytest.mark.parametrize("text", ["", "/join/4821", "an ordinary line m/s", "https://example.com"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert hide(text) == text
