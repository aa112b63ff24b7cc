"""YES and NO to one offer, however they were said: by text, or with a button behind a link.

The one place that gives a shift to whoever answers. Facts are read and the verdict of
`rules/shifts` is carried out under the locks of number, employee and shift, in that order; the
caller has locked the first two, and says how its person is told: an answer, or a page. Which offer
is meant is the caller's to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shiftbell.flow import fill_shift
from shiftbell.rules import shifts as rules
from shiftbell.rules.shifts import Verdict
from shiftbell.store import openings, timeline
from shiftbell.store.models import Assignment, Employee, Offer, Shift, Standby

BY_EMAIL = "by e-mail"


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who answers, their row locked: when they said it, and what they hold.

    `by` is how they said it, for the timeline; "" for a text, which tells itself.
    """

    employee: Employee
    said_at: datetime
    now: datetime
    held: Sequence[Assignment]
    by: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a YES: the assignment it made, or the place on standby, or what forbids it.

    `restored`: it took back a DROP. `was_asked`: they were asked from standby, and somebody was
    quicker. `other` is the shift they hold at that time.
    """

    verdict: Verdict
    shift: Shift
    assignment: Assignment | None = None
    restored: bool = False
    place: int | None = None
    was_asked: bool = False
    other: Shift | None = None


def answerer(
    employee: Employee, *, now: datetime, said_at: datetime | None = None, by: str = ""
) -> Answerer:
    """Return a locked employee as somebody who answers; `said_at` where it was before `now`."""
    return Answerer(employee, said_at or now, now, openings.held_by(employee), by)


def verdict(who: Answerer, shift: Shift) -> Verdict:
    """Return what a YES to this shift would be answered now."""
    return rules.answer_yes(
        openings.facts_of(shift, who.now),
        who.employee.pk,
        openings.spans(who.held),
        who.now,
        undoing=undoes(who, shift),
    )


def undoes(who: Answerer, shift: Shift) -> bool:
    """Whether a YES comes in time to take back a DROP of this shift."""
    dropped = openings.dropped_at(who.employee, shift)
    undo = timedelta(minutes=rules.UNDO_MINUTES)
    return dropped is not None and who.said_at - dropped <= undo


def take(who: Answerer, offer: Offer) -> Taken:
    """Carry out a YES to this offer, under the lock of its shift."""
    shift = openings.locked_shift(offer.shift_id)
    offer.shift = shift
    ruled = verdict(who, shift)
    if ruled is Verdict.ACCEPTED:
        restored = undoes(who, shift)
        made = fill_shift.fill(shift, who.employee, offer, who.now, restored=restored, by=who.by)
        return Taken(ruled, shift, assignment=made, restored=restored)
    if ruled is Verdict.FILLED:
        return _stand_by(who, offer, shift)
    return _refuse(who, offer, shift, ruled)


def decline(who: Answerer, offer: Offer) -> None:
    """Carry out a NO to this offer: asked no more about that shift, held against nobody."""
    shift = openings.locked_shift(offer.shift_id)
    offer.shift = shift
    offer.state, offer.answered_at = Offer.DECLINED, who.now
    offer.save(update_fields=["state", "answered_at"])
    _tell("offer.declined", who, offer, actor="employee", by=who.by)
    fill_shift.stop_asking(shift, who.employee, reason="declined", now=who.now)
    for standby in openings.line(shift):
        if standby.employee_id == who.employee.pk:
            fill_shift.leave_line(standby, Standby.LEFT, who.now)
            fill_shift.keep_for_line(shift, who.now)
            fill_shift.tell_if_short(shift, who.now)


def overlapping(who: Answerer, shift: Shift) -> Shift | None:
    """Return the shift they hold at that time."""
    span = rules.overlap(openings.facts_of(shift, who.now), openings.spans(who.held))
    return next((each.shift for each in who.held if span and each.shift_id == span.shift), None)


def _refuse(who: Answerer, offer: Offer, shift: Shift, ruled: Verdict) -> Taken:
    if ruled is not Verdict.ALREADY_YOURS:
        _tell("offer.refused", who, offer, reason=str(ruled), by=who.by)
    other = overlapping(who, shift) if ruled is Verdict.OVERLAP else None
    return Taken(ruled, shift, other=other)


def _stand_by(who: Answerer, offer: Offer, shift: Shift) -> Taken:
    """A YES that came too late: a place in line, the same one however often it is said."""
    standby, joined = Standby.objects.get_or_create(
        shift=shift,
        employee=who.employee,
        defaults={"offer": offer, "joined_at": who.now},
    )
    if not joined and standby.state not in openings.IN_LINE:
        standby.joined_at, standby.offer, joined = who.now, offer, True
    # They were asked from standby, and somebody was quicker: that is what they must hear.
    was_asked = standby.asked_at is not None and not joined
    standby.state, standby.asked_at, standby.asked_until = Standby.WAITING, None, None
    standby.save()
    offer.state, offer.answered_at = Offer.LATE, who.now
    offer.save(update_fields=["state", "answered_at"])
    place = openings.place_in_line(standby)
    if joined or was_asked:
        _tell("offer.late", who, offer, actor="employee", place=place, by=who.by)
    if joined:
        _tell("standby.joined", who, offer, place=place)
    return Taken(Verdict.FILLED, shift, place=place, was_asked=was_asked)


def _tell(what: str, who: Answerer, offer: Offer, *, actor: str = "shiftbell", **more: Any) -> None:
    timeline.tell(
        what,
        at=who.now,
        actor=actor,
        offer=offer,
        shift=offer.shift_id,
        employee=who.employee,
        **more,
    )
