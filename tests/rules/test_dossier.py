"""How the file for a dispute looks on paper."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shiftbell.rules.consent import Event
from shiftbell.rules.dossier import (
    IN_WORDS,
    Acceptance,
    Dossier,
    Held,
    Person,
    Proof,
    Reply,
    laid_out,
)
from tests.moments import NOON

PERSON = Person(
    id="e7", external_id="1001", name="Ana García", active=False, language="es",
    locations=("Dock 4", "Dock 5"), email="",
)  # fmt: skip
PROOF = Proof(
    result="yes, every entry", flaws=(), entries=3, chains=1, anchors=0, newest_anchor="none yet"
)


def page(**facts: Any) -> str:
    about: dict[str, Any] = {"made_by": "Shiftbell 1.0", "employer": "Acme", "person": PERSON}
    zone = "America/Chicago"
    return laid_out(Dossier(made_at=NOON, zone=zone, proof=PROOF, **about, **facts))


def held(**more: Any) -> Held:
    nothing: dict[str, Any] = dict.fromkeys(
        ("since", "until", "opted_out_since", "unusable_since"), None
    )
    return Held(contact="+13125550142", unusable_because="", **nothing | more)


def reply(words: str) -> Reply:
    return Reply(
        id="m5", read_as="accept", words=words, from_number="+13125550142",
        to_number="+16505550100", written_at=NOON, stored_at=NOON, heard_at=NOON,
        ringcentral_id="9",
    )  # fmt: skip


def test_it_begins_with_whom_it_is_about_who_made_it_and_whose_clock_it_uses():
    lines = page().splitlines()
    assert lines[0] == "CONSENT AND MESSAGES OF ANA GARCÍA"
    assert lines[2:4] == ["Made by Shiftbell 1.0 on Tue 2026-11-24 12:00:00 -0600", "for Acme."]
    assert "All times are in America/Chicago" in " ".join(lines)
    assert "    active              no" in lines
    assert lines[lines.index("    locations           Dock 4") + 1].strip() == "Dock 5"


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "Sun 2026-11-01 01:30:00 -0500"),
        (datetime(2026, 11, 1, 7, 30, tzinfo=UTC), "Sun 2026-11-01 01:30:00 -0600"),
    ],
)
def test_the_hour_that_comes_twice_is_told_apart(at, written):
    assert f"    since               {written}" in page(numbers=(held(since=at),)).splitlines()


def test_what_is_not_known_takes_no_line_and_an_empty_section_says_so():
    said = page(numbers=(held(),))
    assert "until" not in said.split("Numbers and addresses")[1].split("What they allowed")[0]
    assert said.count("(none)") == 5


def test_long_words_are_wrapped_and_keep_their_own_lines():
    words = "yes " * 60 + "\nsecond line"
    lines = page(replies=(reply(words),)).splitlines()
    assert max(map(len, lines)) <= 100
    assert "                        second line" in lines


def test_what_was_shown_and_what_was_answered_stand_in_one_block():
    taken = Acceptance(
        shift="s1  Sat Nov 28 7am-3pm, Dock 4", work="", taken_at=NOON,
        ended_at=NOON + timedelta(days=1), state="held", shown=(), answer=reply("YES"),
    )  # fmt: skip
    lines = page(shifts_accepted=(taken,)).splitlines()
    start = lines.index("s1  Sat Nov 28 7am-3pm, Dock 4")
    block = lines[start : lines.index("", start)]
    assert "    answer:" in block
    assert "        words               YES" in block


def test_every_kind_of_event_has_its_words():
    assert set(IN_WORDS) == set(Event)
