"""Compare RingCentral's whole list of opt-outs with ours, and mend what is safe to mend.

Events and delivery codes bring news as it happens; this finds what they lost, what an administrator
changed there, and the opt-outs that a new sender of ours still lacks. The list is read whole first:
a look-up that fails or breaks off changes nothing, is no consent, and is tried again soon. Then
numbers that differ are looked at once more under their locks, some at a time.

Half of the account's list may be about colleagues' texts and people we never heard of. An opt-out
from our numbers is kept for strangers too: whoever is imported with that number later is found to
have opted out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from shiftbell.errors import PaceExceeded, RingCentralError
from shiftbell.flow.ask_account import ask_account, may_ask
from shiftbell.flow.hear_ringcentral import Theirs, by_phone, hear_entries
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.consents import list_opt_outs, search_consents
from shiftbell.ringcentral.records import ConsentRecord
from shiftbell.rules import drift
from shiftbell.rules.drift import Mend, Ours
from shiftbell.store import opt_outs, timeline, turns
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Sender
from shiftbell.store.transactions import write

log = structlog.get_logger()
TURN = "compare consents"
EVERY = timedelta(hours=1)
LEASE = timedelta(minutes=10)
TRY_AGAIN, TRY_AGAIN_MAX = timedelta(minutes=1), timedelta(minutes=15)

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Comparison:
    """What a comparison found: differences by what mends them, and entries about no number."""

    at: datetime
    entries: int  # about numbers of ours
    found: Counter[Mend] = field(default_factory=Counter)
    unreadable: int = 0
    mended: bool = True

    @property
    def missing_here(self) -> int:
        """Opt-outs that RingCentral had and we had not."""
        return self.found[Mend.STOP_HERE]

    @property
    def missing_there(self) -> int:
        """Opt-outs that RingCentral lacked for one of our senders."""
        return self.found[Mend.STOP_THERE]

    @property
    def lifted_here(self) -> int:
        """Opt-outs at RingCentral that the person had lifted by START or JOIN."""
        return self.found[Mend.LIFT_THERE]

    @property
    def in_doubt(self) -> int:
        """Numbers whose entry cannot be read, so that a person must look."""
        return self.found[Mend.REVIEW]

    @property
    def differs(self) -> bool:
        """Whether the two sides were out of step."""
        return bool(self.found.total() or self.unreadable)


def compare_if_due(board: Switchboard) -> bool:
    """Compare the lists once an hour; sooner after a failure, and when there was none yet."""
    began = board.now()
    since = turns.due_since(TURN, began)
    if since is None or not may_ask(board, since) or not board.senders():
        return False
    failures = turns.take(TURN, began, LEASE)
    if failures is None:
        return False
    try:
        compare(board)
    except (RingCentralError, PaceExceeded) as error:
        wait = min(TRY_AGAIN * float(2 ** min(failures, 10)), TRY_AGAIN_MAX)
        turns.give_up(TURN, next_at=board.now() + wait)
        _note_failure(error.message, board.now())
    else:
        turns.give_back(TURN, next_at=began + EVERY)
    return False


def compare(
    board: Switchboard, *, mend: bool = True, progress: Progress | None = None
) -> Comparison:
    """Compare the lists now and mend what differs, or with `mend` off only count it.

    Raises RingCentralError or PaceExceeded where the list cannot be had whole; nothing changed.
    """
    read_at = board.now()
    senders = {sender.e164 for sender in board.senders()}
    theirs = _read(board)
    entries = sum(map(len, theirs.by_phone.values()))
    different = _different(theirs, senders, read_at)
    if not mend:
        counted = Counter(different.values())
        return Comparison(read_at, entries, counted, theirs.unreadable, mended=False)
    found: Counter[Mend] = Counter()
    for chunk in in_chunks(list(different)):
        found += _mend(chunk, theirs, senders, read_at, board.now())
        if progress is not None:
            progress(found.total(), len(different))
    done = Comparison(read_at, entries, found, theirs.unreadable)
    _note(done, board.now())
    return done


def _read(board: Switchboard) -> Theirs:
    """Return RingCentral's whole list, as far as it is about numbers we text from."""
    records: list[ConsentRecord] = list(ask_account(board, search_consents))
    for sender in board.senders():
        if sender.high_volume:
            records += list_opt_outs(board.client(sender), senders=[sender.e164])
    return by_phone(records, set(Sender.objects.values_list("e164", flat=True)))


def _different(theirs: Theirs, senders: set[str], read_at: datetime) -> dict[str, Mend]:
    """Return the numbers that differ and what would mend each, as it looks without locks."""
    # Numbers that are no phones are never on RingCentral's list.
    ours = {phone for phone in opt_outs.opted_out_phones() if drift.is_phone(phone)}
    phones = sorted(theirs.by_phone.keys() | ours)
    rows = opt_outs.by_phone(phones)
    wanted = {}
    for phone in phones:
        row = rows.get(phone)
        standing = opt_outs.standing(row) if row else Ours()
        entries = theirs.by_phone.get(phone, [])
        wanted[phone] = drift.mend(standing, entries, senders, read_at=read_at)
    return {phone: what for phone, what in wanted.items() if what is not Mend.NOTHING}


def _mend(
    phones: Iterable[str], theirs: Theirs, senders: set[str], read_at: datetime, now: datetime
) -> Counter[Mend]:
    """Mend some numbers in one transaction; returns what was done, as it looked under the locks."""
    with write():
        done = Counter(
            hear_entries(
                number,
                theirs.by_phone.get(number.e164, []),
                senders,
                now=now,
                read_at=read_at,
                is_new=is_new,
            )
            for number, is_new in opt_outs.locked(list(phones))
        )
    del done[Mend.NOTHING]
    return done


def _note(done: Comparison, now: datetime) -> None:
    """Write down that both sides were compared; the timeline hears it where there is news."""
    counts: dict[str, Any] = {
        "entries": done.entries,
        "missing_here": done.missing_here,
        "missing_there": done.missing_there,
        "lifted_here": done.lifted_here,
        "in_doubt": done.in_doubt,
        "unreadable": done.unreadable,
    }
    with write():
        had_failed = opt_outs.note_compared(done.at)
        # An entry about no number comes back each hour, and nobody can do anything about it here.
        if had_failed or done.found.total():
            timeline.tell("consents.reconciled", at=now, **counts)
    log.info("consents.reconciled", **counts)


def _note_failure(reason: str, now: datetime) -> None:
    with write():
        if opt_outs.note_failed(now):
            timeline.tell("consents.not_reconciled", at=now, reason=reason)
        since = opt_outs.failing_since()
    last = opt_outs.compared_at()
    log.warning("consents.not_reconciled", error=reason, since=since, last_compared=last)
