"""Cancelling a shift, against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.errors import Conflict
from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.fill_shift import fill
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.rules.sending import Kind
from shiftbell.store.models import (
    Assignment,
    Message,
    Offer,
    PhoneNumber,
    Sender,
    Shift,
    Standby,
    TimelineEntry,
)
from shiftbell.store.transactions import write
from tests.crew import person, shift
from tests.moments import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_sender")]


def held_by(name: str, number: str, about: Shift) -> Assignment:
    with write():
        return fill(about, person(name, number), None, NOON)


def cancellations() -> list[Message]:
    return list(Message.objects.filter(kind=Kind.CANCELLATION).order_by("pk"))


def test_holders_are_told_and_whoever_was_still_to_be_asked_is_not():
    work = shift(openings=2)
    ben = person("Ben", "02")
    offer_shift(work, now=NOON, actor="cli")
    ana = held_by("Ana", "01", work).employee
    report = cancel_shift(work.pk, now=NOON, actor="cli")
    (text,) = cancellations()
    assert report.told == (ana,)
    assert report.withdrawn == 1
    assert text.text.startswith("Acme: cancelled, Ana: Wed Nov 25 9am-5pm, Dock 4.")
    assert (text.intent, text.expires_at) == (f"cancellation:{work.pk}:{ana.pk}", work.ends_at)
    assert Offer.objects.get(employee=ben).state == Offer.WITHDRAWN
    assert Assignment.objects.get().state == Assignment.CANCELLED
    work.refresh_from_db()
    assert work.cancelled_at == NOON


def test_cancelling_twice_tells_holders_once():
    work = shift()
    held_by("Ana", "01", work)
    cancel_shift(work.pk, now=NOON, actor="cli")
    second = cancel_shift(work.pk, now=NOON + timedelta(hours=1), actor="cli")
    assert second.already
    assert len(cancellations()) == 1
    assert TimelineEntry.objects.filter(what="shift.cancelled").count() == 1


def test_a_reminder_and_a_confirmation_on_their_way_are_withdrawn():
    work = shift()
    ana = held_by("Ana", "01", work).employee
    assert ana.number is not None
    for kind in (Kind.REMINDER, Kind.CONFIRMATION):
        Message.objects.create(
            direction="out",
            kind=kind,
            state="queued",
            number=ana.number,
            employee=ana,
            sender=Sender.objects.get(),
            shift=work,
            text="x",
            created_at=NOON,
            intent=str(kind),
            due_at=NOON,
        )
    cancel_shift(work.pk, now=NOON, actor="cli")
    states = dict(Message.objects.values_list("kind", "state"))
    assert states == {
        "reminder": "cancelled",
        "confirmation": "cancelled",
        "cancellation": "queued",
    }


def test_whoever_waits_on_standby_waits_no_longer():
    work = shift()
    ana = person("Ana", "01")
    offer_shift(work, now=NOON, actor="cli")
    Standby.objects.create(shift=work, employee=ana, offer=Offer.objects.get(), joined_at=NOON)
    cancel_shift(work.pk, now=NOON, actor="cli")
    assert Standby.objects.get().state == Standby.LEFT


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"opted_out_at": NOON}, "opted out"),
        ({"unusable_since": NOON, "unusable_reason": "landline"}, "cannot be texted"),
    ],
)
def test_the_manager_hears_of_a_holder_who_cannot_be_texted(fields, reason):
    work = shift()
    held_by("Ana", "01", work)
    PhoneNumber.objects.update(**fields)
    report = cancel_shift(work.pk, now=NOON, actor="cli")
    ((holder, why),) = report.untold
    assert holder.first_name == "Ana"
    assert reason in why
    assert not cancellations()
    words = TimelineEntry.objects.get(what="manager.told").detail["words"]
    assert words.startswith("Ana must be called: Wed Nov 25 9am-5pm, Dock 4 is cancelled")


def test_a_running_shift_can_be_cancelled_and_one_that_is_over_cannot():
    running, over = shift(hours=-1), shift(hours=-9)
    assert not cancel_shift(running.pk, now=NOON, actor="cli").already
    with pytest.raises(Conflict, match="is over"):
        cancel_shift(over.pk, now=NOON, actor="cli")
