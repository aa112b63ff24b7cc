"""Keep the subscription: one webhook per sender, made, watched, renewed and made again.

RingCentral calls the address while the create call is still waiting, so the web process must be up
first. A subscription that is blacklisted, expired, or was made with another address or verification
token is replaced: the new one first, then the old one deleted, so no event falls between.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import structlog

from shiftbell.errors import (
    PaceExceeded,
    RefusedByRingCentral,
    RingCentralError,
    ShiftbellError,
)
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.records import Subscription as Theirs
from shiftbell.ringcentral.subscription import expires_soon, is_healthy
from shiftbell.store import timeline
from shiftbell.store.models import Sender, Subscription
from shiftbell.store.transactions import write

log = structlog.get_logger()
LOOK_EVERY = timedelta(minutes=10)
TRY_AGAIN_AFTER = timedelta(minutes=1)
MISSING = "Missing"  # our word: RingCentral has none of ours


def keep_subscriptions(board: Switchboard) -> bool:
    """Look after every sender's subscription that is due for a look."""
    if not board.values.webhook_url:
        return False
    for sender in board.senders():
        row = Subscription.objects.filter(sender=sender).first()
        if row is not None and not _is_due(board, row):
            continue
        try:
            ensure(board, sender)
        except (RingCentralError, PaceExceeded) as error:
            log.warning("subscription.failed", sender=sender.position, error=error.message)
            _note_trouble(sender, error, board.now())
    return False


def ensure(board: Switchboard, sender: Sender) -> Subscription:
    """Make sure that the sender has one healthy subscription to WEBHOOK_URL.

    Raises RingCentralError or PaceExceeded when RingCentral cannot be asked or says no.
    """
    row = Subscription.objects.filter(sender=sender).first()
    theirs = _theirs(board, sender, row)
    if row is not None and theirs is not None and _still_right(board, row, theirs):
        if expires_soon(theirs, board.now()):
            theirs = board.client(sender).renew_subscription(theirs.id)
        return _write_down(board, sender, theirs)
    made = board.client(sender).create_subscription(board.values.webhook_url, _token(board))
    kept = _write_down(board, sender, made)
    _delete_others(board, sender, keep=made.id, old=theirs.id if theirs else "")
    return kept


def read(board: Switchboard, sender: Sender) -> Theirs | None:
    """Return RingCentral's own word on the sender's subscription; None when there is none.

    One that we lost sight of is found by its address. Raises RingCentralError or PaceExceeded.
    """
    known = _theirs(board, sender, Subscription.objects.filter(sender=sender).first())
    if known is not None:
        return known
    every = board.client(sender).list_subscriptions()
    ours = [theirs for theirs in every if theirs.address == board.values.webhook_url]
    return max(ours, key=lambda theirs: theirs.status == "Active", default=None)


def renew(board: Switchboard, sender: Sender) -> Subscription:
    """Renew the sender's subscription, or make one where none is left."""
    row = Subscription.objects.filter(sender=sender).first()
    if row is None or _theirs(board, sender, row) is None:
        return ensure(board, sender)
    return _write_down(board, sender, board.client(sender).renew_subscription(row.ringcentral_id))


def delete(board: Switchboard, sender: Sender) -> bool:
    """Delete every subscription of the sender to our address. Returns whether there was one."""
    row = Subscription.objects.filter(sender=sender).first()
    found = _delete_others(board, sender, keep="", old=row.ringcentral_id if row else "")
    with write():
        Subscription.objects.filter(sender=sender).delete()
    return found


def _theirs(board: Switchboard, sender: Sender, row: Subscription | None) -> Theirs | None:
    if row is None or not row.ringcentral_id:
        return None
    try:
        return board.client(sender).read_subscription(row.ringcentral_id)
    except RefusedByRingCentral as error:
        if error.status == 404:
            return None
        raise


def _still_right(board: Switchboard, row: Subscription, theirs: Theirs) -> bool:
    return (
        is_healthy(theirs, board.now(), address=board.values.webhook_url)
        and row.token_digest == _digest(board)
        and row.address == board.values.webhook_url
    )


def _delete_others(board: Switchboard, sender: Sender, *, keep: str, old: str) -> bool:
    """Delete the old subscription, and what else calls our address: leftovers of a crash."""
    client = board.client(sender)
    others = {
        theirs.id
        for theirs in client.list_subscriptions()
        if theirs.id != keep and (theirs.id == old or theirs.address == board.values.webhook_url)
    }
    for other in sorted(others):
        client.delete_subscription(other)
    return bool(others)


def _write_down(board: Switchboard, sender: Sender, theirs: Theirs) -> Subscription:
    now = board.now()
    with write():
        before = Subscription.objects.filter(sender=sender).first()
        row, _ = Subscription.objects.update_or_create(
            sender=sender,
            defaults={
                "ringcentral_id": theirs.id,
                "status": theirs.status,
                "address": board.values.webhook_url,
                "token_digest": _digest(board),
                "expires_at": theirs.expires_at,
                "checked_at": now,
                "reason": "",
            },
        )
        if before is None or (before.ringcentral_id, before.status) != (theirs.id, theirs.status):
            timeline.tell(
                "subscription.changed", at=now, sender=sender, status=theirs.status, reason=""
            )
    return row


def _note_trouble(sender: Sender, error: ShiftbellError, now: datetime) -> None:
    """Write down why there is no sound subscription, so that the next try waits its turn.

    That it was not asked for, to keep the pace, hides no reason that RingCentral's silence or
    answer gave before.
    """
    reason = error.message[:300]
    with write():
        row, made = Subscription.objects.get_or_create(
            sender=sender,
            defaults={
                "ringcentral_id": "",
                "status": MISSING,
                "checked_at": now,
                "reason": reason,
            },
        )
        if not made:
            row.checked_at = now
            if not (row.reason and isinstance(error, PaceExceeded)):
                row.reason = reason
            row.save(update_fields=["checked_at", "reason"])


def _is_due(board: Switchboard, row: Subscription) -> bool:
    since = board.now() - row.checked_at
    right = row.token_digest == _digest(board) and row.address == board.values.webhook_url
    return since >= LOOK_EVERY or (since >= TRY_AGAIN_AFTER and not right)


def _token(board: Switchboard) -> str:
    return board.values.webhook_secret.get_secret_value()


def _digest(board: Switchboard) -> str:
    return hashlib.sha256(b"verification:" + _token(board).encode()).hexdigest()
