"""What someone allowed us to send, and how their word reached us.

Consent is a history, never a switch: each word is an event that stays, and what is allowed now is
what the events add up to (`replay`). Three rules make up the sum:

* A revocation binds the *contact*, the number or the address, for everything this employer sends
  (R6), whoever said it and however it came (R3). It never expires (K2).
* Consent binds a *person to a number* (K1, K3). A number that changed hands, or that someone else
  answered, starts without any.
* Only the person's own new word lifts a revocation (R9): START or JOIN from that very number. What
  a manager, a file or RingCentral says can only make things stricter.

What a reply means is decided in `replies`; whether one text may leave in `sending` and `reach`;
that no event can be changed unseen in `ledger`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Event(StrEnum):
    """One word about being written to."""

    GRANTED = "granted"  # this person may be texted on this number
    REVOKED = "revoked"  # nothing more to this number or address
    RESUMED = "resumed"  # the person asked for texts again, which is new consent too
    PAUSED = "paused"  # no offers until a day
    WRONG_NUMBER = "wrong_number"  # whoever answers is someone else; revokes too
    NUMBER_CHANGED = "number_changed"  # the person has another number now
    NIGHT_ALLOWED = "night_allowed"  # urgent offers may come at night
    NIGHT_ENDED = "night_ended"
    ERASED = "erased"  # what earlier events said was dropped; that they happened stays


class How(StrEnum):
    """The way a word came in."""

    FORM = "form"  # on paper or a web page
    IMPORT = "import"
    TEXT = "text"
    EMAIL = "email"
    API = "api"
    MANAGER = "manager"
    RINGCENTRAL = "ringcentral"
    CARRIER = "carrier"


# Events that make texts to a number stop, and those after which a person counts as having agreed.
STOPPING = frozenset({Event.REVOKED, Event.WRONG_NUMBER})
AGREEING = frozenset({Event.GRANTED, Event.RESUMED})


@dataclass(frozen=True, slots=True)
class Word:
    """One event, as far as it changes what is allowed. `employee`: whose word, where known."""

    kind: Event
    at: datetime
    employee: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the events of one number or address add up to."""

    out_since: datetime | None = None
    paused_until: datetime | None = None
    agreed: frozenset[int] = frozenset()  # the employees who may be texted here
    nights: frozenset[int] = frozenset()  # those of them who take urgent offers at night


def replay(words: Iterable[Word]) -> Standing:
    """Add up the events of one number or address, oldest first."""
    out_since, paused_until = None, None
    agreed: frozenset[int] = frozenset()
    nights: frozenset[int] = frozenset()
    for word in words:
        whose = frozenset() if word.employee is None else frozenset({word.employee})
        match word.kind:
            case Event.GRANTED:
                agreed |= whose
            case Event.RESUMED:
                out_since, paused_until, agreed = None, None, agreed | whose
            case Event.REVOKED:
                # Whoever comes back later must ask for the nights again.
                out_since, nights = out_since or word.at, frozenset()
            case Event.WRONG_NUMBER:
                # Whoever agreed for this number agreed for a phone that is not theirs.
                out_since, agreed, nights = out_since or word.at, frozenset(), frozenset()
            case Event.NUMBER_CHANGED:
                agreed, nights = agreed - whose, nights - whose
            case Event.PAUSED:
                paused_until = word.until
            case Event.NIGHT_ALLOWED:
                nights |= whose
            case Event.NIGHT_ENDED:
                nights -= whose
    return Standing(out_since, paused_until, agreed, nights)


# Consents, opt-outs and texts are kept so long after the last contact (K2): until then somebody
# may still sue, and only these records answer.
KEPT_FOR = timedelta(days=4 * 365 + 1)


def must_be_kept(last_contact: datetime | None, now: datetime) -> bool:
    """Whether what is on record of a person must not be erased yet (K2)."""
    return last_contact is not None and now < last_contact + KEPT_FOR


# RingCentral hands a text to the carrier within seconds; what it is told before would block it.
CONFIRMED_FIRST = timedelta(minutes=1)


def may_tell_ringcentral(stop_left: datetime | None, *, waits: bool, now: datetime) -> bool:
    """Whether RingCentral may be told of an opt-out: never before its one confirmation is out.

    `waits`: the confirmation is still to leave (it expires within minutes, R5); `stop_left`: when
    it left; None without one. Told any sooner, RingCentral would block that very text.
    """
    if waits:
        return False
    return stop_left is None or now >= stop_left + CONFIRMED_FIRST
