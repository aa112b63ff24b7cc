"""What people allowed: one event of the ledger each, and what it changes at once.

Call everything here inside `write()`, with the number or address locked: a claim takes the same
lock, so it sees a revocation wholly or comes wholly before it. A revocation withdraws, in the same
transaction, all that waits for that number; `flow/tell_ringcentral` passes it on.

Which events lift which is ruled in `rules/consent`: a revocation only ever by the person's own
`resume`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, OuterRef, Q, Subquery

from shiftbell.rules.consent import AGREEING, STOPPING, Event, How
from shiftbell.rules.hygiene import News, Trouble
from shiftbell.rules.reach import Reach
from shiftbell.store import ledger, mailboxes, numbers, outbox, timeline
from shiftbell.store.models import Consent, EmailAddress, Employee, PhoneNumber

# After one of these, what stood before it between a person and a number no longer counts.
_DECIDING = [*AGREEING, Event.NUMBER_CHANGED]
# Words that leave consent as it is.
_PASSING = [Event.PAUSED, Event.NIGHT_ALLOWED, Event.NIGHT_ENDED, Event.ERASED]
THEMSELVES = "employee"  # the actor of what people text
ADOPTED_WITHIN = timedelta(days=30)
_OF_NIGHTS = [Event.NIGHT_ALLOWED, Event.NIGHT_ENDED]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How a word reached us, as it would have to be shown in a dispute (K1)."""

    how: How
    actor: str  # who recorded it; "employee" for their own text
    source: str = ""  # in plain words: "paper form, binder 3"
    words: str = ""  # what was said, letter by letter
    disclosure: str = ""  # what the person had been shown
    version: str = ""  # which disclosure that was
    detail: dict[str, object] = field(default_factory=dict)  # reply, ip, user agent, code

    @property
    def said(self) -> dict[str, object]:
        """The columns of the ledger this fills."""
        return {
            "how": self.how,
            "actor": self.actor[:200],
            "source": self.source[:200],
            "words": self.words,
            "disclosure": self.disclosure,
            "version": self.version[:40],
            "detail": self.detail,
        }

    @property
    def called(self) -> str:
        """The way in a word or two, for the timeline."""
        return self.source or str(self.how)


def proof(employee: Employee | None, number: PhoneNumber) -> Consent | None:
    """Return the event that lets this person be texted on this number (K1, K3); None without."""
    if employee is None:
        return None
    mine = Q(employee=employee, kind__in=_DECIDING)
    last = (
        Consent.objects.filter(mine | Q(kind=Event.WRONG_NUMBER), number=number)
        .order_by("-place")
        .first()
    )
    return last if last is not None and last.kind in AGREEING else None


def has_consent(employee: Employee | None, number: PhoneNumber) -> bool:
    """Whether this person agreed to be texted on this number."""
    return proof(employee, number) is not None


def who_agreed(employees: Collection[int]) -> set[tuple[int, int]]:
    """Return which of these people agreed for which numbers, as pairs of ids."""
    return _standing(employees, _DECIDING, AGREEING, {Event.WRONG_NUMBER})


def who_takes_nights(employees: Collection[int]) -> set[tuple[int, int]]:
    """Return which of these people take urgent offers at night on which numbers (Q3)."""
    deciding = [*_OF_NIGHTS, Event.NUMBER_CHANGED]
    return _standing(employees, deciding, {Event.NIGHT_ALLOWED}, STOPPING)


def takes_nights(employee: Employee | None, number: PhoneNumber) -> bool:
    """Whether this person takes urgent offers at night on this number."""
    return employee is not None and (employee.pk, number.pk) in who_takes_nights([employee.pk])


def _standing(
    employees: Collection[int],
    deciding: list[Event],
    good: Collection[Event],
    ending: Collection[Event],
) -> set[tuple[int, int]]:
    """Return the pairs whose newest deciding event is a good one that nobody's `ending` follows."""
    rows = Consent.objects.filter(number__isnull=False)
    same = rows.filter(number=OuterRef("number"))
    newest = same.filter(employee=OuterRef("employee"), kind__in=deciding).order_by("-place")
    ended = same.filter(kind__in=ending).order_by("-place")
    last = rows.filter(employee__in=employees, kind__in=good).annotate(
        newest=Subquery(newest.values("place")[:1]), ended=Subquery(ended.values("place")[:1])
    )
    standing = last.filter(Q(ended__isnull=True) | Q(ended__lt=F("place")), place=F("newest"))
    return {
        (employee, number)
        for employee, number in standing.values_list("employee_id", "number_id")
        if employee is not None and number is not None
    }


