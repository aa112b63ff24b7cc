"""A shift taken with a button in an e-mail: the click is the answer, and nothing else is (F1)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from shiftbell.flow import take_offer
from shiftbell.flow.ask_standby import ask_standby
from shiftbell.flow.export_consents import BY_HAND, export_consents
from shiftbell.flow.fill_shift import fill, release
from shiftbell.rules.dossier import Dossier, Letter, Link, Reply, laid_out
from shiftbell.rules.link_pages import Page
from shiftbell.store import consent, numbers, openings
from shiftbell.store.models import Assignment, Employee, MailLink, Message, Offer, Sender, Shift
from shiftbell.store.transactions import write
from tests import crew
from tests.ledgers import said
from tests.mailing import Post, holders, mailing

pytestmark = pytest.mark.django_db
SHOWN = "Sat 9am-5pm, Dock 4. Take this shift"


@pytest.fixture
def post() -> Iterator[Post]:
    with mailing() as set_up:
        yield set_up


def export(post: Post, whose: Employee) -> Dossier:
    return export_consents(Employee.objects.get(pk=whose.pk), now=post.stage.now)


def click(post: Post, whose: Employee) -> Page:
    path = post.link(whose, "accept")
    (button,) = post.open(path).buttons
    return post.press(path, button, shown=SHOWN).page


def drop(post: Post, whose: Employee, shift: Shift) -> None:
    held = Assignment.objects.get(shift=shift, employee=whose, state=Assignment.HELD)
    with write():
        release(held, openings.locked_shift(shift.pk), post.stage.now, actor="Mia")


def text_yes(post: Post, whose: Employee, **more: Any) -> take_offer.Taken:
    """Let somebody's YES by text be heard, as the ear records it."""
    offer, now = Offer.objects.get(employee=whose), post.stage.now
    assert whose.number is not None
    with write():
        Message.objects.create(
            direction="in", state="heard", kind="reply", ringcentral_id="9001", text="YES",
            meaning="accept",
            number=whose.number, sender=Sender.objects.earliest("pk"), employee=whose, offer=offer,
            shift=offer.shift, created_at=now, received_at=now, heard_at=now,
        )  # fmt: skip
        who = take_offer.answerer(openings.locked_employee(whose.pk), now=now)
        return take_offer.take(who, offer)


def test_f1_a_click_stands_with_its_time_ids_words_and_letter(post):
    ana, shift = post.person("Ana", 1), crew.shift(now=post.stage.now)
    post.offer(shift, ana)
    assert click(post, ana) is Page.YOURS
    (taken,) = export(post, ana).shifts_accepted
    (letter,), answer = taken.shown, taken.answer
    link = MailLink.objects.get(purpose="accept", mail__employee=ana, used_at__isnull=False)
    assert answer == Link(
        id=f"link{link.pk}",
        letter=str(link.mail),
        purpose="accept",
        used_at=post.stage.now,
        outcome="accepted",
        page=SHOWN,
        pressed_from={"ip": "203.0.113.7"},
    )
    assert isinstance(letter, Letter)
    assert letter.id == answer.letter
    assert letter.message_id == post.letters(ana)[0].message["Message-ID"]
    page = laid_out(export(post, ana))
    together = page[page.index("Shifts they accepted") : page.index("Texts to them")]
    for words in (letter.message_id, SHOWN, "203.0.113.7", answer.id, "accepted"):
        assert words in together


def test_f1_a_click_outweighs_an_older_yes_by_text_that_led_to_standby(post):
    ana, ben = post.person("Ana", 1, opted_out=False), post.person("Ben", 2)
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana, ben)
    post.take(ben)
    assert text_yes(post, ana).place == 1
    with write():
        consent.revoke(numbers.locked_number(ana.number_id), ana, said(), now=post.stage.now)
    drop(post, ben, shift)
    ask_standby(post.stage.now)
    post.stage.run(5)
    assert (click(post, ana), holders(shift)) == (Page.YOURS, ["Ana"])
    answer = export(post, ana).shifts_accepted[0].answer
    assert isinstance(answer, Link)
    assert answer.outcome == "accepted"


def test_a_click_that_led_to_standby_is_no_answer_to_a_shift_given_by_hand(post):
    ana, ben = post.person("Ana", 1), post.person("Ben", 2)
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana, ben)
    post.take(ben)
    assert click(post, ana) is Page.WAITING
    with write():
        locked = openings.locked_shift(shift.pk)
        locked.openings = 2
        locked.save()
        fill(locked, Employee.objects.get(pk=ana.pk), None, post.stage.now)
    (taken,) = export(post, ana).shifts_accepted
    assert taken.answer == BY_HAND
    (mail,) = export(post, ana).emails
    assert [link.outcome for link in mail.links_used] == ["standby"], "it stays on record"


def test_a_yes_that_led_to_standby_is_no_answer_to_a_shift_given_by_hand(post):
    ana, ben = post.person("Ana", 1, opted_out=False), post.person("Ben", 2)
    shift = crew.shift(now=post.stage.now)
    post.offer(shift, ana, ben)
    post.take(ben)
    assert text_yes(post, ana).place == 1
    post.stage.run(60)
    with write():
        locked = openings.locked_shift(shift.pk)
        locked.openings = 2
        locked.save()
        fill(locked, Employee.objects.get(pk=ana.pk), None, post.stage.now)
    assert export(post, ana).shifts_accepted[0].answer == BY_HAND


def test_f1_a_shift_taken_back_with_a_click_has_both_answers(post):
    ana, shift = post.person("Ana", 1), crew.shift(now=post.stage.now)
    post.offer(shift, ana)
    text_yes(post, ana)
    took = post.stage.now
    post.stage.run(60)
    drop(post, ana, shift)
    post.stage.run(60)
    assert click(post, ana) is Page.YOURS
    first, again = export(post, ana).shifts_accepted
    assert isinstance(first.answer, Reply)
    assert isinstance(again.answer, Link)
    assert (again.taken_at, again.answer.used_at) == (took, took + timedelta(minutes=2))


def test_a_letter_that_never_left_has_no_message_id(post):
    ana, shift = post.person("Ana", 1), crew.shift(now=post.stage.now)
    post.offer(shift, ana, run=0)
    assert [mail.message_id for mail in export(post, ana).emails] == [""]
