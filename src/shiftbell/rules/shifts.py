"""Who gets a shift, and which shift a short reply means.

Pure: the store collects the facts under the locks of the employee and the shift, and carries the
verdict out in the same transaction, so what is decided here cannot be overtaken.

Three decisions that are ours, and why:

* A person asked from standby is told "within 10 minutes to take it". For those minutes the opening
  is kept for them, or the text would have lied; only someone undoing their own DROP goes first,
  since nobody has said YES to that opening yet. Close to the start nothing is kept: first YES wins.
* Whoever says YES to a shift that overlaps one they hold hears about the overlap even when the
  shift is full: a place on standby would be worth nothing to them.
* A plain YES takes a shift only where one reading is left. A wrong guess costs a stranger's
  morning, a question costs ten seconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

STANDBY_MINUTES = 10
UNDO_MINUTES = 10
# So close to the start everyone on standby is asked at once.
URGENT = timedelta(hours=2)
# An offer's number still means that offer for so long after its shift; then it may be given anew.
RECALL = timedelta(hours=48)


class Verdict(StrEnum):
    """What becomes of a YES."""

    ACCEPTED = "accepted"
    CANCELLED = "cancelled"
    ALREADY_YOURS = "already_yours"
    STARTED = "started"
    OVERLAP = "overlap"
    FILLED = "filled"


@dataclass(frozen=True, slots=True)
class Span:
    """A shift that somebody holds, for comparing times."""

    shift: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class ShiftFacts:
    """What decides a YES: the shift, who holds its openings, and for whom some are kept."""

    shift: int
    starts_at: datetime
    ends_at: datetime
    openings: int
    cancelled: bool = False
    taken_by: frozenset[int] = frozenset()
    kept_for: frozenset[int] = frozenset()

    @property
    def free(self) -> int:
        """How many openings nobody holds; fewer than none after openings were cut."""
        return self.openings - len(self.taken_by)


def overlap(shift: ShiftFacts, held: Sequence[Span]) -> Span | None:
    """Return the first held shift that shares time with this one; touching ends share none."""
    return next(
        (
            span
            for span in held
            if span.shift != shift.shift
            and span.starts_at < shift.ends_at
            and shift.starts_at < span.ends_at
        ),
        None,
    )


def answer_yes(
    shift: ShiftFacts,
    employee: int,
    held: Sequence[Span],
    now: datetime,
    *,
    undoing: bool = False,
) -> Verdict:
    """Decide one YES. `undoing`: it takes back the employee's own DROP in time.

    The order matters: someone who holds a cancelled shift must hear "cancelled", someone who
    already holds the shift must never hear "filled", and nobody joins standby for a shift that has
    started or that they could not work.
    """
    if shift.cancelled:
        return Verdict.CANCELLED
    if employee in shift.taken_by:
        return Verdict.ALREADY_YOURS
    if now >= shift.starts_at:
        return Verdict.STARTED
    if overlap(shift, held):
        return Verdict.OVERLAP
    if shift.free - (0 if undoing else _kept_from(shift, employee, now)) < 1:
        return Verdict.FILLED
    return Verdict.ACCEPTED


def _kept_from(shift: ShiftFacts, employee: int, now: datetime) -> int:
    return 0 if is_urgent(shift.starts_at, now) else len(shift.kept_for - {employee})


def is_urgent(starts_at: datetime, now: datetime) -> bool:
    """Whether the start is so near that standby is asked all at once and nothing is kept."""
    return starts_at - now <= URGENT


def lowest_free(taken: Collection[int], openings: int) -> int | None:
    """Return the lowest opening that nobody holds, counted from 1."""
    return next((each for each in range(1, openings + 1) if each not in taken), None)


def standby_to_ask(shift: ShiftFacts, waiting: int, pending: int, now: datetime) -> int:
    """Return how many of those `waiting` on standby are asked now.

    `pending` were asked and have time left: each stands for one free opening, so that nobody is
    asked about an opening which another one is still thinking about.
    """
    if shift.cancelled or now >= shift.starts_at or shift.free < 1:
        return 0
    if is_urgent(shift.starts_at, now):
        return waiting
    return min(waiting, max(0, shift.free - pending))


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """One offer this person was texted, as far as a reply may mean it."""

    offer: int
    shift: int
    code: int
    asked_at: datetime
    state: str  # as in store; "accepted" only while they hold it, else "given_back"
    takeable: bool = False  # a YES by this person would be accepted now
    undo: bool = False  # they gave it back minutes ago: a YES takes that back

    @property
    def live(self) -> bool:
        """Whether it waits for an answer that could still be YES."""
        return self.state == "open" and self.takeable


@dataclass(frozen=True, slots=True)
class LastText:
    """The last text of ours that this person can have read before replying."""

    offer: int | None = None
    shift: int | None = None
    question: bool = False  # a YES would answer it
    first_ask: bool = False  # it is the offer itself, not a question about it
    after_no: bool = False  # it lists offers because a NO named none of them


class Aim(StrEnum):
    """What to do with a reply that may mean one of several shifts."""

    TAKE = "take"  # it means this one
    CONFIRM = "confirm"  # it probably means this one: ask "Do you mean …?"
    LIST = "list"  # it may mean several: list them
    UNKNOWN_NUMBER = "unknown_number"  # a number we never gave: list what there is
    NOTHING = "nothing"  # no offer it could mean
    UNCLEAR = "unclear"  # it may be about a shift they hold; a wrong guess would hurt


@dataclass(frozen=True, slots=True)
class Target:
    """What a reply aims at; `offer` where it aims at one."""

    aim: Aim
    offer: int | None = None


NOTHING = Target(Aim.NOTHING)


def aim_yes(offers: Sequence[OfferFacts], number: int | None, last: LastText | None) -> Target:
    """Decide which offer a YES means: the numbered one, else what the last question asked.

    An offer's own text only counts while it is the last one and no other offer is live: after two
    offers "YES" is as likely to mean either. A question about one shift ("Do you mean …?", one
    from standby) is answered whatever else lives.
    """
    if number is not None:
        target = _numbered(offers, number)
        # A bare "2" after "NO 7" and our list is as likely to be the rest of the NO.
        refusing = last is not None and last.after_no and target.aim is Aim.TAKE
        return Target(Aim.CONFIRM, target.offer) if refusing else target
    live = [each for each in offers if each.live]
    asked = _about(offers, last) if last and last.question else None
    if asked is not None and last is not None:
        others = [each for each in live if each.offer != asked.offer]
        if not last.first_ask or not others or asked.state == "accepted":
            return Target(Aim.TAKE, asked.offer)
        if asked.takeable:
            return Target(Aim.LIST)
    if live:
        return Target(Aim.CONFIRM, live[0].offer) if len(live) == 1 else Target(Aim.LIST)
    meant = _about(offers, last) or _newest(offers)
    if meant is None:
        return NOTHING
    # Answered with NO or given back, other texts since: a YES to those must not take it unasked.
    return Target(Aim.CONFIRM if meant.takeable and not meant.undo else Aim.TAKE, meant.offer)


def aim_no(offers: Sequence[OfferFacts], number: int | None, last: LastText | None) -> Target:
    """Decide which offer a NO declines: the numbered one, else the last that was asked.

    Declining costs nobody anything and a later YES mends it, so the newest offer is taken where
    several are open. But a NO to a shift they hold, or to a text about one, may mean "I cannot
    come": that is never guessed.
    """
    if number is not None:
        target = _numbered(offers, number)
    else:
        about = _about(offers, last)
        waiting = [each for each in offers if each.state in {"open", "late"}]
        if about is None or not ((last and last.question) or about.state == "accepted"):
            about = _newest(waiting)
        target = Target(Aim.TAKE, about.offer) if about else NOTHING
    held = {each.offer for each in offers if each.state == "accepted"}
    return Target(Aim.UNCLEAR, target.offer) if target.offer in held else target


def _numbered(offers: Sequence[OfferFacts], number: int) -> Target:
    same = [each for each in offers if each.code == number]
    if same:
        return Target(Aim.TAKE, max(same, key=lambda each: (each.live, each.asked_at)).offer)
    return Target(Aim.UNKNOWN_NUMBER) if any(each.live for each in offers) else NOTHING


def _about(offers: Sequence[OfferFacts], last: LastText | None) -> OfferFacts | None:
    """Return the offer that a text of ours was about, by the offer itself or by its shift."""
    if last is None:
        return None
    by_offer = next((each for each in offers if each.offer == last.offer), None)
    same_shift = [each for each in offers if each.shift == last.shift]
    return by_offer or _newest(same_shift)


def _newest(offers: Sequence[OfferFacts]) -> OfferFacts | None:
    return max(offers, key=lambda each: (each.asked_at, each.offer), default=None)


@dataclass(frozen=True, slots=True)
class HeldFacts:
    """A shift someone holds, with the number they know it by."""

    assignment: int
    code: int | None
    starts_at: datetime
    ends_at: datetime


class DropVerdict(StrEnum):
    """What becomes of a DROP."""

    DROP = "drop"
    WHICH = "which"
    AFTER_START = "after_start"
    NOTHING = "nothing"


def answer_drop(
    held: Sequence[HeldFacts], number: int | None, now: datetime
) -> tuple[DropVerdict, int | None]:
    """Decide one DROP, and which assignment it means.

    A number must fit: whoever names a shift they do not hold is asked, even if they hold just one.
    """
    coming = [each for each in held if each.starts_at > now]
    running = [each for each in held if each.starts_at <= now < each.ends_at]
    if number is not None:
        named = [each for each in coming if each.code == number]
        if any(each.code == number for each in running) and not named:
            return DropVerdict.AFTER_START, None
    else:
        named = coming
    if len(named) == 1:
        return DropVerdict.DROP, named[0].assignment
    if coming:
        return DropVerdict.WHICH, None
    return (DropVerdict.AFTER_START if running else DropVerdict.NOTHING), None


# What a newer reply takes back of an older one that is found only now.
_TAKEN_BACK_BY: dict[str, frozenset[str]] = {
    "accept": frozenset({"decline", "drop", "opt_out", "wrong_number"}),
    "decline": frozenset({"accept", "opt_out", "wrong_number"}),
    "drop": frozenset({"accept", "opt_out", "wrong_number"}),
    "pause": frozenset({"start", "join", "pause", "opt_out", "wrong_number"}),
    "start": frozenset({"opt_out", "wrong_number"}),
    "join": frozenset({"opt_out", "wrong_number"}),
    "review": frozenset({"start", "join", "opt_out", "wrong_number"}),
}
_ABOUT_A_SHIFT = frozenset({"accept", "decline", "drop"})


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply that was heard before an older one was found: its meaning, and the shift it meant."""

    meaning: str
    shift: int | None = None


def is_stale(older: str, newer: Iterable[Heard], shift: int | None = None) -> bool:
    """Whether newer replies, already heard, contradict an older one that was found late.

    A YES, NO or DROP about one `shift` is taken back by newer words about the same one alone; by an
    opt-out always. An opt-out is never stale, however late it is found; HELP is answered, a muddle
    goes to a person: neither claims anything that could be taken back.
    """
    takes_back = _TAKEN_BACK_BY.get(older, frozenset())
    return any(
        each.meaning in takes_back
        and (
            older not in _ABOUT_A_SHIFT
            or each.meaning not in _ABOUT_A_SHIFT
            or (shift is not None and each.shift == shift)
        )
        for each in newer
    )


def leaves_to_a_person(stale: str) -> bool:
    """Whether a person must see a reply that is stale: somebody's shift may hang on it."""
    return stale in _ABOUT_A_SHIFT
