"""Check an e-mail address: what bars it, and a person's word that it takes mail after all.

A server that refuses an address for good may have been wrong, or the mailbox exists by now; whoever
asked the person knows better. No such word ends an unsubscription: that is the person's own to end
(R9), behind the link to unsubscribe.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shiftbell.errors import Conflict
from shiftbell.store import find, mailboxes, timeline
from shiftbell.store.models import EmailAddress, Employee
from shiftbell.store.transactions import write

UNSUBSCRIBED_ENDS = "Only they end that, with the button behind the link to unsubscribe."
REFUSED_ENDS = "Your word that it takes mail ends it. Otherwise correct it on the roster."


@dataclass(frozen=True, slots=True)
class CheckedAddress:
    """A person's address; whether they want no e-mail, and since when a server refuses it."""

    employee: Employee
    address: EmailAddress
    unsubscribed: bool

    @property
    def ended_by(self) -> str:
        """What ends what bars mail to it; "" where nothing does."""
        of_word = UNSUBSCRIBED_ENDS if self.unsubscribed else ""
        of_refusal = REFUSED_ENDS if self.address.unusable_since else ""
        return f"{of_word} {of_refusal}".strip()


def check_address(reference: str) -> CheckedAddress:
    """Return how the address of a person stands; raise NotFound, BadInput, or Conflict without one.

    `reference` is e7, or the employee's own id.
    """
    employee = find.employee(reference)
    address = mailboxes.normalised(employee.email)
    if not address:
        raise Conflict(
            f"{employee.name} has no e-mail address.", hint="Import the roster with their e-mail."
        )
    row = EmailAddress.objects.filter(address=address).first()
    return _checked(employee, row or EmailAddress(address=address))


def call_usable(reference: str, *, because: str, actor: str, now: datetime) -> CheckedAddress:
    """Let mail go again to an address that a server refused for good.

    Raises Conflict where the person wants no e-mail, or no server refused the address, besides
    what `check_address` raises.
    """
    found = check_address(reference)
    if found.address.pk is None:
        raise Conflict("No server refused this address.")
    with write():
        address = mailboxes.locked_address(found.address.pk)
        before = _checked(found.employee, address)
        if before.unsubscribed:
            raise Conflict(f"{found.employee.name} wants no e-mail.", hint=UNSUBSCRIBED_ENDS)
        if address.unusable_since is None:
            raise Conflict("No server refused this address.")
        address.unusable_since, address.unusable_reason = None, ""
        address.save(update_fields=["unusable_since", "unusable_reason"])
        timeline.tell("mail.usable", at=now, actor=actor, employee=found.employee, reason=because)
    return _checked(found.employee, address)


def _checked(employee: Employee, address: EmailAddress) -> CheckedAddress:
    out = address.opted_out_at is not None or mailboxes.wants_none(employee)
    return CheckedAddress(employee, address, out)
