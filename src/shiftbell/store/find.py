"""People and shifts by what an operator or another system calls them: our id, or their own."""

from __future__ import annotations

import re

from shiftbell.errors import NotFound
from shiftbell.rules import phones
from shiftbell.store.models import Employee, Shift

_OURS = re.compile(r"([es])([0-9]{1,18})", re.ASCII)


def employee(reference: str) -> Employee:
    """Return the employee called e7, or by their own id; raise NotFound."""
    rows = Employee.objects.select_related("number")
    if (pk := _ours(reference, "e")) and (found := rows.filter(pk=pk).first()):
        return found
    if found := rows.filter(external_id=reference).first():
        return found
    raise _not_found("employee", reference, "shiftbell people list")


def shift(reference: str) -> Shift:
    """Return the shift called s4, or by its own id; raise NotFound."""
    rows = Shift.objects.select_related("location")
    if (pk := _ours(reference, "s")) and (found := rows.filter(pk=pk).first()):
        return found
    if found := rows.filter(external_id=reference).first():
        return found
    raise _not_found("shift", reference, "shiftbell shifts list")


def _ours(reference: str, prefix: str) -> int | None:
    found = _OURS.fullmatch(reference)
    return int(found[2]) if found and found[1] == prefix else None


def _not_found(kind: str, reference: str, command: str) -> NotFound:
    # What was typed may be a phone number, and errors end up in logs.
    return NotFound(
        f"There is no {kind} {phones.mask_text(reference)!r}.", hint=f"See `{command}`."
    )
