"""Numbers: their rows and locks, whose they are, and the sender each conversation stays with.

The row of a number is the lock of everything said to it. What its holder allowed is in `consent`.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count

from shiftbell.rules.hygiene import BARRING, News, Trouble, after
from shiftbell.rules.offering import SenderLoad, choose_sender
from shiftbell.store.models import Employee, Message, PhoneNumber, Sender


def number_row(e164: str) -> PhoneNumber:
    """Return the row of a number, made if new. Call inside `write()`."""
    return PhoneNumber.objects.get_or_create(e164=e164)[0]


def locked_number(pk: int) -> PhoneNumber:
    """Return the number's row, locked until the transaction ends."""
    return PhoneNumber.objects.select_for_update().get(pk=pk)


def learn(number: PhoneNumber, news: News, *, now: datetime, reason: str = "") -> bool:
    """Note what news does to a locked number (`rules/hygiene`). Returns whether it changed.

    `reason` is kept as what is wrong with it, in a few words; the caller tells the timeline.
    """
    before = Trouble(number.unusable_as) if number.unusable_as else None
    trouble = after(before, news)
    if trouble is before:
        return False
    number.unusable_as = trouble or ""
    number.unusable_since = now if trouble in BARRING else None
    number.unusable_reason = reason[:200] if trouble else ""
    number.save(update_fields=["unusable_as", "unusable_since", "unusable_reason"])
    return True


def is_unusable(pk: int) -> bool:
    """Whether no text may leave to this number, whoever agreed to it."""
    return PhoneNumber.objects.filter(pk=pk, unusable_since__isnull=False).exists()


def holder(number: PhoneNumber) -> Employee | None:
    """Return the active employee who has the number."""
    return Employee.objects.filter(number=number, active=True).first()


def is_from_before(number: PhoneNumber, written_at: datetime) -> bool:
    """Whether a reply of that moment, by our clock, is older than its present holder's time."""
    return number.holder_since is not None and written_at < number.holder_since


def moved_on(employee: Employee | None, number: PhoneNumber) -> bool:
    """Whether a number is no longer this person's: they have another, or someone else has it now.

    Who left the crew keeps their number on the roster until the next active person has it.
    """
    if employee is None:
        return False
    holds_it = Employee.objects.filter(number=number, active=True).exclude(pk=employee.pk)
    return employee.number_id != number.pk or holds_it.exists()


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
