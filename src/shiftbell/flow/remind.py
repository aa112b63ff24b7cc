"""Remind the holders of a shift the day before.

Looked at each minute: a reminder is written when it is due, not when the shift is taken, so it says
"tomorrow" only where that is true. A text that says a day by its nearness expires when that day
ends; what expired so is written anew. Whoever gave a shift back has no assignment to be reminded
of, and what was queued for them was withdrawn when they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shiftbell import config
from shiftbell.flow.write_text import recipient_zone, write_text
from shiftbell.rules import hours, wording
from shiftbell.rules.sending import Kind
from shiftbell.store import openings, outbox, roster
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Assignment, Message
from shiftbell.store.transactions import write

# The day before in the farthest zone, moved to the evening before that by quiet hours.
LOOK_AHEAD = timedelta(days=3)

# A reminder withdrawn for one of these is still owed.
_STILL_OWED = ("expired", "expires_in_quiet_hours", "number_changed")


def remind(now: datetime) -> bool:
    """Queue every reminder that is due; there is never more to do in the same minute."""
    due = [assignment.pk for assignment in _unreminded(now) if _due(assignment, now)]
    for chunk in in_chunks(due):
        with write():
            for pk in chunk:
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
    openings.locked_employee(held.employee_id)
    shift = openings.locked_shift(held.shift_id)
    held.refresh_from_db(fields=["state"])
    if held.state != Assignment.HELD or shift.cancelled_at is not None:
        return
    employee, zone = held.employee, recipient_zone(held.employee, shift)
    values = config.settings()
    leaves_at = hours.next_allowed(now, zone, (values.send_from, values.send_until))
    outbox.queue(
        Kind.REMINDER,
        number,
        write_text(wording.Kind.REMINDER, employee, number, shift=shift, now=leaves_at),
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


def _intent(assignment: Assignment) -> str:
    return f"reminder:{assignment.pk}:{assignment.shift.starts_at.isoformat()}"


def _day_ends_at(at: datetime, *zones: ZoneInfo) -> datetime:
    """Return when the day of `at` ends first by one of these clocks, in UTC."""
    days = [(at.astimezone(zone).date() + timedelta(days=1), zone) for zone in zones]
    return min(datetime.combine(day, time(), zone).astimezone(UTC) for day, zone in days)
