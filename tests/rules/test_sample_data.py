"""The sample crew and shifts that ship with the product: importable to the last row, and cheap."""

from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from shiftbell.rules import segments, spoken
from shiftbell.rules.people_file import PersonRow, read_people
from shiftbell.rules.rota import read_shifts
from shiftbell.rules.tables import Table, read_table
from shiftbell.rules.wording import Wording, WordingFacts, render

CHICAGO = ZoneInfo("America/Chicago")
# The sample's consents are of 2026; any later day will do, its shifts are dated from it.
TODAY = date(2026, 11, 22)


def table(name: str) -> Table:
    return read_table(files("shiftbell").joinpath("data", name).read_bytes())


def crew() -> list[PersonRow]:
    found = read_people(table("sample_crew.csv"), region="US", zone=CHICAGO, today=TODAY)
    assert found.problems == []
    assert found.ignored_columns == []
    return found.people


def test_sixty_people_land_and_all_but_three_may_be_texted():
    people = crew()
    assert len(people) == 60
    assert len({person.external_id for person in people}) == 60
    assert len({person.number for person in people}) == 60
    barred = [person for person in people if person.opted_out or not person.consent]
    assert [bool(person.consent) for person in barred] == [True, False, False]
    # Whom the demo e-mails instead.
    assert all(person.email for person in barred)
    assert all("Dock 4" in person.locations and person.roles for person in people)
    assert {person.language for person in people} == {"en", "es", None}


def test_the_samples_numbers_are_fictional_ones():
    assert all(person.number[5:10] == "55501" for person in crew() if person.number)


@pytest.mark.parametrize("today", [TODAY, TODAY + timedelta(days=400)])
def test_the_sample_shifts_are_always_still_to_come(today):
    found = read_shifts(table("sample_shifts.csv"), default_zone=CHICAGO, today=today)
    assert found.problems == []
    assert len(found.shifts) == 6
    assert all(shift.starts_at.date() > today for shift in found.shifts)


@pytest.mark.parametrize(
    "kind", [Wording.OPEN_SHIFT, Wording.CONFIRMATION, Wording.REMINDER, Wording.CANCELLATION]
)
def test_for_everyone_in_the_sample_the_four_usual_texts_cost_one_segment(kind):
    shifts = read_shifts(table("sample_shifts.csv"), default_zone=CHICAGO, today=TODAY).shifts
    now = datetime(2026, 11, 22, 18, tzinfo=UTC)
    for person in crew():
        for shift in shifts:
            line = spoken.shift_line(
                shift.starts_at,
                shift.ends_at,
                CHICAGO,
                shift.location,
                language=person.language or "en",
                us=True,
                now=now if kind is Wording.REMINDER else None,
            )
            facts = WordingFacts(brand="Acme", name=person.first_name, shift=line, code=12)
            text = render(kind, person.language or "en", facts)
            assert segments.count(text).segments == 1, text
