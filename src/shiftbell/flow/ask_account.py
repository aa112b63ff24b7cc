"""Ask RingCentral about the whole account, through whichever sender it lets in.

The list of opt-outs belongs to the account, so any of its extensions may read and write it. One
whose login or permission RingCentral refuses must not keep all others out of step.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog

from shiftbell.errors import LoginRefused, RefusedByRingCentral
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.client import Client
from shiftbell.store.buckets import LIGHT
from shiftbell.store.models import RateBucket

log = structlog.get_logger()
Answer = TypeVar("Answer")
NOT_ALLOWED = 403
GIVES_WAY = timedelta(minutes=1)


def may_ask(board: Switchboard, since: datetime) -> bool:
    """Whether it is time for a look at the account that is due `since` then.

    It gives way to reads that wait for a slot of the first sender, which hear replies, but not for
    ever.
    """
    rows = RateBucket.objects.filter(sender__active=True, group=LIGHT)
    first = rows.order_by("sender__position").first()
    is_free = first is not None and first.next_slot <= board.now()
    return is_free or board.now() - since >= GIVES_WAY


def ask_account(board: Switchboard, ask: Callable[[Client], Answer]) -> Answer:
    """Return what RingCentral answers the first sender that it does not turn away.

    Raises RingCentralError or PaceExceeded; there must be an active sender.
    """
    *others, last = board.senders()
    for sender in others:
        try:
            return ask(board.client(sender))
        except RefusedByRingCentral as refusal:
            if not isinstance(refusal, LoginRefused) and refusal.status != NOT_ALLOWED:
                raise
            log.warning("account.turned_away", sender=sender.position, error=refusal.message)
    return ask(board.client(last))
