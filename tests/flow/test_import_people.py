"""Importing a crew file, against a real database."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.import_people import ImportReport, import_people
from shiftbell.rules.roster_changes import Outcome
from shiftbell.rules.sending import Kind
from shiftbell.store import consent, outbox
from shiftbell.store.chunks import CHUNK
from shiftbell.store.models import (
    Consent,
    Employee,
    Location,
    Message,
    PhoneNumber,
    Sender,
    TimelineEntry,
)
from tests.moments import NOON

pytestmark = pytest.mark.django_db

HEAD = "Employee ID,First Name,Last Name,Cell Phone"
SAMPLE = files("shiftbell").joinpath("data", "sample_crew.csv").read_bytes()


def bring(text: str | bytes, *, dry_run: bool = False, **more) -> ImportReport:
    raw = text.encode() if isinstance(text, str) else text
    zone = ZoneInfo("America/Chicago")
    return import_people(
        raw, now=NOON, actor="cli", region="US", zone=zone, dry_run=dry_run, **more
    )


def outcomes(report: ImportReport) -> list[tuple[int, str]]:
    return [(row.line, str(row.outcome)) for row in report.rows]


def ana(extra_head: str = "", extra: str = "", number: str = "312-555-0142") -> str:
    return f"{HEAD}{extra_head}\n1,Ana,Garcia,{number}{extra}\n"


def test_the_sample_crew_lands_whole_and_a_second_import_changes_nothing():
    first, second = bring(SAMPLE), bring(SAMPLE)
    assert first.count(Outcome.ADDED) == Employee.objects.count() == 60
    assert second.count(Outcome.UNCHANGED) == 60
    assert first.problems == second.problems


def test_a_dry_run_reports_the_same_and_writes_nothing():
    foretold = bring(SAMPLE, dry_run=True)
    assert not Employee.objects.exists()
    assert not Location.objects.exists()
    assert not TimelineEntry.objects.exists()
    real = bring(SAMPLE)
    assert outcomes(foretold) == outcomes(real)
    assert foretold.problems == real.problems
    assert foretold.locations_added == real.locations_added != ()


def test_progress_is_told_chunk_by_chunk():
    told: list[tuple[int, int]] = []
    bring(SAMPLE, progress=lambda done, total: told.append((done, total)))
    assert told == [(CHUNK, 60), (2 * CHUNK, 60), (60, 60)]


def test_good_rows_land_beside_bad_ones_which_say_what_to_do():
    report = bring(
        f"{HEAD}\n1,Ana,Garcia,312-555-0142\n2,Ben,Carter,12\n3,Cy,Bell,(312) 555-0143\n"
    )
    assert outcomes(report) == [(2, "added"), (3, "refused"), (4, "added")]
    (problem,) = report.problems
    assert (problem.line, problem.value, problem.code) == (3, "12", "bad_number")
    assert problem.hint


def test_importing_again_updates_instead_of_doubling():
    bring(ana())
    report = bring(ana(",Email", ",ana@example.com"))
    assert report.rows[0].changed == ("email",)
    assert Employee.objects.get().email == "ana@example.com"


def test_an_empty_cell_keeps_what_is_stored():
    bring(ana(",Email", ",ana@example.com"))
    assert outcomes(bring(ana(",Email", ","))) == [(2, "unchanged")]
    assert Employee.objects.get().email == "ana@example.com"


def test_without_an_id_a_person_is_known_by_their_number():
    head = "First Name,Cell Phone,Email\n"
    bring(head + "Ana,312-555-0142,\n")
    report = bring(head + "Ana,312.555.0142,ana@example.com\n")
    person = Employee.objects.get()
    assert outcomes(report) == [(2, "changed")]
    assert person.external_id == f"e{person.pk}"


def test_a_number_of_someone_else_is_refused_by_name():
    bring(ana())
    report = bring(f"{HEAD}\n2,Ben,Carter,312-555-0142\n")
    (problem,) = report.problems
    assert (problem.code, problem.column) == ("number_in_use", "Cell Phone")
    assert "Ana Garcia" in problem.message
    assert Employee.objects.count() == 1


def test_a_number_may_move_from_one_person_to_another_in_one_file():
    bring(ana())
    report = bring(f"{HEAD}\n2,Ben,Carter,312-555-0142\n1,Ana,Garcia,312-555-0143\n")
    assert outcomes(report) == [(2, "added"), (3, "changed")]
    assert report.problems == ()


def test_the_number_of_someone_who_left_is_free():
    bring(ana())
    bring(ana(",Status", ",Terminated"))
    assert outcomes(bring(f"{HEAD}\n2,Ben,Carter,312-555-0142\n")) == [(2, "added")]


def test_k3_a_consent_from_before_the_number_changed_does_not_count_for_the_new_one():
    columns = ",SMS Consent,Consent Date,Consent Source"
    bring(ana(columns, ",yes,2026-09-01,paper form"))
    moved = {"number": "312-555-0199"}
    report = bring(ana(columns, ",yes,2026-09-01,paper form", **moved))
    person = Employee.objects.get()
    assert [problem.code for problem in report.problems] == ["consent_outdated"]
    assert not consent.has_consent(person, the(person.number))
    bring(ana(columns, ",yes,2026-09-01,paper form"))
    assert not consent.has_consent(person, the(PhoneNumber.objects.get(e164="+13125550142")))
    bring(ana(columns, ",yes,2026-11-20,paper form", **moved))
    person.refresh_from_db()
    assert consent.has_consent(person, the(person.number))


def the(number: PhoneNumber | None) -> PhoneNumber:
    assert number is not None
    return number


def test_a_changed_number_carries_no_consent_and_no_waiting_text():
    Sender.objects.create(e164="+16505550100", position=0)
    columns = ",SMS Consent,Consent Date,Consent Source"
    bring(ana(columns, ",yes,2026-09-01,paper form"))
    person = Employee.objects.get()
    assert person.number is not None
    assert consent.has_consent(person, person.number)
    message = outbox.queue(
        Kind.REMINDER, person.number, "soon", intent="x", now=NOON, employee=person
    )
    bring(ana(number="312-555-0199"))
    person.refresh_from_db()
    assert not consent.has_consent(person, person.number)
    assert message is not None
    assert Message.objects.get(pk=message.pk).reason == "number_changed"
    told = TimelineEntry.objects.get(what="number.changed").detail
    assert told == {"old": "+1•••••0142", "new": "+1•••••0199"}


def test_consent_is_recorded_once_with_its_date_and_source():
    row = ana(",SMS Consent,Consent Date,Consent Source", ",yes,2026-09-01,paper form")
    bring(row)
    assert outcomes(bring(row)) == [(2, "unchanged")]
    event = Consent.objects.get()
    assert (event.kind, event.source, event.actor) == ("granted", "paper form", "cli")
    assert event.at == datetime(2026, 9, 1, 5, 0, tzinfo=UTC)


def test_an_opt_out_in_the_file_binds_and_its_absence_lifts_nothing():
    out = ana(",SMS Opted Out", ",true")
    assert bring(out).rows[0].outcome is Outcome.ADDED
    assert outcomes(bring(out)) == [(2, "unchanged")]
    for later in (ana(",SMS Opted Out", ",false"), ana(",SMS Opted Out", ","), ana()):
        assert outcomes(bring(later)) == [(2, "unchanged")]
    person = Employee.objects.get()
    assert person.number is not None
    assert person.number.opted_out_at == NOON
    assert [event.source for event in Consent.objects.all()] == ["import"]


def test_a_file_that_says_no_consent_takes_none_away_but_says_so():
    bring(ana(",SMS Consent,Consent Date,Consent Source", ",yes,2026-09-01,paper form"))
    report = bring(ana(",SMS Consent", ",no"))
    assert [problem.code for problem in report.problems] == ["consent_kept"]
    assert Consent.objects.count() == 1


def test_a_new_location_is_made_once_in_the_given_zone_whatever_its_spelling():
    report = bring(f"{HEAD},Location\n1,Ana,,312-555-0142,Dock 4\n2,Ben,,312-555-0143,dock 4\n")
    place = Location.objects.get()
    assert (place.name, place.zone) == ("Dock 4", "America/Chicago")
    assert report.locations_added == ("Dock 4",)
    assert place.employees.count() == 2


def test_locations_in_the_file_replace_the_stored_ones():
    bring(ana(",Location", ",Dock 4"))
    report = bring(ana(",Location", ",Dock 7"))
    assert report.rows[0].changed == ("locations",)
    assert [place.name for place in Employee.objects.get().locations.all()] == ["Dock 7"]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_runs_while_another_does_is_not_disturbed():
    reports: list[ImportReport] = []

    def interrupt(done: int, total: int) -> None:
        if not reports:
            reports.append(bring(SAMPLE))

    outer = bring(SAMPLE, progress=interrupt)
    assert Employee.objects.count() == 60
    assert outer.count(Outcome.ADDED) == CHUNK
    assert reports[0].count(Outcome.ADDED) == 60 - CHUNK
    assert outer.count(Outcome.REFUSED) == reports[0].count(Outcome.REFUSED) == 0


def test_an_id_that_reads_like_ours_is_refused_and_overwrites_nobody():
    bring("First Name,Cell Phone\nAna,312-555-0142\n")
    ana = Employee.objects.get()
    report = bring(f"{HEAD}\n{ana.external_id},Ben,Carter,312-555-0143\n")
    (problem,) = report.problems
    assert (problem.code, problem.column, problem.value) == ("our_id", "Employee ID", str(ana))
    assert problem.hint
    assert Employee.objects.get().first_name == "Ana"


def test_a_file_without_a_column_of_consent_is_told_apart():
    assert not bring(ana()).asks_consent
    assert bring(ana(",SMS Consent", ",no")).asks_consent


def test_k1_the_ledger_keeps_what_people_were_shown_and_who_recorded_it():
    bring(
        ana(
            ",SMS Consent,Night Offers,Consent Date,Consent Source,Consent Text,Consent Version",
            ",yes,yes,2026-09-01,paper form,Acme may text me.,2026-03",
        )
    )
    granted, nights = Consent.objects.order_by("pk")
    assert (granted.kind, nights.kind) == ("granted", "night_allowed")
    for event in (granted, nights):
        assert (event.disclosure, event.version) == ("Acme may text me.", "2026-03")
        assert (event.how, event.source, event.actor) == ("import", "paper form", "cli")
        assert event.at == datetime(2026, 9, 1, 5, tzinfo=UTC)


def test_q3_a_file_allows_offers_at_night_once_and_ends_them():
    head = ",Night Offers,Consent Date,Consent Source"
    proof = ",2026-09-01,paper form"
    bring(ana())
    assert bring(ana(head, f",yes{proof}")).rows[0].changed == ("night offers",)
    assert outcomes(bring(ana(head, f",yes{proof}"))) == [(2, "unchanged")]
    employee = Employee.objects.select_related("number").get()
    assert employee.number is not None
    assert consent.takes_nights(employee, employee.number)
    bring(ana(head, ",,,"))
    assert consent.takes_nights(employee, employee.number)
    bring(ana(head, ",no,,"))
    assert not consent.takes_nights(employee, employee.number)
    assert [row.kind for row in Consent.objects.order_by("pk")] == ["night_allowed", "night_ended"]
