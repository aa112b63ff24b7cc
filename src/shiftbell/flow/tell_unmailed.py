"""Tell the manager who must be called, where a mail should have told them.

Looked for are holders of a cancelled shift who did not hear of that, and those of a shift that lies
ahead whose reminder failed for good. A reminder that was withdrawn is still owed (`remind`).

A mail is withdrawn, fails or expires in many places. So, as for texts (`tell_unreachable`), it is
not told where it happens but looked for, each minute, and told in one transaction with its mark.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_name
from shiftbell.rules.sending import Kind
from shiftbell.rules.telling import plain
from shiftbell.store.models import Assignment, Mail
from shiftbell.store.transactions import write


def tell_unmailed(now: datetime) -> bool:
    """Tell of every such holder once; there is never more to do in the same minute."""
    for found in _untold(now):
        with write():
            mail = _untold(now).select_for_update(of=("self",)).filter(pk=found.pk).first()
            if mail is not None:
                _tell(mail, now)
    return False


def _untold(now: datetime) -> QuerySet[Mail]:
    """Return what reached nobody, is not tried again, and was not told."""
    newer = Mail.objects.filter(intent=OuterRef("intent"), pk__gt=OuterRef("pk"))
    holds = Assignment.objects.filter(
        shift=OuterRef("shift"), employee=OuterRef("employee"), state=Assignment.HELD
    )
    reminder = Q(kind=Kind.REMINDER, state="failed", shift__starts_at__gt=now) & Exists(holds)
    cancellation = Q(kind=Kind.CANCELLATION, state__in=["cancelled", "failed"])
    ended = Mail.objects.filter(cancellation | reminder, told_at__isnull=True)
    return ended.exclude(Exists(newer)).select_related("employee", "shift__location").order_by("pk")


def _tell(mail: Mail, now: datetime) -> None:
    assert mail.shift is not None, "both kinds are about a shift"
    mail.told_at = now
    mail.save(update_fields=["told_at"])
    name, shift, reason = mail.employee.name, shift_name(mail.shift), plain(mail.reason)
    words = f"{name} must be called: {shift} is cancelled ({reason})."
    if mail.kind == Kind.REMINDER:
        words = f"{name} must be called about {shift}: their reminder failed ({reason})."
    tell_manager(now, words, shift=mail.shift, employee=mail.employee)
