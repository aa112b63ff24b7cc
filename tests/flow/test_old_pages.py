"""Buttons of pages that are not so any more, and links of people who are not their readers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shiftbell.flow.fill_shift import release
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.rules.consent import How
from shiftbell.rules.link_pages import Do, Page
from shiftbell.rules.reach import Channel
from shiftbell.store import audit, consent, mailboxes, openings
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Assignment, Consent, Employee, Mail, MailLink, PhoneNumber, Shift
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.test_import_people import bring
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
def ben(post: Post) -> Employee:
    return post.person("Ben", 2)


@pytest.fixture
def work(post: Post, ana: Employee, ben: Employee) -> Shift:
    """A shift that Ana and Ben were asked about by mail."""
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana, ben)
    return shift


def give_back(post: Post, shift: Shift) -> None:
    with write():
        held = Assignment.objects.get(shift=shift, state="held")
        release(held, openings.locked_shift(shift.pk), post.stage.now, actor="Mia")


def channel(person: Employee) -> Channel:
    return consent.reach(Employee.objects.get(pk=person.pk)).channel


def test_f1_put_me_on_standby_never_gives_the_shift(
    post: Post, ana: Employee, ben: Employee, work: Shift
) -> None:
    post.take(ben)
    link = post.link(ana, "accept")
    assert post.open(link).page is Page.STAND_BY
    give_back(post, work)
    assert post.press(link, Do.STAND_BY).page is Page.TAKE
    assert holders(work) == []
    assert not MailLink.objects.filter(mail__employee=ana, used_at__isnull=False).exists()
    assert post.press(link, Do.ACCEPT).page is Page.YOURS


def test_take_this_shift_never_puts_on_standby_what_filled_meanwhile(
    post: Post, ana: Employee, ben: Employee, work: Shift
) -> None:
    post.take(ben)
    view = post.press(post.link(ana, "accept"), Do.ACCEPT)
    assert (view.page, view.buttons) == (Page.STAND_BY, (Do.STAND_BY,))
    assert openings.line(work) == []


def test_a_yes_of_a_page_from_before_the_no_takes_nothing(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.press(post.link(ana, "decline"), Do.DECLINE)
    assert post.press(post.link(ana, "accept"), Do.ACCEPT).page is Page.TAKE_AFTER_ALL
    assert holders(work) == []
    assert post.press(post.link(ana, "accept"), Do.ACCEPT_AFTER_ALL).page is Page.YOURS


def test_r3_a_stop_of_an_old_page_stops_whatever_is_left(post: Post) -> None:
    cleo = post.person("Cleo", 3, opted_out=False, consent=False)
    post.offer(crew.shift(now=post.stage.now), cleo)
    link = post.link(cleo, "unsubscribe")
    assert post.open(link).page is Page.STOP
    post.press(link, Do.STOP_MAIL)
    assert post.press(link, Do.STOP_ALL).page is Page.STOPPED
    assert PhoneNumber.objects.get(employee=cleo).opted_out_at is not None


def test_k3_a_former_employees_link_stops_no_texts_of_who_has_their_number_now(
    post: Post,
) -> None:
    cleo = post.person("Cleo", 3, opted_out=False, consent=False)
    post.offer(crew.shift(now=post.stage.now), cleo)
    link = post.link(cleo, "unsubscribe")
    with write():
        Employee.objects.filter(pk=cleo.pk).update(active=False)
        dan = crew.person("Dan", None, now=post.stage.now, external_id="DAN")
        dan.number = cleo.number
        dan.save()
        consent.grant(dan, crew.ON_PAPER, at=post.stage.now, now=post.stage.now)
    assert post.open(link).page is Page.STOP_MAIL
    assert post.press(link, Do.STOP_ALL).page is Page.STOPPED
    assert channel(dan) is Channel.TEXT


def test_whoever_shares_an_unsubscribed_address_and_holds_a_shift_is_told_of(post: Post) -> None:
    ana = post.person("Ana", 1, email="home@example.com")
    ben = post.person("Ben", 2, email="Home@example.com")
    work = crew.shift(now=post.stage.now)
    post.offer(work, ben)
    with write():
        consent_free = openings.locked_shift(work.pk)
    post.press(post.link(ben, "accept"), Do.ACCEPT)
    assert holders(consent_free) == ["Ben"]
    post.offer(crew.shift(now=post.stage.now, hours=40), ana)
    post.press(post.link(ana, "unsubscribe"), Do.STOP_MAIL)
    [words] = [each for each in post.told() if "Ben" in each]
    assert "a link in one to Ana, at the same address, ended it. They still hold" in words
    # Ben may want them all the same, and that lifts nothing of what Ana said.
    assert post.press(post.link(ben, "unsubscribe"), Do.MAIL_AGAIN).page is Page.MAIL_COMES
    assert (channel(ben), channel(ana)) == (Channel.EMAIL, Channel.NONE)


def test_r9_send_me_e_mails_again_is_the_persons_own_word(
    post: Post, ana: Employee, work: Shift
) -> None:
    link = post.link(ana, "unsubscribe")
    post.press(link, Do.STOP_MAIL)
    assert post.open(link).buttons == (Do.MAIL_AGAIN,)
    assert channel(ana) is Channel.NONE
    view = post.press(link, Do.MAIL_AGAIN, "No more e-mails.\n[Send me e-mails again]")
    assert (view.page, view.buttons) == (Page.MAIL_COMES, ())
    assert channel(ana) is Channel.EMAIL
    event = Consent.objects.filter(address__isnull=False).latest("place")
    assert (event.kind, event.how, event.actor) == ("resumed", "email", "employee")
    assert "Send me e-mails again" in event.words
    assert audit.verify().flaws == ()
    assert post.open(link).page is Page.STOP_MAIL
    assert post.press(link, Do.STOP_MAIL).page is Page.STOPPED


def test_k3_only_the_person_whose_mailbox_it_is_asks_for_e_mails_again(
    post: Post, ana: Employee, work: Shift
) -> None:
    link = post.link(ana, "unsubscribe")
    Employee.objects.filter(pk=ana.pk).update(email="ana.new@example.com")
    view = post.press(link, Do.STOP_MAIL)
    assert (view.page, view.buttons) == (Page.STOPPED, ())
    assert post.press(link, Do.MAIL_AGAIN).page is Page.STOPPED
    assert Consent.objects.filter(kind="resumed").count() == 0
    # A stranger in her old mailbox said nothing for her new one.
    assert channel(ana) is Channel.EMAIL


def test_an_unsubscription_follows_its_person_to_another_address(
    post: Post, ana: Employee, work: Shift
) -> None:
    link = post.link(ana, "unsubscribe")
    post.press(link, Do.STOP_MAIL)
    head = "Employee ID,First Name,Last Name,Cell Phone,Email"
    row = f"{ana.external_id},Ana,,{ana.number.e164 if ana.number else ''}"
    bring(f"{head}\n{row},ana2@example.com\n")
    ana.refresh_from_db()
    assert ana.email == "ana2@example.com"
    assert channel(ana) is Channel.NONE
    assert "Ana has another e-mail address now, but said" in post.told()[-1]
    later = crew.shift(now=post.stage.now, hours=70)
    assert offer_shift(later, to=[ana.pk], now=post.stage.now, actor="Mia").offers == ()
    bring(f"{head}\n{row},ana@example.com\n")
    post.press(link, Do.MAIL_AGAIN)
    assert channel(ana) is Channel.EMAIL
    bring(f"{head}\n{row},ana2@example.com\n")
    assert channel(ana) is Channel.EMAIL


def test_an_unsubscription_that_a_manager_wrote_down_is_that_persons_word_too(
    post: Post, ana: Employee, work: Shift
) -> None:
    said = Evidence(how=How.MANAGER, actor="Mia", source="told me")
    with write():
        consent.unsubscribe(mailboxes.address_row(ana.email), ana, said, now=post.stage.now)
    Employee.objects.filter(pk=ana.pk).update(email="ana2@example.com")
    assert channel(ana) is Channel.NONE


def test_an_offer_does_not_leave_once_its_reader_works_at_that_time(
    post: Post, ana: Employee, work: Shift
) -> None:
    other = crew.shift(now=post.stage.now, hours=22)
    post.offer(other, ana, run=0)
    assert post.take(ana) is Page.YOURS
    post.stage.run(10)
    mail = Mail.objects.get(shift=other)
    assert (mail.state, mail.reason) == ("cancelled", "overlap")
    assert post.stage.now < other.starts_at - timedelta(hours=1)
