"""The file for a dispute: what is on record of one person, and how it is laid out on paper.

Everything in it is a fact with its time, its id and where it came from; whoever reads it knows
nothing of Shiftbell. Moments are written with their offset from UTC, so that nobody has to ask
whose clock it was. Numbers are shown whole, since this is evidence.

The facts are collected in `flow/export_consents`; as JSON they are these same fields.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shiftbell.rules.consent import Event

WIDTH = 96
INDENT = 4
LABEL = 20

IN_WORDS: dict[str, str] = {
    Event.GRANTED: "agreed to be texted",
    Event.REVOKED: "wants no more texts",
    Event.RESUMED: "asked for texts again",
    Event.PAUSED: "wants no offers for a while",
    Event.WRONG_NUMBER: "the number is someone else's",
    Event.NUMBER_CHANGED: "has another number now",
    Event.NIGHT_ALLOWED: "urgent offers may come at night",
    Event.NIGHT_ENDED: "no more offers at night",
    Event.ERASED: "what earlier entries said was erased",
}
OF_MAIL: dict[str, str] = {
    Event.REVOKED: "wants no more e-mail",
    Event.RESUMED: "asked for e-mail again",
}
FORGOTTEN = "(what was said was erased)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who this is about."""

    id: str
    external_id: str
    name: str
    active: bool
    language: str
    locations: tuple[str, ...]
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A number or address of theirs, how long it was that, and how it stands today."""

    contact: str
    since: datetime | None
    until: datetime | None  # None: still theirs
    opted_out_since: datetime | None
    unusable_since: datetime | None
    unusable_because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One entry of the consent ledger."""

    id: str
    what: str
    whose: str
    contact: str
    said_at: datetime | None
    recorded_at: datetime
    how: str
    source: str
    recorded_by: str
    words: str
    shown: str
    version: str
    until: datetime | None
    detail: Mapping[str, object]
    ledger: str  # "number 12, entry 3"
    anchored: str
    salt: str
    digest: str
    hash: str
    hash_before: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One POST of a text, and why it was allowed."""

    began_at: datetime
    outcome: str
    allowed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One text to them."""

    id: str
    what: str
    words: str
    to_number: str
    from_number: str
    queued_at: datetime
    left_at: datetime | None
    accepted_at: datetime | None
    delivered_at: datetime | None
    state: str
    ringcentral_id: str
    error: str
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One text from them. `written_at` is RingCentral's creation time, by its clock."""

    id: str
    read_as: str
    words: str
    from_number: str
    to_number: str
    written_at: datetime | None
    stored_at: datetime
    heard_at: datetime | None
    ringcentral_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link of an e-mail that was used, with what its page said and who pressed the button."""

    id: str
    letter: str  # the e-mail it stood in
    purpose: str
    used_at: datetime
    outcome: str
    page: str
    pressed_from: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One e-mail to them, instead of a text."""

    id: str
    what: str
    subject: str
    words: str
    to_address: str
    instead_because: str
    queued_at: datetime
    left_at: datetime | None
    accepted_at: datetime | None
    state: str
    message_id: str
    links_used: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A shift they took, as written consent: what they were shown and what they answered (F1)."""

    shift: str
    work: str
    taken_at: datetime
    ended_at: datetime | None
    state: str
    shown: tuple[Text | Letter, ...]
    answer: Reply | Link | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What looking through the whole ledger found."""

    result: str
    flaws: tuple[str, ...]
    entries: int
    chains: int
    anchors: int
    newest_anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """All that is on record of one person's consent and messages, oldest first."""

    made_at: datetime
    made_by: str
    employer: str
    zone: str
    person: Person
    numbers: tuple[Held, ...] = ()
    consents: tuple[Word, ...] = ()
    shifts_accepted: tuple[Acceptance, ...] = ()
    texts: tuple[Text, ...] = ()
    replies: tuple[Reply, ...] = ()
    emails: tuple[Letter, ...] = ()
    proof: Proof = field(kw_only=True)


_SECTIONS = {
    "numbers": "Numbers and addresses",
    "consents": "What they allowed, and what they took back",
    "shifts_accepted": "Shifts they accepted: what they were shown, and what they answered",
    "texts": "Texts to them",
    "replies": "Texts from them",
    "emails": "E-mails to them",
}
_ABOUT = (
    "This file is evidence: it shows phone numbers and addresses whole. Keep it where only those "
    "can read it who need it. All times are in {zone} and carry their offset from UTC. Where a "
    "text from a phone is concerned, 'written at' is when RingCentral received it, and 'heard at' "
    "when Shiftbell acted on it. Ids like c12 and m34 name the same thing throughout."
)


def laid_out(dossier: Dossier) -> str:
    """Return the dossier as plain text, up to 96 columns wide."""
    zone = ZoneInfo(dossier.zone)
    lines = [f"CONSENT AND MESSAGES OF {dossier.person.name.upper()}", ""]
    lines += [f"Made by {dossier.made_by} on {_moment(dossier.made_at, zone)}"]
    lines += [f"for {dossier.employer}."] * bool(dossier.employer)
    lines += ["", *textwrap.wrap(_ABOUT.format(zone=dossier.zone), WIDTH)]
    lines += _section("The person", [dossier.person], zone)
    for name, title in _SECTIONS.items():
        lines += _section(title, getattr(dossier, name), zone)
    lines += _section("Is the ledger as it was written?", [dossier.proof], zone)
    return "\n".join(lines) + "\n"


def _section(title: str, records: Iterable[object], zone: ZoneInfo) -> list[str]:
    blocks = [list(_block(record, zone, INDENT)) for record in records]
    lines = ["", "", title, "=" * len(title)]
    for block in blocks or [["(none)"]]:
        lines += ["", *block]
    return lines


def _block(record: object, zone: ZoneInfo, indent: int) -> Iterator[str]:
    """Yield the lines of one record: its id and what it is, then its facts, one a line."""
    assert is_dataclass(record)
    named = {each.name: getattr(record, each.name) for each in fields(record)}
    heading = [str(named.pop(name)) for name in ("id", "what", "shift") if named.get(name)]
    if heading:
        yield " " * (indent - INDENT) + "  ".join(heading)
    for name, value in named.items():
        label = name.replace("_", " ")
        parts = [each for each in _parts(value) if is_dataclass(each)]
        for part in parts:
            yield f"{' ' * indent}{label}:"
            yield from _block(part, zone, indent + INDENT)
        if not parts and (words := _words(value, zone)):
            yield from _labelled(label, words, indent)


def _parts(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)


def _labelled(label: str, words: str, indent: int) -> Iterator[str]:
    room = WIDTH - indent - LABEL
    lines = [part for line in words.splitlines() for part in textwrap.wrap(line, room) or [""]]
    for at, line in enumerate(lines):
        yield f"{' ' * indent}{label if at == 0 else '':<{LABEL}}{line}".rstrip()


def _words(value: object, zone: ZoneInfo) -> str:
    match value:
        case None | "" | ():
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return _moment(value, zone)
        case tuple():
            return "\n".join(map(str, value))
        case Mapping():
            return ", ".join(f"{name}: {what}" for name, what in value.items())
        case _:
            return str(value)


def _moment(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment like "Tue 2026-11-24 12:00:00 -0600"."""
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M:%S %z}"
