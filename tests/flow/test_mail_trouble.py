"""Mail when the mail server is away, refuses, or dies in the middle; and workers that do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shiftbell.flow.fill_shift import fill
from shiftbell.flow.send_mail import hand_over
from shiftbell.mail.smtp import Smtp
from shiftbell.rules.mail_sending import DOUBTS_MAX, End
from shiftbell.simulator.mail import MailFault
from shiftbell.store import mail_leases
from shiftbell.store.models import EmailAddress, Employee, Mail, Shift, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.mailing import Post, mailing

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


def facts(what: str) -> int:
    return TimelineEntry.objects.filter(what=what).count()


def test_a_mail_server_that_is_away_for_an_hour_delays_and_loses_nothing(
    post: Post, ana: Employee, work: Shift
) -> None:
    people = [ana, *(post.person(f"P{place}", place) for place in range(2, 7))]
    post.server.misbehave(MailFault.DROP_BEFORE_ACCEPT)
    post.offer(work, *people)
    post.stage.run(3600, tick=20)
    assert post.letters() == []
    assert [words for words in post.told() if "No e-mail leaves" in words] == post.told()
    assert len(post.told()) == 1
    tries = sum(Mail.objects.values_list("tries", flat=True))
    assert tries <= 12  # all wait together, and the first of them looks

    post.server.recover()
    post.stage.run(12 * 60, tick=2)
    assert len(post.letters()) == len(people)
    assert [facts("mail.down"), facts("mail.up"), len(post.told())] == [1, 1, 1]


@pytest.mark.parametrize("fault", [MailFault.SENDER_REFUSED, MailFault.CONTENT_REFUSED])
def test_a_refusal_of_us_is_told_once_and_not_with_each_mail(
    post: Post, ana: Employee, work: Shift, fault: MailFault
) -> None:
    post.server.misbehave(fault)
    post.offer(work, ana, post.person("Ben", 2), post.person("Cleo", 3))
    post.stage.run(2400, tick=10)
    assert len(post.told()) == 1
    assert post.told()[0].startswith("No e-mail leaves; what waits is tried again.")
    assert not EmailAddress.objects.filter(unusable_since__isnull=False).exists()
    post.server.recover()
    post.stage.run(3600, tick=10)
    assert len(post.letters()) == 3


def test_one_letter_that_is_refused_for_its_words_does_not_keep_the_others(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.CONTENT_REFUSED, times=1)
    post.offer(work, ana, post.person("Ben", 2))
    post.stage.run(90)
    assert [each.to for each in post.letters()] == ["Ben@example.com"]
    post.stage.run(600)
    assert [each.to for each in post.letters()] == ["Ben@example.com", "Ana@example.com"]


def test_a_refused_address_gets_no_more_and_the_manager_hears_whom_to_call(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.RECIPIENT_REFUSED, times=1)
    post.offer(work, ana)
    [words] = post.told()
    assert words.startswith(
        "The mail server refuses Ana's e-mail address. "
        "Until it is corrected somebody must call them."
    )
    assert "Ana@" not in words
    row = EmailAddress.objects.get()
    assert row.unusable_since is not None
    with write():
        fill(work, ana, None, post.stage.now)
    post.cancel(work)
    assert post.letters() == []
    assert "Ana must be called" in post.told()[-1]


def test_somebody_whose_cancellation_no_server_took_in_time_must_be_called(
    post: Post, ana: Employee
) -> None:
    soon = crew.shift(now=post.stage.now, hours=1, lasts=1)
    post.offer(soon, ana)
    post.take(ana)
    post.stage.run(5)
    post.server.misbehave(MailFault.TRY_LATER)
    post.cancel(soon)
    post.stage.run(2.2 * 3600, tick=30)
    words = "Ana must be called: Tue Nov 24 1pm-2pm, Dock 4 is cancelled (expired)."
    assert post.told() == [words]


@pytest.mark.parametrize("fault", [MailFault.TRY_LATER, MailFault.DROP_BEFORE_ACCEPT])
def test_a_mail_that_was_not_taken_did_not_leave(
    post: Post, ana: Employee, work: Shift, fault: MailFault
) -> None:
    post.server.misbehave(fault)
    post.offer(work, ana)
    assert Mail.objects.get().left_at is None


def test_a_letter_that_may_have_been_taken_goes_out_again_under_the_same_id(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.DROP_AFTER_ACCEPT, times=1)
    post.offer(work, ana)
    post.stage.run(180)
    first, second = post.letters(ana)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    assert first.text == second.text
    assert Mail.objects.get().state == "sent"


def test_a_server_that_never_says_gets_one_letter_a_few_times_and_no_more(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.server.misbehave(MailFault.DROP_AFTER_ACCEPT)
    post.offer(work, ana)
    post.stage.run(3600, tick=10)
    assert len(post.letters()) == DOUBTS_MAX
    assert Mail.objects.get().state == "failed"


def test_killed_between_handing_over_and_writing_it_down_the_same_letter_leaves_again(
    post: Post, ana: Employee, work: Shift
) -> None:
    values = post.stage.values
    assert values.smtp is not None
    post.offer(work, ana, run=0)
    leased = mail_leases.lease(post.stage.now, values)
    assert leased is not None
    handed = hand_over(post.stage.board, Smtp(values.smtp, values.mail_sender), leased)
    assert handed.end is End.TAKEN  # and here the worker dies
    post.stage.run(300, tick=10)
    first, second = post.letters(ana)
    assert first.message["Message-ID"] == second.message["Message-ID"]
    mail = Mail.objects.get()
    assert (mail.state, mail.doubts) == ("sent", 1)


def test_a_mail_whose_worker_always_dies_is_given_up(
    post: Post, ana: Employee, work: Shift
) -> None:
    post.offer(work, ana, run=0)
    for _ in range(DOUBTS_MAX):
        assert mail_leases.lease(post.stage.now, post.stage.values) is not None
        post.stage.world.advance(mail_leases.LEASE.total_seconds() + 1)
    assert mail_leases.lease(post.stage.now, post.stage.values) is None
    assert Mail.objects.get().state == "failed"


def test_a_late_settling_changes_nothing(post: Post, ana: Employee, work: Shift) -> None:
    values = post.stage.values
    assert values.smtp is not None
    smtp = Smtp(values.smtp, values.mail_sender)
    post.offer(work, ana, run=0)
    leased = mail_leases.lease(post.stage.now, values)
    assert leased is not None
    post.stage.world.advance(mail_leases.LEASE.total_seconds() + 1)
    assert hand_over(post.stage.board, smtp, leased).end is End.WITHDRAWN
    post.stage.run(10)
    assert len(post.letters(ana)) == 1
