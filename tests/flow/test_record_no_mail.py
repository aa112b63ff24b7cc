"""No more e-mail, told to a manager (R3), and evidence that is no evidence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.change_consent import (
    Of,
    check_erasure,
    erase_consents,
    record_consent,
    record_opt_out,
)
from shiftbell.rules.consent import How
from shiftbell.rules.reach import Channel
from shiftbell.store import audit, consent
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, EmailAddress, Employee, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.mailing import Post, holders, mailing
from tests.moments import NOON

pytestmark = pytest.mark.django_db
TOLD = Evidence(how=How.MANAGER, actor="Mia", source="told Mia at the dock", words="no more mail")


@pytest.fixture
def post() -> Iterator[Post]:
    with mailing() as set_up:
        yield set_up


def fresh(person: Employee) -> Employee:
    return Employee.objects.get(pk=person.pk)


def test_r3_no_more_e_mail_told_to_a_manager_is_recorded_and_obeyed(post):
    ana, now = post.person("Ana", 1), post.stage.now
    post.offer(crew.shift(now=now), ana, run=0)
    said_at = now - timedelta(hours=2)
    out = record_opt_out(ana, TOLD, now=now, at=said_at, of=Of.MAIL)
    assert (out.number, out.employee, out.is_new) == (None, ana, True)
    assert out.address is not None
    assert out.address.opted_out_at == now
    event = Consent.objects.get(address__isnull=False)
    assert (event.kind, event.how, event.source) == ("revoked", "manager", TOLD.source)
    assert (event.at, event.recorded_at, event.words) == (said_at, now, "no more mail")
    post.stage.run(5)
    assert post.letters() == [], "what waited was withdrawn"
    assert consent.reach(fresh(ana)).channel is Channel.NONE
    assert audit.verify().flaws == ()


def test_r3_no_more_e_mail_leaves_texts_as_they_are(post):
    ana = post.person("Ana", 1, opted_out=False)
    record_opt_out(ana, TOLD, now=post.stage.now, of=Of.MAIL)
    assert consent.reach(fresh(ana)).channel is Channel.TEXT


def test_r3_stop_everything_stops_texts_and_e_mail(post):
    ana, now = post.person("Ana", 1, opted_out=False), post.stage.now
    out = record_opt_out(ana, TOLD, now=now, of=Of.ALL)
    assert out.number is not None
    assert out.address is not None
    assert PhoneNumber.objects.get(pk=out.number.pk).opted_out_at == now
    assert EmailAddress.objects.get(pk=out.address.pk).opted_out_at == now
    assert consent.reach(fresh(ana)).channel is Channel.NONE


def test_r3_whoever_has_an_address_and_no_number_can_be_left_in_peace(post):
    noa = crew.person("Noa", now=post.stage.now, email="Noa@Example.com")
    assert consent.reach(noa).channel is Channel.EMAIL
    with pytest.raises(Conflict, match="no phone number"):
        record_opt_out(noa, TOLD, now=post.stage.now)
    for of in (Of.MAIL, Of.ALL):
        record_opt_out(noa, TOLD, now=post.stage.now, of=of)
    assert consent.reach(fresh(noa)).channel is Channel.NONE


def test_r3_an_address_says_by_itself_that_e_mail_is_meant(post):
    ana = post.person("Ana", 1, opted_out=False)
    out = record_opt_out("ANA@example.com", TOLD, now=post.stage.now)
    assert (out.number, out.employee) == (None, ana)
    stranger = record_opt_out("nobody@example.org", TOLD, now=post.stage.now)
    assert (stranger.employee, stranger.is_new) == (None, True)
    assert [each.opted_out_at is not None for each in EmailAddress.objects.all()] == [True, True]


def test_r3_everything_of_whoever_has_an_address_or_a_number(post):
    ana, ben = post.person("Ana", 1, opted_out=False), post.person("Ben", 2, opted_out=False)
    record_opt_out("ana@example.com", TOLD, now=post.stage.now, of=Of.ALL)
    record_opt_out(ben.number.e164, TOLD, now=post.stage.now, of=Of.ALL)
    for one in (ana, ben):
        assert consent.reach(fresh(one)).channel is Channel.NONE
    assert PhoneNumber.objects.filter(opted_out_at=None).count() == 0


def test_an_address_of_two_does_not_say_whose_texts_are_meant(post):
    for place, name in enumerate(["Ana", "Ben"]):
        post.person(name, place, opted_out=False, email="home@example.com")
    with pytest.raises(Conflict, match="More than one person"):
        record_opt_out("home@example.com", TOLD, now=post.stage.now, of=Of.ALL)
    out = record_opt_out("home@example.com", TOLD, now=post.stage.now)
    assert (out.employee, out.is_new) == (None, True)


def test_what_is_not_known_cannot_be_ended():
    with write():
        ana = crew.person("Ana", 1)
        nobody = crew.person("Noa")
    for whom, of, words in (
        (ana, Of.MAIL, "Ana has no e-mail address"),
        (nobody, Of.ALL, "Noa has neither a phone number nor an e-mail address"),
        ("ana@example.com", Of.TEXTS, "Nobody on the roster has this address"),
        (crew.number(55), Of.MAIL, "Nobody on the roster has this number"),
    ):
        with pytest.raises(Conflict, match=words):
            record_opt_out(whom, TOLD, now=NOON, of=of)
    with pytest.raises(BadInput):
        record_opt_out("ana@", TOLD, now=NOON, of=Of.MAIL)
    assert not Consent.objects.filter(kind="revoked").exists()
    assert not EmailAddress.objects.exists()


def test_r3_the_manager_hears_of_a_holder_whom_nothing_reaches_any_more(post):
    ana = post.person("Ana", 1)
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana)
    post.take(ana)
    record_opt_out(ana, TOLD, now=post.stage.now, of=Of.MAIL)
    record_opt_out(ana, TOLD, now=post.stage.now, of=Of.MAIL)
    (told,) = [words for words in post.told() if "no more e-mail" in words]
    assert told.startswith("Ana wants no more e-mail and gets no texts. They still hold ")
    assert holders(shift) == ["Ana"]


@pytest.mark.parametrize("source", ["", " ", "\n\t"])
def test_a_word_without_a_source_is_not_recorded(source):
    with write():
        ana = crew.person("Ana", 1, consent=False, email="ana@example.com")
    blank = Evidence(how=How.MANAGER, actor="Mia", source=source, disclosure="You agree to …")
    for refuse in (
        lambda: record_opt_out(ana, blank, now=NOON),
        lambda: record_opt_out(ana, blank, now=NOON, of=Of.ALL),
        lambda: record_consent(ana, blank, at=NOON, now=NOON),
    ):
        with pytest.raises(BadInput, match="is missing") as refused:
            refuse()
        assert refused.value.field == "source"
    assert not Consent.objects.exists()


@pytest.mark.parametrize("because", ["", " "])
def test_nothing_is_erased_without_a_reason(because):
    with write():
        ana = crew.person("Ana", 1, active=False)
    for refuse in (
        lambda: check_erasure(ana, because=because, now=NOON),
        lambda: erase_consents(ana, because=because, actor="Mia", now=NOON),
    ):
        with pytest.raises(BadInput, match="Why it is erased is missing"):
            refuse()
    assert not Consent.objects.filter(kind="erased").exists()


def test_r3_the_manager_hears_of_others_at_the_same_address_too(post):
    ana, ben = (
        post.person(name, place, email="home@example.com")
        for place, name in enumerate(["Ana", "Ben"], 1)
    )
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ben)
    post.take(ben)
    record_opt_out(ana, TOLD, now=post.stage.now, of=Of.MAIL)
    (told,) = [words for words in post.told() if "no more e-mail" in words]
    assert told.startswith("Ben gets no texts, and no more e-mail: Ana at the same address wants ")
