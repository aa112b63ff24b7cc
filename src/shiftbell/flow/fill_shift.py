"""Fill an opening, give it back, and keep the line of those who wait for one.

The caller holds the lock of the shift, and the verdict ACCEPTED before `fill`. The commit that
takes the last opening is the brake: it withdraws every offer that has not left. An opening that
comes back is kept for whoever is first in line; they are texted by `ask_standby` a moment later,
because their number's lock comes before the shift's and cannot be taken here any more.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_words
from shiftbell.rules import shifts as rules
from shiftbell.rules.sending import ASKING, OF_A_HOLDER, Kind
from shiftbell.store import openings, outbox, timeline
from shiftbell.store.models import Assignment, Employee, Offer, Shift, Standby


def fill(
    shift: Shift,
    employee: Employee,
    offer: Offer | None,
    now: datetime,
    *,
    restored: bool = False,
    by: str = "",
) -> Assignment:
    """Give an opening to an employee and, with the last one, withdraw what still asks for it.

    `restored`: they take back what they had given up, and hold it since they first took it, so that
    a reminder is owed as before. `by` is how they said YES, where it was not by text. The
    confirmation is the caller's to queue.
    """
    since = _given_up(shift, employee).assigned_at if restored else now
    assignment = openings.assign(shift, employee, offer, since)
    about: dict[str, Any] = {"employee": employee, "shift": shift, "offer": offer}
    if offer is not None:
        offer.state, offer.answered_at = Offer.ACCEPTED, now
        offer.save(update_fields=["state", "answered_at"])
        timeline.tell("offer.accepted", at=now, actor="employee", by=by, **about)
    Standby.objects.filter(shift=shift, employee=employee).update(
        state=Standby.TOOK, asked_at=None, asked_until=None
    )
    what = "assignment.restored" if restored else "assignment.made"
    timeline.tell(what, at=now, opening=assignment.opening, **about)
    stop_asking(shift, employee, reason="answered", now=now)
    is_full = openings.facts_of(shift, now).free < 1
    if is_full:
        _close(shift, now)
    if restored:
        tell_manager(
            now, f"{employee.name} took back {shift_words(shift)}.", shift=shift, employee=employee
        )
    elif is_full and openings.was_given_back(shift):
        words = f"{shift_words(shift)} is filled again: {employee.name} took it."
        tell_manager(now, words, shift=shift, employee=employee)
    return assignment


def _given_up(shift: Shift, employee: Employee) -> Assignment:
    dropped = Assignment.objects.filter(shift=shift, employee=employee, state=Assignment.DROPPED)
    return dropped.latest("ended_at")


def _close(shift: Shift, now: datetime) -> None:
    """Stop asking: what has not left is withdrawn, who was asked from standby waits on."""
    withdrawn = outbox.withdraw(Q(shift=shift, kind__in=ASKING), reason="filled", now=now)
    for standby in openings.line(shift):
        if standby.state == Standby.ASKED:
            _set(standby, Standby.WAITING, Offer.LATE)
    offers = sum(message.kind == Kind.OFFER for message in withdrawn)
    timeline.tell("shift.filled", at=now, shift=shift, withdrawn=offers)


def release(assignment: Assignment, shift: Shift, now: datetime, *, actor: str) -> None:
    """Take back an opening its holder gave up, and keep it for the first on standby."""
    employee = assignment.employee
    about: dict[str, Any] = {"shift": shift, "employee": employee}
    openings.end(assignment, Assignment.DROPPED, now)
    outbox.withdraw(
        Q(shift=shift, employee=employee, kind__in=OF_A_HOLDER), reason="dropped", now=now
    )
    timeline.tell("assignment.dropped", at=now, actor=actor, offer=assignment.offer_id, **about)
    timeline.tell("shift.reopened", at=now, shift=shift)
    keep_for_line(shift, now)
    waiting = len(openings.line(shift))
    then = f"{waiting} on standby" if waiting else "Nobody is on standby"
    tell_manager(now, f"{employee.name} gave back {shift_words(shift)}. {then}.", **about)


def keep_for_line(shift: Shift, now: datetime) -> None:
    """Keep each free opening of a locked shift for the next in line; `ask_standby` texts them."""
    line = openings.line(shift)
    waiting = [each for each in line if each.state == Standby.WAITING]
    facts = openings.facts_of(shift, now)
    count = rules.standby_to_ask(facts, len(waiting), len(line) - len(waiting), now)
    for standby in waiting[:count]:
        standby.asked_at = None
        standby.asked_until = now + timedelta(minutes=rules.STANDBY_MINUTES)
        _set(standby, Standby.ASKED, Offer.OPEN)


def leave_line(standby: Standby, state: str, now: datetime, *, skipped: str = "") -> None:
    """Let someone on standby pass or leave, with what was queued to ask them.

    `skipped` says why they pass without having been able to answer.
    """
    assert state not in openings.IN_LINE
    standby.asked_until = None
    _set(standby, state, Offer.LATE)
    reason = "passed" if state == Standby.PASSED else "declined"
    stop_asking(standby.shift, standby.employee, reason=reason, now=now)
    if state == Standby.PASSED:
        timeline.tell(
            "standby.skipped" if skipped else "standby.passed",
            at=now,
            shift=standby.shift_id,
            employee=standby.employee_id,
            offer=standby.offer_id,
            reason=skipped,
        )


def tell_if_short(shift: Shift, now: datetime) -> None:
    """Tell the manager when an opening is free and nobody is left in line for it."""
    free = openings.facts_of(shift, now).free
    if free < 1 or openings.line(shift):
        return
    timeline.tell("standby.exhausted", at=now, shift=shift)
    tell_manager(
        now,
        f"Nobody on standby took {shift_words(shift)}; {free} of {shift.openings} still open.",
        shift=shift,
    )


def stop_asking(shift: Shift, employee: Employee, *, reason: str, now: datetime) -> None:
    """Withdraw what would still ask this person about this shift."""
    asks = Q(shift=shift, employee=employee, kind__in=ASKING)
    outbox.withdraw(asks, reason=reason, now=now)


def _set(standby: Standby, state: str, offer_state: str) -> None:
    """Move a standby and its offer together: the offer is open just while they are asked."""
    standby.state = state
    standby.save(update_fields=["state", "asked_at", "asked_until"])
    asked = Offer.objects.filter(pk=standby.offer_id, state__in=[Offer.OPEN, Offer.LATE])
    asked.update(state=offer_state)
