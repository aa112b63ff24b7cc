"""Reminders the day before, against a real database."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.expire import expire
from shiftbell.flow.fill_shift import fill, release
from shiftbell.flow.remind import remind
from shiftbell.rules.sending import Kind
from shiftbell.store import consent, numbers, outbox
from shiftbell.store.models import Assignment, Message, Shift, TimelineEntry
from shiftbell.store.transactions import write
from tests.crew import ON_PAPER, person, shift
from tests.locks import IN_ORDER, read_by_transaction
from tests.moments import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_sender")]

EVENING = NOON + timedelta(hours=6)  # six o'clock in Chicago
FAR = 48 + 3  # a shift the day after tomorrow at three in the afternoon in Chicago


def held(about: Shift, name: str = "Ana", number: str = "01", **more) -> Assignment:
    with write():
        return fill(about, person(name, number, **more), None, NOON)


def reminders() -> list[Message]:
    return list(Message.objects.filter(kind=Kind.REMINDER).order_by("pk"))


def at(hours: float) -> datetime:
    return EVENING + timedelta(hours=hours)


def test_a_reminder_is_written_at_six_the_day_before_and_says_tomorrow():
    mine = held(shift(hours=FAR))
    remind(at(23.9))
    assert not reminders()
    remind(at(24))
    remind(at(24.1))
    (text,) = reminders()
    assert text.text.startswith(
        "Acme: a reminder for Ana: you work tomorrow, Thu Nov 26 3pm-11pm, Dock 4."
    )
    assert (
        text.intent
        == f"reminder:{mine.shift_id}:{mine.employee_id}:{mine.shift.starts_at.isoformat()}"
    )
    assert text.lane == 2


def test_the_clock_is_the_recipients():
    held(shift(hours=FAR), zone="America/Los_Angeles")
    remind(at(25.9))
    assert not reminders()
    remind(at(26))
    assert len(reminders()) == 1


def test_the_day_before_is_the_recipients_too():
    # 23:00 on Wednesday in Los Angeles is Thursday at one in Chicago: reminded on Tuesday.
    held(shift(hours=37), zone="America/Los_Angeles")
    Assignment.objects.update(assigned_at=NOON - timedelta(days=1))
    remind(at(2))
    (text,) = reminders()
    # Tomorrow for the reader, the day after for the dock: neither is said.
    assert "you work Thu Nov 26 1am-9am" in text.text


def test_whoever_took_the_shift_within_twelve_hours_needs_no_reminder():
    held(shift(hours=21))
    remind(at(0))
    remind(at(8))
    assert not reminders()


def test_a_reminder_missed_through_an_outage_goes_out_in_the_morning_and_says_today():
    held(shift(hours=FAR))
    remind(at(24 + 5))  # eleven at night
    (text,) = reminders()
    assert text.due_at == at(24 + 14)
    assert "you work today, Thu Nov 26 3pm-11pm" in text.text


def test_a_reminder_that_waited_past_midnight_is_written_anew():
    mine = held(shift(hours=FAR))
    remind(at(24))
    (first,) = reminders()
    assert first.expires_at == at(24 + 6)
    expire(at(24 + 6))
    remind(at(24 + 6))
    first, second = reminders()
    assert (first.state, first.reason) == ("cancelled", "expired")
    assert "you work today" in second.text
    assert second.expires_at == mine.shift.starts_at


def test_a_shift_given_back_or_cancelled_is_not_reminded_of():
    mine = held(shift(hours=FAR))
    other = held(shift(hours=FAR), "Ben", "02")
    remind(at(24))
    with write():
        release(mine, mine.shift, at(24), actor="employee")
    cancel_shift(other.shift_id, now=at(24), actor="cli")
    remind(at(24.1))
    assert [text.state for text in reminders()] == ["cancelled", "cancelled"]


def test_whom_no_reminder_reaches_any_more_the_manager_calls_and_hears_so_once():
    mine = held(shift(hours=FAR))
    remind(at(24))
    with write():
        number = numbers.locked_number(mine.employee.number_id or 0)
        consent.revoke(number, mine.employee, ON_PAPER, now=at(24))
    for minutes in (1, 2, 3):
        remind(at(24) + timedelta(minutes=minutes))
    assert [text.state for text in reminders()] == ["cancelled"]
    told = TimelineEntry.objects.filter(what="manager.told").values_list("detail", flat=True)
    assert [one["words"].split(" about ")[0] for one in told] == ["Ana must be called"]
    assert told[0]["words"].endswith("opted out of texts.")


def test_a_number_that_changed_meanwhile_is_reminded_in_its_place():
    mine = held(shift(hours=FAR))
    remind(at(24))
    with write():
        outbox.cancel(reminders()[0], reason="number_changed", now=at(24))
    remind(at(24.1))
    assert [text.state for text in reminders()] == ["cancelled", "queued"]
    assert reminders()[1].employee == mine.employee


def test_a_shift_whose_time_changed_is_reminded_of_at_its_new_time():
    mine = held(shift(hours=FAR))
    remind(at(24))
    Shift.objects.filter(pk=mine.shift_id).update(
        starts_at=mine.shift.starts_at + timedelta(hours=1)
    )
    remind(at(24.1))
    assert len(reminders()) == 2


def test_a_shift_taken_back_in_time_is_reminded_of_as_if_it_had_never_been_given_back():
    mine = held(shift(hours=FAR))
    with write():
        release(mine, mine.shift, at(23.5), actor="employee")
        again = fill(mine.shift, mine.employee, None, at(23.6), restored=True)
    assert again.assigned_at == NOON
    remind(at(24))
    assert [text.state for text in reminders()] == ["queued"]


@pytest.mark.parametrize(("left", "states"), [(False, ["cancelled", "queued"]), (True, ["sent"])])
def test_a_shift_taken_back_after_its_reminder_is_reminded_of_once(left, states):
    mine = held(shift(hours=FAR))
    remind(at(24))
    if left:
        Message.objects.update(state="sent")
    with write():
        release(mine, mine.shift, at(24), actor="employee")
        fill(mine.shift, mine.employee, None, at(24), restored=True)
    remind(at(24.1))
    assert [text.state for text in reminders()] == states


def test_each_reminder_is_a_transaction_of_its_own_that_locks_in_the_order_of_store():
    held(shift(hours=FAR))
    held(shift(hours=FAR), "Ben", "02")
    with CaptureQueriesContext(connection) as seen:
        remind(at(24))
    assert len(reminders()) == 2
    assert read_by_transaction(seen) == [IN_ORDER, IN_ORDER]


def test_nobody_is_reminded_of_a_shift_that_has_started():
    held(shift(hours=FAR))
    remind(at(FAR))
    assert not reminders()
