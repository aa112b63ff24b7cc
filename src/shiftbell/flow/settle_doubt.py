"""Settle doubt: ask the message store about texts whose POST had no answer.

Two reads per look-up: the rows of that recipient in the attempt's window, and one later row of ours
that proves the store fresh. Both use the slots kept for this. A look-up that fails counts for
nothing: only complete ones are evidence.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice

import structlog

from shiftbell.errors import PaceExceeded, RingCentralError
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.client import Client
from shiftbell.rules import doubting
from shiftbell.rules.doubting import Evidence, Finding, StoreRow
from shiftbell.store import doubt
from shiftbell.store.models import Attempt

log = structlog.get_logger()
FRESH_ROWS = 100  # how many later rows are looked through for one of ours


def settle_doubt(board: Switchboard) -> bool:
    """Sweep leases that ran out, then look one doubtful text up; True if that settled it."""
    if doubt.sweep(board.now()):
        return True
    attempt = doubt.to_look_up(board.now(), board.values)
    if attempt is None:
        return False
    # Judged by the time before the first read: what the store shows later is not what was read.
    began = board.now()
    doubt.tried(attempt.pk, began)
    try:
        evidence = look_up(board, attempt)
    except PaceExceeded:
        return False  # the slots kept for this are taken; a tick will come again
    except RingCentralError as error:
        log.warning("doubt.look_up_failed", message=attempt.message_id, error=error.message)
        return False
    finding = doubt.conclude(attempt.pk, evidence, began, board.values)
    log.info("doubt.looked_up", message=attempt.message_id, finding=str(finding))
    return finding in {Finding.FOUND, Finding.ABSENT}


def look_up(board: Switchboard, attempt: Attempt) -> Evidence:
    """Read the message store about one attempt; raises when a read fails."""
    client, sender = board.doubt_client(attempt.sender), attempt.sender
    skew = timedelta(seconds=sender.skew_seconds)
    since, until = doubting.window(attempt.started_at, attempt.lease_until, board.values.doubt_wait)
    # Freshness first: it must hold for the rows that are read after it.
    fresh = board.now() > attempt.lease_until and _is_fresh(client, attempt, skew)
    rows = _rows(client, attempt, since, until, skew)
    claimed = doubt.known_ids(sender.pk, (row.ringcentral_id for row in rows))
    free = [row for row in rows if row.ringcentral_id not in claimed]
    found = doubting.pick(free, attempt.message.text, since, until)
    unclear = not found and doubting.is_unclear(free, since, until)
    return Evidence(found_id=found, fresh=fresh, unclear=unclear)


def _rows(
    client: Client, attempt: Attempt, since: datetime, until: datetime, skew: timedelta
) -> list[StoreRow]:
    found = client.list_messages(
        date_from=since + skew,
        date_to=until + skew,
        direction="Outbound",
        phone_number=attempt.number.e164,
        availability=("Alive", "Deleted"),
    )
    return [
        StoreRow(row.id, row.text, row.created_at - skew if row.created_at else None)
        for row in found
        if not row.to_number  # deleted: RingCentral tells no more of it than its id
        or (row.to_number == attempt.number.e164 and row.from_number == attempt.sender.e164)
    ]


def _is_fresh(client: Client, attempt: Attempt, skew: timedelta) -> bool:
    """Whether the store shows a text of ours that was accepted after the lease had ended."""
    later = client.list_messages(
        date_from=attempt.lease_until + skew, direction="Outbound", per_page=FRESH_ROWS
    )
    ids = [row.id for row in islice(later, FRESH_ROWS)]
    return bool(doubt.known_ids(attempt.sender_id, ids))
