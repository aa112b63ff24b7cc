"""Tell the manager whose shift was cancelled without their hearing of it, where a mail should have.

A mail is withdrawn, fails or expires in many places. So, as for texts (`tell_unreachable`), it is
not told where it happens but looked for, each minute, and told in one transaction with its mark.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_name
from shiftbell.rules.sending import Kind
from shiftbell.rules.telling import plain
from shiftbell.store.models import Mail
from shiftbell.store.transactions import write


def tell_unmailed(now: datetime) -> bool:
    """Tell of every such holder once; there is never more to do in the same minute."""
    for found in _untold():
        with write():
            mail = _untold().select_for_update(of=("self",)).filter(pk=found.pk).first()
            if mail is not None:
                _tell(mail, now)
    return False


def _untold() -> QuerySet[Mail]:
    """Return the cancellations that reached nobody, are not tried again, and were not told."""
    newer = Mail.objects.filter(intent=OuterRef("intent"), pk__gt=OuterRef("pk"))
    ended = Mail.objects.filter(
        kind=Kind.CANCELLATION, state__in=["cancelled", "failed"], told_at__isnull=True
    )
    return ended.exclude(Exists(newer)).select_related("employee", "shift__location").order_by("pk")


def _tell(mail: Mail, now: datetime) -> None:
    assert mail.shift is not None, "what is cancelled is a shift"
    mail.told_at = now
    mail.save(update_fields=["told_at"])
    reason = plain(mail.reason)
    words = (
        f"{mail.employee.name} must be called: {shift_name(mail.shift)} is cancelled ({reason})."
    )
    tell_manager(now, words, shift=mail.shift, employee=mail.employee)
