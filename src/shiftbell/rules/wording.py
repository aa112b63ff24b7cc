"""What a text says: one template per kind and language, filled with facts.

The templates live in `data/wording.toml`, and what one may do is bounded by `templates`, since
managers will write their own later. The output is bounded too, by what RingCentral takes.

Three rules every text keeps:

* It stays in the GSM-7 alphabet as long as the facts can: typography is made plain, accents that
  GSM-7 lacks are dropped from names, and a name in another script is left out. A location is
  needed to find the way, so one that cannot be written in GSM-7 is kept as it is.
* "Tomorrow" and "today" come from `spoken` alone, which says them only where they are true.
* A person's first text of any kind also says what carriers require once (`first=True`).

How names, places and times are said is decided in `spoken`; what a text costs in `segments`; who
gets which kind in `flow`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache

from shiftbell.errors import BadTemplate
from shiftbell.rules import segments
from shiftbell.rules.data import read_data
from shiftbell.rules.spoken import language_of, plain_name, plain_place
from shiftbell.rules.templates import filled

TEMPLATE_CHARS_MAX = 500
"""The longest template that is accepted."""


class Wording(StrEnum):
    """Why a text is sent; each has a template of the same name."""

    OPEN_SHIFT = "open_shift"
    CONFIRMATION = "shift_confirmed"
    REMINDER = "shift_reminder"
    CANCELLATION = "shift_cancelled"
    SHIFT_MOVED = "shift_moved"  # other_shift is what it was
    SHIFT_WITHDRAWN = "shift_withdrawn"  # taken from its holder by a manager

    ALREADY_YOURS = "already_yours"
    JUST_FILLED = "just_filled"  # place: the standby place, from 1
    STANDBY_ASK = "standby_ask"
    STANDBY_TOO_LATE = "standby_too_late"
    CANCELLED_ALREADY = "cancelled_already"  # YES to a cancelled shift
    ALREADY_STARTED = "already_started"
    OVERLAP = "overlap"  # other_shift is what the person holds
    DO_YOU_MEAN = "do_you_mean"
    WHICH_OFFER = "which_offer"
    UNKNOWN_NUMBER = "unknown_number"  # code: the number they sent
    NO_LIVE_OFFER = "no_live_offer"

    DECLINED = "declined"
    WHICH_TO_DROP = "which_to_drop"
    DROPPED = "dropped"
    DROP_UNDONE = "drop_undone"
    NOTHING_TO_DROP = "nothing_to_drop"
    DROP_AFTER_START = "drop_after_start"

    PAUSED = "paused"  # until: the day offers start again
    UNCLEAR = "unclear"
    HELP = "help"
    STARTED = "started"
    JOIN_UNKNOWN = "join_unknown"  # JOIN without the code of an open invitation
    STOPPED = "stopped"
    WRONG_NUMBER = "wrong_number"
    TEST = "test"


# They carry the required words already, or go to someone who wants no more words from us.
_WITHOUT_WELCOME = {
    Wording.HELP,
    Wording.STARTED,
    Wording.JOIN_UNKNOWN,
    Wording.STOPPED,
    Wording.WRONG_NUMBER,
}


@dataclass(frozen=True, kw_only=True)
class WordingFacts:
    """What a template may name. A template that needs a fact which is None is refused."""

    brand: str
    name: str = ""  # the first name as the roster has it; made safe here
    shift: str | None = None  # "Sat Nov 28 7am-3pm, Dock 4", from spoken.shift_line
    other_shift: str | None = None
    code: int | None = None  # an offer's number, where the person needs it to answer
    place: int | None = None
    minutes: int = 10
    until: str | None = None  # "Mon Nov 30", from spoken.day
    choices: tuple[tuple[int, str], ...] | None = None  # number and shift line
    contact: str = ""  # HELP_CONTACT


# A template may ask whether these are there (`if`, `after`); printed bare, they must be.
_OPTIONAL = {"code", "place"}


def render(kind: Wording, language: str, facts: WordingFacts, *, first: bool = False) -> str:
    """Return the text of `kind` in `language` ("es", "es-MX"; English where we have no other).

    `first` appends what a person's first text must say. Raises BadTemplate when a fact is missing.
    """
    language = language_of(language)
    text = _filled(_catalogue()[kind][language], facts, name=str(kind))
    if first and kind not in _WITHOUT_WELCOME:
        text += " " + _filled(_catalogue()["welcome"][language], facts, name="welcome")
    return _bounded(text, str(kind))


def render_template(template: str, facts: WordingFacts) -> str:
    """Return `template`, written by a stranger, filled with `facts`; raise BadTemplate."""
    return _bounded(_filled(template, facts, name="text"), "text")


def _filled(template: str, facts: WordingFacts, *, name: str) -> str:
    text = filled(template, _spoken(facts), name=name, chars_max=TEMPLATE_CHARS_MAX)
    return segments.plain(text).strip()


def _spoken(facts: WordingFacts) -> dict[str, object]:
    """Return the facts a template sees: names made safe, absent ones absent."""
    seen = {
        field.name: value
        for field in fields(facts)
        if (value := getattr(facts, field.name)) is not None or field.name in _OPTIONAL
    }
    return seen | {
        "brand": plain_place(facts.brand),
        "name": plain_name(facts.name),
        "contact": " ".join(facts.contact.split()),
    }


def _bounded(text: str, name: str) -> str:
    if segments.units_utf16(text) > segments.RINGCENTRAL_UNITS_MAX:
        raise BadTemplate(
            f'The wording "{name}" gives a text longer than RingCentral takes.',
            hint=f"Keep it under {segments.RINGCENTRAL_UNITS_MAX} characters.",
        )
    if not text:
        raise BadTemplate(f'The wording "{name}" gives an empty text.', hint="Write something.")
    return text


@cache
def _catalogue() -> dict[str, dict[str, str]]:
    return read_data("wording.toml")
