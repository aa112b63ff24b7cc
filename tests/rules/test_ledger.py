"""Chains and anchors by themselves: what fits is silent, what was changed is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import ledger, phones
from shiftbell.rules.ledger import FIRST, Anchor, Anchored, Entry
from tests.moments import NOON

CHAIN = "number 7"
HEX = st.text("0123456789abcdef", min_size=64, max_size=64)


def chain(*words: str) -> list[Entry]:
    """Return a whole chain, one entry for each word said."""
    entries: list[Entry] = []
    for place, word in enumerate(words, start=1):
        entries.append(sealed(place, entries[-1].hash if entries else FIRST, {"words": word}))
    return entries


def sealed(place: int, previous: str, said: dict[str, object]) -> Entry:
    salt = bytes([place] * ledger.SALT_BYTES)
    about: dict[str, Any] = {
        "chain": CHAIN,
        "place": place,
        "row": 10 + place,
        "kind": "granted",
        "recorded_at": NOON + timedelta(hours=place),
        "digest": ledger.digest_of(salt, said),
        "previous": previous,
    }
    return Entry(**about, salt=salt, said=said, hash=ledger.hash_of(**about))


def flaws(entries: Sequence[Entry], whole: Sequence[Entry], **more: Any) -> list[str]:
    head = whole[-1].hash if whole else FIRST
    found = ledger.chain_flaws(CHAIN, entries, len(whole), head, **more)
    return [f"{flaw.where}: {flaw.what}" for flaw in found]


def erased(entry: Entry) -> Entry:
    return replace(entry, salt=None, said=None)


@given(st.lists(st.text(), max_size=6))
def test_a_chain_that_nobody_touched_has_no_flaws(words):
    entries = chain(*words)
    assert flaws(entries, entries) == []


@pytest.mark.parametrize(
    "change",
    [
        {"row": 99},
        {"kind": "revoked"},
        {"recorded_at": NOON},
        {"recorded_at": None},
        {"recorded_at": "2026-11-24"},
        {"salt": b"another salt 16b"},
        {"salt": "text"},
        {"said": {"words": "no"}},
        {"said": {"words": b"yes"}},
        {"said": None},
        {"salt": None},
        {"salt": None, "said": None},
        {"digest": "0" * 64},
        {"digest": None},
        {"previous": "0" * 64},
        {"hash": "0" * 64},
        {"hash": None},
        {"chain": "number 8"},
        {"place": 9},
        {"place": None},
        {"place": "two"},
    ],
    ids=str,
)
def test_a_changed_entry_is_named(change):
    whole = chain("yes", "stop", "start")
    changed = [whole[0], replace(whole[1], **change), whole[2]]
    place, row = changed[1].place, changed[1].row
    assert any(
        found.startswith(f"{CHAIN}, entry {place} (c{row})") for found in flaws(changed, whole)
    )


@pytest.mark.parametrize(
    ("kept", "named"),
    [
        ([1, 2], f"{CHAIN}, entry 2 (c12): entry 1 should stand here: it is missing"),
        ([0, 2], f"{CHAIN}, entry 3 (c13): entry 2 should stand here: it is missing"),
        ([0, 1], f"{CHAIN}: it has 2 entries, but 3 were written"),
        ([], f"{CHAIN}: it has 0 entries, but 3 were written"),
        ([0, 2, 1], f"{CHAIN}, entry 3 (c13): entry 2 should stand here: it is missing"),
    ],
)
def test_what_is_missing_or_swapped_is_named(kept, named):
    whole = chain("yes", "stop", "start")
    assert named in flaws([whole[at] for at in kept], whole)


def test_a_cut_tail_shows_in_the_head_even_where_the_count_was_mended():
    whole = chain("yes", "stop")
    found = ledger.chain_flaws(CHAIN, whole[:1], 1, whole[-1].hash)
    assert [flaw.what for flaw in found] == ["its newest hash is not the one that was written down"]


def test_who_was_erased_leaves_a_whole_chain_where_the_chain_says_so():
    whole = chain("yes", "stop")
    forgotten = [erased(whole[0]), whole[1]]
    assert flaws(forgotten, whole, erased=[1]) == []
    assert "no erasure was recorded" in flaws(forgotten, whole)[0]
    speaking = [replace(forgotten[0], said={"words": "x"}), whole[1]]
    assert "something is said here that was erased" in flaws(speaking, whole, erased=[1])[0]


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16), st.text())
def test_a_digest_cannot_be_guessed_without_its_salt(salt, other, words):
    same = ledger.digest_of(salt, {"w": words}) == ledger.digest_of(other, {"w": words})
    assert same is (salt == other)


def test_one_moment_has_one_digest_whatever_its_zone():
    eastern = NOON.astimezone(ZoneInfo("America/New_York"))
    assert ledger.digest_of(b"s", {"at": NOON}) == ledger.digest_of(b"s", {"at": eastern})


ENTRIES: list[Anchored] = [(1, "a"), (2, "b"), (3, "c"), (4, "d")]


def anchors() -> tuple[list[Anchor], dict[int | None, list[Anchored]]]:
    """Return two anchors over three of four entries."""
    made: list[Anchor] = []
    added: dict[int | None, list[Anchored]] = {1: ENTRIES[:2], 2: ENTRIES[2:3], None: ENTRIES[3:]}
    for row, count in ((1, 2), (2, 3)):
        previous, at = made[-1].head if made else FIRST, NOON + timedelta(days=row)
        day = at.date().isoformat()
        head = ledger.head_of(previous, day, at, count, added[row])
        made.append(
            Anchor(
                row=row,
                day=day,
                made_at=at,
                added=len(added[row]),
                count=count,
                previous=previous,
                head=head,
            )
        )
    return made, added


def found_in(made: Sequence[Anchor], added: Any) -> list[str]:
    return [f"{flaw.where}: {flaw.what}" for flaw in ledger.anchor_flaws(made, added)]


def test_anchors_that_nobody_touched_have_no_flaws():
    assert found_in(*anchors()) == []
    assert ledger.anchor_flaws([], {}) == []


@pytest.mark.parametrize(
    "change",
    [{"day": "2026-11-20"}, {"made_at": NOON}, {"made_at": None}, {"added": 5}, {"count": 9},
     {"previous": "x"}, {"head": "x"}, {"head": None}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("at", [0, 1])
def test_a_changed_anchor_is_named(at, change):
    made, added = anchors()
    made[at] = replace(made[at], **change)
    assert any(found.startswith(f"anchor {at + 1} (") for found in found_in(made, added))


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ({1: ENTRIES[:2], 2: [], None: ENTRIES[2:]}, "c3"),
        ({1: ENTRIES[:1], 2: ENTRIES[1:3], None: ENTRIES[3:]}, "c2"),
        ({1: ENTRIES[:2], 2: ENTRIES[2:]}, "c4"),
        ({1: [(1, "x"), (2, "b")], 2: ENTRIES[2:3]}, "anchor 1 (2026-11-25)"),
        ({1: ENTRIES[1:2], 2: ENTRIES[2:3]}, "anchor 1 (2026-11-25)"),
        ({1: ENTRIES[:2], 2: ENTRIES[2:3], 9: ENTRIES[3:]}, "anchor 9"),
    ],
)
def test_an_entry_in_the_wrong_anchor_is_named(added, named):
    made, _ = anchors()
    assert any(found.startswith(f"{named}:") for found in found_in(made, added))


def test_an_anchor_that_was_taken_out_is_missed_by_the_next_and_by_its_entries():
    made, added = anchors()
    assert "anchor 1: it is missing, and 2 entries name it: c1" in found_in(made[1:], added)
    assert any(found.startswith("anchor 2 (") for found in found_in(made[1:], added))
    assert "anchor 2: it is missing, and 1 entries name it: c3" in found_in(made[:1], added)


@given(st.dates(), st.integers(0, 10**9 - 1), HEX)
def test_an_anchor_kept_on_one_line_is_read_again_and_no_log_masks_it(day, count, head):
    line = ledger.kept(day.isoformat(), count, head)
    assert phones.mask_text(line) == line
    assert ledger.read_kept(f" {line}\n") == (day.isoformat(), count, head)
    assert ledger.read_kept(f"{day.isoformat()}:{count}:{head.upper()}") is not None


@pytest.mark.parametrize("text", ["", "x", "2026-11-24", "2026-11-24:7", "2026-11-24:7:beef"])
def test_what_is_no_anchor_is_none(text):
    assert ledger.read_kept(text) is None
