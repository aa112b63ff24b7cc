"""What a person finds out about a number, and what their word is good for."""

from __future__ import annotations

import pytest

from shiftbell.errors import Conflict
from shiftbell.flow.check_number import call_theirs, call_usable, check_number
from shiftbell.store import consent
from shiftbell.store.buckets import open_buckets
from shiftbell.store.models import PhoneNumber, TimelineEntry
from tests.flow.talk import Talk
from tests.flow.test_number_changed_hands import bring
from tests.store.test_hygiene import fail


def trouble(talk: Talk, name: str) -> None:
    """Let Ana's number be in some trouble."""
    talk.employee("Ana")
    PhoneNumber.objects.update(unusable_as=name, unusable_since=talk.now, unusable_reason=name)


@pytest.mark.parametrize("name", ["landline", "unreachable"])
def test_a_persons_word_ends_what_is_of_the_phone(talk: Talk, name: str):
    trouble(talk, name)
    assert check_number("Ana").ended_by != ""
    checked = call_usable("Ana", because="called, it is a mobile", actor="Mia", now=talk.now)
    assert (checked.trouble, checked.ended_by) == (None, "")
    assert talk.number("Ana").unusable_since is None
    (fact,) = TimelineEntry.objects.filter(what="number.usable")
    assert (fact.actor, fact.detail["reason"]) == ("Mia", "called, it is a mobile")


def test_failures_before_a_persons_word_no_longer_count(talk: Talk):
    open_buckets(talk.sender, talk.now)
    for _ in range(3):
        fail(talk)
    call_usable("Ana", because="called", actor="Mia", now=talk.now)
    fail(talk)
    assert talk.number("Ana").unusable_as == ""


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wrong_number", "Whoever has this number said that it is the wrong one."),
        ("recycled", "This number was someone else's, and consent does not pass on."),
        ("", "Nothing is known to be wrong with this number."),
    ],
)
def test_a_persons_word_does_not_settle_whose_a_number_is(talk: Talk, name: str, said: str):
    trouble(talk, name)
    with pytest.raises(Conflict, match=said):
        call_usable("Ana", because="called", actor="Mia", now=talk.now)
    assert talk.number("Ana").unusable_as == name


def test_a_persons_word_lifts_no_opt_out(talk: Talk):
    trouble(talk, "landline")
    PhoneNumber.objects.update(opted_out_at=talk.now)
    with pytest.raises(Conflict, match="opted out") as refused:
        call_usable("Ana", because="called", actor="Mia", now=talk.now)
    assert refused.value.hint == "Only START from that very phone ends an opt-out."
    assert check_number("Ana").ended_by.startswith(refused.value.hint)


def test_a_wrong_number_that_is_theirs_after_all_waits_for_their_own_start(talk: Talk):
    ana = talk.employee("Ana")
    talk.says("Ana", "wrong number")
    talk.says("Ana", "START")
    call_theirs("Ana", because="her son answered", actor="Mia", now=talk.now)
    assert talk.number("Ana").unusable_as == "recycled"
    assert consent.reach(ana, talk.number("Ana")).bar == "opted_out"
    (answer,) = talk.says("Ana", "START")
    assert answer.startswith("Acme: you will get texts")
    assert consent.reach(ana, talk.number("Ana")).bar is None


def test_only_a_wrong_number_can_be_theirs_after_all(talk: Talk):
    trouble(talk, "landline")
    with pytest.raises(Conflict, match="Nobody said"):
        call_theirs("Ana", because="called", actor="Mia", now=talk.now)


def test_a_wrong_number_of_who_left_the_crew_is_not_theirs(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "wrong number")
    bring(talk.now, f"Ana,Ana,{talk.number('Ana').e164},Inactive,,,")
    with pytest.raises(Conflict, match="not on the crew"):
        call_theirs("Ana", because="called", actor="Mia", now=talk.now)


def test_who_has_no_number_has_none_to_check(talk: Talk):
    talk.employee("Ana").number = None
    type(talk.employee("Ana")).objects.update(number=None)
    with pytest.raises(Conflict, match="no number"):
        check_number("Ana")
