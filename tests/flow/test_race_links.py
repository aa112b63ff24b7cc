"""Twenty want one opening at once, some with a button and some by text: one gets it."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connections

from shiftbell.flow import hear_link
from shiftbell.flow.hear_link import Pressed
from shiftbell.flow.hear_reply import hear_next
from shiftbell.rules.link_pages import Do, Page
from shiftbell.store import inbox
from shiftbell.store.models import Assignment, MailLink, Sender, Standby
from tests import crew
from tests.mailing import MAILING, TEXTING, Post, mailing, token

MAILED = 15
TEXTED = 5


def together(acts: list[Callable[[], object]]) -> list[object]:
    """Do all at once, in a thread each; return what each led to."""
    barrier, results = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        barrier.wait(timeout=20)
        try:
            results.append(act())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def presses(post: Post, path: str) -> Callable[[], object]:
    secret, now = token(path), post.stage.now

    def take_or_wait() -> Page:
        page = hear_link.press(secret, Pressed(Do.ACCEPT), now).page
        if page is not Page.STAND_BY:
            return page
        return hear_link.press(secret, Pressed(Do.STAND_BY), now).page

    return take_or_wait


@pytest.mark.django_db(transaction=True)
def test_twenty_presses_and_texts_for_one_opening_have_one_winner() -> None:
    with mailing(jobs=MAILING | TEXTING) as post:
        work = crew.shift(now=post.stage.now)
        mailed = [post.person(f"M{place}", place) for place in range(MAILED)]
        texted = [post.person(f"T{place}", 50 + place, opted_out=False) for place in range(TEXTED)]
        post.offer(work, *mailed, *texted, run=2 * MAILED + 20)
        now = post.stage.now
        for place, person in enumerate(texted):
            assert person.number is not None
            inbox.receive(
                Sender.objects.get(),
                ringcentral_id=str(9000 + place),
                from_number=person.number.e164,
                text="YES",
                received_at=now,
                now=now,
            )

        def hears() -> object:
            while hear_next(now):
                pass
            return None

        acts = [presses(post, post.link(person, "accept")) for person in mailed]
        pages = together([*acts, *([hears] * TEXTED)])
    assert Assignment.objects.filter(state="held").count() == 1
    assert Standby.objects.count() == MAILED + TEXTED - 1
    by_text = Assignment.objects.get().employee.first_name.startswith("T")
    assert Counter(pages)[Page.YOURS] == (not by_text)


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_by_ten_fingers_acts_once() -> None:
    with mailing() as post:
        ana = post.person("Ana", 1)
        work = crew.shift(now=post.stage.now, openings=3)
        post.offer(work, ana)
        pages = together([presses(post, post.link(ana, "accept"))] * 10)
    assert pages == [Page.YOURS] * 10
    assert Assignment.objects.count() == 1
    assert MailLink.objects.filter(used_at__isnull=False).count() == 1
