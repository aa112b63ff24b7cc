"""Withdraw what can no longer leave in time, also where no worker would come to look.

A claim refuses an expired text by itself; but a paused sender claims nothing, and a held broadcast
is not looked at. Whoever watches a broadcast must still see it end.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from shiftbell.store import outbox
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Message
from shiftbell.store.transactions import write


def expire(now: datetime) -> bool:
    """Cancel every queued text whose time is over; there is never more to do in the same minute."""
    over = Message.objects.filter(direction=Message.OUT, state="queued", expires_at__lte=now)
    for chunk in in_chunks(list(over.order_by("pk").values_list("pk", flat=True))):
        with write():
            outbox.withdraw(Q(pk__in=chunk), reason="expired", now=now)
    return False
