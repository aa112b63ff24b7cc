"""What an invitation says to do: its code, its links, and what a camera reads."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import joining
from shiftbell.rules.replies import Meaning, understand

NUMBER = "+16505550100"
CHICAGO = ZoneInfo("America/Chicago")
EVERY_SHORT_CODE = {str(code) for code in range(1_000, 10_000)}


@given(st.integers(), st.sets(st.integers(1_000, 9_999).map(str), max_size=50))
def test_a_code_has_four_digits_and_was_never_given_out(seed: int, taken: set[str]):
    code = joining.draw_code(taken, random.Random(seed).randrange)
    assert code not in taken
    assert len(code) == 4 and code.isdecimal() and code[0] != "0"


def test_a_code_that_is_taken_is_drawn_again():
    draws = iter([3821, 3821, 17])
    assert joining.draw_code({"4821"}, lambda below: next(draws)) == "1017"


def test_crowded_codes_get_a_fifth_digit():
    half = set(sorted(EVERY_SHORT_CODE)[: joining.CROWDED])
    for taken in (half, EVERY_SHORT_CODE):
        assert len(joining.draw_code(taken, random.Random(1).randrange)) == 5


@given(st.integers())
def test_what_a_page_asks_people_to_text_is_read_as_a_join(seed: int):
    code = joining.draw_code((), random.Random(seed).randrange)
    heard = understand(joining.join_text(code))
    assert (heard.meaning, heard.join_code) == (Meaning.JOIN, code)


def test_the_link_opens_the_text_on_iphones_and_android_phones():
    assert joining.sms_link(NUMBER, "4821") == "sms:+16505550100?&body=JOIN%204821"


def test_a_camera_reads_the_text_itself():
    assert joining.scanned(NUMBER, "4821") == "SMSTO:+16505550100:JOIN 4821"


@pytest.mark.parametrize(
    ("public_url", "page", "privacy"),
    [
        ("https://example.com", "https://example.com/join/4821", "https://example.com/privacy"),
        ("https://example.com/", "https://example.com/join/4821", "https://example.com/privacy"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_addresses_come_from_the_public_one(public_url: str, page: str, privacy: str):
    assert joining.page_address(public_url, "4821") == page
    assert joining.privacy_address(public_url) == privacy


@pytest.mark.parametrize(
    ("region", "shown"),
    [("US", "(650) 555-0100"), ("CA", "(650) 555-0100"), ("MX", "+1 650-555-0100")],
)
def test_a_number_is_shown_as_its_readers_write_it(region: str, shown: str):
    assert joining.readable(NUMBER, region) == shown


@pytest.mark.parametrize(
    ("day", "said"),
    [(22, "Sat Nov 28"), (27, "Sat Nov 28"), (28, "Sat Dec 5"), (29, "Sat Dec 5")],
)
def test_the_sample_is_a_real_offer_of_the_saturday_to_come(day: int, said: str):
    now = datetime(2026, 11, day, 18, tzinfo=UTC)
    sample = joining.sample_offer("Acme", "Dock 4", CHICAGO, now=now, language="en", us=True)
    assert sample == f"Acme: {said} 7am-3pm, Dock 4. Reply YES to take it, STOP to opt out."
