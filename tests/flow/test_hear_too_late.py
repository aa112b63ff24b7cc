"""Words that others overtook: a newer opt-out, or a roster that gave the number to someone else."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.change_consent import record_opt_out
from shiftbell.flow.hear_ringcentral import hear_entries
from shiftbell.flow.import_people import import_people
from shiftbell.rules.consent import How
from shiftbell.rules.drift import Entry
from shiftbell.store import consent, ledger, numbers
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Employee, Invitation, Message
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.talk import OURS, Talk

TOLD = Evidence(how=How.MANAGER, actor="Mia", source="she told me")
WORDS = ("START", "JOIN 4821")
HANDED_ON = "it was written before the roster gave this number to whoever has it now"


def minutes_pass(talk: Talk, minutes: float = 10) -> None:
    talk.now += timedelta(minutes=minutes)


def crew_is(talk: Talk, *rows: str) -> None:
    head = "Employee ID,First Name,Cell Phone,Status"
    import_people(
        "\n".join([head, *rows]).encode(),
        now=talk.now,
        actor="Mia",
        region="US",
        zone=ZoneInfo("America/Chicago"),
    )


def hand_over(talk: Talk) -> Employee:
    """Let Ana leave and Ben get her number, a while after what was said last."""
    e164 = talk.number("Ana").e164
    minutes_pass(talk, 30)
    crew_is(talk, f"Ana,Ana,{e164},Inactive", f"Ben,Ben,{e164},Active")
    return Employee.objects.get(external_id="Ben")


def may_be_texted(employee: Employee) -> bool:
    return consent.reach(employee).bar is None


def listed(talk: Talk, source: str, changed_in: float = 0) -> None:
    """Let RingCentral's list opt Ana out, changed so many seconds from now by its clock."""
    changed_at = talk.now + timedelta(seconds=changed_in)
    with write():
        number = numbers.locked_number(talk.number("Ana").pk)
        hear_entries(number, [Entry(OURS, True, source, changed_at)], {OURS}, now=talk.now)


@pytest.fixture
def ana(talk: Talk) -> Employee:
    Invitation.objects.create(code="4821", created_at=talk.now)
    return talk.employee("Ana")


