"""Cancel a shift: nobody is asked any more, and whoever holds it is told.

All in one transaction, the texts included: a shift that is cancelled in the database while a holder
was not told would be the worst of both. A second call finds it cancelled and does nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from shiftbell.errors import Conflict
from shiftbell.flow.fill_shift import OF_A_HOLDER
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_words, write_text
from shiftbell.rules.sending import ASKING, Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import openings, outbox, roster, timeline
from shiftbell.store.models import Assignment, Employee, Message, PhoneNumber, Shift, Standby
from shiftbell.store.transactions import write

_WITHDRAWN = [*ASKING, *OF_A_HOLDER]


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What cancelling did, or would do. Who is `untold` cannot be texted, and why."""

    shift: Shift
    already: bool
    told: tuple[Employee, ...] = ()
    untold: tuple[tuple[Employee, str], ...] = ()
    withdrawn: int = 0


def plan_cancel(shift: Shift, *, now: datetime) -> CancelReport:
    """Return what cancelling the shift would do. Raises Conflict once it is over."""
    if _already(shift, now):
        return CancelReport(shift, already=True)
    holders = [held.employee for held in openings.holders(shift).select_related("employee__number")]
    waiting = Message.objects.filter(shift=shift, state="queued", kind__in=_WITHDRAWN)
    return CancelReport(
        shift,
        already=False,
        told=tuple(one for one in holders if not _cannot_be_told(one)),
        untold=tuple((one, why) for one in holders if (why := _cannot_be_told(one))),
        withdrawn=waiting.count(),
    )


def cancel_shift(shift_id: int, *, now: datetime, actor: str) -> CancelReport:
    """Cancel a shift and tell its holders. Raises Conflict once it is over."""
    with write():
        shift = _locked(shift_id)
        if _already(shift, now):
            return CancelReport(shift, already=True)
        shift.cancelled_at = now
        shift.save(update_fields=["cancelled_at"])
        timeline.tell("shift.cancelled", at=now, actor=actor, shift=shift)
        withdrawn = outbox.withdraw(
            Q(shift=shift, kind__in=_WITHDRAWN), reason="cancelled", now=now, actor=actor
        )
        Standby.objects.filter(shift=shift, state__in=openings.IN_LINE).update(
            state=Standby.LEFT, asked_until=None
        )
        told, untold = _release_holders(shift, now=now, actor=actor)
        return CancelReport(shift, False, tuple(told), tuple(untold), len(withdrawn))


def _already(shift: Shift, now: datetime) -> bool:
    if shift.cancelled_at is None and shift.ends_at <= now:
        raise Conflict(f"{shift_words(shift)} is over.", hint="There is nothing to cancel.")
    return shift.cancelled_at is not None


def _locked(shift_id: int) -> Shift:
    """Lock the numbers and rows of whoever may hold it, then the shift.

    A holder was asked first, so those with an offer or an assignment are all that matter.
    """
    people = Employee.objects.filter(
        Q(offers__shift=shift_id) | Q(assignments__shift=shift_id)
    ).values("pk")
    numbers = PhoneNumber.objects.filter(employee__in=people).order_by("pk")
    list(numbers.select_for_update(of=("self",)).values_list("pk"))
    list(Employee.objects.filter(pk__in=people).order_by("pk").select_for_update().values("pk"))
    return openings.locked_shift(shift_id)


def _release_holders(
    shift: Shift, *, now: datetime, actor: str
) -> tuple[list[Employee], list[tuple[Employee, str]]]:
    told: list[Employee] = []
    untold: list[tuple[Employee, str]] = []
    for assignment in openings.holders(shift).select_related("employee__number").order_by("pk"):
        employee = assignment.employee
        openings.end(assignment, Assignment.CANCELLED, now)
        timeline.tell(
            "assignment.cancelled", at=now, actor=actor, shift=shift, employee=employee,
            offer=assignment.offer_id,
        )  # fmt: skip
        if reason := _cannot_be_told(employee):
            untold.append((employee, reason))
            words = f"{employee.name} must be called: {shift_words(shift)} is cancelled ({reason})."
            tell_manager(now, words, shift=shift, employee=employee)
        else:
            _queue(assignment, shift, now)
            told.append(employee)
    return told, untold


def _cannot_be_told(employee: Employee) -> str:
    number = employee.number
    if number is None:
        return "no phone number"
    if roster.moved_on(employee, number):
        return "the number is someone else's"
    if number.opted_out_at is not None:
        return "opted out of texts"
    if number.unusable_since is not None:
        return "the number cannot be texted"
    return "" if roster.has_consent(employee, number) else "no recorded consent to be texted"


def _queue(assignment: Assignment, shift: Shift, now: datetime) -> None:
    employee = assignment.employee
    assert employee.number is not None
    outbox.queue(
        Kind.CANCELLATION,
        employee.number,
        write_text(Wording.CANCELLATION, employee, employee.number, shift=shift),
        intent=f"cancellation:{shift.pk}:{employee.pk}",
        now=now,
        expires_at=shift.ends_at,
        employee=employee,
        shift=shift,
        offer=assignment.offer,
        metadata={
            "type": "shift_cancelled",
            "employeeId": employee.external_id,
            "shiftId": shift.external_id,
        },
    )
