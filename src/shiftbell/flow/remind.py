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
from shiftbell.flow.reach_person import Notice, reach_person
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_words, write_text
from shiftbell.rules import hours
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import numbers, openings
from shiftbell.store.clocks import clock_of
from shiftbell.store.models import Assignment, Employee, Mail, Message, Shift
from shiftbell.store.transactions import write

# The day before in the farthest zone, moved to the evening before that by quiet hours.
LOOK_AHEAD = timedelta(days=3)


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
        )
        .select_related("employee__number", "shift__location")
        .order_by("pk")
    )
    reminded = _reminded([_intent(assignment) for assignment in held])
    return [assignment for assignment in held if _intent(assignment) not in reminded]


def _reminded(intents: Sequence[str]) -> set[str | None]:
    """Return those of these intents that a text or a mail carries, or tried to in vain.

    What was withdrawn is still owed: the next look finds another way, or tells the manager.
    """
    done: set[str | None] = set()
    for tried in (Message.objects, Mail.objects):
        kept = tried.filter(intent__in=intents).exclude(state="cancelled")
        done |= set(kept.values_list("intent", flat=True))
    return done


def _due(assignment: Assignment, now: datetime) -> bool:
    values = config.settings()
    clock = clock_of(assignment.employee, assignment.shift, values)
    due = hours.reminder_due(
        assignment.shift.starts_at,
        clock.zone,
        assigned_at=assignment.assigned_at,
        now=now,
        reminder_at=values.reminder_at,
        window=clock.hours,
    )
    return due is not None and due <= now


def _remind_one(pk: int, now: datetime) -> None:
    """Queue one reminder, under the number's lock, if it is still owed."""
    held = Assignment.objects.select_related("employee__number").get(pk=pk)
    number = held.employee.number and numbers.locked_number(held.employee.number.pk)
    employee = openings.locked_employee(held.employee_id)
    shift = openings.locked_shift(held.shift_id)
    held.refresh_from_db(fields=["state"])
    over = held.state != Assignment.HELD or shift.cancelled_at is not None
    if over or employee.number != number:  # another number by now: looked at again then
        return
    clock = clock_of(employee, shift, config.settings())
    leaves_at = clock.next_allowed(now)
    day_ends_at = _day_ends_at(leaves_at, clock.zone, ZoneInfo(shift.location.zone))
    reached = reach_person(
        Notice(
            kind=Kind.REMINDER,
            employee=employee,
            shift=shift,
            words=lambda to: write_text(Wording.REMINDER, employee, to, shift=shift, now=leaves_at),
            intent=_intent(held),
            due_at=leaves_at,
            expires_at=min(shift.starts_at, day_ends_at),
            offer=held.offer,
        ),
        now=now,
    )
    if reached.why_not:
        _call_instead(held, employee, shift, reached.why_not, now)


def _call_instead(
    held: Assignment, employee: Employee, shift: Shift, reason: str, now: datetime
) -> None:
    """Let the manager tell a holder whom nothing reaches; once, not each minute."""
    if held.untold_since is not None:
        return
    held.untold_since = now
    held.save(update_fields=["untold_since"])
    words = f"{employee.name} must be called about {shift_words(shift)}: {reason}."
    tell_manager(now, words, shift=shift, employee=employee)


def _intent(assignment: Assignment) -> str:
    starts_at = assignment.shift.starts_at.isoformat()
    return f"reminder:{assignment.shift_id}:{assignment.employee_id}:{starts_at}"


def _day_ends_at(at: datetime, *zones: ZoneInfo) -> datetime:
    """Return when the day of `at` ends first by one of these clocks, in UTC."""
    days = [(at.astimezone(zone).date() + timedelta(days=1), zone) for zone in zones]
    return min(datetime.combine(day, time(), zone).astimezone(UTC) for day, zone in days)
