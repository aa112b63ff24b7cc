"""Nothing RingCentral says may carry a number or a secret into a log."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.ringcentral.scrub import LENGTH_MAX, scrub

JWT = "eyJraWQiOiI4NzYyZj.eyJhdWQiOiJodHRwczovL3.SflKxwRJSMeKKF2QT4fwpMeJf36POk"
OPAQUE = "U0pDMTFQMDFQQVMwMHxBQUFBVGx2dlBtNkh6X3B3eG1"


@pytest.mark.parametrize(
    ("said", "scrubbed"),
    [
        ("Parameter [text] value is invalid", "Parameter [text] value is invalid"),
        ("CMN-101 in 2026, 12 of 40", "CMN-101 in 2026, 12 of 40"),
        ("to +13125550142 failed", "to •••••0142 failed"),
        ("to (312) 555-0142 failed", "to (•••••0142 failed"),
        ("to 312.555.0142, please", "to •••••0142, please"),
        ("to 555-0142", "to •••••"),
        ("to +1 312 555 01\u200b42", "to •••••0142"),
        ("to ３１２５５５０１４２", "to •••••0142"),
        ("to %2B13125550142&x", "to %2B•••••0142&x"),
        (f"token {JWT} expired", "token [removed] expired"),
        (f"assertion={JWT}&x=1", "assertion=[removed]&x=1"),
        (f"Bearer {OPAQUE}", "Bearer [removed]"),
        ("Authorization: Basic YWJjOmRlZg==", "Authorization: Basic [removed]"),
        (f"<{OPAQUE}>", "<[removed]>"),
        ('{"access_token":"abcdefgh"}', '{"access_token":"[removed]"}'),
        ("two\r\nlines\tand \x1b[31mred", "two lines and [31mred"),
        ("", ""),
    ],
)
def test_what_is_left_of_a_message(said, scrubbed):
    assert scrub(said) == scrubbed


@pytest.mark.parametrize(
    "said",
    [
        "request ab34cd78-5f1c-11ef-9c3b-0242ac12cafe",
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed",
        "Parameter [conversationParticipantIds]",
    ],
)
def test_what_helps_in_finding_the_trouble_stays(said):
    assert scrub(said) == said


def test_a_known_secret_goes_whatever_it_looks_like():
    assert scrub("it is hunter2, HUNTER2", "hunter2", "") == "it is [removed], HUNTER2"


SEPARATORS = st.sampled_from(["", " ", "-", ".", ") ", " - ", "\n", "\u200b", "\u00a0"])


def without_digits(text: str) -> str:
    """Drop what a search would count together with the number's own last four digits."""
    return "".join(c for c in text if not any(map(str.isdigit, unicodedata.normalize("NFKC", c))))


@given(
    before=st.text(max_size=20).map(without_digits),
    area=st.sampled_from(["312", "773", "212"]),
    line=st.integers(100, 199),
    gaps=st.tuples(SEPARATORS, SEPARATORS, SEPARATORS),
    after=st.text(max_size=20).map(without_digits),
)
def test_a_number_never_survives_however_it_is_written(before, area, line, gaps, after):
    number = f"+1{gaps[0]}{area}{gaps[1]}555{gaps[2]}0{line}"
    scrubbed = scrub(before + number + after)
    assert not re.search(r"\d(\W{0,3}\d){6}", scrubbed, re.ASCII)


TOKEN_CHARS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(
    before=st.text(max_size=40),
    token=st.text(TOKEN_CHARS, min_size=24, max_size=80),
    after=st.text(max_size=40),
)
def test_a_token_never_survives(before, token, after):
    assert token not in scrub(f"{before} Bearer {token} {after}")
    assert token not in scrub(f"{before} {token} {after}", token)


@given(st.text(), st.text())
def test_the_result_is_one_short_printable_line(text, secret):
    scrubbed = scrub(text, secret)
    assert len(scrubbed) <= LENGTH_MAX
    assert scrubbed.isprintable()


def test_a_megabyte_is_no_trouble():
    assert len(scrub("1 (" * 400_000)) <= LENGTH_MAX
