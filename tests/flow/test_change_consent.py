"""A word that did not come from the phone: it counts, it proves itself, and it lifts nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.change_consent import erase_consents, record_consent, record_opt_out
from shiftbell.rules.consent import KEPT_FOR, How
from shiftbell.store import audit, consent, numbers
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Employee, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write
from tests.crew import number, person
from tests.flow.talk import Talk
from tests.moments import NOON

TOLD = Evidence(how=How.MANAGER, actor="Mia", source="told Mia at the dock", words="no more")
FORM = Evidence(
    how=How.FORM, actor="Mia", source="paper form, binder 3", disclosure="You agree to …",
    version="2026-11",
)  # fmt: skip
STRANGER = number(77)


def test_r3_an_opt_out_told_to_a_manager_is_recorded_with_source_actor_and_time(talk):
    ana = talk.employee("Ana")
    said_at = NOON - timedelta(hours=2)
    out = record_opt_out(ana, TOLD, now=NOON, at=said_at)
    assert out.number is not None
    assert (out.is_new, out.employee, out.number.opted_out_at) == (True, ana, NOON)
    event = Consent.objects.get(kind="revoked")
    assert (event.how, event.source, event.actor) == ("manager", "told Mia at the dock", "Mia")
    assert (event.at, event.recorded_at, event.words) == (said_at, NOON, "no more")
    assert event.employee == ana


@pytest.mark.parametrize("how", [How.MANAGER, How.API, How.EMAIL, How.FORM, How.RINGCENTRAL])
def test_r3_no_way_of_opting_out_is_the_only_one(talk, how):
    ana = talk.employee("Ana")
    record_opt_out(ana, Evidence(how=how, actor="x", source="x"), now=NOON)
    assert talk.number("Ana").opted_out_at == NOON


def test_r3_r4_it_withdraws_what_waits_and_sends_nothing_not_even_a_confirmation(talk):
    talk.offer(talk.shift(), "Ana", "Ben", leave=False)
    record_opt_out(talk.employee("Ana"), TOLD, now=talk.now)
    states = Message.objects.order_by("pk").values_list("employee__first_name", "state", "reason")
    assert list(states) == [("Ana", "cancelled", "opted_out"), ("Ben", "queued", "")]


def test_r3_whoever_holds_a_shift_keeps_it_and_the_manager_hears_of_it(talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "yes")
    record_opt_out(talk.employee("Ana"), TOLD, now=talk.now)
    (told,) = talk.told()
    assert told.startswith("Ana opted out of texts. They still hold ")
    record_opt_out(talk.employee("Ana"), TOLD, now=talk.now)
    assert len(talk.told()) == 1, "said twice, told once"
    assert Consent.objects.filter(kind="revoked").count() == 2


def test_r3_a_number_that_nobody_has_is_suppressed(db):
    out = record_opt_out(STRANGER, TOLD, now=NOON)
    assert (out.employee, out.is_new) == (None, True)
    with write():
        ana = person("Ana", 77)
    assert consent.reach(ana).opted_out
    assert audit.verify().flaws == ()


def test_r3_a_number_that_somebody_has_is_theirs(talk):
    ana = talk.employee("Ana")
    assert record_opt_out(talk.number("Ana").e164, TOLD, now=NOON).employee == ana


def test_r9_consent_by_hand_never_lifts_an_opt_out_but_their_start_does(talk):
    ana = talk.employee("Ana", consent=False)
    record_opt_out(ana, TOLD, now=NOON)
    agreed = record_consent(ana, FORM, at=NOON, now=NOON + timedelta(days=1))
    assert (agreed.is_new, agreed.out_since) == (True, NOON)
    assert consent.reach(ana).opted_out
    talk.says("Ana", "START")
    assert consent.reach(Employee.objects.get(pk=ana.pk)).bar is None


def test_k1_consent_is_recorded_with_all_that_proves_it(talk):
    ana = talk.employee("Ana", consent=False)
    said_at = NOON - timedelta(days=30)
    agreed = record_consent(ana, FORM, at=said_at, now=NOON)
    assert (agreed.is_new, agreed.out_since) == (True, None)
    event = Consent.objects.get()
    assert (event.employee, event.number, event.person) == (ana, ana.number, "Ana (Ana)")
    assert (event.at, event.recorded_at, event.how) == (said_at, NOON, "form")
    assert (event.disclosure, event.version) == ("You agree to …", "2026-11")
    assert (event.source, event.actor) == ("paper form, binder 3", "Mia")
    assert not record_consent(ana, FORM, at=said_at, now=NOON).is_new


@pytest.mark.parametrize(
    ("missing", "field"), [({"source": ""}, "source"), ({"disclosure": ""}, "disclosure")]
)
def test_k1_consent_that_could_not_be_shown_is_not_taken(talk, missing, field):
    said = {"how": How.FORM, "actor": "Mia", "source": "x", "disclosure": "y"} | missing
    with pytest.raises(BadInput) as refused:
        record_consent(talk.employee("Ana", consent=False), Evidence(**said), at=NOON, now=NOON)
    assert refused.value.field == field
    assert not Consent.objects.exists()


def test_nothing_was_said_in_the_future(talk):
    ana, tomorrow = talk.employee("Ana", consent=False), NOON + timedelta(days=1)
    for refuse in (
        lambda: record_consent(ana, FORM, at=tomorrow, now=NOON),
        lambda: record_opt_out(ana, TOLD, at=tomorrow, now=NOON),
    ):
        with pytest.raises(BadInput, match="still to come"):
            refuse()


def test_k3_who_has_no_number_has_nothing_to_agree_for(db):
    with write():
        ana = person("Ana")
    for refuse in (
        lambda: record_consent(ana, FORM, at=NOON, now=NOON),
        lambda: record_opt_out(ana, TOLD, now=NOON),
    ):
        with pytest.raises(Conflict, match="no phone number"):
            refuse()


@pytest.fixture
def gone(talk: Talk) -> Employee:
    """Somebody who paused, opted out, and left the crew."""
    ana = talk.employee("Ana")
    talk.says("Ana", "PAUSE")
    talk.says("Ana", "no more texts please")
    Employee.objects.filter(pk=ana.pk).update(active=False)
    return Employee.objects.get(pk=ana.pk)


def test_k2_nobody_is_erased_while_the_law_wants_the_records(gone):
    last = Message.objects.latest("pk").left_at
    assert last is not None
    for now in (NOON, last + KEPT_FOR - timedelta(seconds=1)):
        with pytest.raises(Conflict, match=r"wanted until 2030-11-24 \(K2\)"):
            erase_consents(gone, because="asked", actor="Mia", now=now)
    assert erase_consents(gone, because="asked", actor="Mia", now=last + KEPT_FOR) == 3


def test_k2_an_opt_out_outlives_the_person_who_is_erased(gone):
    now = NOON + timedelta(days=1)
    erase_consents(gone, because="asked", actor="Mia", now=now, despite_retention=True)
    line = PhoneNumber.objects.get()
    assert line.opted_out_at is not None
    rows = list(Consent.objects.order_by("place"))
    assert [row.kind for row in rows] == ["granted", "paused", "revoked", "erased"]
    assert {row.person + row.words + row.source for row in rows[:3]} == {""}
    assert {(row.employee_id, row.salt, row.at) for row in rows[:3]} == {(None, None, None)}
    assert (rows[3].source, rows[3].detail) == ("asked", {"places": [1, 2, 3]})
    assert audit.verify().flaws == ()
    assert TimelineEntry.objects.filter(what="consent.erased", employee=gone.pk).count() == 1
    with write():
        numbers.locked_number(line.pk)
        person("Ben", 0)
    assert consent.reach(Employee.objects.get(first_name="Ben")).opted_out


def test_nobody_is_erased_while_on_the_crew_and_nobody_twice(talk, gone):
    with pytest.raises(Conflict, match="Ben is still on the crew"):
        erase_consents(talk.employee("Ben"), because="x", actor="Mia", now=NOON)

    def erase() -> int:
        return erase_consents(gone, because="x", actor="Mia", now=NOON, despite_retention=True)

    assert [erase(), erase()] == [3, 0]
    assert Consent.objects.filter(kind="erased").count() == 1
