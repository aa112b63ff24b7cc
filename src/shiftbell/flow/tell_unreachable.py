"""Tell the manager whom no text reaches any more, though a shift hangs on it.

A text is withdrawn or fails in many places, and an opt-out may be learnt from RingCentral alone,
deep in the store, which tells nobody. So it is not told where it happens: it is looked for, each
minute, among what is so, and told in one transaction with the mark that it was. Looked for are

* holders of a cancelled shift whose cancellation never left or failed: they would come for nothing;
* holders of a shift whose number opted out: their reminders must reach them another way;
* people of the crew whose number turned out to take no texts, or to be out of reach.

The mark is the fact "manager.told" itself, about the text or the number it tells of.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_name
from shiftbell.rules.hygiene import CHECKABLE, ENDED_BY, Trouble
from shiftbell.rules.reach import Channel
from shiftbell.rules.sending import Kind
from shiftbell.rules.telling import plain
from shiftbell.store import consent, numbers
from shiftbell.store.models import Assignment, Employee, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write

_ENDED = ("cancelled", "failed")


def tell_unreachable(now: datetime) -> bool:
    """Tell of every such holder once; there is never more to do in the same minute."""
    for text in _untold_cancellations():
        with write():
            numbers.locked_number(text.number_id)
            for untold in _untold_cancellations().filter(pk=text.pk):
                _tell_cancelled(untold, now)
    for number in _untold_opt_outs(now):
        with write():
            numbers.locked_number(number.pk)
            for untold_number in _untold_opt_outs(now).filter(pk=number.pk):
                _tell_opted_out(untold_number, now)
    for number in _untold_troubles():
        with write():
            numbers.locked_number(number.pk)
            for untold_number in _untold_troubles().filter(pk=number.pk):
                _tell_trouble(untold_number, now)
    return False


def _untold_cancellations() -> QuerySet[Message]:
    """Return the cancellations that reached nobody, are not tried again, and were not told."""
    texts = Message.objects.filter(
        kind=Kind.CANCELLATION, state__in=_ENDED, shift__cancelled_at__isnull=False
    )
    told = TimelineEntry.objects.filter(what="manager.told", message=OuterRef("pk"))
    newer = Message.objects.filter(intent=OuterRef("intent"), pk__gt=OuterRef("pk"))
    untold = texts.exclude(Exists(told)).exclude(Exists(newer)).order_by("pk")
    return untold.select_related("employee", "shift__location")


def _tell_cancelled(text: Message, now: datetime) -> None:
    employee, shift = text.employee, text.shift
    assert employee is not None
    assert shift is not None
    reason = plain(text.reason)
    words = f"{employee.name} must be called: {shift_name(shift)} is cancelled ({reason})."
    tell_manager(now, words, shift=shift, employee=employee, message=text)


def _untold_opt_outs(now: datetime) -> QuerySet[PhoneNumber]:
    """Return the opted-out numbers of people who hold a shift, as far as nobody was told."""
    told = TimelineEntry.objects.filter(
        what="manager.told", number=OuterRef("pk"), at__gte=OuterRef("opted_out_at")
    ).filter(detail__trouble__isnull=True)
    held = Assignment.objects.filter(
        employee__number=OuterRef("pk"),
        employee__active=True,
        state=Assignment.HELD,
        shift__cancelled_at__isnull=True,
        shift__ends_at__gt=now,
        # Whoever took it by e-mail after they had opted out is reached as they were.
        assigned_at__lte=OuterRef("opted_out_at"),
    )
    out = PhoneNumber.objects.filter(opted_out_at__isnull=False)
    return out.filter(Exists(held)).exclude(Exists(told)).order_by("pk")


def _tell_opted_out(number: PhoneNumber, now: datetime) -> None:
    holder = numbers.holder(number)
    if holder is not None:
        tell_opt_out(holder, now)


def _untold_troubles() -> QuerySet[PhoneNumber]:
    """Return the numbers of the crew that no text reaches any more, as far as nobody was told."""
    told = TimelineEntry.objects.filter(
        what="manager.told",
        number=OuterRef("pk"),
        at__gte=OuterRef("unusable_since"),
        detail__trouble__isnull=False,
    )
    held = Employee.objects.filter(number=OuterRef("pk"), active=True)
    troubled = PhoneNumber.objects.filter(unusable_as__in=CHECKABLE, opted_out_at__isnull=True)
    return troubled.filter(Exists(held)).exclude(Exists(told)).order_by("pk")


def _tell_trouble(number: PhoneNumber, now: datetime) -> None:
    holder = numbers.holder(number)
    if holder is None:
        return
    by_mail = consent.reach(holder, number).channel is Channel.EMAIL
    then = "They are e-mailed meanwhile." if by_mail else "Somebody must call them meanwhile."
    trouble = Trouble(number.unusable_as)
    words = f"{holder.name} gets no texts: {number.unusable_reason}. {then} {ENDED_BY[trouble]}"
    tell_manager(now, words, employee=holder, number=number, trouble=trouble)
