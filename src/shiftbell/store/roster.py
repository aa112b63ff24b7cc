"""Numbers and consent: the rows that say whom we may text.

A consent event and a claim take the same lock, the number's row, so each sees the other whole.
"""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Count

from shiftbell.rules.offering import SenderLoad, choose_sender
from shiftbell.store import timeline
from shiftbell.store.models import Consent, Employee, Message, PhoneNumber, Sender, Shift


def number_row(e164: str) -> PhoneNumber:
    """Return the row of a number, made if new. Call inside `write()`."""
    return PhoneNumber.objects.get_or_create(e164=e164)[0]


def locked_number(pk: int) -> PhoneNumber:
    """Return the number's row, locked until the transaction ends."""
    return PhoneNumber.objects.select_for_update().get(pk=pk)


def holder(number: PhoneNumber) -> Employee | None:
    """Return the active employee who has the number."""
    return Employee.objects.filter(number=number, active=True).first()


def moved_on(employee: Employee | None, number: PhoneNumber) -> bool:
    """Whether a number is no longer this person's: they have another, or someone else has it now.

    Who left the crew keeps their number on the roster until the next active person has it.
    """
    if employee is None:
        return False
    holds_it = Employee.objects.filter(number=number, active=True).exclude(pk=employee.pk)
    return employee.number_id != number.pk or holds_it.exists()


def recipient_zone(employee: Employee | None, shift: Shift | None, otherwise: str) -> ZoneInfo:
    """Return the zone a person's hours are judged in: their own, their home location's, the site's.

    Never the number's area code: people keep their number when they move (Q2).
    """
    if employee is not None and employee.zone:
        return ZoneInfo(employee.zone)
    home = employee.locations.order_by("pk").first() if employee else None
    if home is not None:
        return ZoneInfo(home.zone)
    return ZoneInfo(shift.location.zone if shift else otherwise)


def has_consent(employee: Employee | None, number: PhoneNumber) -> bool:
    """Whether this person agreed to be texted on this number (K1, K3)."""
    return (
        employee is not None
        and Consent.objects.filter(
            employee=employee, number=number, kind__in=[Consent.GRANTED, Consent.RESUMED]
        ).exists()
    )


def grant(employee: Employee, *, at: datetime, now: datetime, source: str, actor: str) -> bool:
    """Record consent of an employee for their number, once; never lifts a revocation.

    Returns whether something new was recorded.
    """
    assert employee.number is not None
    number = locked_number(employee.number.pk)
    if has_consent(employee, number):
        return False
    _record(Consent.GRANTED, number, employee, at=at, now=now, source=source, actor=actor)
    timeline.tell(
        "consent.granted", at=now, actor=actor, employee=employee, number=number, source=source
    )
    return True


def revoke(
    number: PhoneNumber,
    employee: Employee | None,
    *,
    now: datetime,
    source: str,
    actor: str,
    words: str = "",
    wrong_number: bool = False,
) -> bool:
    """Record an opt-out of a locked number for every text of ours. Returns whether it was new.

    A wrong number stays unusable even after a START: whoever has it now never agreed.
    """
    kind = Consent.WRONG_NUMBER if wrong_number else Consent.REVOKED
    was_out = number.opted_out_at is not None
    number.opted_out_at = number.opted_out_at or now
    number.review_since = None
    if wrong_number and number.unusable_since is None:
        number.unusable_since, number.unusable_reason = now, "wrong_number"
    number.save()
    _record(kind, number, employee, at=now, now=now, source=source, actor=actor, words=words)
    what = "consent.wrong_number" if wrong_number else "consent.revoked"
    timeline.tell(what, at=now, actor=actor, employee=employee, number=number, source=source)
    return not was_out


def resume(
    number: PhoneNumber,
    employee: Employee | None,
    *,
    now: datetime,
    source: str,
    actor: str,
    words: str = "",
) -> None:
    """Lift the opt-out of a locked number because its holder asked for it (START)."""
    number.opted_out_at = None
    number.paused_until = None
    number.review_since = None
    number.save()
    _record(
        Consent.RESUMED, number, employee, at=now, now=now, source=source, actor=actor, words=words
    )
    timeline.tell(
        "consent.resumed", at=now, actor=actor, employee=employee, number=number, source=source
    )


def pause(
    number: PhoneNumber, employee: Employee | None, *, until: datetime, now: datetime, words: str
) -> None:
    """Let offers to a locked number pause; confirmations and reminders still leave."""
    number.paused_until = until
    number.save()
    _record(
        Consent.PAUSED,
        number,
        employee,
        at=now,
        now=now,
        source="text",
        actor="employee",
        words=words,
    )
    timeline.tell(
        "offers.paused",
        at=now,
        actor="employee",
        employee=employee,
        number=number,
        until=until.isoformat(),
    )


def sender_for(number: PhoneNumber, location: str = "") -> Sender:
    """Return the sender that this number's conversation stays with; chosen once."""
    if number.sender is not None:
        return number.sender
    chosen = choose_sender(location, sender_loads())
    assert chosen, "no sender: store.senders.sync_senders runs at every start"
    number.sender = Sender.objects.get(pk=chosen.sender)
    number.save(update_fields=["sender"])
    return number.sender


def sender_loads() -> list[SenderLoad]:
    """Return the senders in use, with how many conversations each has."""
    rows = Sender.objects.filter(active=True).annotate(people=Count("phonenumber"))
    return [SenderLoad(row.pk, row.position, row.people, row.locations) for row in rows]


def last_texts(number: PhoneNumber, limit: int = 5) -> list[Message]:
    """Return our newest texts to a number that may have left, newest first."""
    return list(
        Message.objects.filter(number=number, direction=Message.OUT, left_at__isnull=False)
        .exclude(state__in=["cancelled", "failed"])
        .order_by("-left_at", "-id")[:limit]
    )


def _record(
    kind: str,
    number: PhoneNumber,
    employee: Employee | None,
    *,
    at: datetime,
    now: datetime,
    source: str,
    actor: str,
    words: str = "",
) -> None:
    Consent.objects.create(
        kind=kind,
        number=number,
        employee=employee,
        at=at,
        recorded_at=now,
        source=source,
        actor=actor,
        words=words,
    )
