"""Who is asked about a shift, with which number, and when the last text will have left.

Pure: the flow collects the facts of each person and carries the verdicts out. Nobody disappears
without a reason: each person who is not asked gets one word that says why, the weightiest first.
Whether a text may *leave* is ruled again at every claim (`sending`), since hours may pass between.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shiftbell.rules.reach import REACHABLE, Channel, Reach
from shiftbell.rules.shifts import ShiftFacts, Span

# "YES 2" sent two days late must not take another shift than the one it was meant for.
CODE_REST = timedelta(hours=48)
# No rest between two shifts is asked for beyond this.
REST_MAX = timedelta(hours=48)


class Skip(StrEnum):
    """Why a person is not asked."""

    INACTIVE = "inactive"  # no longer on the crew
    ELSEWHERE = "elsewhere"  # works at other locations
    OTHER_ROLE = "other_role"  # does other work
    ALREADY_HOLDS = "already_holds"  # has this very shift
    DECLINED = "declined"  # said NO to it
    ON_STANDBY = "on_standby"  # said YES too late and is asked first when an opening returns
    ALREADY_OFFERED = "already_offered"  # was asked before
    NO_NUMBER = "no_number"
    OPTED_OUT = "opted_out"
    UNUSABLE = "unusable"  # the number cannot be texted
    NUMBER_CHANGED = "number_changed"  # the number on record is someone else's now
    NO_CONSENT = "no_consent"  # never agreed to be texted on this number
    IN_REVIEW = "in_review"  # a person must first decide what their last reply meant
    PAUSED = "paused"  # asked for no offers for some days
    OVERLAP = "overlap"  # works at that time
    SHORT_REST = "short_rest"  # works too soon before or after
    QUIET_HOURS = "quiet_hours"  # no text may leave for them before the shift starts
    FILLED = "filled"  # the last opening went while people were being asked
    CANCELLED = "cancelled"
    STARTED = "started"


# True of most of a crew and no news to anyone: only counted.
COUNTED = frozenset({Skip.ELSEWHERE, Skip.OTHER_ROLE})

SAID: dict[Skip, str] = {
    Skip.INACTIVE: "no longer on the crew",
    Skip.ELSEWHERE: "at other locations",
    Skip.OTHER_ROLE: "doing other work",
    Skip.ALREADY_HOLDS: "holding this shift already",
    Skip.DECLINED: "said no to this shift",
    Skip.ON_STANDBY: "on standby for this shift",
    Skip.ALREADY_OFFERED: "already asked",
    Skip.NO_NUMBER: "without a phone number",
    Skip.OPTED_OUT: "opted out of texts",
    Skip.UNUSABLE: "with a number that cannot be texted",
    Skip.NUMBER_CHANGED: "with a number that is someone else's",
    Skip.NO_CONSENT: "without recorded consent to be texted",
    Skip.IN_REVIEW: "whose last reply waits for a person",
    Skip.PAUSED: "asked for a pause",
    Skip.OVERLAP: "working at that time",
    Skip.SHORT_REST: "working too soon before or after it",
    Skip.QUIET_HOURS: "not to be texted before the shift starts",
    Skip.FILLED: "the shift was filled meanwhile",
    Skip.CANCELLED: "the shift was cancelled meanwhile",
    Skip.STARTED: "the shift started meanwhile",
}


class Asked(StrEnum):
    """How far a person was asked about the shift before."""

    NEVER = "never"  # or the offer was withdrawn before it left, which counts the same
    WAITING = "waiting"  # the text has not left yet
    OPEN = "open"  # asked, no answer; or answered YES and gave the shift back
    DECLINED = "declined"
    LATE = "late"  # said YES too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is known of one person when a shift is offered."""

    active: bool = True
    listed: bool = False  # named by the manager, who then answers for place and role
    fits_location: bool = True
    fits_role: bool = True
    holds: bool = False
    asked: Asked = Asked.NEVER
    reach: Reach = REACHABLE
    in_review: bool = False
    paused_until: datetime | None = None
    overlap: bool = False
    rest: timedelta | None = None  # the shortest beside another shift they hold
    reachable_at: datetime  # when quiet hours allow a text, now or later


