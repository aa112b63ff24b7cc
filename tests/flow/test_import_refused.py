"""What an import refuses: whose opt-outs count all the same, and whom a number alone names."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.import_people import ImportReport, import_people
from shiftbell.store import audit, consent
from shiftbell.store.models import Consent, Employee, PhoneNumber
from tests import crew
from tests.flow.talk import Talk

pytestmark = pytest.mark.django_db

HEAD = "Employee ID,First Name,Cell Phone,Status,SMS Opted Out"
E164, OTHER = crew.number(0), "+13125550177"


def bring(talk: Talk, *rows: str, head: str = HEAD) -> ImportReport:
    """Import rows, after a dry run that must foretell the same and write nothing."""
    raw = "\n".join([head, *rows]).encode()
    events = Consent.objects.count()
    reports = []
    for dry_run in (True, False):
        assert Consent.objects.count() == events
        reports.append(
            import_people(
                raw,
                now=talk.now,
                actor="Mia",
                region="US",
                zone=ZoneInfo("America/Chicago"),
                dry_run=dry_run,
            )
        )
    foretold, real = reports
    assert foretold.problems == real.problems
    assert [row.outcome for row in foretold.rows] == [row.outcome for row in real.rows]
    assert audit.verify().flaws == ()
    return real


def codes(report: ImportReport) -> list[str]:
    return [problem.code for problem in report.problems]


def out() -> set[str]:
    """The numbers that opted out."""
    rows = PhoneNumber.objects.filter(opted_out_at__isnull=False)
    return set(rows.values_list("e164", flat=True))


@pytest.mark.parametrize(
    ("rows", "code", "expected"),
    [
        ([f"Ana,Ana,{E164},Active,no", f"Ana,Ana,{E164},Active,yes"], "duplicate_id", {E164}),
        (
            [f"Ana,Ana,{E164},Active,no", f"Ana,Ana,{OTHER},Active,yes"],
            "duplicate_id",
            {E164, OTHER},
        ),
        ([f"Zed,Ana,{E164},Active,yes"], "number_in_use", {E164}),
        (["Ana,Ana,not a phone,Active,yes"], "bad_number", {E164}),
        ([f",Ben,{E164},Active,yes"], "other_name", {E164}),
        ([f"e12,Ben,{OTHER},Active,yes"], "our_id", {OTHER}),
    ],
)
def test_r3_an_opt_out_counts_although_its_row_is_refused(
    talk: Talk, rows: list[str], code: str, expected: set[str]
):
    talk.employee("Ana")
    assert codes(bring(talk, *rows)) == [code, "opted_out_anyway"]
    assert out() == expected
    events = Consent.objects.filter(kind="revoked")
    assert {event.how for event in events} == {"import"}
    again = events.count()
    bring(talk, *rows)
    assert events.count() == again


def test_an_opt_out_of_nobody_that_is_known_is_told(talk: Talk):
    talk.employee("Ana")
    assert codes(bring(talk, "Zed,Zed,12,Active,yes")) == ["bad_number", "opt_out_unplaced"]
    assert out() == set()


def test_a_refused_row_that_says_no_opts_nobody_out(talk: Talk):
    talk.employee("Ana")
    assert codes(bring(talk, f"Zed,Zed,{E164},Active,no")) == ["number_in_use"]
    assert out() == set()


def test_an_opt_out_by_id_leaves_alone_who_has_the_number_by_now(talk: Talk):
    talk.employee("Ana")
    bring(talk, f"Ana,Ana,{E164},Inactive,", f"Zed,Zed,{E164},Active,")
    assert codes(bring(talk, "Ana,Ana,12,Inactive,yes")) == ["bad_number", "opt_out_unplaced"]
    assert out() == set()


def test_a_number_alone_gives_nobody_the_consent_of_somebody_else(talk: Talk):
    ana = talk.employee("Ana")
    report = bring(talk, f"Ben,{E164}", head="First Name,Cell Phone")
    (problem,) = report.problems
    assert (problem.code, problem.refused, problem.column) == ("other_name", True, "Cell Phone")
    assert "Ana" in problem.message
    ana.refresh_from_db()
    assert ana.first_name == "Ana"
    both = (f"Ana,{E164},Inactive", f"Ben,{E164},Active")
    bring(talk, *both, head="First Name,Cell Phone,Status")
    ben = Employee.objects.select_related("number").get(number__e164=E164, active=True)
    assert ben.first_name == "Ben"
    assert ben.number is not None
    assert not consent.has_consent(ben, ben.number)
