"""What is decided while a text is leased: it is judged again before it leaves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from shiftbell.config import settings
from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.fill_shift import release
from shiftbell.rules.posting import End, Posted
from shiftbell.rules.sending import Kind
from shiftbell.store import consent, numbers, openings, outbox
from shiftbell.store.claiming import Leased, claim, still_may_leave
from shiftbell.store.models import Assignment, Attempt, Message, Sender
from shiftbell.store.settling import settle
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db
BUSY = Posted(End.LIMITED, status=429, retry_after=timedelta(seconds=5), detail="429")


def reminder(one_sender: Sender) -> tuple[Assignment, Leased]:
    """Return a shift that Ana holds, and her reminder of it, leased."""
    (ana,) = crew.hire(1, NOON)
    shift = crew.shift(now=NOON, hours=30)
    held = shift.assignments.create(employee=ana, opening=1, assigned_at=NOON - timedelta(days=2))
    with write():
        outbox.queue(
            Kind.REMINDER,
            numbers.locked_number(ana.number_id or 0),
            "You work tomorrow.",
            intent="reminder:x",
            now=NOON,
            expires_at=shift.starts_at,
            employee=ana,
            shift=shift,
        )
    leased = claim(NOON, settings())
    assert leased is not None
    return held, leased


def cancelled(held: Assignment) -> None:
    cancel_shift(held.shift_id, now=NOON, actor="Mia")


def dropped(held: Assignment) -> None:
    with write():
        release(held, openings.locked_shift(held.shift_id), NOON, actor="employee")


@pytest.mark.parametrize(("meanwhile", "kinds"), [(cancelled, ["cancellation"]), (dropped, [])])
def test_nobody_is_reminded_of_a_shift_that_they_no_longer_hold(
    one_sender: Sender, meanwhile: Callable[[Assignment], None], kinds: list[str]
) -> None:
    held, leased = reminder(one_sender)
    meanwhile(held)
    assert not still_may_leave(leased, NOON, settings())
    settle(leased, BUSY, NOON)
    assert leaving(NOON) == kinds
    text = Message.objects.get(kind=Kind.REMINDER)
    assert (text.state, text.reason) == ("cancelled", "released")


def test_k1_a_text_allowed_by_another_word_meanwhile_is_leased_anew_and_names_that_one(
    one_sender: Sender,
) -> None:
    (ana,) = crew.hire(1, NOON)
    crew.offer(crew.shift(now=NOON), [ana], NOON)
    leased = claim(NOON, settings())
    assert leased is not None
    with write():
        number = numbers.locked_number(ana.number_id or 0)
        consent.revoke(number, ana, crew.ON_PAPER, now=NOON)
        consent.resume(number, ana, crew.ON_PAPER, now=NOON)
        type(number).objects.update(ringcentral_due_at=None)
    assert not still_may_leave(leased, NOON, settings())
    assert Attempt.objects.get().consent != consent.proof(ana, number)


def leaving(now: datetime) -> list[str]:
    """Return the kinds of all texts that leave in the next five minutes."""
    kinds = []
    for _ in range(60):
        now += timedelta(seconds=5)
        if leased := claim(now, settings()):
            kinds.append(Message.objects.get(pk=leased.message_id).kind)
            settle(leased, Posted(End.ACCEPTED, ringcentral_id=f"y{now}", status=200), now)
    return kinds
