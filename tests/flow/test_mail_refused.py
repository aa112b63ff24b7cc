"""Letters that are refused, or may be lost: whose trouble that is, and who hears of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shiftbell.errors import Conflict
from shiftbell.flow.check_address import call_usable, check_address
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.rules.link_pages import Do, Page
from shiftbell.rules.reach import Channel
from shiftbell.simulator.mail import MailFault
from shiftbell.store import consent
from shiftbell.store.models import EmailAddress, Employee, Mail, Offer, Shift, TimelineEntry
from tests import crew
from tests.mailing import Post, holders, mailing

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Iterator[Post]:
    with mailing() as stage:
        yield stage


@pytest.fixture
def ana(post: Post) -> Employee:
    return post.person("Ana", 1)


@pytest.fixture
def work(post: Post) -> Shift:
    return crew.shift(now=post.stage.now, hours=45)


def test_one_letter_refused_for_its_words_is_told_of_once_and_is_no_outage(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.CONTENT_REFUSED)
    post.offer(work, ana)
    post.stage.run(20 * 60, tick=10)
    post.server.recover()
    ben = post.person("Ben", 2)
    post.offer(crew.shift(now=post.stage.now, hours=60), ben)
    assert len(post.letters(ben)) == 1
    [words] = post.told()
    assert words.startswith("The mail server refuses the e-mail to Ana about ")
    assert not TimelineEntry.objects.filter(what="mail.down").exists()


def test_when_the_words_of_every_letter_are_refused_no_e_mail_leaves(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.CONTENT_REFUSED)
    post.offer(work, ana, post.person("Ben", 2), post.person("Cleo", 3), run=30)
    [words] = post.told()
    assert words.startswith("No e-mail leaves; what waits is tried again.")
    post.server.recover()
    post.stage.run(3600, tick=10)
    assert len(post.letters()) == 3
    assert TimelineEntry.objects.filter(what="mail.up").count() == 1


def test_an_offer_that_failed_for_good_is_not_taken_for_a_question_that_was_asked(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.DROP_AFTER_ACCEPT)
    post.offer(work, ana)
    post.stage.run(3600, tick=10)
    assert Mail.objects.get().state == "failed"
    assert Offer.objects.get().state == "withdrawn"
    assert [words for words in post.told() if words.startswith("No e-mail leaves")] == post.told()
    assert len(post.told()) == 1
    post.server.recover()
    report = offer_shift(work, to=[ana.pk], now=post.stage.now, actor="Mia")
    assert len(report.offers) == 1
    # What arrived after all still counts.
    assert post.take(ana) is Page.YOURS
    assert holders(work) == ["Ana"]


def test_whose_reminder_failed_for_good_must_be_called(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.offer(work, ana)
    post.take(ana)
    post.stage.run(10)
    post.server.misbehave(MailFault.DROP_AFTER_ACCEPT)
    post.stage.run(36 * 3600, tick=300)
    assert Mail.objects.get(kind="reminder").state == "failed"
    said = [words for words in post.told() if words.startswith("Ana must be called about ")]
    assert len(said) == 1
    assert "their reminder failed" in said[0]


def test_a_person_s_word_lets_mail_go_to_an_address_again(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.RECIPIENT_REFUSED, times=1)
    post.offer(work, ana)
    assert check_address(str(ana)).ended_by.startswith("Your word")
    checked = call_usable(str(ana), because="they opened it", actor="Mia", now=post.stage.now)
    assert checked.ended_by == ""
    assert consent.reach(ana).channel is Channel.EMAIL
    fact = TimelineEntry.objects.get(what="mail.usable")
    assert (fact.actor, fact.detail["reason"]) == ("Mia", "they opened it")
    assert len(offer_shift(work, to=[ana.pk], now=post.stage.now, actor="Mia").offers) == 1
    with pytest.raises(Conflict, match="No server refused"):
        call_usable(str(ana), because="again", actor="Mia", now=post.stage.now)


def test_r9_no_word_of_another_ends_an_unsubscription(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.offer(work, ana)
    post.press(post.link(ana, "unsubscribe"), Do.STOP_MAIL)
    EmailAddress.objects.update(unusable_since=post.stage.now)
    with pytest.raises(Conflict, match="wants no e-mail"):
        call_usable(str(ana), because="they called", actor="Mia", now=post.stage.now)
    assert "Only they end that" in check_address(str(ana)).ended_by


def test_who_has_no_address_has_none_to_check(post: Post, ana: Employee) -> None:
    with pytest.raises(Conflict, match="No server refused"):
        call_usable(str(ana), because="new", actor="Mia", now=post.stage.now)
    Employee.objects.update(email="")
    with pytest.raises(Conflict, match="no e-mail address"):
        check_address(str(ana))
