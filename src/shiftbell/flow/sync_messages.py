"""Sync: read what RingCentral's message store has new, as the backstop of every webhook.

Of a text in, an event may bring the words; of statuses it only says "look", and any event may be
lost. Message-sync says what. It runs at most every five seconds per sender when
an event asked for it, every thirty while offers live or RingCentral gives no answer, else every
five minutes. Records are stored first and the token last, so a crash reads some again and loses
none; each is known by its id.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from shiftbell.errors import (
    PaceExceeded,
    RingCentralError,
    RingCentralUnavailable,
    SyncTokenRejected,
)
from shiftbell.flow.switchboard import Switchboard
from shiftbell.flow.track_delivery import follow_record
from shiftbell.ringcentral.records import StoredMessage
from shiftbell.store import inbox, senders
from shiftbell.store.models import Message, Offer, Sender
from shiftbell.store.transactions import write

log = structlog.get_logger()
AT_MOST_EVERY = timedelta(seconds=5)
WHILE_OFFERS_LIVE = timedelta(seconds=30)
OTHERWISE = timedelta(minutes=5)
LOOK_BACK = timedelta(hours=1)
# FSync starts afresh only to get a token; what happened meanwhile is paged from the store.
TOKEN_ONLY = 1


def sync_messages(board: Switchboard) -> bool:
    """Sync the senders that are due. Returns whether any was."""
    due = [sender for sender in board.senders() if _is_due(board, sender)]
    for sender in due:
        try:
            sync_sender(board, sender)
        except (RingCentralError, PaceExceeded) as error:
            # In memory, and not as `synced_at`: that says when a sync last worked.
            board.sync_failed_at[sender.pk] = board.now()
            if isinstance(error, RingCentralUnavailable):
                senders.note_out_of_reach(sender, error.message, board.now())
            log.warning("sync.failed", sender=sender.position, error=error.message)
        else:
            if senders.is_out_of_reach(sender):
                senders.note_in_reach(sender, board.now())
    return bool(due)


def sync_sender(board: Switchboard, sender: Sender) -> int:
    """Read everything new of one sender; returns how many records were read."""
    started = board.now()
    if sender.sync_token:
        try:
            records, token = _since_token(board, sender)
        except SyncTokenRejected:
            records, token = _afresh(board, sender)
    else:
        records, token = _afresh(board, sender)
    for record in sorted(records, key=lambda record: (record.created_at or started, record.id)):
        _take_in(sender, record, board.now())
    _remember(sender, token, records, started)
    return len(records)


def _since_token(board: Switchboard, sender: Sender) -> tuple[list[StoredMessage], str]:
    page = board.client(sender).sync_messages(sender.sync_token)
    return list(page.records), page.token


def _afresh(board: Switchboard, sender: Sender) -> tuple[list[StoredMessage], str]:
    """Take a token, then page the store from the last text heard, less an hour."""
    client = board.client(sender)
    since = (sender.heard_until or board.now()) - LOOK_BACK
    token = client.sync_messages(date_from=since, record_count=TOKEN_ONLY).token
    return list(client.list_messages(date_from=since)), token


def _take_in(sender: Sender, record: StoredMessage, now: datetime) -> None:
    if record.direction == "Inbound" and record.from_number and record.availability == "Alive":
        inbox.receive(
            sender,
            ringcentral_id=record.id,
            from_number=record.from_number,
            text=record.text,
            received_at=record.created_at or now,
            now=now,
        )
    elif record.direction == "Outbound":
        follow_record(sender, record, now)


def _remember(sender: Sender, token: str, records: list[StoredMessage], started: datetime) -> None:
    heard = [r.created_at for r in records if r.created_at and r.direction == "Inbound"]
    with write():
        row = Sender.objects.select_for_update().get(pk=sender.pk)
        row.sync_token, row.synced_at = token, started
        row.heard_until = max([*heard, row.heard_until or started - LOOK_BACK])
        # A wish that came while we were reading stands: it may be about what we did not see.
        if row.sync_wanted_at is not None and row.sync_wanted_at <= started:
            row.sync_wanted_at = None
        row.save(update_fields=["sync_token", "synced_at", "heard_until", "sync_wanted_at"])


def _is_due(board: Switchboard, sender: Sender) -> bool:
    now = board.now()
    tried = [at for at in (sender.synced_at, board.sync_failed_at.get(sender.pk)) if at]
    if not tried:
        return True
    since = now - max(tried)
    if sender.sync_wanted_at is not None:
        return since >= AT_MOST_EVERY
    soon = senders.is_out_of_reach(sender) or _offers_live(now)
    return since >= (WHILE_OFFERS_LIVE if soon else OTHERWISE)


def _offers_live(now: datetime) -> bool:
    """Whether an answer or a status may be expected: open offers, or texts on their way."""
    return (
        Offer.objects.filter(state=Offer.OPEN, shift__starts_at__gt=now).exists()
        or Message.objects.filter(state="sent", sent_at__gte=now - LOOK_BACK).exists()
    )
