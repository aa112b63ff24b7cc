"""A manager records that somebody takes urgent offers at night, or no longer does (Q3).

Only who agreed to it is ever woken, so allowing it needs to say how they agreed; ending it needs
nothing. An import does the same from the column Night Offers (`import_people`). Which offers are
urgent is said when a shift is offered (`offer_shift`).
"""

from __future__ import annotations

from datetime import datetime

from shiftbell.errors import BadInput
from shiftbell.rules.consent import How
from shiftbell.store import consent, numbers
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee
from shiftbell.store.transactions import write


def allow_nights(
    employee_id: int, *, allowed: bool, source: str, now: datetime, actor: str
) -> bool:
    """Record one person's word about offers at night. Returns whether it is new.

    `source` says how they gave it. Raises BadInput without it where it allows something, and for a
    person without a phone number, since the word is about a number (K3).
    """
    if allowed and not source.strip():
        raise BadInput("It must be said how they agreed.", hint="Write --source 'told Ana'.")
    with write():
        employee = Employee.objects.select_related("number").get(pk=employee_id)
        if employee.number is None:
            hint = "Import their mobile number first."
            raise BadInput(f"{employee.name} has no phone number to text.", hint=hint)
        numbers.locked_number(employee.number.pk)
        evidence = Evidence(how=How.MANAGER, actor=actor, source=source.strip() or "a manager")
        return consent.allow_nights(employee, evidence, allowed=allowed, at=now, now=now)
