"""What one row of an imported file changes on the roster.

Pure, so that a dry run reports exactly what an import would do without a transaction to undo. The
file only adds: an empty cell keeps what is stored, nobody is removed for being absent, and a row
that would give one number to two people is refused instead of choosing between them. So is a row
without an ID whose number is known under another first name: numbers change hands, and whoever has
one now must not inherit what the person before them allowed.

Consent is the careful part. It belongs to the person *and* the number, so a changed number starts
without any (K3). An opt-out in the file is recorded; its absence lifts nothing, and
neither does a consent column, since the file may be older than the person's STOP.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from shiftbell.rules.people_file import PersonRow


class Outcome(StrEnum):
    """What became of a row."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What the roster holds of one person. `locations` are names, in alphabetical order."""

    external_id: str
    first_name: str = ""
    last_name: str = ""
    number: str = ""
    email: str = ""
    language: str = "en"
    zone: str = ""
    roles: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    notes: str = ""
    active: bool = True

    @property
    def name(self) -> str:
        """The full name, or the id where no name is known."""
        return f"{self.first_name} {self.last_name}".strip() or self.external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a row does: the entry it leaves behind, and the consent events it records."""

    outcome: Outcome
    entry: Entry
    changed: tuple[str, ...] = ()  # the fields of `entry` that differ from before
    grants: bool = False
    revokes: bool = False
    nights: bool | None = None  # allows urgent offers at night, or ends them
    keeps_consent: bool = False  # the file says no consent, the roster has one
    outdated: bool = False  # the consent in the file was given for another number
    in_use_by: str = ""  # refused: who has the number
    known_as: str = ""  # refused: whom the roster has with this number, where no ID says who it is


def change(
    row: PersonRow,
    before: Entry | None,
    holders: Mapping[str, Entry],
    *,
    consented: bool,
    opted_out: bool,
    agreed_at: datetime | None = None,
    nights: bool = False,
    new_id: str,
) -> Change:
    """Decide one row against the person's entry so far.

    `agreed_at` is when the person last agreed for any number: a consent that is no newer was given
    for the number they had then, and the column merely came along (K3).
    `holders` maps each number to the active person who has it; `consented`, `opted_out` and
    `nights` (takes urgent offers at night) are what is known of this person on the number they will
    have after this row; a person whom neither the file nor the roster gives an id becomes `new_id`.
    """
    if before is not None and row.external_id is None and _is_other(row, before):
        return Change(outcome=Outcome.REFUSED, entry=before, known_as=before.name)
    after = _after(row, before or Entry(external_id=row.external_id or new_id))
    holder = holders.get(after.number) if after.number and after.active else None
    if holder is not None and holder.external_id != after.external_id:
        return Change(outcome=Outcome.REFUSED, entry=after, in_use_by=holder.name)
    changed = _differing(before, after) if before else ()
    says_yes = row.consent is True and bool(after.number) and not consented
    outdated = says_yes and agreed_at is not None and not _newer(row.consent_at, agreed_at)
    grants = says_yes and not outdated
    revokes = row.opted_out and bool(after.number) and not opted_out
    turns = row.nights if after.number and row.nights not in {None, nights} else None
    news = changed or grants or revokes or turns is not None
    outcome = Outcome.CHANGED if news else Outcome.UNCHANGED
    return Change(
        outcome=outcome if before else Outcome.ADDED,
        entry=after,
        changed=changed,
        grants=grants,
        revokes=revokes,
        nights=turns,
        keeps_consent=row.consent is False and consented,
        outdated=outdated,
    )


def _is_other(row: PersonRow, known: Entry) -> bool:
    """Whether a name is another person's: Ana may be Ana Maria, or Dan Bell be Daniel Bell."""
    short, long = sorted((_plain(row.first_name), _plain(known.first_name)), key=len)
    if not short:
        return False
    if not long.startswith(short):
        return True
    last, known_last = _plain(row.last_name), _plain(known.last_name)
    in_a_word = long[len(short) :][:1].strip() != ""
    return in_a_word and bool(last) and bool(known_last) and last != known_last


def _plain(name: str) -> str:
    """Return a name as it compares: without case, accents and marks."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(char for char in letters if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare))


def _newer(at: datetime | None, than: datetime) -> bool:
    return at is not None and at > than


def _after(row: PersonRow, entry: Entry) -> Entry:
    said: dict[str, Any] = {
        "first_name": row.first_name,
        "last_name": row.last_name,
        "number": row.number,
        "email": row.email,
        "language": row.language,
        "zone": row.zone,
        "roles": tuple(row.roles),
        "locations": tuple(sorted(row.locations, key=str.casefold)),
        "notes": row.notes,
    }
    entry = replace(entry, **{name: value for name, value in said.items() if value})
    return entry if row.active is None else replace(entry, active=row.active)


def _differing(before: Entry, after: Entry) -> tuple[str, ...]:
    names = (field.name for field in fields(Entry))
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