def reach(employee: Employee, number: PhoneNumber | None = None) -> Reach:
    """Return the ways to one person; `number` where a locked row of theirs is at hand."""
    number = number or employee.number
    if number is None:
        return Reach(number=False, email=mailboxes.reachable(employee))
    return Reach(
        opted_out=number.opted_out_at is not None,
        unusable=number.unusable_since is not None,
        moved_on=numbers.moved_on(employee, number),
        consent=has_consent(employee, number),
        email=mailboxes.reachable(employee),
    )


def grant(employee: Employee, evidence: Evidence, *, at: datetime, now: datetime) -> bool:
    """Record consent of an employee for their locked number, once; never lifts a revocation.

    Returns whether something new was recorded.
    """
    assert employee.number is not None
    number = numbers.locked_number(employee.number.pk)
    if has_consent(employee, number):
        return False
    ledger.add(number, Event.GRANTED, now=now, employee=employee, at=at, **evidence.said)
    _is_theirs(number, employee, now)
    _tell("consent.granted", number, employee, evidence, now)
    return True


def revoke(
    number: PhoneNumber,
    employee: Employee | None,
    evidence: Evidence,
    *,
    now: datetime,
    at: datetime | None = None,
    wrong_number: bool = False,
) -> bool:
    """Record an opt-out of a locked number for every text of ours, and withdraw what waits.

    Returns whether it was new. A wrong number stays unusable even after a START: whoever has it
    now never agreed.
    """
    was_out = number.opted_out_at is not None
    kind = Event.WRONG_NUMBER if wrong_number else Event.REVOKED
    number.opted_out_at = number.opted_out_at or now
    number.review_since = None
    number.ringcentral_due_at = number.ringcentral_due_at or now
    if wrong_number:
        numbers.learn(number, News.WRONG, now=now, reason=Trouble.WRONG_NUMBER)
    # In this order: to save all of an older copy would cut the newest events off the chain.
    ledger.add(number, kind, now=now, employee=employee, at=at or now, **evidence.said)
    number.save()
    what = "consent.wrong_number" if wrong_number else "consent.revoked"
    _tell(what, number, employee, evidence, now)
    outbox.withdraw_after_stop(number, now=now)
    return not was_out


def resume(
    number: PhoneNumber, employee: Employee | None, evidence: Evidence, *, now: datetime
) -> bool:
    """Lift the opt-out of a locked number because its holder asked for it: START, JOIN (R9).

    A wrong number's stays: whoever has that phone is not the person on the roster. Returns whether
    it was lifted.
    """
    if number.unusable_as == Trouble.WRONG_NUMBER:
        return False
    number.opted_out_at = None
    number.paused_until = None
    number.review_since = None
    number.ringcentral_due_at = now
    ledger.add(number, Event.RESUMED, now=now, employee=employee, at=now, **evidence.said)
    number.save()
    _is_theirs(number, employee, now)
    _tell("consent.resumed", number, employee, evidence, now)
    return True


def join(
    number: PhoneNumber,
    employee: Employee | None,
    evidence: Evidence,
    *,
    at: datetime,
    now: datetime,
) -> None:
    """Record that whoever has a locked number signed up from it; lifts what they had stopped."""
    if number.opted_out_at or number.paused_until or number.review_since:
        resume(number, employee, evidence, now=now)
    elif not has_consent(employee, number):
        ledger.add(number, Event.GRANTED, now=now, employee=employee, at=at, **evidence.said)
        _is_theirs(number, employee, now)
        _tell("consent.granted", number, employee, evidence, now)


def adopt(employee: Employee, number: PhoneNumber, *, now: datetime) -> bool:
    """Give a new holder of a locked number the consent they texted before they were on the roster.

    It counts where the number was nobody else's that we know, no name is on the word, it is the
    number's last, and it is no older than `ADOPTED_WITHIN`: whoever has the phone then is who
    signed up. Returns whether there was one.
    """
    if was_anothers(employee, number):
        return False
    last = Consent.objects.filter(number=number).exclude(kind__in=_PASSING).order_by("-place")
    word = last.first()
    if word is None or word.kind not in AGREEING:
        return False
    if word.at is None or word.how != How.TEXT or now - word.at > ADOPTED_WITHIN:
        return False
    evidence = Evidence(
        how=How.TEXT,
        actor=word.actor,
        source=f"{word.source or word.words} before they were on the roster"[:200],
        words=word.words,
        disclosure=word.disclosure,
        version=word.version,
        detail=dict(word.detail),
    )
    return grant(employee, evidence, at=word.at, now=now)


def was_anothers(employee: Employee, number: PhoneNumber) -> bool:
    """Whether anybody else, as far as we know, ever had a number or gave their word for it."""
    had_it = Employee.objects.filter(number=number).exclude(pk=employee.pk)
    # Whose word an erased event was, nobody knows any more: it counts as another's.
    erased = Q(kind=Event.ERASED) | Q(kind=Event.NUMBER_CHANGED, employee__isnull=True)
    others = Q(employee__isnull=False) & ~Q(employee=employee)
    return had_it.exists() or Consent.objects.filter(others | erased, number=number).exists()


