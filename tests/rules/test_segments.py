"""Exact counting, against the standard's tables and an independent library."""

import pytest
import smsutil  # type: ignore[import-untyped]
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shiftbell.rules.segments import (
    Encoding,
    Segments,
    count,
    is_gsm7,
    longer_because,
    plain,
    split,
    units_utf16,
)

GSM = Encoding.GSM_7
UCS = Encoding.UCS_2

# Escape pairs, surrogate pairs and both alphabets, often enough to meet at a boundary.
TEXTS = st.text(st.sampled_from("aé\n€{|\\Ω á’😀"), max_size=400)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments(GSM, 0, 0, 160)),
        ("a" * 160, Segments(GSM, 160, 1, 0)),
        ("a" * 161, Segments(GSM, 161, 2, 145)),
        ("a" * 306, Segments(GSM, 306, 2, 0)),
        ("a" * 307, Segments(GSM, 307, 3, 152)),
        ("€" * 80, Segments(GSM, 160, 1, 0)),
        ("€" * 81, Segments(GSM, 162, 2, 143)),
        ("a" * 152 + "€" + "a" * 152, Segments(GSM, 306, 3, 152)),
        ("á" * 70, Segments(UCS, 70, 1, 0)),
        ("á" * 71, Segments(UCS, 71, 2, 63)),
        ("á" * 134, Segments(UCS, 134, 2, 0)),
        ("á" * 135, Segments(UCS, 135, 3, 66)),
        ("😀" * 35, Segments(UCS, 70, 1, 0)),
        ("😀" * 36, Segments(UCS, 72, 2, 61)),
        ("á" * 66 + "😀" + "á" * 66, Segments(UCS, 134, 3, 66)),
        ("\n" * 160, Segments(GSM, 160, 1, 0)),
        ("\x1b", Segments(UCS, 1, 1, 69)),
        ("\ud83d" * 70, Segments(UCS, 70, 1, 0)),
    ],
)
def test_a_text_costs_what_the_standard_says(text, expected):
    assert count(text) == expected


def test_a_pair_that_would_straddle_the_boundary_moves_to_the_next_part_whole():
    assert split("a" * 152 + "€" + "b" * 20) == ["a" * 152, "€" + "b" * 20]
    assert split("á" * 66 + "😀" + "b" * 9) == ["á" * 66, "😀" + "b" * 9]


@given(TEXTS)
@example("a" * 152 + "€" + "a" * 160)
def test_the_parts_joined_are_the_text_and_each_part_fits(text):
    parts = split(text)
    assert "".join(parts) == text
    alone, joined = (160, 153) if is_gsm7(text) else (70, 67)
    room = alone if len(parts) == 1 else joined
    for part in parts:
        cost = (
            sum(2 if char in "\f^{}\\[~]|€" else 1 for char in part)
            if is_gsm7(text)
            else len(part.encode("utf-16-be")) // 2
        )
        assert 0 < cost <= room
    assert count(text).segments == len(parts)


@given(TEXTS)
def test_what_is_said_to_be_left_really_fits_and_one_more_does_not(text):
    before = count(text)
    assume(before.segments > 0)
    assert count(text + "a" * before.left_in_last).segments == before.segments
    assert count(text + "a" * (before.left_in_last + 1)).segments == before.segments + 1


@given(st.text(max_size=400) | TEXTS)
@example("{" * 81)
@example("a" * 152 + "€" + "a" * 152)
def test_smsutil_agrees(text):
    # It takes a bare escape for GSM-7 and gives an empty text one part; both are its mistakes.
    assume(text and "\x1b" not in text)
    theirs = smsutil.split(text)
    assert [part.content for part in theirs.parts] == split(text)
    assert (theirs.encoding == "gsm0338") == is_gsm7(text)


def test_smsutil_calls_a_bare_escape_gsm_7_and_we_do_not():
    assert smsutil.is_valid_gsm("\x1b")
    assert not is_gsm7("\x1b")


def test_a_writer_learns_which_characters_make_a_text_longer():
    because = longer_because("Dock [4] – come á 😀😀 –")
    assert because.ucs2 == ("–", "á", "😀")
    assert because.pairs == ("😀",)
    assert longer_because("Dock [4]").pairs == ("[", "]")
    assert longer_because("Dock 4").ucs2 == longer_because("Dock 4").pairs == ()


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("It’s “yours” – OK…", 'It\'s "yours" - OK...'),
        ("7am—3pm", "7am-3pm"),
        ("Dock\u00a04\u200b", "Dock 4"),
        ("Jose\u0301", "José"),
        ("• one\u2028• two", "- one\n- two"),
        ("María 😀", "María 😀"),
    ],
)
def test_typography_is_made_plain_and_letters_are_kept(typed, sent):
    assert plain(typed) == sent


@given(st.text(max_size=60))
def test_plain_text_stays_as_it_is(text):
    assert plain(plain(text)) == plain(text)


@given(st.text(max_size=100))
def test_ringcentral_counts_utf_16_units(text):
    assert units_utf16(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
