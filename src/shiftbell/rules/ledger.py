"""A chain of hashes over consent events, so that none can be changed or removed unseen.

Each number and each address has a chain of its own. An entry holds the digest of what was said, and
the hash of the entry before it:

    digest = sha256(salt + what was said)        said and salt go when a person is erased
    hash   = sha256(chain, place, id, kind, time, digest, hash before)      stays for ever

So a person can be forgotten and the chain stays whole: without the salt nobody can guess from the
digest what had been said. What a chain alone cannot show is that its newest entries were cut off.
That shows in the count and the head kept beside the chain, and in the *anchors*: once a day all
entries that have no anchor yet get one, which chains their hashes and counts them.

None of this keeps out somebody who may write to the database and computes every hash anew. A copy
of one anchor, kept elsewhere, does: it proves all that came before it (`kept`).

Pure: entries in, flaws out. What an entry holds may be of any type here, since whoever changed it
was not bound by a column's. The rows are in `store/ledger`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

FIRST = "0" * 64
"""What stands before the first entry of a chain, and before the first anchor."""

SALT_BYTES = 16

# So many entries are hashed at most, to find the one that is in the wrong anchor: a second or two.
_SEARCH = 1_000_000
# A head is written in groups this long: a longer run of digits would be masked in logs, since it
# reads like a phone number.
_GROUP = 8
_KEPT = re.compile(r"(\d{4}-\d\d-\d\d):(\d{1,18}):([0-9a-f]{64})", re.ASCII)


Anchored = tuple[int, str]
"""An entry as an anchor sees it: its id and its hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One event as the chain sees it. `said` is None once the person was erased."""

    chain: str  # "number 12" or "address 3"
    place: int  # from 1
    row: int
    kind: str
    recorded_at: datetime
    salt: bytes | None
    said: Mapping[str, object] | None
    digest: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """One day's anchor: how many entries it added, how many there are in all, and the head."""

    row: int
    day: str
    made_at: datetime
    added: int
    count: int
    previous: str
    head: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that is not as it was written: where, and what is wrong there."""

    where: str
    what: str


def digest_of(salt: bytes, said: Mapping[str, object]) -> str:
    """Return the salted digest of what was said."""
    return hashlib.sha256(salt + _canonical(said)).hexdigest()


def hash_of(
    *,
    chain: str,
    place: int,
    row: int,
    kind: str,
    recorded_at: datetime,
    digest: str,
    previous: str,
) -> str:
    """Return the hash that binds an entry to its place and to all before it."""
    return _sha(chain, place, row, kind, _written(recorded_at), digest, previous)


def head_of(
    previous: str, day: str, made_at: datetime, count: int, entries: Iterable[Anchored]
) -> str:
    """Return an anchor's head over the ids and hashes it adds, in the order of the ids."""
    return _sha(previous, day, _written(made_at), count, sorted(list(entry) for entry in entries))


def kept(day: str, count: int, head: str) -> str:
    """Return an anchor on one line, to be kept elsewhere: "2026-11-24:1881:5f0c3a9e:…"."""
    groups = (head[start : start + _GROUP] for start in range(0, len(head), _GROUP))
    return ":".join([day, str(count), *groups])


def read_kept(text: str) -> tuple[str, int, str] | None:
    """Return the day, count and head of an anchor that was kept; None where it is none."""
    day, _, rest = text.strip().lower().partition(":")
    count, _, head = rest.partition(":")
    found = _KEPT.fullmatch(f"{day}:{count}:{head.replace(':', '')}")
    return (found[1], int(found[2]), found[3]) if found else None


def chain_flaws(
    chain: str, entries: Sequence[Entry], count: int, head: str, *, erased: Iterable[int] = ()
) -> list[Flaw]:
    """Return what is wrong in one chain, whose count and head are kept beside it.

    `erased` are the places of which the chain itself says, further on, that they were erased.
    """
    flaws: list[Flaw] = []
    before, expected, allowed = FIRST, 1, set(erased)
    for entry in entries:
        where = f"{chain}, entry {entry.place} (c{entry.row})"
        if entry.place != expected:
            flaws.append(Flaw(where, f"entry {expected} should stand here: it is missing"))
        flaws += [Flaw(where, what) for what in _faults(entry, before, entry.place in allowed)]
        before = entry.hash
        expected = entry.place + 1 if isinstance(entry.place, int) else expected + 1
    if len(entries) != count:
        flaws.append(Flaw(chain, f"it has {len(entries)} entries, but {count} were written"))
    if before != head:
        flaws.append(Flaw(chain, "its newest hash is not the one that was written down"))
    return flaws


