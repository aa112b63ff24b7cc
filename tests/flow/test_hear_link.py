"""Links in e-mails: what opening, pressing, forging and forwarding one leads to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from shiftbell.flow import hear_link
from shiftbell.flow.fill_shift import release
from shiftbell.flow.hear_link import Pressed
from shiftbell.rules.link_pages import Do, Page
from shiftbell.rules.telling import sentence
from shiftbell.store import openings
from shiftbell.store.models import (
    Assignment,
    Consent,
    EmailAddress,
    Employee,
    Mail,
    MailLink,
    Message,
    Offer,
    PhoneNumber,
    Shift,
    TimelineEntry,
)
from shiftbell.store.transactions import write
from tests import crew
from tests.mailing import Post, holders, mailing, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Iterator[Post]:
    with mailing() as stage:
        yield stage


@pytest.fixture
def ana(post: Post) -> Employee:
    return post.person("Ana", 1)


@pytest.fixture
def work(post: Post, ana: Employee) -> Shift:
    """A shift that Ana was asked about by mail."""
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana)
    return shift


def state() -> list[object]:
    """Everything that an answer could change."""
    return [
        list(rows.objects.order_by("pk").values())
        for rows in (Offer, Assignment, MailLink, Mail, EmailAddress, Consent, TimelineEntry)
    ]


@pytest.mark.parametrize(
    ("purpose", "page"),
    [("accept", Page.TAKE), ("decline", Page.DECLINE), ("unsubscribe", Page.STOP_MAIL)],
)
def test_opening_a_link_however_often_changes_nothing(
    post: Post, ana: Employee, work: Shift, purpose: str, page: Page
) -> None:
    before = state()
    assert {post.open(post.link(ana, purpose)).page for _ in range(20)} == {page}
    assert state() == before


def test_a_link_works_once_and_then_shows_what_it_led_to(
    post: Post, ana: Employee, work: Shift
) -> None:
    assert post.take(ana) is Page.YOURS
    after = state()
    assert post.take(ana) is Page.YOURS
    assert state() == after
    with write():
        held = Assignment.objects.get(state="held")
        release(held, openings.locked_shift(work.pk), post.stage.now, actor="Mia")
    assert post.take(ana) is Page.USED
    assert holders(work) == []


def test_f1_a_press_is_kept_as_written_consent_with_the_words_that_were_shown(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.press(post.link(ana, "accept"), Do.ACCEPT, "Take this shift?\n[Take this shift]")
    link = MailLink.objects.get(purpose="accept")
    assert (link.used_at, link.outcome) == (post.stage.now, "accepted")
    assert link.shown == "Take this shift?\n[Take this shift]"
    assert link.evidence == {"ip": "203.0.113.7"}
    assert "Acme has an open shift: Wed Nov 25 9am-5pm, Dock 4." in link.mail.text
    fact = TimelineEntry.objects.get(what="offer.accepted")
    told = sentence(fact.what, fact.actor, fact.detail)
    assert told == "Said YES in time by e-mail and holds the shift."


@pytest.mark.parametrize(("purpose", "do"), [("accept", Do.DECLINE), ("decline", Do.ACCEPT)])
def test_a_link_does_nothing_but_what_it_is_for(
    post: Post, ana: Employee, work: Shift, purpose: str, do: Do
) -> None:
    before = state()
    post.press(post.link(ana, purpose), do)
    post.press(post.link(ana, purpose), Do.STOP_ALL)
    assert state() == before


def test_a_forged_an_altered_or_a_re_purposed_link_is_none(
    post: Post, ana: Employee, work: Shift
) -> None:
    good = token(post.link(ana, "accept"))
    bad = {
        "",
        "a",
        good[:-1],
        good + "a",
        good.upper(),
        "d" + good[1:],
        "u" + good[1:],
        "a" + "a" * 52,
        *(
            good[:place] + ("b" if good[place] == "a" else "a") + good[place + 1 :]
            for place in range(1, 53)
        ),
    }
    assert {hear_link.look(each, post.stage.now).page for each in bad} == {Page.GONE}
    views = {hear_link.press(each, Pressed(Do.ACCEPT), post.stage.now).page for each in bad}
    assert views == {Page.GONE}
    assert holders(work) == []


def test_a_no_and_then_a_yes_takes_it_after_all(post: Post, ana: Employee, work: Shift) -> None:
    assert post.press(post.link(ana, "decline"), Do.DECLINE).page is Page.DECLINED
    assert Offer.objects.get().state == "declined"
    assert post.open(post.link(ana, "accept")).page is Page.TAKE_AFTER_ALL
    assert post.take(ana) is Page.YOURS


def test_a_no_never_gives_back_a_shift_that_is_held(post: Post, ana: Employee, work: Shift) -> None:
    post.take(ana)
    assert post.press(post.link(ana, "decline"), Do.DECLINE).page is Page.HOLDS
    assert holders(work) == ["Ana"]


def test_an_expired_link_shows_so_and_acts_no_more(post: Post, ana: Employee, work: Shift) -> None:
    MailLink.objects.update(expires_at=post.stage.now + timedelta(hours=1))
    assert post.open(post.link(ana, "accept")).page is Page.TAKE
    post.stage.world.advance(3600)
    assert post.take(ana) is Page.EXPIRED
    assert post.press(post.link(ana, "decline"), Do.DECLINE).page is Page.EXPIRED
    assert holders(work) == []


def test_a_shift_that_started_or_was_cancelled_is_not_taken(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.cancel(work)
    assert post.take(ana) is Page.CANCELLED
    other = crew.shift(now=post.stage.now, hours=3)
    post.offer(other, ana)
    post.stage.world.advance(4 * 3600)
    assert post.take(ana) is Page.STARTED


def test_a_shift_at_the_same_time_as_one_they_hold_is_refused_and_the_link_kept(
    post: Post, ana: Employee, work: Shift
) -> None:
    link = post.link(ana, "accept")
    other = crew.shift(now=post.stage.now, hours=22)
    other.location.name = "Dock 5"
    post.offer(other, ana)
    post.take(ana)
    view = post.press(link, Do.ACCEPT)
    assert (view.page, view.other_shift) == (Page.OVERLAP, "Wed Nov 25 10am-6pm, Dock 4")
    assert MailLink.objects.filter(used_at__isnull=False).count() == 1


def test_a_press_that_comes_too_late_is_a_place_on_standby_as_a_yes_is(
    post: Post, ana: Employee, work: Shift
) -> None:
    ben = post.person("Ben", 2)
    post.offer(work, ben)
    post.take(ana)
    assert post.open(post.link(ben, "accept")).page is Page.STAND_BY
    view = post.press(post.link(ben, "accept"), Do.STAND_BY)
    assert (view.page, view.place) == (Page.WAITING, 1)
    assert post.press(post.link(ben, "decline"), Do.DECLINE).page is Page.DECLINED
    assert openings.line(work) == []


def test_k3_a_link_in_a_mailbox_that_is_no_longer_theirs_acts_for_nobody(
    post: Post, ana: Employee, work: Shift
) -> None:
    Employee.objects.update(email="ana.new@example.com")
    assert post.take(ana) is Page.GONE
    assert holders(work) == []
    # Whoever reads that mailbox may end what comes to it, and nothing else of hers.
    assert post.open(post.link(ana, "unsubscribe")).page is Page.STOP_MAIL
    assert post.press(post.link(ana, "unsubscribe"), Do.STOP_MAIL).page is Page.STOPPED


def test_who_left_the_crew_takes_nothing(post: Post, ana: Employee, work: Shift) -> None:
    Employee.objects.update(active=False)
    assert post.take(ana) is Page.GONE


def test_after_an_unsubscription_nothing_more_is_mailed_and_the_manager_hears_who_is_left_out(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.take(ana)
    post.stage.run(5)
    later = crew.shift(now=post.stage.now, hours=50)
    post.offer(later, ana, run=0)
    page = post.press(post.link(ana, "unsubscribe"), Do.STOP_MAIL, "Stop these e-mails?").page
    assert page is Page.STOPPED
    count = len(post.letters())
    post.stage.run(3 * 3600, tick=60)
    assert len(post.letters()) == count
    assert Mail.objects.get(shift=later).reason == "unsubscribed"
    assert "Ana wants no more e-mail and gets no texts. They still hold" in post.told()[-1]
    event = Consent.objects.get(address__isnull=False)
    assert (event.kind, event.how, event.actor) == ("revoked", "email", "employee")
    assert event.words == "Stop these e-mails?"
    assert event.detail == {"ip": "203.0.113.7", "mail": "mail1"} | event.detail
    assert post.open(post.link(ana, "unsubscribe")).page is Page.STOPPED


def test_r3_a_link_stops_texts_too_where_its_reader_says_so(post: Post) -> None:
    """By mail for want of consent: no texts come, though nobody stopped them."""
    ben = post.person("Ben", 2, opted_out=False, consent=False)
    post.offer(crew.shift(now=post.stage.now), ben)
    link = post.link(ben, "unsubscribe")
    assert post.open(link).page is Page.STOP
    assert post.press(link, Do.STOP_MAIL).page is Page.MAIL_STOPPED
    assert post.press(link, Do.STOP_ALL).page is Page.STOPPED
    number = PhoneNumber.objects.get(employee=ben)
    assert number.opted_out_at == post.stage.now
    event = Consent.objects.get(number=number)
    assert (event.kind, event.how) == ("revoked", "email")


def test_one_link_stops_both_at_once(post: Post) -> None:
    ben = post.person("Ben", 2, opted_out=False, consent=False)
    post.offer(crew.shift(now=post.stage.now), ben)
    assert post.press(post.link(ben, "unsubscribe"), Do.STOP_ALL).page is Page.STOPPED
    assert PhoneNumber.objects.get(employee=ben).opted_out_at is not None
    assert EmailAddress.objects.get().opted_out_at is not None


def test_who_may_be_texted_by_now_is_confirmed_to_by_text(
    post: Post, ana: Employee, work: Shift
) -> None:
    PhoneNumber.objects.update(opted_out_at=None)
    post.take(ana)
    text = Message.objects.get(direction="out")
    assert text.kind == "confirmation"
