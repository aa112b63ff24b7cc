"""May this letter leave now, and what follows from handing it over?

A letter obeys what a text does (`sending`): its shift, its offer, PAUSE, review and the reader's
hours. Beside that its mailbox must be one that this person gave and did not take back. Two things
differ from texts, both because a mail program shows one Message-ID once and a phone shows every
text: a letter that may have been taken is handed over again instead of looked for, a few times;
and no number of refusals ends one that surely was not, only its time does.

A letter that is refused for what it says is its own trouble: one shift's words may look like spam.
Only when several different ones are, one after another, is it the way that is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shiftbell.rules.sending import Leave, Leaving, Ruling, may_leave

__all__ = ["End", "Handed", "Leave", "Leaving", "Mailbox", "Next", "after_handing", "may_mail"]

# Letters that may have been taken already; one more would be one too many for any mail program.
DOUBTS_MAX = 4
WAIT = timedelta(minutes=1)
WAIT_MAX = timedelta(hours=1)
# The whole road: a server that is well again is found so soon.
ROAD_WAIT_MAX = timedelta(minutes=10)
# A server that restarts is no news; one that stays away for a quarter of an hour is.
FAILURES_BEFORE_NEWS = 4
# So many different letters refused for their words, with none taken between, are no accident.
LETTERS_BEFORE_NEWS = 3


@dataclass(frozen=True, slots=True)
class Mailbox:
    """What is known of the address a letter was written to."""

    unsubscribed: bool = False
    unusable: bool = False
    corrected: bool = False  # this person has another address by now, so it may be a stranger's

    @property
    def bar(self) -> str:
        """Why nothing more is written to it; "" where it may be. Their own word comes first."""
        reasons = {
            "unsubscribed": self.unsubscribed,
            "address_changed": self.corrected,
            "address_refused": self.unusable,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")


def may_mail(letter: Leaving, mailbox: Mailbox, now: datetime) -> Ruling:
    """Decide whether a letter may leave now."""
    if mailbox.bar:
        return Ruling(Leave.CANCEL, mailbox.bar)
    return may_leave(letter, now)


class End(StrEnum):
    """How handing a letter over ended."""

    TAKEN = "taken"
    ADDRESS_REFUSED = "address_refused"  # this mailbox takes none, ever
    WE_REFUSED = "we_refused"  # our login or sender
    CONTENT_REFUSED = "content_refused"  # what this letter says
    UNREACHED = "unreached"  # no server, or none that takes letters now
    LATER = "later"  # not this one now; another may fare better
    UNKNOWN = "unknown"  # it may have been taken
    WITHDRAWN = "withdrawn"  # the last check said no
    UNWRITABLE = "unwritable"  # its words cannot be made


@dataclass(frozen=True, slots=True)
class Handed:
    """What handing one letter over taught us."""

    end: End
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Next:
    """Where the letter goes, and what else follows."""

    state: str  # of the letter: sent, failed or queued
    reason: str = ""
    wait: timedelta = timedelta(0)  # before this letter is tried again
    road_wait: timedelta | None = None  # before any letter is; None while the road works
    doubt: bool = False  # it may have been taken
    bad_address: bool = False
    refused: bool = False  # for what it says
    news: bool = False  # the manager must hear that no e-mail leaves
    letter_news: bool = False  # the manager must hear that this one does not


def after_handing(
    handed: Handed, *, tries: int, doubts: int, failures: int, refused: int = 0
) -> Next:
    """Decide what an end means for its letter, and for those that wait behind it.

    `tries` and `doubts` count what this letter met before; `failures` how often in a row the road
    had failed before this one; `refused` how many other letters were refused for their words since
    the last one that was taken.
    """
    reason, road = handed.detail, _wait(failures, ROAD_WAIT_MAX)
    match handed.end:
        case End.TAKEN:
            return Next("sent")
        case End.ADDRESS_REFUSED:
            return Next("failed", reason, bad_address=True)
        case End.UNWRITABLE:
            return Next("failed", reason)
        case End.WITHDRAWN:
            return Next("queued", reason)  # judged again at once, and cancelled for its reason
        case End.LATER:
            return Next("queued", reason, wait=_wait(tries, WAIT_MAX))
        case End.WE_REFUSED:
            # The next to find out whether the road is mended is another one.
            return Next(
                "queued", reason, wait=_wait(tries, WAIT_MAX) + road, road_wait=road, news=True
            )
        case End.CONTENT_REFUSED:
            return _refused(reason, tries, road, closed=refused + 1 >= LETTERS_BEFORE_NEWS)
        case End.UNREACHED:
            news = failures >= FAILURES_BEFORE_NEWS
            return Next("queued", reason, road_wait=road, news=news)
        case End.UNKNOWN:
            gone = doubts + 1 >= DOUBTS_MAX
            return Next(
                "failed" if gone else "queued",
                reason,
                wait=_wait(doubts, WAIT_MAX),
                road_wait=road,
                doubt=True,
                # One letter that is given up met as many failures in a row as it may.
                news=failures + 1 >= DOUBTS_MAX,
            )


def _refused(reason: str, tries: int, road: timedelta, *, closed: bool) -> Next:
    """Return what follows for a letter refused for its words; `closed`: as several others were.

    It waits longer than the road may, so that others leave before it.
    """
    return Next(
        "queued",
        reason,
        wait=_wait(tries, WAIT_MAX) + road,
        road_wait=road if closed else None,
        refused=True,
        news=closed,
        letter_news=tries == 1 and not closed,
    )


def _wait(before: int, longest: timedelta) -> timedelta:
    """Return a wait that doubles with each one before it."""
    return min(WAIT * float(2 ** min(before, 20)), longest)
