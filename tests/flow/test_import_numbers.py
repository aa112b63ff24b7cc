"""An import says at once what is wrong with a number that it gives to a person."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.import_people import ImportReport, import_people
from shiftbell.store.models import PhoneNumber
from tests import crew
from tests.flow.talk import Talk
from tests.flow.test_number_changed_hands import HEAD, bring

E164 = crew.number(0)
ZED = f"Zed,Zed,{E164},Active,,,"
ZED_AGREES = f"Zed,Zed,{E164},Active,yes,2026-11-20,form"


def read(talk: Talk, row: str, *, dry_run: bool) -> ImportReport:
    return import_people(
        f"{HEAD}\n{row}".encode(),
        now=talk.now,
        actor="Mia",
        region="US",
        zone=ZoneInfo("America/Chicago"),
        dry_run=dry_run,
    )


def remarks(talk: Talk, row: str) -> list[str]:
    """Import a row, after a dry run that must foretell the same; return the codes of remarks."""
    foretold, real = (read(talk, row, dry_run=dry_run) for dry_run in (True, False))
    assert foretold.problems == real.problems
    assert all(one.message and one.hint and not one.refused for one in real.problems)
    return [one.code for one in real.problems]


@pytest.fixture
def free(talk: Talk) -> Talk:
    """Ana had the number and agreed to texts; she has another by now."""
    talk.employee("Ana")
    bring(talk.now, "Ana,Ana,(312) 555-0177,Active,,,")
    return talk


@pytest.mark.parametrize(("row", "codes"), [(ZED, ["recycled"]), (ZED_AGREES, [])])
def test_a_number_of_someone_elses_before(free: Talk, row: str, codes: list[str]):
    assert remarks(free, row) == codes
    assert remarks(free, row) == []


@pytest.mark.parametrize("row", [ZED, ZED_AGREES])
@pytest.mark.parametrize(
    ("words", "code"), [("stop", "was_opted_out"), ("wrong number", "wrong_number")]
)
def test_a_number_that_took_no_more_texts(free: Talk, words: str, code: str, row: str):
    free.drop_in(E164, words)
    free.hear()
    assert remarks(free, row) == [code]


@pytest.mark.parametrize(
    ("trouble", "row", "codes", "then"),
    [
        ("landline", ZED, ["landline"], "landline"),
        ("landline", ZED_AGREES, ["landline"], "landline"),
        ("unreachable", ZED, ["recycled"], "recycled"),
        ("unreachable", ZED_AGREES, [], ""),
    ],
)
def test_a_number_whose_texts_failed(
    free: Talk, trouble: str, row: str, codes: list[str], then: str
):
    numbers = PhoneNumber.objects.filter(e164=E164)
    numbers.update(unusable_as=trouble, unusable_since=free.now)
    assert remarks(free, row) == codes
    assert numbers.get().unusable_as == then


def test_a_number_nobody_had_before_is_nothing_to_remark_on(talk: Talk):
    assert remarks(talk, ZED) == []


def test_an_opt_out_that_the_file_itself_brings_is_nothing_new(talk: Talk):
    report = import_people(
        f"Employee ID,First Name,Cell Phone,SMS Opted Out\nZed,Zed,{E164},yes\n".encode(),
        now=talk.now,
        actor="Mia",
        region="US",
        zone=ZoneInfo("America/Chicago"),
    )
    assert report.problems == ()
