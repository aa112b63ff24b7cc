"""Times, names and places as a text says them."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import spoken
from shiftbell.rules.segments import is_gsm7

CHICAGO = ZoneInfo("America/Chicago")
LOS_ANGELES = ZoneInfo("America/Los_Angeles")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO)


SHIFT = (at("2026-11-28T07:00"), at("2026-11-28T15:00"), CHICAGO)


@pytest.mark.parametrize(
    ("start", "end", "english", "spanish", "elsewhere"),
    [
        (
            *("2026-11-28T07:00", "2026-11-28T15:00"),
            *("Sat Nov 28 7am-3pm", "sab 28 nov 7am-3pm", "Sat 28 Nov 07:00-15:00"),
        ),
        (
            *("2026-11-28T07:30", "2026-11-28T12:00"),
            *("Sat Nov 28 7:30am-12pm", "sab 28 nov 7:30am-12pm", "Sat 28 Nov 07:30-12:00"),
        ),
        (
            *("2026-11-28T19:00", "2026-11-29T07:00"),
            *("Sat Nov 28 7pm-7am", "sab 28 nov 7pm-7am", "Sat 28 Nov 19:00-07:00"),
        ),
        (
            *("2026-10-31T19:00", "2026-11-01T07:00"),
            *("Sat Oct 31 7pm-7am", "sab 31 oct 7pm-7am", "Sat 31 Oct 19:00-07:00"),
        ),
        (
            *("2026-12-02T15:00", "2026-12-03T00:00"),
            *("Wed Dec 2 3pm-12am", "mié 2 dic 3pm-12am", "Wed 2 Dec 15:00-00:00"),
        ),
        (
            *("2026-11-28T07:00", "2026-11-29T07:00"),
            "Sat Nov 28 7am-Sun Nov 29 7am",
            "sab 28 nov 7am-dom 29 nov 7am",
            "Sat 28 Nov 07:00-Sun 29 Nov 07:00",
        ),
        (
            *("2026-11-28T19:00", "2026-11-30T07:00"),
            "Sat Nov 28 7pm-Mon Nov 30 7am",
            "sab 28 nov 7pm-lun 30 nov 7am",
            "Sat 28 Nov 19:00-Mon 30 Nov 07:00",
        ),
    ],
)
def test_a_shift_is_said_as_people_say_it(start, end, english, spanish, elsewhere):
    shift = (at(start), at(end), CHICAGO)
    assert spoken.when(*shift, language="en", us=True) == english
    assert spoken.when(*shift, language="es", us=True) == spanish
    assert spoken.when(*shift, language="en", us=False) == elsewhere


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-28T00:05", "today, Sat Nov 28 7am-3pm"),
        ("2026-11-27T18:00", "tomorrow, Sat Nov 28 7am-3pm"),
        ("2026-11-26T23:59", "Sat Nov 28 7am-3pm"),
        ("2026-11-29T08:00", "Sat Nov 28 7am-3pm"),
    ],
)
def test_tomorrow_is_said_only_when_it_is_true(now, said):
    assert spoken.when(*SHIFT, language="en", us=True, now=at(now)) == said


def test_tomorrow_must_be_true_for_the_reader_too():
    def said_to(reader_zone: ZoneInfo | None) -> str:
        just_after_midnight = at("2026-11-28T00:30")
        return spoken.when(
            *SHIFT, language="es", us=True, now=just_after_midnight, reader_zone=reader_zone
        )

    assert said_to(None) == said_to(CHICAGO) == "hoy, sab 28 nov 7am-3pm"
    assert said_to(LOS_ANGELES) == "sab 28 nov 7am-3pm"


@pytest.mark.parametrize(
    ("posted", "language", "said"),
    [
        ("2026-02-03T07:00", "en", "Sat Nov 28 7am-3pm"),
        ("2025-11-28T07:00", "en", "Sat Nov 28 2026 7am-3pm"),
        ("2025-11-28T07:00", "es", "sab 28 nov 2026 7am-3pm"),
    ],
)
def test_a_shift_posted_long_before_is_said_with_its_year(posted, language, said):
    assert spoken.when(*SHIFT, language=language, us=True, posted=at(posted)) == said


def test_a_shift_line_has_the_time_and_the_place():
    assert spoken.shift_line(*SHIFT, " Dock\n4 ", language="en", us=True) == (
        "Sat Nov 28 7am-3pm, Dock 4"
    )
    assert spoken.shift_line(*SHIFT, "", language="en", us=True) == "Sat Nov 28 7am-3pm"


def test_a_day_is_said_with_its_weekday():
    assert spoken.day(at("2026-11-30T08:00"), CHICAGO, language="en-US", us=True) == "Mon Nov 30"
    assert spoken.day(at("2026-11-30T08:00"), CHICAGO, language="es-MX", us=True) == "lun 30 nov"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Ana", "Ana"),
        ("José", "José"),
        ("María José", "Maria José"),
        ("Łukasz", "Lukasz"),
        ("Nguyễn", "Nguyen"),
        ("O’Neil", "O'Neil"),
        ("Ana 🎉", "Ana"),
        ("Bob\r\nReply STOP", "Bob Reply STOP"),
        ("\u202eAna\u200b", "Ana"),
        ("Maximiliano Alejandro de la Cruz", "Maximiliano"),
        ("A" * 30, "A" * 20),
        ("李小龙", ""),
        ("  ", ""),
    ],
)
def test_a_name_is_made_fit_for_one_segment(written, said):
    assert spoken.plain_name(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Dock 4", "Dock 4"),
        ("Almacén – Ñuñoa", "Almacén - Ñuñoa"),
        ("Café “Río”", 'Café "Rio"'),
        ("Dock 4 🚚", "Dock 4"),
        ("倉庫 4", "倉庫 4"),
        (
            "North Warehouse, behind the old station building",
            "North Warehouse, behind the old station",
        ),
    ],
)
def test_a_place_stays_findable(written, said):
    assert spoken.plain_place(written) == said


@given(st.text(max_size=60))
def test_a_name_always_fits_and_never_costs_more_than_its_letters(text):
    said = spoken.plain_name(text)
    assert is_gsm7(said)
    assert len(said) <= spoken.NAME_CHARS_MAX
    assert "\n" not in said
    assert spoken.plain_name(said) == said


@pytest.mark.parametrize(("place", "said"), [(1, "first"), (10, "tenth"), (11, "number 11")])
def test_a_standby_place_is_said_in_words(place, said):
    assert spoken.ordinal(place) == said


@pytest.mark.parametrize(
    ("language", "ours"), [("es", "es"), ("ES-mx", "es"), ("en", "en"), ("fr", "en"), (None, "en")]
)
def test_a_language_we_lack_is_english(language, ours):
    assert spoken.language_of(language) == ours
