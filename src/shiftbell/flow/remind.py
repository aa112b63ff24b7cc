"""Remind the holders of a shift the day before.

Looked at each minute: a reminder is written when it is due, not when the shift is taken, so it says
"tomorrow" only where that is true. A text that says a day by its nearness expires when that day
ends; what expired so is written anew. Whoever gave a shift back has no assignment to be reminded
of, and what was queued for them was withdrawn when they did; if they take it back in time, they are
reminded once all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shiftbell import config
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import recipient_zone, shift_words, write_text
from shiftbell.rules import hours
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import openings, outbox, roster
from shiftbell.store.models import Assignment, Message, Shift
from shiftbell.store.transactions import write

# The day before in the farthest zone, moved to the evening before that by quiet hours.
LOOK_AHEAD = timedelta(days=3)

# A reminder withdrawn for one of these is still owed.
_STILL_OWED = ("expired", "expires_in_quiet_hours", "number_changed", "dropped")


def remind(now: datetime) -> bool:
    """Queue every reminder that is due; there is never more to do in the same minute."""
    due = [assignment.pk for assignment in _unreminded(now) if _due(assignment, now)]
    for pk in due:
        with write():
            _remind_one(pk, now)
    return False


def _unreminded(now: datetime) -> list[Assignment]:
    """Return who holds a shift of the coming days and was not reminded of it."""
    held = list(
        Assignment.objects.filter(
            state=Assignment.HELD,
            shift__cancelled_at__isnull=True,
            shift__starts_at__gt=now,
            shift__starts_at__lt=now + LOOK_AHEAD,
            employee__number__isnull=False,
        )
        .select_related("employee__number", "shift__location")
        .order_by("pk")
    )
    reminded = _reminded([_intent(assignment) for assignment in held])
    return [assignment for assignment in held if _intent(assignment) not in reminded]


def _reminded(intents: Sequence[str]) -> set[str | None]:
    texts = Message.objects.filter(intent__in=intents)
    owed = texts.filter(state="cancelled", reason__in=_STILL_OWED)
    return set(texts.exclude(pk__in=owed).values_list("intent", flat=True))


def _due(assignment: Assignment, now: datetime) -> bool:
    values = config.settings()
    due = hours.reminder_due(
        assignment.shift.starts_at,
        recipient_zone(assignment.employee, assignment.shift),
        assigned_at=assignment.assigned_at,
        now=now,
        reminder_at=values.reminder_at,
        window=(values.send_from, values.send_until),
    )
    return due is not None and due <= now


def _remind_one(pk: int, now: datetime) -> None:
    """Queue one reminder, under the number's lock, if it is still owed."""
    held = Assignment.objects.select_related("employee__number").get(pk=pk)
    if held.employee.number is None:
        return
    number = roster.locked_number(held.employee.number.pk)
    employee = openings.locked_employee(held.employee_id)
    shift = openings.locked_shift(held.shift_id)
    held.refresh_from_db(fields=["state"])
    over = held.state != Assignment.HELD or shift.cancelled_at is not None
    if over or employee.number_id != number.pk:  # another number by now: looked at again then
        return
    zone = recipient_zone(employee, shift)
    values = config.settings()
    leaves_at = hours.next_allowed(now, zone, (values.send_from, values.send_until))
    text = outbox.queue(
        Kind.REMINDER,
        number,
        write_text(Wording.REMINDER, employee, number, shift=shift, now=leaves_at),
        intent=_intent(held),
        now=now,
        due_at=leaves_at,
        expires_at=min(
            shift.starts_at, _day_ends_at(leaves_at, zone, ZoneInfo(shift.location.zone))
        ),
        employee=employee,
        shift=shift,
        offer=held.offer,
        metadata={
            "type": "shift_reminder",
            "employeeId": employee.external_id,
            "shiftId": shift.external_id,
        },
    )
    if text is not None and roster.moved_on(employee, number):
        _call_instead(text, shift, now)


def _call_instead(text: Message, shift: Shift, now: datetime) -> None:
    """Take a reminder back that a stranger would read, and let the manager tell its holder.

    Written down first, so that the manager is told once and not each minute.
    """
    outbox.cancel(text, reason="number_passed_on", now=now)
    assert text.employee is not None
    words = f"{text.employee.name} must be called about {shift_words(shift)}: the number that was "
    tell_manager(now, words + "texted is someone else's now.", shift=shift, employee=text.employee)


def _intent(assignment: Assignment) -> str:
    starts_at = assignment.shift.starts_at.isoformat()
    return f"reminder:{assignment.shift_id}:{assignment.employee_id}:{starts_at}"


def _day_ends_at(at: datetime, *zones: ZoneInfo) -> datetime:
    """Return when the day of `at` ends first by one of these clocks, in UTC."""
    days = [(at.astimezone(zone).date() + timedelta(days=1), zone) for zone in zones]
    return min(datetime.combine(day, time(), zone).astimezone(UTC) for day, zone in days)
