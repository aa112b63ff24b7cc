"""What somebody other than the phone says about texts: a manager, an integrator, a paper form.

An opt-out counts however it arrives (R3), also for a number that nobody on the roster has. The
person did not text, so nothing is texted back: no confirmation leaves. Consent is taken only with
when, how and what had been shown (K1), and it never lifts an opt-out: who said STOP from their
phone takes it back from their phone, whatever is said of them elsewhere.

Erasing a person is decided here too: only once they are gone, and by default only when the years
are over for which the law wants the records (K2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.rules.consent import KEPT_FOR, must_be_kept
from shiftbell.store import consent, ledger, numbers, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, Mail, Message, PhoneNumber
from shiftbell.store.transactions import write

ONLY_THEY = "Only START or JOIN from their phone lifts it."


@dataclass(frozen=True, slots=True)
class OptedOut:
    """An opt-out that was recorded: of which number, whose it is, and whether it was the first."""

    number: PhoneNumber
    employee: Employee | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that was recorded: whether it is new, and since when they are opted out anyway."""

    is_new: bool
    out_since: datetime | None


def record_opt_out(
    whom: Employee | str, evidence: Evidence, *, now: datetime, at: datetime | None = None
) -> OptedOut:
    """Record that a person, or whoever has a number in E.164, wants no more texts (R3).

    What waits for the number is withdrawn in the same transaction. `at` is when they said so. Said
    again it is recorded again. Raises Conflict for a person without a number, and BadInput.
    """
    _refuse_the_future(at, now)
    with write():
        number = numbers.locked_number(_number_of(whom).pk)
        employee = whom if isinstance(whom, Employee) else numbers.holder(number)
        is_new = consent.revoke(number, employee, evidence, now=now, at=at)
        if employee is not None:
            tell_opt_out(employee, now, holds=is_new)
    return OptedOut(number, employee, is_new)


def record_consent(
    employee: Employee, evidence: Evidence, *, at: datetime, now: datetime
) -> Agreed:
    """Record that a person agreed to be texted on the number they have (K1).

    Raises Conflict for a person without a number, and BadInput where what proves it is missing.
    """
    _refuse_the_future(at, now)
    if not evidence.source:
        raise BadInput(
            "Where this consent can be looked up is missing.",
            hint='Say it in plain words, like "paper form, binder 3".',
            field="source",
        )
    if not evidence.disclosure:
        raise BadInput(
            "What the person had been shown when they agreed is missing.",
            hint="Give its words, or the version of the disclosure.",
            field="disclosure",
        )
    with write():
        number = numbers.locked_number(_number_of(employee).pk)
        is_new = consent.grant(employee, evidence, at=at, now=now)
    return Agreed(is_new, number.opted_out_at)


def _number_of(whom: Employee | str) -> PhoneNumber:
    if isinstance(whom, str):
        return numbers.number_row(whom)
    whom.refresh_from_db(fields=["number"])
    if whom.number is None:
        raise Conflict(
            f"{whom.name} has no phone number on the roster.",
            hint="Nobody texts them; name the number itself if there is one.",
        )
    return whom.number


def _refuse_the_future(at: datetime | None, now: datetime) -> None:
    if at is not None and at > now:
        raise BadInput("This moment is still to come.", hint="Say when it was said.", field="at")


def check_erasure(employee: Employee, *, now: datetime, despite_retention: bool = False) -> None:
    """Raise Conflict for somebody on the crew, and while the law wants the records (K2)."""
    if employee.active:
        raise Conflict(
            f"{employee.name} is still on the crew.",
            hint="Import the crew with them as inactive first.",
        )
    last = last_contact(employee)
    if last is not None and must_be_kept(last, now) and not despite_retention:
        raise Conflict(
            f"{employee.name} was last written to, or wrote, on {last:%Y-%m-%d}. What proves that "
            f"this was allowed is wanted until {last + KEPT_FOR:%Y-%m-%d} (K2).",
            hint="Export it first, and erase it only if you must: --despite-retention.",
        )


def erase_consents(
    employee: Employee,
    *,
    because: str,
    actor: str,
    now: datetime,
    despite_retention: bool = False,
) -> int:
    """Erase what the ledger holds of a person who is gone; return how many events it was.

    What is stopped stays stopped, and that something was said, and when, stays too. Raises Conflict
    as `check_erasure` does.
    """
    with write():
        employee = Employee.objects.get(pk=employee.pk)
        check_erasure(employee, now=now, despite_retention=despite_retention)
        erased = ledger.erase(employee, now=now, actor=actor, source=because)
        if erased:
            timeline.tell("consent.erased", at=now, actor=actor, employee=employee, events=erased)
    return erased


def last_contact(employee: Employee) -> datetime | None:
    """Return when this person was last written to, or last wrote; None if never."""
    texts = Message.objects.filter(employee=employee)
    moments = [
        *texts.aggregate(Max("left_at"), Max("received_at")).values(),
        *Mail.objects.filter(employee=employee).aggregate(Max("left_at"), Max("sent_at")).values(),
    ]
    return max((moment for moment in moments if moment is not None), default=None)
