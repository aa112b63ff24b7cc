"""What a row of an imported file changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from shiftbell.rules.people_file import PersonRow
from shiftbell.rules.roster_changes import Entry, Outcome, change

NUMBER, OTHER = "+13125550142", "+13125550143"
SILENT = PersonRow(
    line=2, external_id="1", first_name="", last_name="", number=None, email=None, language=None,
    zone=None, roles=(), locations=(), consent=None, consent_at=None, consent_source=None,
    opted_out=False, notes=None, active=None,
)  # fmt: skip
ANA = Entry(
    external_id="1", first_name="Ana", last_name="Garcia", number=NUMBER, email="ana@example.com",
    language="es", zone="America/Chicago", roles=("Picker",), locations=("Dock 4",), notes="keys",
)  # fmt: skip
BEN = Entry(external_id="2", first_name="Ben", number=OTHER)


def decide(row=SILENT, before=ANA, holders=(), *, consented=False, opted_out=False):
    by_number = {holder.number: holder for holder in holders}
    return change(row, before, by_number, consented=consented, opted_out=opted_out, new_id="line 2")


def test_a_row_that_says_nothing_changes_nothing():
    decided = decide()
    assert (decided.outcome, decided.entry, decided.changed) == (Outcome.UNCHANGED, ANA, ())


@pytest.mark.parametrize(
    ("field", "said", "stored"),
    [
        ("first_name", "Anna", "Anna"),
        ("number", OTHER, OTHER),
        ("email", "a@example.com", "a@example.com"),
        ("language", "en", "en"),
        ("zone", "America/Denver", "America/Denver"),
        ("roles", ("Packer", "Picker"), ("Packer", "Picker")),
        ("locations", ("dock 7", "Cold Store"), ("Cold Store", "dock 7")),
        ("notes", "new keys", "new keys"),
        ("active", False, False),
    ],
)
def test_what_a_row_says_replaces_what_was_stored(field, said, stored):
    decided = decide(replace(SILENT, **{field: said}))
    assert (decided.outcome, decided.changed) == (Outcome.CHANGED, (field,))
    assert getattr(decided.entry, field) == stored


@pytest.mark.parametrize(
    ("row_id", "external_id"), [("1", "1"), (None, "line 2")], ids=["with an id", "without"]
)
def test_someone_new_is_added_under_their_id_or_one_of_ours(row_id, external_id):
    decided = decide(replace(SILENT, external_id=row_id, number=NUMBER), None)
    assert decided.outcome is Outcome.ADDED
    assert decided.entry.external_id == external_id


@pytest.mark.parametrize(
    ("row", "before", "holders", "by"),
    [
        (replace(SILENT, number=OTHER), ANA, [BEN], "Ben"),
        (replace(SILENT, number=OTHER), None, [BEN], "Ben"),
        (replace(SILENT, number=NUMBER), ANA, [ANA], ""),
        (replace(SILENT, number=OTHER, active=False), ANA, [BEN], ""),
        # Back at work, while someone else has the number by now.
        (
            replace(SILENT, active=True),
            replace(ANA, active=False),
            [replace(BEN, number=NUMBER)],
            "Ben",
        ),
    ],
)
def test_a_number_belongs_to_one_active_person(row, before, holders, by):
    decided = decide(row, before, holders)
    assert decided.in_use_by == by
    assert (decided.outcome is Outcome.REFUSED) is bool(by)


@pytest.mark.parametrize(
    ("fields", "consented", "opted_out", "grants", "revokes", "outcome"),
    [
        ({"consent": True}, False, False, True, False, Outcome.CHANGED),
        ({"consent": True}, True, False, False, False, Outcome.UNCHANGED),
        ({"consent": True}, False, True, True, False, Outcome.CHANGED),
        ({"opted_out": True}, False, False, False, True, Outcome.CHANGED),
        ({"opted_out": True}, True, True, False, False, Outcome.UNCHANGED),
        ({"consent": True, "opted_out": True}, False, False, True, True, Outcome.CHANGED),
        ({"consent": None}, True, True, False, False, Outcome.UNCHANGED),
    ],
)
def test_consent_is_granted_once_and_an_opt_out_binds(
    fields, consented, opted_out, grants, revokes, outcome
):
    row = replace(SILENT, **fields)
    decided = decide(row, consented=consented, opted_out=opted_out)
    assert (decided.grants, decided.revokes, decided.outcome) == (grants, revokes, outcome)


def test_someone_without_a_number_consents_to_nothing():
    row = replace(SILENT, consent=True, opted_out=True)
    decided = decide(row, replace(ANA, number=""))
    assert (decided.grants, decided.revokes) == (False, False)


@pytest.mark.parametrize(("consented", "kept"), [(True, True), (False, False)])
def test_a_no_in_the_consent_column_is_remarked_on_where_there_is_consent(consented, kept):
    decided = decide(replace(SILENT, consent=False), consented=consented)
    assert decided.keeps_consent is kept
    assert decided.outcome is Outcome.UNCHANGED


def test_a_person_without_a_name_goes_by_their_id():
    assert Entry(external_id="7").name == "7"


@pytest.mark.parametrize(
    ("said", "known", "recorded"),
    [
        (True, False, True),
        (False, True, False),
        (True, True, None),
        (False, False, None),
        (None, True, None),
    ],
)
def test_q3_a_word_about_offers_at_night_is_recorded_where_it_is_new(said, known, recorded):
    decided = change(
        replace(SILENT, nights=said), ANA, {}, consented=True, opted_out=False, nights=known,
        new_id="line 2",
    )  # fmt: skip
    assert decided.nights is recorded
    assert decided.outcome is (Outcome.UNCHANGED if recorded is None else Outcome.CHANGED)


def test_q3_a_person_without_a_number_allows_nothing_at_night():
    decided = decide(replace(SILENT, nights=True), replace(ANA, number=""))
    assert decided.nights is None


@pytest.mark.parametrize(
    ("said", "known", "is_other"),
    [
        (("Ben", "Smith"), ("Ana", "Garcia"), True),
        (("Ben", ""), ("Ana", ""), True),
        (("Ben", "Garcia"), ("Ana", "Garcia"), True),
        (("Dana", "White"), ("Dan", "Brown"), True),
        (("ANA", "Lopez"), ("Ana", "Garcia"), False),
        (("Ana Maria", "Lopez"), ("Ana", "Garcia"), False),
        (("Ana", ""), ("Ana-Maria", "Garcia"), False),
        (("Dan", "Bell"), ("Daniel", "Bell"), False),
        (("Dan", ""), ("Daniel", "Bell"), False),
        (("Jose", "Ruiz"), ("José", "Ruiz"), False),
        (("", "Smith"), ("Ana", "Garcia"), False),
        (("Ana", "Smith"), ("", "Garcia"), False),
    ],
)
def test_k3_a_number_alone_names_nobody_whose_first_name_is_another(said, known, is_other):
    row = replace(SILENT, external_id=None, number=NUMBER, first_name=said[0], last_name=said[1])
    before = replace(ANA, first_name=known[0], last_name=known[1])
    decided = decide(row, before, [before])
    assert (decided.outcome is Outcome.REFUSED) is is_other
    assert decided.known_as == (before.name if is_other else "")
    assert decide(replace(row, external_id="1"), before, [before]).outcome is not Outcome.REFUSED
