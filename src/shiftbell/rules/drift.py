"""Where RingCentral's list of opt-outs and our ledger differ, and which side is to change.

RingCentral keeps an opt-out for a pair of numbers and blocks its texts; ours binds the person's
number for all of ours (R7). The stricter side wins, and only the person lifts anything:

* RingCentral has an opt-out that we lack: it becomes ours, unless the person's own START or JOIN is
  newer, by the one clock both have: RingCentral's. Then RingCentral is told of that START.
* We have one that RingCentral lacks for any of our senders: RingCentral is told. An opt-in there
  lifts nothing here.
* An entry that cannot be read is neither consent nor the proof of an opt-out: offers wait until a
  person has looked, and RingCentral itself goes on blocking what it blocks.

What RingCentral is still to hear (`due`) explains a difference and is none. Nothing is concluded
from a missing entry unless the list is complete and younger than what was last told.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import inf

EVERY_NUMBER = "*"  # RingCentral's word for all numbers of the account
_PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_API = "api"
_CAMPAIGN = "campaigntype"  # such an entry blocks some texts only
# A change that was written to RingCentral's list while the START was being heard.
ON_ITS_WAY = timedelta(seconds=30)
AGAIN_MIN, AGAIN_MAX = timedelta(minutes=1), timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Entry:
    """What RingCentral lists for a person's number and one of ours, or `EVERY_NUMBER`."""

    sender: str
    opted_out: bool
    source: str = ""  # Recipient, Api, Upstream, Carrier
    changed_at: datetime | None = None  # by RingCentral's clock
    coverage: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True)
class Ours:
    """What the ledger has of a number."""

    opted_out: bool = False
    due: bool = False  # RingCentral is still to hear of it
    told_at: datetime | None = None
    # The last START or JOIN from it: when it was written and heard, both by RingCentral's clock.
    asked_at: datetime | None = None
    heard_at: datetime | None = None
    in_review: bool = False


class Mend(StrEnum):
    """What brings both sides together again."""

    NOTHING = "nothing"
    STOP_HERE = "stop_here"  # record RingCentral's opt-out
    STOP_THERE = "stop_there"  # tell RingCentral of ours
    LIFT_THERE = "lift_there"  # tell RingCentral of the person's START
    REVIEW = "review"  # let offers wait for a person


def mend(
    ours: Ours, entries: Sequence[Entry], senders: Collection[str], *, read_at: datetime | None
) -> Mend:
    """Decide what to do about one number. `senders`: our numbers that text now.

    `read_at`: when a complete list was asked for; None for single entries, as an event brings them.
    """
    # A list that is older than what was told last proves nothing about it.
    complete = read_at is not None and (ours.told_at is None or ours.told_at < read_at)
    conclusive = complete and not ours.due
    if ours.opted_out:
        lacking = conclusive and not is_blocked(entries, senders)
        return Mend.STOP_THERE if lacking else Mend.NOTHING
    if news(ours, entries):
        return Mend.STOP_HERE
    riddles = any(not each.readable and not is_lifted(each, ours) for each in entries)
    if riddles and not ours.in_review:
        return Mend.REVIEW
    stale = [each for each in entries if each.opted_out and is_lifted(each, ours)]
    lifts = conclusive and any(each.sender in senders for each in stale)
    return Mend.LIFT_THERE if lifts else Mend.NOTHING


def news(ours: Ours, entries: Sequence[Entry]) -> list[Entry]:
    """Return the opt-outs that no START of the person is newer than, oldest first."""
    standing = [each for each in entries if each.opted_out and each.readable]
    new = [each for each in standing if not is_lifted(each, ours)]
    return sorted(new, key=lambda each: each.changed_at.timestamp() if each.changed_at else inf)


def may_lift(ours: Ours, entries: Sequence[Entry]) -> bool:
    """Whether RingCentral may be told of the person's START: it is newer than all that blocks them.

    An entry that cannot be read may be an opt-out, so a newer one keeps what RingCentral has.
    """
    if ours.opted_out or ours.asked_at is None:
        return False
    blocking = (each for each in entries if each.opted_out or not each.readable)
    return all(is_lifted(each, ours) for each in blocking)


def is_lifted(entry: Entry, ours: Ours) -> bool:
    """Whether the person asked for texts after this entry was made.

    An entry by the API may be our own push of an earlier STOP, made after the START was written and
    before it was heard; it counts as older until then. One without a date (the old API) counts as
    older only while RingCentral is yet to hear of the START.
    """
    if ours.asked_at is None or ours.heard_at is None:
        return False
    if entry.changed_at is None:
        return ours.due or not entry.readable
    if entry.source.lower() == _API:
        return entry.changed_at <= max(ours.asked_at, ours.heard_at + ON_ITS_WAY)
    return entry.changed_at <= ours.asked_at


def is_blocked(entries: Sequence[Entry], senders: Collection[str]) -> bool:
    """Whether RingCentral blocks texts from all of these numbers of ours."""
    blocked = {
        each.sender
        for each in entries
        if each.opted_out and each.readable and each.coverage.lower() != _CAMPAIGN
    }
    return EVERY_NUMBER in blocked or blocked >= set(senders)


def is_phone(number: str) -> bool:
    """Whether a number can be on RingCentral's list: short codes and withheld ones cannot."""
    return _PHONE.fullmatch(number) is not None


def try_again_in(since: datetime, now: datetime) -> timedelta:
    """Return when to tell RingCentral again what it did not take: the longer ago, the later."""
    return min(max((now - since) / 2, AGAIN_MIN), AGAIN_MAX)
