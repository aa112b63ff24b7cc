"""Check numbers: what RingCentral's list and our ledger say of each, side by side.

Reads only. A look-up that fails, and an entry that cannot be read, are errors and never "did not
opt out": whoever asks is about to send a text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shiftbell.errors import PaceExceeded, RingCentralError
from shiftbell.flow.ask_account import ask_account
from shiftbell.flow.hear_ringcentral import by_phone
from shiftbell.flow.switchboard import Switchboard
from shiftbell.ringcentral.consents import NUMBERS_MAX, list_opt_outs, search_consents
from shiftbell.ringcentral.records import ConsentRecord
from shiftbell.rules.drift import Entry, is_phone
from shiftbell.store import numbers, opt_outs
from shiftbell.store.models import Employee, PhoneNumber, Sender

RIDDLE = "RingCentral's entry cannot be read."
IMPOSSIBLE = "RingCentral keeps no list for such a number."


@dataclass(frozen=True, slots=True)
class Checked:
    """What both sides say of one number; `opted_out` is RingCentral's word, None if unknown."""

    phone: str
    opted_out: bool | None
    since: datetime | None
    error: str
    number: PhoneNumber | None  # None: we never heard of it
    employee: Employee | None
    unreached: bool = False  # nobody at RingCentral answered for it

    @property
    def agrees(self) -> bool | None:
        """Whether both sides say the same; None while RingCentral's word is not known."""
        ours = self.number is not None and self.number.opted_out_at is not None
        return None if self.opted_out is None else self.opted_out is ours


def check_consents(board: Switchboard, phones: Sequence[str]) -> list[Checked]:
    """Look numbers up, in E.164; a look-up that fails is the error of the numbers it was about."""
    rows = opt_outs.by_phone(phones)
    found: dict[str, list[Entry] | str] = {}
    unreached: set[str] = set()
    wanted = [phone for phone in dict.fromkeys(phones) if is_phone(phone)]
    for start in range(0, len(wanted), NUMBERS_MAX):
        some = wanted[start : start + NUMBERS_MAX]
        try:
            found |= _look_up(board, some)
        except (RingCentralError, PaceExceeded) as error:
            found |= dict.fromkeys(some, error.sentence())
            unreached.update(some)
    side_by_side = _side_by_side(phones, found, rows)
    return [replace(one, unreached=one.phone in unreached) for one in side_by_side]


def _look_up(board: Switchboard, phones: list[str]) -> dict[str, list[Entry] | str]:
    """Return RingCentral's entries of each number, or that they cannot be read."""
    records = _ask(board, phones)
    theirs = by_phone(records, set(Sender.objects.values_list("e164", flat=True)))
    if theirs.unreadable:
        return dict.fromkeys(phones, RIDDLE)
    return {phone: theirs.by_phone.get(phone, []) for phone in phones}


def _ask(board: Switchboard, phones: list[str]) -> list[ConsentRecord]:
    records = list(ask_account(board, lambda client: search_consents(client, phones=phones)))
    for sender in board.senders():
        if sender.high_volume:
            records += list_opt_outs(board.client(sender), senders=[sender.e164])
    return records


def _side_by_side(
    phones: Sequence[str],
    found: dict[str, list[Entry] | str],
    rows: dict[str, PhoneNumber],
) -> Iterator[Checked]:
    for phone in phones:
        entries = found.get(phone, IMPOSSIBLE)
        row = rows.get(phone)
        employee = numbers.holder(row) if row else None
        if isinstance(entries, str):
            yield Checked(phone, None, None, entries, row, employee)
        else:
            yield Checked(phone, *_said(entries), row, employee)


def _said(entries: Sequence[Entry]) -> tuple[bool | None, datetime | None, str]:
    """Return whether entries of one number are an opt-out, since when, and what cannot be told."""
    out = [entry for entry in entries if entry.opted_out and entry.readable]
    if out:
        since = [entry.changed_at for entry in out if entry.changed_at is not None]
        return True, min(since, default=None), ""
    if any(not entry.readable for entry in entries):
        return None, None, RIDDLE
    return False, None, ""
