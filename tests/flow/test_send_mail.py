"""Mail to people who may not be texted: what leaves, what does not, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db.models import Q

from shiftbell.flow.send_mail import hand_over, settle
from shiftbell.mail.smtp import Smtp
from shiftbell.rules.consent import How
from shiftbell.rules.link_pages import Do, Page
from shiftbell.store import consent, mail_leases, mailboxes
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, Mail, MailLink, Message, Offer
from shiftbell.store.numbers import locked_number
from shiftbell.store.transactions import write
from tests import crew
from tests.mailing import MAILING, TEXTING, Post, holders, mailing, token

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> Iterator[Post]:
    with mailing() as stage:
        yield stage


@pytest.fixture
def ana(post: Post) -> Employee:
    return post.person("Ana", 1)


def states() -> list[tuple[str, str]]:
    return list(Mail.objects.order_by("pk").values_list("state", "reason"))


def test_somebody_who_opted_out_of_texts_is_offered_a_shift_by_mail_and_takes_it(
    post: Post, ana: Employee
) -> None:
    work = crew.shift(now=post.stage.now)
    post.offer(work, ana)
    [letter] = post.letters()
    assert letter.to == "Ana@example.com"
    assert letter.subject == "Open shift: Wed Nov 25 9am-5pm, Dock 4"
    assert "you opted out of our texts" in letter.text
    assert letter.message["Reply-To"] is None  # HELP_CONTACT of the stage is none
    assert Message.objects.filter(direction="out").count() == 0

    assert post.take(ana) is Page.YOURS
    assert holders(work) == ["Ana"]
    post.stage.run(5)
    assert post.subjects(ana)[1:] == ["It is yours: Wed Nov 25 9am-5pm, Dock 4"]


def test_nothing_that_works_is_stored_of_a_letter(post: Post, ana: Employee) -> None:
    post.offer(crew.shift(now=post.stage.now), ana)
    mail = Mail.objects.get()
    assert mail.state == "sent"
    assert mail.text == post.letters()[0].text.replace(
        token(post.link(ana, "accept")), "•••"
    ).replace(token(post.link(ana, "decline")), "•••").replace(
        token(post.link(ana, "unsubscribe")), "•••"
    )
    secret = token(post.link(ana, "accept"))
    assert not MailLink.objects.filter(Q(nonce=secret) | Q(nonce__contains=secret[-20:])).exists()


def test_holders_are_reminded_and_told_of_a_cancellation_by_mail(post: Post, ana: Employee) -> None:
    work = crew.shift(now=post.stage.now, hours=45)
    post.offer(work, ana)
    post.take(ana)
    post.stage.run(31 * 3600, tick=600)
    assert post.subjects(ana)[2:] == ["A reminder: you work tomorrow, Thu Nov 26 9am-5pm, Dock 4"]
    post.cancel(work)
    assert post.subjects(ana)[3:] == ["Cancelled: Thu Nov 26 9am-5pm, Dock 4"]
    assert post.told() == []


def test_a_mail_whose_shift_was_filled_before_it_left_never_leaves(
    post: Post, ana: Employee
) -> None:
    ben = post.person("Ben", 2)
    work = crew.shift(now=post.stage.now)
    post.offer(work, ana)
    post.offer(work, ben, run=0)
    post.take(ana)
    post.stage.run(30)
    assert post.letters(ben) == []
    assert Offer.objects.get(employee=ben).state == "withdrawn"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"opted_out_at": True}, "unsubscribed"),
        ({"unusable_since": True}, "address_refused"),
        ({"email": "other@example.com"}, "address_changed"),
        ({"active": False}, "inactive"),
        ({"paused_until": True}, "paused"),
    ],
)
def test_a_mail_is_judged_again_before_it_leaves(
    post: Post, ana: Employee, change: dict[str, object], reason: str
) -> None:
    post.offer(crew.shift(now=post.stage.now), ana, run=0)
    mail = Mail.objects.get(employee=ana)
    ahead = post.stage.now + timedelta(days=1)
    for name, value in change.items():
        now = ahead if name == "paused_until" else post.stage.now
        for row in (mail.address, ana, ana.number):
            if (
                row is not None
                and hasattr(row, name)
                and (name != "opted_out_at" or row == mail.address)
            ):
                setattr(row, name, now if value is True else value)
                row.save()
    post.stage.run(10)
    assert post.letters() == []
    mail.refresh_from_db()
    assert (mail.state, mail.reason) == ("cancelled", reason)


def test_who_is_in_review_is_offered_nothing_until_a_person_decided(
    post: Post, ana: Employee
) -> None:
    assert ana.number is not None
    work = crew.shift(now=post.stage.now)
    post.offer(work, ana, run=0)
    ana.number.review_since = post.stage.now
    ana.number.save()
    post.stage.run(600, tick=30)
    assert post.letters(ana) == []
    ana.number.review_since = None
    ana.number.save()
    post.stage.run(600, tick=30)
    assert len(post.letters(ana)) == 1


def test_q1_a_mail_waits_for_its_readers_morning_and_an_answer_to_a_press_does_not(
    post: Post, ana: Employee
) -> None:
    work = crew.shift(now=post.stage.now, hours=45)
    post.offer(work, ana)
    link = post.link(ana, "accept")
    post.stage.run(11 * 3600, tick=3600)  # 11 pm in Chicago
    ben = post.person("Ben", 2)
    other = crew.shift(now=post.stage.now, hours=60)
    post.offer(other, ben, run=60)
    assert post.letters(ben) == []
    post.press(link, Do.ACCEPT)
    post.stage.run(60)
    assert post.subjects(ana)[-1].startswith("It is yours")
    post.stage.run(9 * 3600, tick=600)
    assert len(post.letters(ben)) == 1


def test_letters_leave_evenly_spaced_and_answers_first(post: Post) -> None:
    people = [post.person(f"P{place}", place) for place in range(1, 6)]
    work = crew.shift(now=post.stage.now, openings=2)
    post.offer(work, people[0])
    post.offer(work, *people[1:], run=0)
    post.take(people[0])
    post.stage.run(15)
    assert [each.to for each in post.letters()] == [
        *[f"P{place}@example.com" for place in (1, 1, 2, 3, 4, 5)]
    ]
    left = [mail.sent_at for mail in Mail.objects.order_by("sent_at") if mail.sent_at]
    gaps = [later - sooner for sooner, later in pairwise(left)]
    assert min(gaps) >= mail_leases.EVERY


def test_an_unsubscription_that_commits_during_the_conversation_stops_the_letter(
    post: Post, ana: Employee
) -> None:
    values = post.stage.values
    assert values.smtp is not None
    post.offer(crew.shift(now=post.stage.now), ana, run=0)
    leased = mail_leases.lease(post.stage.now, values)
    assert leased is not None
    with write():
        row = mailboxes.locked_address(leased.mail.address_id)
        consent.unsubscribe(row, ana, Evidence(how=How.EMAIL, actor="employee"), now=post.stage.now)
    handed = hand_over(post.stage.board, Smtp(values.smtp, values.mail_sender), leased)
    settle(post.stage.board, leased, handed)
    post.stage.run(10)
    assert post.letters(ana) == []
    assert states()[-1] == ("cancelled", "unsubscribed")


def test_a_mail_that_was_written_still_leaves_when_texts_are_allowed_again(
    post: Post, ana: Employee
) -> None:
    post.offer(crew.shift(now=post.stage.now), ana, run=0)
    assert ana.number_id is not None
    with write():
        said = Evidence(how=How.TEXT, actor="employee", words="START")
        consent.resume(locked_number(ana.number_id), ana, said, now=post.stage.now)
    post.stage.run(10)
    assert len(post.letters(ana)) == 1


def test_standby_is_asked_by_mail_and_the_opening_kept_for_ten_minutes() -> None:
    with mailing(jobs=MAILING | TEXTING) as post:
        ana, ben = post.person("Ana", 1), post.person("Ben", 2)
        cleo = post.person("Cleo", 3, opted_out=False)
        assert cleo.number is not None
        work = crew.shift(now=post.stage.now)
        post.offer(work, ana, ben, run=10)
        post.offer(work, cleo, run=10)
        post.stage.world.say(cleo.number.e164, "YES")
        post.stage.run(5)
        view = post.press(post.link(ana, "accept"), Do.STAND_BY)
        assert (view.page, view.place) == (Page.WAITING, 1)
        assert post.take(ben) is Page.WAITING
        post.stage.world.say(cleo.number.e164, "DROP")
        post.stage.run(20)
        assert post.subjects(ana)[-1].startswith("An opening came back")
        assert post.subjects(ben)[-1].startswith("Open shift")
        assert post.open(post.link(ben, "accept")).page is Page.WAITING
        post.stage.run(11 * 60, tick=10)
        assert post.subjects(ben)[-1].startswith("An opening came back")
        assert post.take(ben) is Page.YOURS
        assert holders(work) == ["Ben"]
