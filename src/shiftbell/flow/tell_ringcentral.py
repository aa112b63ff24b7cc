"""Tell RingCentral who opted out here, and who asked for texts again.

RingCentral keeps an opt-out for a pair of numbers and learns only its own words by itself, so each
of ours is written there for all of our senders (R7): one call for as many numbers as it takes.

* First the confirmation of an opt-out, then the block, which would stop that very text.
* An opt-in is written for pairs of ours alone, never for the whole account, and only where the
  ledger proves that the person asked for texts again by their own START or JOIN.
* Before that, RingCentral's list is looked at: an opt-out there that is newer than the START, by a
  carrier or an administrator, becomes ours and is not lifted. Where the look-up fails, no opt-in is
  written; texts wait for it no longer than `rules/sending` says.
* What RingCentral does not take stays due. A call that fails leaves everything due; so does a crash
  before the answer is written down, since writing the same again is harmless.

A number that RingCentral chokes on must not hold up the others: a batch that is refused as a whole
is halved until the culprit is alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from shiftbell.errors import (
    LoginRefused,
    PaceExceeded,
    RateLimited,
    RefusedByRingCentral,
    RingCentralError,
    RingCentralUnavailable,
)
from shiftbell.flow.ask_account import ask_account
from shiftbell.flow.hear_ringcentral import by_phone, hear_entries
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.consents import (
    NUMBERS_MAX,
    PER_PAGE,
    ConsentChange,
    FailedConsent,
    assign_opt_outs,
    search_consents,
    set_consents,
)
from shiftbell.ringcentral.records import ALL_NUMBERS
from shiftbell.rules.consent import may_tell_ringcentral
from shiftbell.rules.drift import is_phone, may_lift
from shiftbell.store import opt_outs, turns
from shiftbell.store.models import PhoneNumber, Sender
from shiftbell.store.transactions import assert_outside, write

log = structlog.get_logger()
TURN = "tell ringcentral"
LEASE = timedelta(minutes=1)
LOOK_AGAIN = timedelta(seconds=10)  # for a confirmation that is on its way
BACK_OFF, BACK_OFF_MAX = timedelta(seconds=5), timedelta(minutes=10)
BAD_REQUEST = {400, 404, 422}  # something in the batch, and not the time or the permission


def tell_ringcentral(board: Switchboard) -> bool:
    """Tell RingCentral what it is to hear now. Returns whether there may be more."""
    if not opt_outs.any_due(board.now()) or turns.due_since(TURN, board.now()) is None:
        return False
    if not (senders := board.senders()):
        return False
    failures = turns.take(TURN, board.now(), LEASE)
    if failures is None:
        return False
    rows = opt_outs.due(board.now(), max(1, PER_PAGE // len(senders) >> failures))
    batch = _may_be_told(rows, board.now())
    try:
        _tell_all(board, senders, batch)
    except (RingCentralError, PaceExceeded) as error:
        turns.give_up(TURN, next_at=board.now() + _wait(error, failures))
        log.warning("opt_outs.not_told", numbers=len(batch), error=error.message)
        return False
    turns.give_back(TURN, next_at=board.now())
    return bool(rows)


def _may_be_told(rows: Sequence[PhoneNumber], now: datetime) -> list[PhoneNumber]:
    """Return the numbers RingCentral may hear of now; the others wait for their confirmation."""
    confirmations = opt_outs.confirmations(rows, now)
    batch = []
    for row in rows:
        stop = confirmations.get(row.pk, opt_outs.Confirmation())
        is_start = row.opted_out_at is None
        # RingCentral lists no short codes and no withheld numbers.
        if not is_phone(row.e164) or (is_start and not opt_outs.is_asked_for(row)):
            opt_outs.forget_due(row)
        elif is_start or may_tell_ringcentral(stop.left_at, waits=stop.waits, now=now):
            batch.append(row)
        else:
            opt_outs.put_off(row, now + LOOK_AGAIN)
    return batch


def _tell_all(board: Switchboard, senders: Sequence[Sender], batch: Sequence[PhoneNumber]) -> None:
    """Tell of opt-outs, then of as many STARTs as one look-up answers for; the rest stay due."""
    if out := [row for row in batch if row.opted_out_at is not None]:
        opt_outs.settle(out, _tell(board, senders, out), board.now())
    back = [row for row in batch if row.opted_out_at is None][:NUMBERS_MAX]
    if back := _still_lifted(board, senders, back):
        opt_outs.settle(back, _tell(board, senders, back), board.now())


def _still_lifted(
    board: Switchboard, senders: Sequence[Sender], back: Sequence[PhoneNumber]
) -> list[PhoneNumber]:
    """Return those of these numbers whose START is newer than all that RingCentral lists of them.

    What is newer is heard. The old API's entries have no dates, so it is not asked.
    """
    if not back:
        return []
    assert_outside()
    phones = [row.e164 for row in back]
    records = ask_account(board, lambda client: search_consents(client, phones=phones))
    theirs = by_phone(records, set(Sender.objects.values_list("e164", flat=True))).by_phone
    active = {sender.e164 for sender in senders}
    lifted = set()
    with write():
        for number, _ in opt_outs.locked(phones):
            entries = theirs.get(number.e164, [])
            hear_entries(number, entries, active, now=board.now())
            if may_lift(opt_outs.standing(number), entries):
                lifted.add(number.pk)
    for row in back:
        if row.pk not in lifted:
            opt_outs.forget_due(row)
    return [row for row in back if row.pk in lifted]


def _tell(
    board: Switchboard, senders: Sequence[Sender], batch: Sequence[PhoneNumber]
) -> dict[str, str]:
    """Write a batch into RingCentral's list; return the numbers it did not take, and why."""
    assert_outside()
    try:
        failed = _write(board, senders, batch)
    except RefusedByRingCentral as error:
        alone = len(batch) == 1 and error.status in BAD_REQUEST
        if isinstance(error, LoginRefused) or not alone:
            raise
        return {batch[0].e164: f"{error.code}: {error.message}"}
    refused = {each.to_number: f"{each.code} {each.message}".strip() for each in failed}
    if refused.keys() - {row.e164 for row in batch}:
        raise RingCentralUnavailable("RingCentral refused a number that it was not told of.")
    return refused


