"""Track delivery: what became of the texts that RingCentral accepted.

Statuses come with message-sync; what no sync brought is asked for once more after ten minutes and
after seventy (SMS-CAR-104 may know more an hour later). Final is final, but what a code says
follows by itself follows however late it arrives.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from shiftbell.errors import PaceExceeded, RefusedByRingCentral, RingCentralError
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.records import StoredMessage
from shiftbell.rules.delivery import State, follow
from shiftbell.store import delivery
from shiftbell.store.models import Message, Sender

log = structlog.get_logger()
TRY_AGAIN_IN = timedelta(minutes=1)
SECOND_CHECK = timedelta(minutes=70)


def follow_record(sender: Sender, record: StoredMessage, now: datetime) -> None:
    """Take note of what RingCentral says about one text of ours."""
    message = Message.objects.filter(sender=sender, ringcentral_id=record.id).first()
    if message is None:
        return  # written by hand, or in doubt: settle_doubt reads the store itself
    verdict = follow(State(message.state), record.status, record.error_code)
    news = verdict.state is not None and verdict.state != message.state
    # A text called failed that is on the phone after all must not be sent once more.
    late = message.state == State.FAILED and message.delivered_at is None
    news |= late and record.status == delivery.DELIVERED
    if news or (record.error_code and record.error_code != message.error_code):
        delivery.record(message.pk, record.status, record.error_code, now)


def recheck(board: Switchboard) -> bool:
    """Ask for the status of one text that has been silent too long. Returns whether any was due."""
    now = board.now()
    message = (
        Message.objects.select_related("sender")
        .filter(recheck_at__lte=now, sender__active=True)
        .order_by("recheck_at", "pk")
        .first()
    )
    if message is None:
        return False
    try:
        follow_record(message.sender, _read(board, message), now)
    except (RingCentralError, PaceExceeded) as error:
        log.warning("delivery.recheck_failed", message=message.pk, error=error.message)
        gone = isinstance(error, RefusedByRingCentral) and error.status == 404
        delivery.checked(message.pk, _next_check(message, now) if gone else now + TRY_AGAIN_IN)
        return False
    delivery.checked(message.pk, _next_check(message, now))
    return True


def _read(board: Switchboard, message: Message) -> StoredMessage:
    assert message.ringcentral_id is not None
    return board.client(message.sender).get_message(message.ringcentral_id)


def _next_check(message: Message, now: datetime) -> datetime | None:
    again = (message.sent_at or now) + SECOND_CHECK
    return again if again > now else None
