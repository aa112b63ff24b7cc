"""What somebody other than the phone says about texts: a manager, an integrator, a paper form.

An opt-out counts however it arrives (R3), of texts, of e-mail or of both, also for a number or an
address that nobody on the roster has. The person did not text, so nothing is texted back: no
confirmation leaves. What cannot be looked up proves nothing, so no word is recorded without its
source. Consent is taken only with
when, how and what had been shown (K1), and it never lifts an opt-out: who said STOP from their
phone takes it back from their phone, whatever is said of them elsewhere.

Erasing a person is decided here too: only once they are gone, and by default only when the years
are over for which the law wants the records (K2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Max

from shiftbell.errors import BadInput, Conflict
from shiftbell.flow.hear_consent import tell_mail_opt_out, tell_opt_out
from shiftbell.rules import mail_address
from shiftbell.rules.consent import KEPT_FOR, must_be_kept
from shiftbell.store import consent, ledger, mailboxes, numbers, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import EmailAddress, Employee, Mail, Message, PhoneNumber
from shiftbell.store.transactions import write

ONLY_THEY = "Only START or JOIN from their phone lifts it."
_LIKE_THIS = 'Say it in plain words, like "told Ana at the dock" or "paper form, binder 3".'


class Of(StrEnum):
    """What somebody wants no more of."""

    TEXTS = "texts"
    MAIL = "mail"
    ALL = "all"  # of the two, what there is


@dataclass(frozen=True, slots=True)
class OptedOut:
    """An opt-out that was recorded: of what, whose it is, and whether anything of it was new."""

    number: PhoneNumber | None
    address: EmailAddress | None
    employee: Employee | None
    is_new: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent that was recorded: whether it is new, and since when they are opted out anyway."""

    is_new: bool
    out_since: datetime | None


def record_opt_out(
    whom: Employee | str,
    evidence: Evidence,
    *,
    now: datetime,
    at: datetime | None = None,
    of: Of | None = None,
) -> OptedOut:
    """Record that a person, or whoever has a number or an address, wants no more of this (R3).

    Without `of`, an e-mail address means e-mail, and anybody else texts; a number is in E.164. What
    waits is withdrawn in the same transaction. `at` is when they said so. Of texts it is recorded
    again when said again. Raises Conflict where it is not known where that reaches them, and
    BadInput.
    """
    _refuse_the_future(at, now)
    _refuse_blank(evidence.source, "How this came to you is missing.", _LIKE_THIS, "source")
    of = of or (Of.MAIL if isinstance(whom, str) and "@" in whom else Of.TEXTS)
    with write():
        employee, number, address = _to_end(whom, of)
        no_texts = number is not None and consent.revoke(number, employee, evidence, now=now, at=at)
        no_mail = address is not None and consent.unsubscribe(
            address, employee, evidence, now=now, at=at
        )
        if employee is not None:
            employee.refresh_from_db(fields=["number"])
            if number is not None:
                tell_opt_out(employee, now, holds=no_texts)
        told = [employee] if no_texts else []
        for each in mailboxes.people_at(address) if address is not None and no_mail else []:
            if each not in told:
                tell_mail_opt_out(each, now, by=employee)
    return OptedOut(number, address, employee, no_texts or no_mail)


def _to_end(
    whom: Employee | str, of: Of
) -> tuple[Employee | None, PhoneNumber | None, EmailAddress | None]:
    """Return whose word it is, with what is to be ended, locked; raise Conflict for nothing."""
    employee, number, email = _known(whom, of)
    if number is not None and of is not Of.MAIL:
        number = numbers.locked_number(number.pk)
        employee = employee if isinstance(whom, Employee) else numbers.holder(number) or employee
    else:
        number = None
    address = None
    if email and of is not Of.TEXTS:
        address = mailboxes.locked_address(mailboxes.address_row(email).pk)
    if number is None and address is None:
        raise _unknown(whom, employee, of)
    return employee, number, address


def _known(whom: Employee | str, of: Of) -> tuple[Employee | None, PhoneNumber | None, str]:
    """Return who is meant, with the number and the e-mail address that are known of them."""
    if isinstance(whom, str) and "@" in whom:
        email = mail_address.normalised(whom)
        holders = mailboxes.people_at(EmailAddress(address=mail_address.compared(email)))
        if len(holders) > 1 and of is not Of.MAIL:
            raise Conflict("More than one person has this address.", hint="Name the person.")
        employee = holders[0] if len(holders) == 1 else None
        return employee, employee.number if employee else None, email
    if isinstance(whom, str):
        number = numbers.number_row(whom)
        employee = numbers.holder(number)
        return employee, number, mailboxes.normalised(employee.email) if employee else ""
    whom.refresh_from_db(fields=["number", "email"])
    return whom, whom.number, mailboxes.normalised(whom.email)


def _unknown(whom: Employee | str, employee: Employee | None, of: Of) -> Conflict:
    """Return why there is nothing to end."""
    if employee is None:
        called = "address" if "@" in str(whom) else "number"
        hint = "Name the other one itself, if you know it."
        return Conflict(f"Nobody on the roster has this {called}.", hint=hint)
    if of is Of.TEXTS:
        return _no_number(employee)
    no_mail = "has no e-mail address on the roster."
    if of is Of.ALL:
        no_mail = "has neither a phone number nor an e-mail address on the roster."
    hint = "Nobody writes to them; name the address itself if there is one."
    return Conflict(f"{employee.name} {no_mail}", hint=hint)


def record_consent(
    employee: Employee, evidence: Evidence, *, at: datetime, now: datetime
) -> Agreed:
    """Record that a person agreed to be texted on the number they have (K1).

    Raises Conflict for a person without a number, and BadInput where what proves it is missing.
    """
    _refuse_the_future(at, now)
    missing = "Where this consent can be looked up is missing."
    _refuse_blank(evidence.source, missing, _LIKE_THIS, "source")
    missing = "What the person had been shown when they agreed is missing."
    hint = "Give its words, or the version of the disclosure."
    _refuse_blank(evidence.disclosure, missing, hint, "disclosure")
    with write():
        number = numbers.locked_number(_number_of(employee).pk)
        is_new = consent.grant(employee, evidence, at=at, now=now)
    return Agreed(is_new, number.opted_out_at)


def _number_of(employee: Employee) -> PhoneNumber:
    employee.refresh_from_db(fields=["number"])
    if employee.number is None:
        raise _no_number(employee)
    return employee.number


def _no_number(employee: Employee) -> Conflict:
    return Conflict(
        f"{employee.name} has no phone number on the roster.",
        hint="Nobody texts them; name the number itself if there is one, or say --mail.",
    )


def _refuse_blank(text: str, missing: str, hint: str, field: str) -> None:
    if not text.strip():
        raise BadInput(missing, hint=hint, field=field)


def _refuse_the_future(at: datetime | None, now: datetime) -> None:
    if at is not None and at > now:
        raise BadInput("This moment is still to come.", hint="Say when it was said.", field="at")


def check_erasure(
    employee: Employee, *, because: str, now: datetime, despite_retention: bool = False
) -> None:
    """Raise Conflict for somebody on the crew, and while the law wants the records (K2).

    Raises BadInput without a reason.
    """
    hint = 'Say it in plain words, like "their request of 2 Nov".'
    _refuse_blank(because, "Why it is erased is missing.", hint, "because")
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
    and BadInput as `check_erasure` does.
    """
    with write():
        employee = Employee.objects.get(pk=employee.pk)
        check_erasure(employee, because=because, now=now, despite_retention=despite_retention)
        erased = ledger.erase(employee, now=now, actor=actor, source=because.strip())
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
