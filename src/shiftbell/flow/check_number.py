"""Check a number: what is wrong with it, what ends that, and what a person found out about it.

A person may say two things. That a number takes texts after all: whoever called it knows better
than a carrier's code. And that a number called wrong is this person's all the same: that only lets
them text START from it, since a third party's word is no consent. No word ends an opt-out, or makes
up for the consent of somebody who has the number from someone else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shiftbell.errors import Conflict
from shiftbell.rules.hygiene import CHECKABLE, ENDED_BY, Trouble
from shiftbell.store import find, hygiene, numbers
from shiftbell.store.models import Employee, PhoneNumber
from shiftbell.store.transactions import write

OPTED_OUT_ENDS = "Only START from that very phone ends an opt-out."


@dataclass(frozen=True, slots=True)
class Checked:
    """A person's number, its trouble, and what ends it; both empty where nothing is wrong."""

    employee: Employee
    number: PhoneNumber
    trouble: Trouble | None

    @property
    def ended_by(self) -> str:
        """What ends what is wrong with the number; "" where nothing is."""
        of_trouble = ENDED_BY[self.trouble] if self.trouble else ""
        of_opt_out = OPTED_OUT_ENDS if self.number.opted_out_at else ""
        return f"{of_opt_out} {of_trouble}".strip()


def check_number(reference: str) -> Checked:
    """Return how the number of a person stands; raise NotFound, BadInput, or Conflict without one.

    `reference` is e7, or the employee's own id.
    """
    employee = find.employee(reference)
    if employee.number is None:
        raise Conflict(
            f"{employee.name} has no number.", hint="Import the roster with their mobile number."
        )
    return _checked(employee, employee.number)


def call_usable(reference: str, *, because: str, actor: str, now: datetime) -> Checked:
    """Let texts go to a number again that was called a landline or unreachable.

    Raises Conflict where something else bars the number, or nothing does.
    """
    found = check_number(reference)
    with write():
        number = numbers.locked_number(found.number.pk)
        before = _checked(found.employee, number)
        if number.opted_out_at is not None:
            raise Conflict("This number opted out of texts.", hint=OPTED_OUT_ENDS)
        if before.trouble is None:
            raise Conflict("Nothing is known to be wrong with this number.")
        if before.trouble not in CHECKABLE:
            raise Conflict(_WHOSE[before.trouble], hint=before.ended_by)
        hygiene.call_usable(number, because=because, actor=actor, now=now)
    return _checked(found.employee, number)


def call_theirs(reference: str, *, because: str, actor: str, now: datetime) -> Checked:
    """Let a person text START from a number that was called wrong, but is theirs after all.

    Raises Conflict where nobody called it wrong, or somebody else has it on the roster.
    """
    found = check_number(reference)
    with write():
        number = numbers.locked_number(found.number.pk)
        if number.unusable_as != Trouble.WRONG_NUMBER:
            raise Conflict("Nobody said that this is a wrong number.")
        if numbers.holder(number) != found.employee:
            raise Conflict(
                f"{found.employee.name} is not on the crew with this number.",
                hint="Import the roster first.",
            )
        hygiene.call_theirs(found.employee, number, because=because, actor=actor, now=now)
    return _checked(found.employee, number)


_WHOSE = {
    Trouble.WRONG_NUMBER: "Whoever has this number said that it is the wrong one.",
    Trouble.RECYCLED: "This number was someone else's, and consent does not pass on.",
}


def _checked(employee: Employee, number: PhoneNumber) -> Checked:
    employee.number = number
    trouble = Trouble(number.unusable_as) if number.unusable_as else None
    return Checked(employee, number, trouble)