def why_not(
    person: Candidate,
    starts_at: datetime,
    now: datetime,
    *,
    again: bool = False,
    min_rest: timedelta | None = None,
) -> Skip | None:
    """Return what keeps this person from being asked; None where nothing does.

    `again` is the manager's word to repeat a question without an answer; it never repeats one
    that was answered NO. `min_rest` is what must lie between two shifts of a person; None: no such
    rule. The order matters: what cannot change for this shift comes first, so that
    the reason given is not one whose mending would change nothing.
    """
    repeated = person.asked is Asked.WAITING or (person.asked is Asked.OPEN and not again)
    short_rest = min_rest is not None and person.rest is not None and person.rest < min_rest
    reasons = {
        Skip.INACTIVE: not person.active,
        Skip.ELSEWHERE: not (person.listed or person.fits_location),
        Skip.OTHER_ROLE: not (person.listed or person.fits_role),
        Skip.ALREADY_HOLDS: person.holds,
        Skip.DECLINED: person.asked is Asked.DECLINED,
        Skip.ON_STANDBY: person.asked is Asked.LATE,
        Skip.ALREADY_OFFERED: repeated,
        **_unreachable(person.reach),
        Skip.IN_REVIEW: person.in_review,
        Skip.PAUSED: person.paused_until is not None and now < person.paused_until,
        Skip.OVERLAP: person.overlap,
        Skip.SHORT_REST: short_rest,
        Skip.QUIET_HOURS: person.reachable_at >= starts_at,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


def _unreachable(reach: Reach) -> dict[Skip, bool]:
    """Return why no text may be sent, where no e-mail can be sent instead either."""
    if reach.bar is None or reach.channel is Channel.EMAIL:
        return {}
    return {Skip(reach.bar): True}


def closed(shift: ShiftFacts, now: datetime) -> Skip | None:
    """Return why a shift takes nobody any more; None while it does."""
    if shift.cancelled:
        return Skip.CANCELLED
    if now >= shift.starts_at:
        return Skip.STARTED
    return Skip.FILLED if len(shift.taken_by) >= shift.openings else None


def shortest_rest(starts_at: datetime, ends_at: datetime, held: Iterable[Span]) -> timedelta | None:
    """Return the least time between a shift and any held one, before or after; None without any.

    Less than nothing where they overlap.
    """
    gaps = (max(each.starts_at - ends_at, starts_at - each.ends_at) for each in held)
    return min(gaps, default=None)


def choose_code(taken: Iterable[int]) -> int:
    """Return the smallest number from 1 that none of the person's other offers has."""
    used = set(taken)
    return next(code for code in range(1, len(used) + 2) if code not in used)


@dataclass(frozen=True, slots=True)
class SenderLoad:
    """A sender a conversation may begin with: where it is kept for, and how many it has."""

    sender: int
    position: int
    people: int
    locations: Collection[str] = ()


def choose_sender(place: str, senders: Collection[SenderLoad]) -> SenderLoad | None:
    """Return who begins a conversation about `place`: fewest people, then first configured.

    A sender that is kept for locations is chosen for others only where there is no other sender.
    None without any.
    """
    fitting = [each for each in senders if place in each.locations]
    free = [each for each in senders if not each.locations]
    return min(
        fitting or free or senders, key=lambda each: (each.people, each.position), default=None
    )


@dataclass(frozen=True, slots=True)
class Lane:
    """One sender's road: when it is next free, its spacing, and what waits on it."""

    free_at: datetime
    spacing: timedelta
    ahead: Sequence[datetime]  # when each text that leaves before a new offer is due
    offers: Sequence[datetime]  # when each new offer may leave


def last_leaves_at(lanes: Iterable[Lane]) -> datetime | None:
    """Return when the last of the new offers leaves; None without any."""
    return max((_drain(lane) for lane in lanes if lane.offers), default=None)


def _drain(lane: Lane) -> datetime:
    """Let texts leave one a slot, each when due: what is ahead first, held ones when they wake."""
    waiting = [(due, 0) for due in lane.ahead] + [(due, 1) for due in lane.offers]
    heapq.heapify(waiting)
    slot, last = lane.free_at, lane.free_at
    ready: list[int] = []
    left = len(lane.offers)
    while left:
        while waiting and (waiting[0][0] <= slot or not ready):
            due, new = heapq.heappop(waiting)
            slot = max(slot, due)
            heapq.heappush(ready, new)
        if heapq.heappop(ready):
            last, left = slot, left - 1
        slot += lane.spacing
    return last