def _faults(entry: Entry, before: str, may_be_erased: bool) -> Iterator[str]:
    if entry.salt is None:
        if not may_be_erased:
            yield "what was said is gone, and no erasure was recorded"
        if entry.said is not None:
            yield "something is said here that was erased"
    elif entry.said is None or not _is(entry.digest, digest_of, entry.salt, entry.said):
        yield "what was said is not what was written"
    if entry.previous != before:
        yield "it does not follow the entry before it"
    if not _is(entry.hash, _hash, entry):
        yield "its kind, time, place or digest is not what was written"


def _hash(entry: Entry) -> str:
    return hash_of(
        chain=entry.chain,
        place=entry.place,
        row=entry.row,
        kind=entry.kind,
        recorded_at=entry.recorded_at,
        digest=entry.digest,
        previous=entry.previous,
    )


def anchor_flaws(
    anchors: Sequence[Anchor], added: Mapping[int | None, Sequence[Anchored]]
) -> list[Flaw]:
    """Return what is wrong with the anchors, oldest first.

    `added` has the ids and hashes that each one adds, and under None those without an anchor. An
    entry that no chain shows missing, because its whole chain is gone, is missing here.
    """
    flaws: list[Flaw] = []
    before, count = FIRST, 0
    for anchor in anchors:
        where = f"anchor {anchor.row} ({anchor.day})"
        entries = added.get(anchor.row, ())
        if len(entries) != anchor.added:
            what = f"it covers {anchor.added} entries, but {len(entries)} name it"
            flaws.append(Flaw(where, what))
        if anchor.previous != before or anchor.count != count + anchor.added:
            flaws.append(Flaw(where, "it does not follow the anchor before it"))
        if not _is(anchor.head, _head, anchor, entries):
            flaws.append(Flaw(where, "its day, its time or its entries are not as anchored"))
            flaws += [
                Flaw(f"c{row}", f"it was taken out of {where}, or put into it")
                for row in _misplaced(anchor, added)
            ]
        before, count = anchor.head, anchor.count
    known = {anchor.row for anchor in anchors}
    flaws += [
        Flaw(
            f"anchor {row}", f"it is missing, and {len(entries)} entries name it: c{entries[0][0]}"
        )
        for row, entries in added.items()
        if row is not None and row not in known
    ]
    return flaws


def _misplaced(anchor: Anchor, added: Mapping[int | None, Sequence[Anchored]]) -> Iterator[int]:
    """Yield the id of the one entry whose coming or going explains a head that does not fit."""
    mine = list(added.get(anchor.row, ()))
    if len(mine) == anchor.added - 1:
        others = [entry for row, some in added.items() if row != anchor.row for entry in some]
        some = others[: _SEARCH // anchor.added]
        tries = ((entry, [*mine, entry]) for entry in some)
    elif len(mine) == anchor.added + 1:
        some = mine[: _SEARCH // anchor.added]
        tries = ((entry, [each for each in mine if each != entry]) for entry in some)
    else:
        return
    yield from (entry[0] for entry, tried in tries if _is(anchor.head, _head, anchor, tried))


def _head(anchor: Anchor, entries: Iterable[Anchored]) -> str:
    return head_of(anchor.previous, anchor.day, anchor.made_at, anchor.count, entries)


def _is(written: object, made: Callable[..., str], *parts: object) -> bool:
    """Whether something is the hash that `made` makes; of what no entry ever held, it is not."""
    try:
        return made(*parts) == written
    except TypeError:
        return False


def _sha(*parts: object) -> str:
    return hashlib.sha256(_canonical(parts)).hexdigest()


def _canonical(said: object) -> bytes:
    """Return one spelling of what was said, the same on every machine and in every version."""
    return json.dumps(
        said, sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=_written
    ).encode()


def _written(at: object) -> str:
    if not isinstance(at, datetime):
        raise TypeError(f"a ledger holds no {type(at).__name__}")
    return at.astimezone(UTC).isoformat(timespec="microseconds")
