"""What ends by time alone: texts and mails too late to leave, and the rest of unreachable numbers.

A claim refuses an expired text by itself; but a paused sender claims nothing, and a held broadcast
is not looked at. Whoever watches a broadcast must still see it end. A number that rests because its
texts failed is tried once more afterwards (`rules/hygiene`).
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from shiftbell.store import hygiene, mailboxes, outbox
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Mail, Message
from shiftbell.store.transactions import write


def expire(now: datetime) -> bool:
    """Cancel every text and mail whose time is over; never more to do in the same minute."""
    over = Message.objects.filter(direction=Message.OUT, state="queued", expires_at__lte=now)
    for chunk in in_chunks(list(over.order_by("pk").values_list("pk", flat=True))):
        with write():
            outbox.withdraw_texts(Q(pk__in=chunk), reason="expired", now=now)
    late = Mail.objects.filter(state="queued", expires_at__lte=now)
    for chunk in in_chunks(list(late.order_by("pk").values_list("pk", flat=True))):
        with write():
            mailboxes.withdraw(Q(pk__in=chunk), reason="expired", now=now)
    hygiene.end_rests(now)
    return False