def _write(
    board: Switchboard, senders: Sequence[Sender], batch: Sequence[PhoneNumber]
) -> Sequence[FailedConsent]:
    out = [row.e164 for row in batch if row.opted_out_at is not None]
    back = [row.e164 for row in batch if row.opted_out_at is None]
    ordinary = [sender.e164 for sender in senders if not sender.high_volume]
    everywhere = board.values.opt_out_scope == "account"
    changes = [ConsentChange(ours, phone, False) for phone in back for ours in ordinary]
    blocked = [ALL_NUMBERS] if everywhere else ordinary
    changes += [ConsentChange(ours, phone, True) for phone in out for ours in blocked]
    failed: list[FailedConsent] = []
    if changes:
        failed += ask_account(board, lambda client: set_consents(client, changes))
    for sender in senders:
        if sender.high_volume:
            client = board.client(sender)
            failed += assign_opt_outs(client, sender.e164, opt_outs=out, opt_ins=back)
    return failed


def _wait(error: RingCentralError | PaceExceeded, failures: int) -> timedelta:
    """Return when to try again after a call that failed."""
    if isinstance(error, PaceExceeded):
        return error.quiet_for
    if isinstance(error, RateLimited):
        return error.retry_after
    if isinstance(error, RefusedByRingCentral) and error.status in BAD_REQUEST:
        return BACK_OFF  # the next batch is smaller
    return min(BACK_OFF * float(2 ** min(failures, 10)), BACK_OFF_MAX)
