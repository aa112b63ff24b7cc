"""Rosters as products export them and people keep them: who lands, who does not, and why."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadInput
from shiftbell.rules.people_file import PeopleRead, PersonRow, read_people
from shiftbell.rules.tables import Row, Table, read_table

CHICAGO = ZoneInfo("America/Chicago")
TODAY = date(2026, 11, 22)


def read(text: str) -> PeopleRead:
    return read_people(read_table(text.encode()), region="US", zone=CHICAGO, today=TODAY)


def one(headers: str, row: str) -> PersonRow:
    (person,) = read(f"{headers}\n{row}\n").people
    return person


def codes(found: PeopleRead) -> list[tuple[int, str, bool]]:
    return [(problem.line, problem.code, problem.refused) for problem in found.problems]


def test_a_full_row_is_read():
    person = one(
        "Employee ID,First Name,Last Name,Cell Phone,Email,Language,Time Zone,Roles,Locations,"
        "SMS Consent,Consent Date,Consent Source,SMS Opted Out,Notes,Active",
        "7,Ana,García,(312) 555-0142,ana@example.com,Spanish,Central,Picker; Packer,Dock 4,"
        "Yes,2026-09-01T10:30:00-05:00,paper form,no,Likes nights,Active",
    )
    assert person == PersonRow(
        line=2,
        external_id="7",
        first_name="Ana",
        last_name="García",
        number="+13125550142",
        email="ana@example.com",
        language="es",
        zone="America/Chicago",
        roles=("Picker", "Packer"),
        locations=("Dock 4",),
        consent=True,
        consent_at=datetime(2026, 9, 1, 15, 30, tzinfo=UTC),
        consent_source="paper form",
        opted_out=False,
        notes="Likes nights",
        active=True,
    )
    assert person.name == "Ana García"


@pytest.mark.parametrize(
    "headers",
    [
        "Payroll ID,First Name,Last Name,Mobile Number",  # Deputy
        "Employee ID,First Name,Last Name,Phone",  # When I Work
        "Employee Number,Preferred First Name,Last Name,Cell Phone",  # UKG
        "PERSON NUMBER,first_name,last-name,cell phone number",  # Kronos
        "File #,Legal First Name,Legal Last Name,Personal Contact: Personal Mobile",  # ADP
        "Employee_Code,Legal_Firstname,Legal_Lastname,Primary_Phone",  # Paycom
        "Emp #,First,Last,Cell",
        "id,FIRSTNAME,LASTNAME,phoneNumber",
    ],
)
def test_the_headings_of_many_products_are_understood(headers):
    person = one(headers, "7,Ana,Garcia,3125550142")
    assert (person.external_id, person.name, person.number) == ("7", "Ana Garcia", "+13125550142")


@pytest.mark.parametrize(
    ("written", "first", "last"),
    [
        ('"Garcia, Ana"', "Ana", "Garcia"),
        ("Ana Garcia", "Ana", "Garcia"),
        ('"De la Cruz, Ana Maria"', "Ana Maria", "De la Cruz"),
        ("Ana", "Ana", ""),
    ],
)
def test_a_name_in_one_column_is_taken_apart(written, first, last):
    person = one("ID,Full Name,Phone", f"7,{written},3125550142")
    assert (person.first_name, person.last_name) == (first, last)


@pytest.mark.parametrize(
    ("headers", "row", "number"),
    [
        ("ID,Name,Home Phone,Cell Phone", "7,Ana,3125550100,3125550142", "+13125550142"),
        ("ID,Name,Home Phone,Cell Phone", "7,Ana,3125550100,", None),
        ("ID,Name,Phone,Mobile", "7,Ana,3125550142,", "+13125550142"),
        ("ID,Name,Home Phone", "7,Ana,3125550142", "+13125550142"),
        ("ID,Name,Phone", "7,Ana,N/A", None),
    ],
)
def test_the_cell_phone_is_preferred_and_a_home_phone_is_the_last_resort(headers, row, number):
    assert one(headers, row).number == number


def test_a_file_that_does_not_say_a_thing_says_none():
    person = one("ID,Name,Phone,Language,Roles", "7,Ana,3125550142,,")
    assert (person.language, person.zone, person.email, person.notes) == (None,) * 4
    assert (person.consent, person.active, person.roles, person.opted_out) == (
        None,
        None,
        (),
        False,
    )


def test_without_an_id_the_number_is_enough():
    person = one("Name,Phone", "Ana,3125550142")
    assert (person.external_id, person.number) == (None, "+13125550142")


def test_what_excel_makes_of_ids_and_numbers_is_undone():
    person = one("ID,Name,Phone", "1001.0,Ana,3125550142.0")
    assert (person.external_id, person.number) == ("1001", "+13125550142")


def test_each_bad_row_is_told_with_its_line_value_and_next_step_and_the_good_ones_land():
    found = read(
        "ID,Name,Cell\n1,Ana,3125550142\n2,Ben,800-555-0100\n\n"
        "3,Carlos,3.12555E+09\n4,Dana,7735550142\n"
    )
    assert [person.name for person in found.people] == ["Ana", "Dana"]
    ben, carlos = found.problems
    assert (ben.line, ben.column, ben.value, ben.code) == (3, "Cell", "800-555-0100", "bad_number")
    assert ben.message == "This is a toll-free number, which receives no texts."
    assert ben.hint == "Ask the person for their mobile number."
    assert ben.masked == "•••••0100"
    assert (carlos.line, carlos.refused) == (5, True)


@pytest.mark.parametrize(
    ("rows", "names", "told"),
    [
        ("1,Ana,3125550142,\n1,Ana,3125550142,", ["Ana"], [(3, "joined", False)]),
        ("1,Ana,3125550142,\n1,Ben,3125550143,", ["Ana"], [(3, "duplicate_id", True)]),
        ("1,Ana,3125550142,\n2,Ben,3125550142,", ["Ana"], [(3, "number_in_use", True)]),
        (",Ana,3125550142,\n,Ana,312-555-0142,", ["Ana"], [(3, "joined", False)]),
        (",Ana,3125550142,\n,Ben,312-555-0142,", ["Ana"], [(3, "number_in_use", True)]),
        ("1,Ana,3125550142,Terminated\n2,Ben,3125550142,Active", ["Ana", "Ben"], []),
    ],
)
def test_a_person_comes_once_and_a_number_belongs_to_one(rows, names, told):
    found = read(f"ID,Name,Phone,Status\n{rows}\n")
    assert [person.name for person in found.people] == names
    assert codes(found) == told


def test_the_refusal_of_a_shared_number_names_who_has_it():
    found = read("ID,Name,Phone\n1,Ana Garcia,3125550142\n2,Ben,3125550142\n")
    assert found.problems[0].message == "Ana Garcia on line 2 has the same number."


def test_one_row_for_each_job_is_one_person_with_both():
    found = read("ID,Name,Phone,Role,Site\n1,Ana,3125550142,Cook,A\n1,Ana,3125550142,Server,a;B\n")
    (ana,) = found.people
    assert (ana.roles, ana.locations) == (("Cook", "Server"), ("A", "B"))


@pytest.mark.parametrize(
    ("row", "expected", "told"),
    [
        ("Yes,2026-09-01,form", (True, "2026-09-01T05:00", "form"), []),
        ("x,9/1/2026,form", (True, "2026-09-01T05:00", "form"), []),
        ("Sí,9/1/2026 3:15 PM,form", (True, "2026-09-01T20:15", "form"), []),
        ("1,2026-09-01T10:00Z,form", (True, "2026-09-01T10:00", "form"), []),
        (",2026-09-01,form", (None, None, None), []),
        ("No,,", (False, None, None), []),
        ("maybe,2026-09-01,form", (False, None, None), ["consent_unclear"]),
        ("Yes,,form", (None, None, None), ["consent_incomplete"]),
        ("Yes,2026-09-01,", (None, None, None), ["consent_incomplete"]),
        ("Yes,2026-09-01,N/A", (None, None, None), ["consent_incomplete"]),
        ("Yes,someday,form", (None, None, None), ["bad_date", "consent_incomplete"]),
        ("Yes,today,form", (None, None, None), ["bad_date", "consent_incomplete"]),
        ("Yes,0001-01-01,form", (None, None, None), ["bad_date", "consent_incomplete"]),
        ("Yes,2026-11-23,form", (None, None, None), ["consent_future"]),
        ("Yes,2026-11-22,form", (True, "2026-11-22T06:00", "form"), []),
    ],
)
def test_consent_counts_only_with_when_and_how(row, expected, told):
    found = read(f"ID,Name,Phone,SMS Consent,Consent Date,Consent Source\n7,Ana,3125550142,{row}\n")
    (ana,) = found.people
    moment = expected[1] and datetime.fromisoformat(expected[1]).replace(tzinfo=UTC)
    assert (ana.consent, ana.consent_at, ana.consent_source) == (expected[0], moment, expected[2])
    assert [problem.code for problem in found.problems] == told


@pytest.mark.parametrize(
    ("written", "opted_out", "told"),
    [
        ("", False, []),
        ("false", False, []),
        ("No", False, []),
        ("n/a", False, []),
        ("TRUE", True, []),
        ("yes", True, []),
        ("2026-03-01", True, ["opted_out_unclear"]),
        ("STOP", True, ["opted_out_unclear"]),
    ],
)
def test_an_opt_out_fails_closed(written, opted_out, told):
    found = read(f"ID,Name,Phone,smsOptedOut\n7,Ana,3125550142,{written}\n")
    assert found.people[0].opted_out is opted_out
    assert [problem.code for problem in found.problems] == told


@pytest.mark.parametrize(
    ("status", "active"),
    [
        ("Active", True),
        ("Full Time", True),
        ("yes", True),
        ("", None),
        ("Terminated - Voluntary", False),
        ("INACTIVE", False),
        ("On leave", False),
        ("No", False),
    ],
)
def test_a_status_tells_who_still_works_here(status, active):
    assert one("ID,Name,Phone,Employee Status", f"7,Ana,3125550142,{status}").active is active


@pytest.mark.parametrize(
    ("header", "value", "field", "expected", "told"),
    [
        ("Language", "es-MX", "language", "es", []),
        ("Language", "Español", "language", "es", []),
        ("Language", "English (US)", "language", "en", []),
        ("Language", "French", "language", "en", ["language"]),
        ("Time Zone", "america/new_york", "zone", "America/New_York", []),
        ("Time Zone", "PST", "zone", "America/Los_Angeles", []),
        ("Time Zone", "Moon", "zone", None, ["bad_zone"]),
        ("Email", "ana@example.com", "email", "ana@example.com", []),
        ("Email", "ana at example", "email", None, ["bad_email"]),
        ("Cell", "3125550142 x7", "number", "+13125550142", ["extension"]),
    ],
)
def test_a_small_flaw_is_remarked_and_the_person_lands(header, value, field, expected, told):
    phone = "" if header == "Cell" else ",Phone"
    found = read(f"ID,Name,{header}{phone}\n7,Ana,{value}{',3125550142' if phone else ''}\n")
    assert getattr(found.people[0], field) == expected
    assert codes(found) == [(2, code, False) for code in told]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Total: 60,,", "no_identity"),
        (",Ana,", "no_identity"),
        ("7,Garcia,Ana,3125550142", "bad_row"),
        ("7" * 65 + ",Ana,3125550142", "bad_id"),
    ],
)
def test_what_is_no_person_is_refused(row, code):
    found = read(f"ID,Name,Phone\n{row}\n")
    assert found.people == []
    assert codes(found) == [(2, code, True)]


def test_a_person_without_a_number_or_without_a_name_lands_with_a_remark():
    found = read("ID,Name,Phone\n7,Ana,\n8,,3125550142\n")
    assert [person.name for person in found.people] == ["Ana", "8"]
    assert codes(found) == [(2, "no_number", False), (3, "no_name", False)]


def test_columns_nobody_asked_for_are_named():
    found = read("ID,Name,Phone,Shoe Size,User ID,\n7,Ana,3125550142,38,x,\n")
    assert found.ignored_columns == ["Shoe Size", "User ID"]


def test_a_file_without_a_usable_column_is_refused_whole():
    with pytest.raises(BadInput, match='headings are "Shoe Size", "Colour"') as refusal:
        read("Shoe Size,Colour\n38,red\n")
    assert "Cell Phone" in refusal.value.hint


def test_control_characters_never_reach_a_name():
    assert one("ID,Name,Phone", '7,"Ana\u0007\nGarcia",3125550142').name == "Ana Garcia"


CELLS = st.text(st.sampled_from('17yes,"@-./: Añé\n3125550142'), max_size=14)


@given(st.lists(st.tuples(CELLS, CELLS, CELLS, CELLS, CELLS, CELLS), min_size=1, max_size=6))
def test_every_row_lands_once_or_is_refused_or_joined(rows):
    headers = ("ID", "Name", "Cell", "Consent", "Consent Date", "Opted Out")
    table = Table(headers, tuple(Row(line, cells) for line, cells in enumerate(rows, 2)))
    found = read_people(table, region="US", zone=CHICAGO, today=TODAY)
    out = {
        problem.line for problem in found.problems if problem.refused or problem.code == "joined"
    }
    assert {person.line for person in found.people} | out == {row.line for row in table.rows}
    numbers = [person.number for person in found.people if person.number]
    assert len(numbers) == len(set(numbers))
