"""Holders whom no text reaches: the manager hears of each, once."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.import_people import import_people
from shiftbell.flow.tell_unreachable import tell_unreachable
from shiftbell.store import delivery, outbox
from shiftbell.store.buckets import open_buckets
from shiftbell.store.models import Message, Shift
from shiftbell.store.transactions import write
from tests.flow.talk import Talk

WED = "Wed Nov 25 12pm-8pm, Dock 4"
CALL = f"Ana must be called: {WED} is cancelled"


@pytest.fixture
def wed(talk: Talk) -> Shift:
    """A shift that Ana holds."""
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    return shift


@pytest.fixture
def cancelled(talk: Talk, wed: Shift) -> Message:
    """The cancellation that waits to be sent to her."""
    cancel_shift(wed.pk, now=talk.now, actor="Mia")
    return Message.objects.get(kind="cancellation")


def told(talk: Talk) -> list[str]:
    """Return what the manager was told after two looks."""
    for _ in range(2):
        talk.now += timedelta(minutes=1)
        tell_unreachable(talk.now)
    return talk.told()


def test_a_stop_before_the_cancellation_left(talk: Talk, cancelled: Message):
    talk.says("Ana", "stop")
    assert told(talk) == [f"{CALL} (opted out)."]


def test_another_number_before_the_cancellation_left(talk: Talk, cancelled: Message):
    rows = b"Employee ID,First Name,Cell Phone\nAna,Ana,(312) 555-0177\n"
    import_people(rows, now=talk.now, actor="Mia", region="US", zone=ZoneInfo("America/Chicago"))
    assert told(talk) == [f"{CALL} (number changed)."]


def test_a_cancellation_that_failed_for_good(talk: Talk, cancelled: Message):
    Message.objects.filter(pk=cancelled.pk).update(state="failed", reason="not a mobile number")
    assert told(talk) == [f"{CALL} (not a mobile number)."]


def test_a_cancellation_that_is_tried_again_is_told_when_the_last_try_failed(
    talk: Talk, cancelled: Message
):
    Message.objects.filter(pk=cancelled.pk).update(state="failed", reason="carrier limit")
    cancelled.pk, cancelled._state.adding = None, True
    cancelled.save()
    assert told(talk) == []
    Message.objects.filter(pk=cancelled.pk).update(state="failed", reason="carrier limit")
    assert told(talk) == [f"{CALL} (carrier limit)."]


@pytest.mark.parametrize("state", ["queued", "sent", "delivered", "in_doubt"])
def test_a_cancellation_that_may_arrive_is_nothing_to_tell(
    talk: Talk, cancelled: Message, state: str
):
    Message.objects.filter(pk=cancelled.pk).update(state=state)
    assert told(talk) == []


def test_a_site_whose_zone_cannot_be_read_keeps_no_news_back(
    talk: Talk, wed: Shift, cancelled: Message
):
    wed.location.zone = "Mars/Olympus"
    wed.location.save()
    with write():
        outbox.cancel(cancelled, reason="expired", now=talk.now)
    assert told(talk) == [
        f"Ana must be called: the shift {wed.external_id} is cancelled (expired)."
    ]


def test_an_opt_out_learnt_from_a_delivery_code(talk: Talk, wed: Shift):
    open_buckets(talk.sender, talk.now)
    confirmation = Message.objects.get(kind="confirmation")
    delivery.record(confirmation.pk, "SendingFailed", "SMS-RC-413", talk.now)
    assert talk.number("Ana").opted_out_at is not None
    assert told(talk) == [
        f"Ana opted out of texts. They still hold {WED}; reminders must reach them another way."
    ]


def test_an_opt_out_that_was_told_when_it_was_heard_is_not_told_again(talk: Talk, wed: Shift):
    talk.says("Ana", "stop")
    assert len(told(talk)) == 1


def test_an_opt_out_after_a_start_is_news_again(talk: Talk, wed: Shift):
    for word in ("stop", "start"):
        talk.says("Ana", word)
    open_buckets(talk.sender, talk.now)
    welcome = Message.objects.get(kind="start")
    delivery.record(welcome.pk, "SendingFailed", "SMS-RC-413", talk.now)
    assert len(told(talk)) == 2


def test_a_late_opt_out_code_of_a_text_from_before_the_start_changes_nothing(
    talk: Talk, wed: Shift
):
    talk.says("Ana", "stop")
    talk.now += timedelta(minutes=1)
    talk.says("Ana", "start")
    open_buckets(talk.sender, talk.now)
    confirmation = Message.objects.get(kind="confirmation")
    delivery.record(confirmation.pk, "SendingFailed", "SMS-RC-413", talk.now)
    assert talk.number("Ana").opted_out_at is None


def test_an_opt_out_of_someone_who_holds_nothing_ahead_is_not_told(talk: Talk, wed: Shift):
    talk.now = wed.ends_at
    talk.says("Ana", "stop")
    assert told(talk) == []
