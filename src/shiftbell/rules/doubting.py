"""Did it leave? How a text whose POST had no answer is judged.

RingCentral has no mark of ours on a text, so the message store is read like a witness:

* *found*: an outbound row of that sender and recipient, created in the attempt's window, that no
  message of ours claims and that begins with our words. At most one attempt per pair is open.
* *unclear*: a row in the window that says something else (a colleague wrote by hand), or one that
  was deleted and tells nothing any more. It is no proof that ours left, nor that it did not.
* *surely absent*: two complete look-ups at least 30 s apart, the last one DOUBT_WAIT after the
  lease, without any such row, and the store proven fresh by a later row of ours.
* Anything less cannot be told.

All times of rows are RingCentral's; the caller has taken the skew out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BEFORE = timedelta(seconds=5)
LOOK_AGAIN_MAX = timedelta(seconds=30)
CANNOT_TELL_AFTER = timedelta(minutes=10)
PREFIX_LETTERS = 40


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One outbound row of the message store for the sender and recipient in question."""

    ringcentral_id: str
    text: str
    created_at: datetime | None  # by our clock: the skew is taken out; None: deleted


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one complete look-up showed: the row that is the text, whether the store is fresh."""

    found_id: str = ""
    fresh: bool = False
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of the attempt: when its lease ends, and when it was last looked up."""

    lease_until: datetime
    looked_before: datetime | None


class Finding(StrEnum):
    """How a look-up settles a doubt."""

    FOUND = "found"
    ABSENT = "absent"
    CANNOT_TELL = "cannot_tell"  # for so long that a person should look
    UNSETTLED = "unsettled"


def look_again(doubt_wait: timedelta) -> timedelta:
    """Return the least time between two look-ups: 30 s at the usual DOUBT_WAIT of 90 s."""
    return min(LOOK_AGAIN_MAX, doubt_wait / 3)


def window(
    started_at: datetime, lease_until: datetime, doubt_wait: timedelta
) -> tuple[datetime, datetime]:
    """Return between which moments the text would have been created, if it left."""
    return started_at - BEFORE, lease_until + doubt_wait


def pick(rows: Sequence[StoreRow], text: str, since: datetime, until: datetime) -> str:
    """Return the id of the unclaimed row that is the text; "" when none surely is."""
    alike = [row for row in rows if _is_within(row, since, until) and _alike(row.text, text)]
    first = min(alike, key=lambda row: (row.created_at or until, row.ringcentral_id), default=None)
    return first.ringcentral_id if first else ""


def is_unclear(rows: Sequence[StoreRow], since: datetime, until: datetime) -> bool:
    """Whether an unclaimed row may or may not be the text."""
    return any(row.created_at is None or _is_within(row, since, until) for row in rows)


def _is_within(row: StoreRow, since: datetime, until: datetime) -> bool:
    return row.created_at is not None and since <= row.created_at <= until


def judge(look: Look, evidence: Evidence, now: datetime, doubt_wait: timedelta) -> Finding:
    """Judge a doubt after one complete look-up."""
    if evidence.found_id:
        return Finding.FOUND
    late = now >= look.lease_until + doubt_wait
    apart = look.looked_before is not None and (now - look.looked_before >= look_again(doubt_wait))
    if late and apart and evidence.fresh and not evidence.unclear:
        return Finding.ABSENT
    if now >= look.lease_until + doubt_wait + CANNOT_TELL_AFTER:
        return Finding.CANNOT_TELL
    return Finding.UNSETTLED


def _alike(stored: str, ours: str) -> bool:
    """Compare a normalised prefix: some accounts add a watermark to what they send."""
    start = _plain(ours)[:PREFIX_LETTERS]
    return bool(start) and start in _plain(stored)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
