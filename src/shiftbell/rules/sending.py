"""May this text leave now? What kinds of texts there are, and the checks before each claim.

Pure: the store collects the facts under the recipient's lock and carries the verdict out. Checked
at every claim and not once when queued, because a text may wait for hours: meanwhile its shift
fills, its reader says STOP, or night falls.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shiftbell.rules.reach import REACHABLE, Bar, Reach


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
    by_hand: bool = False  # an operator's own, to a phone of theirs: no consent, no hours
    opted_out: bool = False  # may leave after a STOP
    addressed: bool = True  # meant for this person, not for whoever wrote from the number
    asks: bool = False  # offers work, so PAUSE, review and a filled shift hold it back
    held: bool = False  # only true while its reader holds the shift


MANNERS: dict[Kind, Manner] = {
    # Answers overtake everything: someone is holding the phone.
    Kind.STOP: Manner(lane=0, opted_out=True, addressed=False),
    Kind.HELP: Manner(lane=0, opted_out=True, addressed=False),
    # Not after a STOP: a START was answered once it had lifted the STOP before it.
    Kind.START: Manner(lane=0, addressed=False),
    Kind.CONFIRMATION: Manner(lane=0, held=True),
    Kind.ANSWER: Manner(lane=0, addressed=False),
    Kind.TEST: Manner(lane=0, by_hand=True, addressed=False),
    Kind.CANCELLATION: Manner(lane=1),
    Kind.CHANGE: Manner(lane=1, held=True),
    Kind.REMINDER: Manner(lane=2, held=True),
    # Ahead of a broadcast: the opening is kept for this one person for minutes only.
    Kind.STANDBY: Manner(lane=2, asks=True),
    Kind.OFFER: Manner(lane=3, asks=True),
}


# Texts that offer work: a filled shift, PAUSE and review hold them back.
ASKING = frozenset(kind for kind, manner in MANNERS.items() if manner.asks)
# Texts that are wrong once their reader no longer holds the shift.
OF_A_HOLDER = frozenset(kind for kind, manner in MANNERS.items() if manner.held)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What is known of a text that is about to leave."""

    kind: Kind
    expires_at: datetime | None
    reach: Reach = REACHABLE
    unusable: str = ""  # what is wrong with the number
    # When the reply was written that this answers. It needs no consent, for it was asked for, and
    # leaves at night while its writer still holds the phone (Q3).
    answered: datetime | None = None
    wakes: bool = False  # urgent, to someone who agreed to be woken for that (Q3)
    # RingCentral still blocks the number: it is yet to hear that the person allowed texts again.
    blocked_since: datetime | None = None
    active: bool = True
    in_review: bool = False
    paused_until: datetime | None = None
    closed: str = ""  # why the shift takes nobody any more: filled, cancelled, started
    withdrawn: bool = False  # the offer was taken back or already answered
    released: bool = False  # its reader does not hold the shift it is about, or no longer
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
# Someone who wrote within this time may be answered at night.
JUST_WROTE = timedelta(hours=1)
# How long a text waits for RingCentral to lift its block, and how often it looks.
UNBLOCKED_WITHIN = timedelta(minutes=2)
UNBLOCKED_LOOK_AGAIN = timedelta(seconds=5)
# What a shift's holder must know breaks the night's quiet when the shift starts before this long
# after it.
EARLY_SHIFT = timedelta(hours=2)


def may_leave(text: Leaving, now: datetime) -> Ruling:
    """Decide whether a text may leave now.

    The order matters: refusals for good come before reasons to wait, and the person's own word
    (STOP) comes before everything but time, so that the recorded reason is the weightiest one.
    """
    manner = MANNERS[text.kind]
    if text.expires_at is not None and now >= text.expires_at:
        return Ruling(Leave.CANCEL, "expired")
    if reason := _barred(text, manner):
        return Ruling(Leave.CANCEL, reason)
    if manner.held and text.released:
        return Ruling(Leave.CANCEL, "released")
    if manner.asks:
        ruling = _may_ask(text, now)
        if ruling is not GO:
            return ruling
    if text.blocked_since is not None and now < text.blocked_since + UNBLOCKED_WITHIN:
        return Ruling(Leave.HOLD, "blocked_at_ringcentral", now + UNBLOCKED_LOOK_AGAIN)
    if text.next_allowed is not None and not _breaks_quiet(text, manner, now):
        if text.expires_at is not None and text.next_allowed >= text.expires_at:
            return Ruling(Leave.CANCEL, "expires_in_quiet_hours")
        return Ruling(Leave.HOLD, "quiet_hours", text.next_allowed)
    return GO


def _barred(text: Leaving, manner: Manner) -> str:
    """Return why a text may never leave; "" where it may."""
    match text.reach.bar:
        case None:
            return ""
        # What may leave after a STOP only ever answers a text that came from this very number.
        case Bar.OPTED_OUT as bar:
            return "" if manner.opted_out else bar
        case Bar.UNUSABLE as bar:
            return "" if manner.opted_out else text.unusable or bar
        case Bar.MOVED_ON as bar if manner.addressed:
            return bar
        case bar:
            return "" if manner.by_hand or text.answered is not None else bar


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


def _breaks_quiet(text: Leaving, manner: Manner, now: datetime) -> bool:
    if manner.by_hand or (manner.asks and text.wakes):
        return True
    if text.answered is not None and now < text.answered + JUST_WROTE:
        return True
    # Whoever said YES before an outage must know it before a shift that starts early.
    return (
        (text.kind is Kind.CANCELLATION or text.answered is not None)
        and text.next_allowed is not None
        and text.shift_starts_at is not None
        and text.shift_starts_at < text.next_allowed + EARLY_SHIFT
    )
