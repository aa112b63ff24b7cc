"""Hear what RingCentral's list says about a number: from a webhook event or from the whole list.

The number's row is locked. What is to change is decided in `rules/drift`, the stricter side wins;
here it is done. RingCentral's opt-out of a colleague's number is none of ours: its texts are not.

An entry that cannot be read is no proof of an opt-out, which nobody but the person could lift
again; but texts that offer work wait, and the manager is told to find out. Should it be an opt-out,
RingCentral fails the next text, and that code is heard as one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.ringcentral.records import ConsentRecord
from shiftbell.rules import drift
from shiftbell.rules.consent import How
from shiftbell.rules.drift import EVERY_NUMBER, Entry, Mend
from shiftbell.store import consent, inbox, numbers, opt_outs, senders, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import PhoneNumber

_CARRIERS = {"carrier", "upstream"}


@dataclass(frozen=True)
class Theirs:
    """What RingCentral lists about numbers of ours, by the person's number."""

    by_phone: dict[str, list[Entry]]
    unreadable: int  # entries that name no phone


def by_phone(records: Iterable[ConsentRecord], ours: Collection[str]) -> Theirs:
    """Sort entries by the person's number; `ours` are all numbers that we text from or ever did."""
    found: defaultdict[str, list[Entry]] = defaultdict(list)
    unreadable = 0
    for record in records:
        entry = _entry_of(record)
        if entry.sender != EVERY_NUMBER and entry.sender not in ours:
            continue
        if drift.is_phone(record.to_number):
            found[record.to_number].append(entry)
        else:
            unreadable += 1
    return Theirs(dict(found), unreadable)


def _entry_of(record: ConsentRecord) -> Entry:
    return Entry(
        sender=inbox.storable(record.from_number),
        opted_out=record.opted_out,
        source=inbox.storable(record.source)[:40],
        changed_at=record.changed_at,
        coverage=inbox.storable(record.coverage)[:40],
        readable=record.readable,
    )


def hear_entries(
    number: PhoneNumber,
    entries: Sequence[Entry],
    senders: Collection[str],
    *,
    now: datetime,
    read_at: datetime | None = None,
    is_new: bool = False,
) -> Mend:
    """Do what entries about a locked number ask for; returns what that was.

    `senders` are the numbers that text now; `read_at` is when a complete list was asked for, None
    for single entries; `is_new`: nobody had the number until now.
    """
    ours = opt_outs.standing(number)
    what = drift.mend(ours, entries, senders, read_at=read_at)
    if ours.opted_out:
        _note_opt_in(number, entries, now)
    match what:
        case Mend.STOP_HERE:
            _stop(number, drift.news(ours, entries)[0], now, is_new=is_new)
            if not ours.due and drift.is_blocked(entries, senders):
                opt_outs.mark_agreed(number, now)
        case Mend.STOP_THERE | Mend.LIFT_THERE:
            opt_outs.mark_due(number, now)
        case Mend.REVIEW:
            _review(number, now)
        case Mend.NOTHING:
            pass
    return what


def _stop(number: PhoneNumber, entry: Entry, now: datetime, *, is_new: bool) -> None:
    evidence = Evidence(
        how=How.CARRIER if entry.source.lower() in _CARRIERS else How.RINGCENTRAL,
        actor="RingCentral",
        source=f"RingCentral: {entry.source or 'no source'}",
        detail={"from": entry.sender, "coverage": entry.coverage},
    )
    at = senders.our_time(entry.changed_at, entry.sender, now)
    if is_new:
        opt_outs.suppress(number, evidence, at=at, now=now)
        return
    holder = numbers.holder(number)
    consent.revoke(number, holder, evidence, now=now, at=at)
    if holder is not None:
        tell_opt_out(holder, now)


def _note_opt_in(number: PhoneNumber, entries: Sequence[Entry], now: datetime) -> None:
    """Note once that RingCentral would let texts through to someone who opted out here."""
    lists_one = any(entry.readable and not entry.opted_out for entry in entries)
    if lists_one and not opt_outs.is_noted(number, "consent.opt_in_noted"):
        timeline.tell("consent.opt_in_noted", at=now, actor="RingCentral", number=number)


def _review(number: PhoneNumber, now: datetime) -> None:
    number.review_since = now
    number.save(update_fields=["review_since"])
    holder = numbers.holder(number)
    reason = "RingCentral's list has an entry for it that cannot be read"
    timeline.tell("number.doubted", at=now, number=number, employee=holder, reason=reason)
    if holder is not None:
        tell_manager(
            now,
            f"RingCentral's list of opt-outs has an entry for {holder.name} that cannot be read, "
            "so offers to them wait. Ask them: START from their phone lets offers go on.",
            employee=holder,
        )