@pytest.mark.parametrize("word", WORDS)
def test_r9_an_older_start_never_lifts_what_a_manager_recorded_since(
    talk: Talk, ana: Employee, word: str
):
    minutes_pass(talk)
    record_opt_out(ana, TOLD, now=talk.now)
    assert talk.says("Ana", word, ago=300) == []
    assert talk.number("Ana").opted_out_at is not None
    assert talk.in_the_inbox() == [word]
    assert talk.reasons() == [f"{word.split()[0]} from before a newer opt-out"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("source", ["Carrier", "Recipient", "Api"])
def test_r9_an_older_start_never_lifts_what_ringcentral_listed_since(
    talk: Talk, ana: Employee, source: str, word: str
):
    minutes_pass(talk)
    listed(talk, source)
    assert talk.says("Ana", word, ago=300) == []
    assert talk.number("Ana").opted_out_at is not None


@pytest.mark.parametrize("word", WORDS)
def test_r9_a_start_lifts_what_was_said_before_it_though_recorded_later(
    talk: Talk, ana: Employee, word: str
):
    minutes_pass(talk)
    record_opt_out(ana, TOLD, now=talk.now, at=talk.now - timedelta(minutes=8))
    assert len(talk.says("Ana", word, ago=300)) == 1
    assert talk.number("Ana").opted_out_at is None


@pytest.mark.parametrize(
    ("skew", "ago", "lifts"),
    [(0, 400, False), (0, 300, True), (120, 400, False), (120, 340, True)],
)
def test_r9_both_are_compared_by_our_clock_where_ringcentrals_differs(
    talk: Talk, ana: Employee, skew: float, ago: float, lifts: bool
):
    talk.sender.skew_seconds = skew
    talk.sender.save()
    minutes_pass(talk)
    listed(talk, "Carrier", changed_in=-60)
    minutes_pass(talk, 5)
    talk.says("Ana", "START", ago=ago)
    assert (talk.number("Ana").opted_out_at is None) is lifts


@pytest.mark.parametrize("word", WORDS)
def test_r9_an_older_start_or_join_found_late_never_lifts_a_texted_stop(
    talk: Talk, ana: Employee, word: str
):
    minutes_pass(talk)
    talk.says("Ana", "STOP")
    assert talk.says("Ana", word, ago=300) == []
    assert talk.number("Ana").opted_out_at is not None


def test_r9_a_stop_and_a_start_a_moment_apart_count_by_one_clock(talk: Talk, ana: Employee):
    talk.says("Ana", "STOP")
    talk.sender.skew_seconds = 30  # learned only now
    talk.sender.save()
    assert len(talk.says("Ana", "START")) == 1
    assert talk.number("Ana").opted_out_at is None


@pytest.mark.parametrize("word", WORDS)
def test_k3_the_start_of_an_earlier_holder_is_nobodys_consent(talk: Talk, ana: Employee, word: str):
    talk.drop_in("Ana", word)
    ben = hand_over(talk)
    talk.hear()
    assert not may_be_texted(ben)
    assert talk.reasons() == [HANDED_ON]
    assert Message.objects.filter(direction="out").count() == 0


def test_k3_the_start_of_an_earlier_holder_lifts_nothing(talk: Talk, ana: Employee):
    talk.says("Ana", "STOP")
    talk.drop_in("Ana", "START")
    ben = hand_over(talk)
    talk.hear()
    assert ben.number is not None
    ben.number.refresh_from_db()
    assert ben.number.opted_out_at is not None


def test_k3_a_yes_of_an_earlier_holder_takes_no_shift(talk: Talk, ana: Employee):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.drop_in("Ana", "yes")
    hand_over(talk)
    talk.hear()
    assert talk.holders(shift) == []
    assert talk.in_the_inbox() == ["yes"]
    assert Message.objects.get(direction="in").employee is None


@pytest.mark.parametrize(("words", "kind"), [("STOP", "revoked"), ("wrong number", "wrong_number")])
def test_r6_an_opt_out_of_an_earlier_holder_still_binds_the_number(
    talk: Talk, ana: Employee, words: str, kind: str
):
    talk.drop_in("Ana", words)
    ben = hand_over(talk)
    talk.hear()
    assert ben.number is not None
    ben.number.refresh_from_db()
    assert ben.number.opted_out_at is not None
    assert Consent.objects.get(kind=kind).employee is None
    assert talk.in_the_inbox() == [words]


def test_r2_what_may_be_an_opt_out_of_an_earlier_holder_lets_offers_wait(talk: Talk, ana: Employee):
    talk.drop_in("Ana", "stop texting me today")
    ben = hand_over(talk)
    talk.hear()
    assert ben.number is not None
    ben.number.refresh_from_db()
    assert ben.number.review_since is not None
    assert talk.in_the_inbox() == ["stop texting me today"]


def test_the_new_holders_own_start_counts(talk: Talk, ana: Employee):
    ben = hand_over(talk)
    minutes_pass(talk)
    (answer,) = talk.says(talk.number("Ben").e164, "START")
    assert "open shifts" in answer
    assert may_be_texted(ben)


@pytest.mark.parametrize("word", WORDS)
def test_a_sign_up_that_the_roster_overtook_counts_where_the_number_was_nobodys(
    talk: Talk, ana: Employee, word: str
):
    talk.drop_in(crew.number(7), word)
    minutes_pass(talk, 1)
    crew_is(talk, f"Ben,Ben,{crew.number(7)},Active")
    talk.hear()
    assert may_be_texted(Employee.objects.get(external_id="Ben"))


@pytest.mark.parametrize("word", WORDS)
def test_k3_the_next_holder_never_gets_the_start_of_somebody_who_left(
    talk: Talk, ana: Employee, word: str
):
    e164 = talk.number("Ana").e164
    talk.says("Ana", "STOP")
    crew_is(talk, f"Ana,Ana,{e164},Inactive")
    talk.says(e164, word)
    assert not may_be_texted(hand_over(talk))


def test_k3_the_next_holder_never_gets_the_start_of_somebody_with_another_number_now(
    talk: Talk, ana: Employee
):
    e164 = talk.number("Ana").e164
    crew_is(talk, f"Ana,Ana,{crew.number(8)},Active")
    talk.says(e164, "START")
    crew_is(talk, f"Ben,Ben,{e164},Active")
    assert not may_be_texted(Employee.objects.get(external_id="Ben"))


def test_whoever_comes_back_gets_what_they_texted_meanwhile(talk: Talk, ana: Employee):
    e164 = talk.number("Ana").e164
    talk.says("Ana", "STOP")
    crew_is(talk, f"Ana,Ana,{e164},Inactive")
    talk.says(e164, "START")
    minutes_pass(talk)
    crew_is(talk, f"Ana,Ana,{e164},Active")
    ana.refresh_from_db()
    assert may_be_texted(ana)


def test_k3_words_with_a_name_on_them_are_never_given_to_another(talk: Talk, ana: Employee):
    number = talk.number("Ana")
    Employee.objects.filter(pk=ana.pk).update(number=None)
    Consent.objects.filter(number=number).update(how=How.TEXT)
    with write():
        ben = crew.person("Ben", 0, consent=False)
        assert not consent.adopt(ben, numbers.locked_number(number.pk), now=talk.now)
    assert not may_be_texted(ben)


def test_k3_a_number_whose_history_was_erased_may_have_been_anothers(talk: Talk, ana: Employee):
    e164 = talk.number("Ana").e164
    Employee.objects.filter(pk=ana.pk).update(number=None, active=False)
    with write():
        ledger.erase(ana, now=talk.now, actor="Mia", source="their request")
    talk.says(e164, "JOIN 4821")
    crew_is(talk, f"Ben,Ben,{e164},Active")
    assert not may_be_texted(Employee.objects.get(external_id="Ben"))


def test_k3_the_start_of_somebody_who_never_agreed_before_is_theirs_alone_too(talk: Talk):
    talk.employee("Ana", consent=False)
    e164 = talk.number("Ana").e164
    crew_is(talk, f"Ana,Ana,{e164},Inactive")
    talk.says(e164, "START")
    assert Consent.objects.count() == 0
    talk.says(e164, "PAUSE")
    talk.says(e164, "STOP")
    talk.says(e164, "START")
    assert not may_be_texted(hand_over(talk))
