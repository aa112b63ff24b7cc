"""Segments: the boundaries of GSM-7 and UCS-2, against an independent opinion."""

from __future__ import annotations

import pytest
import smsutil  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.simulator.segments import segment_count, utf16_units


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("x" * 152 + "€" + "x" * 152, 3),  # the pair would straddle, so 152 + 153 + 1
        ("ж" * 70, 1),
        ("ж" * 71, 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("ж" * 66 + "😀" + "ж" * 66, 3),
    ],
)
def test_segments_break_where_carriers_break_them(text: str, segments: int):
    assert segment_count(text) == segments


@given(st.text(alphabet="aé€[ж😀 \n", max_size=400))
def test_segments_agree_with_an_independent_count(text: str):
    assert segment_count(text) == max(1, len(smsutil.split(text).parts))


def test_a_limit_counts_utf16_units():
    assert (utf16_units("ab"), utf16_units("é"), utf16_units("😀")) == (2, 1, 2)
