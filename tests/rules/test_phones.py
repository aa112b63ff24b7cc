"""What people type for a number, what Excel makes of it, and what a log may show of it."""

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadNumber
from shiftbell.rules import phones

ANA = "+13125550142"

AREA_CODES = st.sampled_from(["312", "773", "708", "630", "847", "212", "787", "416"])
LINES = st.integers(100, 199).map(lambda last: f"0{last}")
NUMBERS = st.builds(lambda area, line: f"+1{area}555{line}", AREA_CODES, LINES)


@pytest.mark.parametrize(
    "written",
    [
        "(312) 555-0142",
        "312.555.0142",
        "312-555-0142",
        "312/555-0142",
        "3125550142",
        "1-312-555-0142",
        "+1 312 555 0142",
        "+1 (312) 555 0142",
        "+(1) 312 555 0142",
        "0013125550142",
        "011 1 312 555 0142",
        "tel:+1-312-555-0142",
        "Cell: 312 555 0142",
        "(312) 555-0142 (cell)",
        "(312) 555-0142 m",
        "３１２５５５０１４２",
        "312\u2013555\u20110142",
        "312\u00a0555\u202f0142",
        "\u202a+1 312 555 0142\u202c",
        " 3125550142\t",
        "'3125550142",
        '="3125550142"',
        "3125550142.0",
        "13125550142.00",
        "+13125550142",
    ],
)
def test_a_number_is_understood_however_it_was_written(written):
    assert phones.read(written, "US") == phones.PhoneRead(ANA)


@pytest.mark.parametrize(
    "written",
    [
        "(312) 555-0142 x12",
        "312-555-0142 ext. 12",
        "312-555-0142 Ext12",
        "312-555-0142 extension 12",
        "312-555-0142 #12",
        "tel:+1-312-555-0142;ext=12",
        "+1 312 555 0142x12",
    ],
)
def test_an_extension_is_left_out_and_the_note_says_so(written):
    read = phones.read(written, "US")
    assert read.number == ANA
    assert read.note == "Extension 12 was left out: a text reaches the line itself."
    assert phones.parse(written, "US") == ANA


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "no phone number here"),
        ("n/a", "no phone number here"),
        ("none yet", "no phone number here"),
        ("911", "too short"),
        ("88202", "too short"),
        ("555-0142", "no area code"),
        ("312 555 01422", "too many digits"),
        ("+1 312 555 014", "too short"),
        ("+999 312 555 0142", "not a phone number"),
        ("+" + "1" * 300, "not a phone number"),
        ("(012) 555-0142", "starts with 0 or 1"),
        ("800-555-0142", "toll-free"),
        ("+1 888 555 0142", "toll-free"),
        ("900-555-0142", "premium-rate"),
        ("3.12555E+09", "rounded this number"),
        ("3,12555e+09", "rounded this number"),
        ("312-555-0142 / 312-555-0143", "two numbers"),
        ("312-555-0142 or 312-555-0143", "two numbers"),
        ("312-555-CREW", "letters"),
        ("312-555-0142 after six", "letters"),
    ],
)
def test_what_cannot_be_texted_is_refused_with_the_next_step(written, says):
    with pytest.raises(BadNumber, match=says) as refusal:
        phones.parse(written, "US")
    assert refusal.value.hint.endswith(".")
    assert refusal.value.field == "phone"


def test_a_refusal_can_be_logged_because_it_repeats_no_digits_of_the_number():
    with pytest.raises(BadNumber) as refusal:
        phones.parse("+1 800 555 0199", "US")
    assert "0199" not in refusal.value.sentence()


def test_a_possible_number_passes_even_where_no_carrier_has_given_it_out():
    not_yet_an_area_code = "457"
    number = f"+1{not_yet_an_area_code}5550142"
    assert not phonenumbers.is_valid_number(phonenumbers.parse(number))
    assert phones.parse(number, "US") == number


def test_an_international_number_does_not_depend_on_the_region():
    assert phones.parse(ANA, "MX") == phones.parse(ANA, "GB") == ANA


@given(NUMBERS, st.sampled_from(["US", "CA", "MX", "GB"]))
def test_reading_a_number_twice_changes_nothing(number, region):
    once = phones.parse(number, region)
    assert phones.parse(once, region) == once == number


@given(st.text(max_size=40))
def test_any_text_is_either_a_number_or_refused_in_a_sentence(text):
    try:
        number = phones.parse(text, "US")
    except BadNumber as refusal:
        assert refusal.message.endswith(".")
    else:
        assert re.fullmatch(r"\+\d{7,15}", number, re.ASCII)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (ANA, "+1•••••0142"),
        (" +1 (312) 555-0142 ", "+1•••••0142"),
        ("3125550142", "•••••0142"),
        ("13125550142", "•••••0142"),
        ("+1•••••0142", "+1•••••0142"),
        ("+1 0142", "•••••"),
        ("0142", "•••••"),
        ("Ana", "•••••"),
        ("", "•••••"),
        ("+0 312 555 0142", "•••••0142"),
    ],
)
def test_a_log_shows_the_country_and_the_last_four(number, shown):
    assert phones.mask(number) == shown


@given(st.text(st.sampled_from("0123456789+-() x•"), max_size=30))
def test_a_mask_hides_at_least_four_digits_or_all_and_is_stable(text):
    shown = phones.mask(text)
    digits = sum(char.isdecimal() for char in text)
    assert sum(char.isdecimal() for char in shown) <= max(0, digits - 4) or shown == text.strip()
    assert phones.mask(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("call (312) 555-0142 or +13125550143 now", "call •••••0142 or +1•••••0143 now"),
        ("from=%2B13125550142&to=312.555.0143", "from=%2B•••••0142&to=•••••0143"),
        ("tel:0013125550142", "tel:•••••0142"),
        ("+1 312 555 01 42", "+1•••••0142"),
        ("desk 555-0142.", "desk •••••."),
        ("3125550142,3125550143", "•••••0142,•••••0143"),
        ("m1881 at 2026-11-28T07:00:00.000Z", "m1881 at 2026-11-28T07:00:00.000Z"),
        ("id 1724099032020 of 3237561336559605395", "id 1724099032020 of 3237561336559605395"),
        ("2026-11-28 07:00:00+00:00, 127.0.0.1:8090", "2026-11-28 07:00:00+00:00, 127.0.0.1:8090"),
        ("since 1764313200", "since 1764313200"),
    ],
)
def test_numbers_in_a_sentence_are_masked_and_ids_and_times_are_not(text, shown):
    assert phones.mask_text(text) == shown


@given(NUMBERS, st.text(max_size=10), st.text(max_size=10))
def test_no_number_survives_in_free_text(number, before, after):
    text = f"{before.rstrip('0123456789')} {number} {after.lstrip('0123456789')}"
    assert number[:-4] not in phones.mask_text(text)
    assert number[2:8] not in phones.mask_text(text)
