"""May this text leave now? What kinds of texts there are, and the checks before each claim.

Pure: the store collects the facts under the recipient's lock and carries the verdict out. Checked
at every claim and not once when queued, because a text may wait for hours: meanwhile its shift
fills, its reader says STOP, or night falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What a text out is for."""

    OFFER = "offer"
    STANDBY = "standby"  # an opening came back: asks the next one waiting
    CONFIRMATION = "confirmation"
    CANCELLATION = "cancellation"
    CHANGE = "change"  # the shift someone holds moved
    REMINDER = "reminder"
    ANSWER = "answer"  # to a reply that was none of the others
    HELP = "help"
    STOP = "stop"  # the one confirmation of an opt-out
    START = "start"
    TEST = "test"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a kind of text is treated; lanes leave in ascending order."""

    lane: int
    consent: bool = True  # needs recorded consent (K1)
    hours: bool = True  # waits for the recipient's morning
    opted_out: bool = False  # may leave after a STOP
    addressed: bool = True  # meant for this person, not for whoever wrote from the number
    asks: bool = False  # offers work, so PAUSE, review and a filled shift hold it back


MANNERS: dict[Kind, Manner] = {
    # Answers overtake everything: someone is holding the phone.
    Kind.STOP: Manner(lane=0, consent=False, hours=False, opted_out=True, addressed=False),
    Kind.HELP: Manner(lane=0, consent=False, hours=False, opted_out=True, addressed=False),
    Kind.START: Manner(lane=0, consent=False, hours=False, opted_out=True, addressed=False),
    Kind.CONFIRMATION: Manner(lane=0, consent=False, hours=False),
    Kind.ANSWER: Manner(lane=0, consent=False, hours=False, addressed=False),
    Kind.TEST: Manner(lane=0, consent=False, hours=False, addressed=False),
    Kind.CANCELLATION: Manner(lane=1),
    Kind.CHANGE: Manner(lane=1),
    Kind.REMINDER: Manner(lane=2),
    # Ahead of a broadcast: the opening is kept for this one person for minutes only.
    Kind.STANDBY: Manner(lane=2, asks=True),
    Kind.OFFER: Manner(lane=3, asks=True),
}


# Texts that offer work: a filled shift, PAUSE and review hold them back.
ASKING = frozenset(kind for kind, manner in MANNERS.items() if manner.asks)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is known of a text that is about to leave."""

    kind: Kind
    expires_at: datetime | None
    opted_out: bool = False
    unusable: str = ""
    moved_on: bool = False  # the number is no longer the one of whom this text is for
    consent: bool = True
    active: bool = True
    in_review: bool = False
    paused_until: datetime | None = None
    closed: str = ""  # why the shift takes nobody any more: filled, cancelled, started
    withdrawn: bool = False  # the offer was taken back or already answered
    next_allowed: datetime | None = None  # when quiet hours end; None outside of them
    shift_starts_at: datetime | None = None


class Leave(StrEnum):
    """Whether a text leaves, waits or never leaves."""

    GO = "go"
    HOLD = "hold"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The verdict, why, and until when a held text waits."""

    verdict: Leave
    reason: str = ""
    until: datetime | None = None


GO = Ruling(Leave.GO)
REVIEW_LOOK_AGAIN = timedelta(minutes=5)
# A cancellation may break the night's quiet when its shift starts before this long after it.
CANCELLATION_MARGIN = timedelta(hours=2)


def may_leave(text: Leaving, now: datetime) -> Ruling:
    """Decide whether a text may leave now.

    The order matters: refusals for good come before reasons to wait, and the person's own word
    (STOP) comes before everything but time, so that the recorded reason is the weightiest one.
    """
    manner = MANNERS[text.kind]
    if text.expires_at is not None and now >= text.expires_at:
        return Ruling(Leave.CANCEL, "expired")
    if text.opted_out and not manner.opted_out:
        return Ruling(Leave.CANCEL, "opted_out")
    # What may leave after a STOP only ever answers a text that came from this very number.
    if text.unusable and not manner.opted_out:
        return Ruling(Leave.CANCEL, text.unusable)
    if manner.addressed and text.moved_on:
        return Ruling(Leave.CANCEL, "number_changed")
    if manner.consent and not text.consent:
        return Ruling(Leave.CANCEL, "no_consent")
    if manner.asks:
        ruling = _may_ask(text, now)
        if ruling is not GO:
            return ruling
    if manner.hours and text.next_allowed is not None and not _breaks_quiet(text):
        if text.expires_at is not None and text.next_allowed >= text.expires_at:
            return Ruling(Leave.CANCEL, "expires_in_quiet_hours")
        return Ruling(Leave.HOLD, "quiet_hours", text.next_allowed)
    return GO


def _may_ask(text: Leaving, now: datetime) -> Ruling:
    if text.withdrawn:
        return Ruling(Leave.CANCEL, "withdrawn")
    if text.closed:
        return Ruling(Leave.CANCEL, text.closed)
    if not text.active:
        return Ruling(Leave.CANCEL, "inactive")
    if text.paused_until is not None and now < text.paused_until:
        return Ruling(Leave.CANCEL, "paused")
    if text.in_review:
        return Ruling(Leave.HOLD, "in_review", now + REVIEW_LOOK_AGAIN)
    return GO


def _breaks_quiet(text: Leaving) -> bool:
    return (
        text.kind is Kind.CANCELLATION
        and text.next_allowed is not None
        and text.shift_starts_at is not None
        and text.shift_starts_at < text.next_allowed + CANCELLATION_MARGIN
    )