def pause(
    number: PhoneNumber,
    employee: Employee | None,
    evidence: Evidence,
    *,
    until: datetime,
    now: datetime,
) -> None:
    """Let offers to a locked number pause; confirmations and reminders still leave."""
    number.paused_until = until
    number.save(update_fields=["paused_until"])
    ledger.add(
        number, Event.PAUSED, now=now, employee=employee, at=now, until=until, **evidence.said
    )
    _tell("offers.paused", number, employee, evidence, now, until=until.isoformat())


def change_number(
    employee: Employee, old: PhoneNumber, evidence: Evidence, *, now: datetime
) -> None:
    """Record that a person has another number now: consent must be asked again for both (K3)."""
    number = numbers.locked_number(old.pk)
    ledger.add(number, Event.NUMBER_CHANGED, now=now, employee=employee, at=now, **evidence.said)


def allow_nights(
    employee: Employee, evidence: Evidence, *, allowed: bool, at: datetime, now: datetime
) -> bool:
    """Record that urgent offers may come at night, or no longer. Returns whether that is new."""
    assert employee.number is not None
    number = numbers.locked_number(employee.number.pk)
    if takes_nights(employee, number) is allowed:
        return False
    kind = Event.NIGHT_ALLOWED if allowed else Event.NIGHT_ENDED
    ledger.add(number, kind, now=now, employee=employee, at=at, **evidence.said)
    what = "consent.night_allowed" if allowed else "consent.night_ended"
    _tell(what, number, employee, evidence, now)
    return True


def unsubscribe(
    address: EmailAddress,
    employee: Employee | None,
    evidence: Evidence,
    *,
    now: datetime,
    at: datetime | None = None,
) -> bool:
    """Record that a locked address wants no more mail, and withdraw what waits for it.

    Returns whether it was new.
    """
    if address.opted_out_at is not None and (employee is None or mailboxes.wants_none(employee)):
        return False
    address.opted_out_at = address.opted_out_at or now
    address.save(update_fields=["opted_out_at"])
    ledger.add(address, Event.REVOKED, now=now, employee=employee, at=at or now, **evidence.said)
    timeline.tell(
        "mail.unsubscribed",
        at=now,
        actor=evidence.actor,
        employee=employee,
        source=evidence.called,
    )
    mailboxes.withdraw(Q(address=address), reason="unsubscribed", now=now)
    return True


def resubscribe(
    address: EmailAddress, employee: Employee, evidence: Evidence, *, now: datetime
) -> bool:
    """Lift an unsubscription of a locked address because this person asks for e-mail again.

    Where others share the address it lifts nothing that they said of themselves. Returns whether
    there was anything to lift.
    """
    if address.opted_out_at is None and not mailboxes.wants_none(employee):
        return False
    address.opted_out_at = None
    address.save(update_fields=["opted_out_at"])
    ledger.add(address, Event.RESUMED, now=now, employee=employee, at=now, **evidence.said)
    timeline.tell(
        "mail.resubscribed",
        at=now,
        actor=evidence.actor,
        employee=employee,
        source=evidence.called,
    )
    return True


def lifted_since(number: PhoneNumber, moment: datetime) -> bool:
    """Whether the person allowed texts again after `moment`: older news of an opt-out is stale."""
    return Consent.objects.filter(
        number=number, kind=Event.RESUMED, recorded_at__gt=moment
    ).exists()


def stopped_since(number: PhoneNumber, moment: datetime) -> bool:
    """Whether somebody opted the number out after `moment`, by our clock: an older START is stale.

    People's own texts are left out: those are compared by RingCentral's clock (`rules/shifts`).
    """
    stops = Consent.objects.filter(number=number, kind__in=STOPPING)
    said = stops.exclude(how=How.TEXT, actor=THEMSELVES)
    return said.filter(Q(at__gt=moment) | Q(at__isnull=True, recorded_at__gt=moment)).exists()


def _is_theirs(number: PhoneNumber, employee: Employee | None, now: datetime) -> None:
    """Let a number that changed hands be its new holder's, now that they agreed themselves."""
    is_recycled = number.unusable_as == Trouble.RECYCLED
    if is_recycled and employee is not None and employee == numbers.holder(number):
        numbers.learn(number, News.AGREED, now=now)


def _tell(
    what: str,
    number: PhoneNumber,
    employee: Employee | None,
    evidence: Evidence,
    now: datetime,
    **detail: object,
) -> None:
    timeline.tell(
        what,
        at=now,
        actor=evidence.actor,
        employee=employee,
        number=number,
        source=evidence.called,
        **detail,
    )
