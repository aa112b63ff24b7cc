"""Which words are ids of ours, and which may be someone's own."""

import pytest

from shiftbell.rules.ids import looks_like_ours, ours


@pytest.mark.parametrize(
    ("written", "means"),
    [("e7", ("e", 7)), ("s12", ("s", 12)), ("b01", ("b", 1)), ("E7", None), ("e", None)],
)
def test_an_id_of_ours_is_a_letter_and_a_number(written, means):
    assert ours(written) == means


@pytest.mark.parametrize("written", ["e7", "s0", "m001", "o3", "b" + "9" * 40])
def test_what_reads_like_ours_is_nobody_elses(written):
    assert looks_like_ours(written)


@pytest.mark.parametrize("written", ["", "1001", "E7", "emp-7", "e7a", "x7", "e\u0667"])
def test_any_other_word_may_be_an_id_of_someones_own(written):
    assert not looks_like_ours(written)
