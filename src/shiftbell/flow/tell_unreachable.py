"""Tell the manager whom no text reaches any more, though a shift hangs on it.

A text is withdrawn or fails in many places, and an opt-out may be learnt from RingCentral alone,
deep in the store, which tells nobody. So it is not told where it happens: it is looked for, each
minute, among what is so, and told in one transaction with the mark that it was. Looked for are

* holders of a cancelled shift whose cancellation never left or failed: they would come for nothing;
* holders of a shift whose number opted out: their reminders must reach them another way.

The mark is the fact "manager.told" itself, about the text or the number it tells of.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_name
from shiftbell.rules.sending import Kind
from shiftbell.rules.telling import plain
from shiftbell.store import roster
from shiftbell.store.models import Assignment, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write

_ENDED = ("cancelled", "failed")


def tell_unreachable(now: datetime) -> bool:
    """Tell of every such holder once; there is never more to do in the same minute."""
    for text in _untold_cancellations():
        with write():
            roster.locked_number(text.number_id)
            for untold in _untold_cancellations().filter(pk=text.pk):
                _tell_cancelled(untold, now)
    for number in _untold_opt_outs(now):
        with write():
            roster.locked_number(number.pk)
            for untold_number in _untold_opt_outs(now).filter(pk=number.pk):
                _tell_opted_out(untold_number, now)
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
    )
    held = Assignment.objects.filter(
        employee__number=OuterRef("pk"),
        employee__active=True,
        state=Assignment.HELD,
        shift__cancelled_at__isnull=True,
        shift__ends_at__gt=now,
    )
    out = PhoneNumber.objects.filter(opted_out_at__isnull=False)
    return out.filter(Exists(held)).exclude(Exists(told)).order_by("pk")


def _tell_opted_out(number: PhoneNumber, now: datetime) -> None:
    holder = roster.holder(number)
    if holder is not None:
        tell_opt_out(holder, now)
