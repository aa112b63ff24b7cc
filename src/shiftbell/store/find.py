"""What an operator or another system calls a thing: our id, or for people and shifts their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from shiftbell.errors import BadInput, NotFound
from shiftbell.rules import ids, phones
from shiftbell.store.models import Employee, Message, Shift

Named = TypeVar("Named", Employee, Shift)


def employee(reference: str) -> Employee:
    """Return the employee called e7, or by their own id; raise NotFound or BadInput."""
    rows = Employee.objects.select_related("number")
    ours = rows.filter(pk=_ours(reference, "e"))
    if called := [*ours, *rows.filter(external_id=reference)]:
        return _the_one(reference, called)
    raise _not_found("employee", reference, "shiftbell people list")


def shift(reference: str) -> Shift:
    """Return the shift called s4, or by its own id; raise NotFound or BadInput."""
    rows = Shift.objects.select_related("location")
    ours = rows.filter(pk=_ours(reference, "s"))
    if called := [*ours, *rows.filter(external_id=reference)]:
        return _the_one(reference, called)
    raise _not_found("shift", reference, "shiftbell shifts list")


def message(reference: str) -> Message:
    """Return the text called m12; raise NotFound."""
    rows = Message.objects.select_related("number", "employee", "shift__location")
    if found := rows.filter(pk=_ours(reference, "m")).first():
        return found
    raise _not_found("text", reference, "shiftbell inbox")


def _ours(reference: str, prefix: str) -> int:
    """Return the number of an id of ours with this letter; 0, which no row has, for others."""
    found = ids.ours(reference)
    return found[1] if found and found[0] == prefix else 0


def _the_one(reference: str, called: Sequence[Named]) -> Named:
    """Return the only row that is `called` so; raise BadInput where there are two."""
    one, other = called[0], called[-1]
    if one != other:
        raise BadInput(
            f"{reference} is Shiftbell's id of {one.external_id} and the own id of {other}.",
            hint=f"Write {one.external_id} or {other}.",
        )
    return one


def _not_found(kind: str, reference: str, command: str) -> NotFound:
    # What was typed may be a phone number, and errors end up in logs.
    return NotFound(
        f"There is no {kind} {phones.mask_text(reference)!r}.", hint=f"See `{command}`."
    )
