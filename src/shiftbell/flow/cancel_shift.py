"""Cancel a shift: nobody is asked any more, and whoever holds it is told.

All in one transaction, the texts included: a shift that is cancelled in the database while a holder
was not told would be the worst of both. A second call finds it cancelled and does nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from shiftbell.errors import Conflict
from shiftbell.flow.reach_person import Notice, Reached, reach_person
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_words, write_text
from shiftbell.rules.reach import SAID, Bar, Channel
from shiftbell.rules.sending import ASKING, OF_A_HOLDER, Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, openings, outbox, timeline
from shiftbell.store.models import Assignment, Employee, Mail, Message, PhoneNumber, Shift, Standby
from shiftbell.store.transactions import write

_WITHDRAWN = [*ASKING, *OF_A_HOLDER]

_Told = tuple[Employee, Channel, Bar | None]


@dataclass(frozen=True, slots=True)
class CancelReport:
    """What cancelling did, or would do. Who is `untold` must be called, and why.

    `told` are told by text, `emailed` by e-mail; `withdrawn` counts texts and mails.
    """

    shift: Shift
    already: bool
    told: tuple[Employee, ...] = ()
    emailed: tuple[Employee, ...] = ()
    untold: tuple[tuple[Employee, str], ...] = ()
    withdrawn: int = 0


def plan_cancel(shift: Shift, *, now: datetime) -> CancelReport:
    """Return what cancelling the shift would do. Raises Conflict once it is over."""
    if _already(shift, now):
        return CancelReport(shift, already=True)
    holders = [held.employee for held in openings.holders(shift).select_related("employee__number")]
    waiting = Q(shift=shift, state="queued", kind__in=_WITHDRAWN)
    withdrawn = Message.objects.filter(waiting).count() + Mail.objects.filter(waiting).count()
    ways = ((one, consent.reach(one)) for one in holders)
    return _report(shift, [(one, reach.channel, reach.bar) for one, reach in ways], withdrawn)


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
        return _report(shift, _release_holders(shift, now=now, actor=actor), len(withdrawn))


def _report(shift: Shift, told: Sequence[_Told], withdrawn: int) -> CancelReport:
    def by(which: Channel) -> tuple[Employee, ...]:
        return tuple(employee for employee, channel, _ in told if channel is which)

    return CancelReport(
        shift,
        already=False,
        told=by(Channel.TEXT),
        emailed=by(Channel.EMAIL),
        untold=tuple((one, SAID[bar]) for one, way, bar in told if way is Channel.NONE and bar),
        withdrawn=withdrawn,
    )


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


def _release_holders(shift: Shift, *, now: datetime, actor: str) -> list[_Told]:
    """End every assignment and tell who held it; return who is told how."""
    told: list[_Told] = []
    for assignment in openings.holders(shift).select_related("employee__number").order_by("pk"):
        employee = assignment.employee
        openings.end(assignment, Assignment.CANCELLED, now)
        timeline.tell(
            "assignment.cancelled", at=now, actor=actor, shift=shift, employee=employee,
            offer=assignment.offer_id,
        )  # fmt: skip
        reached = _tell(assignment, shift, now)
        told.append((employee, reached.channel, reached.bar))
        if reason := reached.why_not:
            words = f"{employee.name} must be called: {shift_words(shift)} is cancelled ({reason})."
            tell_manager(now, words, shift=shift, employee=employee)
    return told


def _tell(assignment: Assignment, shift: Shift, now: datetime) -> Reached:
    employee = assignment.employee
    return reach_person(
        Notice(
            kind=Kind.CANCELLATION,
            employee=employee,
            shift=shift,
            words=lambda number: write_text(Wording.CANCELLATION, employee, number, shift=shift),
            intent=f"cancellation:{shift.pk}:{employee.pk}",
            expires_at=shift.ends_at,
            offer=assignment.offer,
        ),
        now=now,
    )
