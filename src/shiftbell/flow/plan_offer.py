"""What offering a shift would do: who is asked, who is not and why, what it costs, how long.

Shown before money and goodwill are spent, and decided again, by the same `judge`, when each text
is queued. The rules are in `rules/offering`; this module brings the facts.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from shiftbell import config
from shiftbell.errors import Conflict, NotFound
from shiftbell.flow.write_text import shift_words, write_text
from shiftbell.rules import money, pacing, segments
from shiftbell.rules.offering import (
    COUNTED,
    Asked,
    Candidate,
    Lane,
    SenderLoad,
    Skip,
    choose_sender,
    closed,
    last_leaves_at,
    why_not,
)
from shiftbell.rules.reach import Channel, Reach
from shiftbell.rules.sending import MANNERS, Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import numbers, offers, openings
from shiftbell.store.clocks import clock_of
from shiftbell.store.models import Employee, Message, RateBucket, Shift
from shiftbell.store.offers import CrewFacts


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who is asked: how, in which words, and when that may leave.

    Whoever may not be texted is e-mailed: `text` is "" then, and `reach.bar` says why.
    `quiet_until` is when their quiet hours end, None outside of them.
    """

    employee: Employee
    reach: Reach
    code: int
    text: str
    reachable_at: datetime
    quiet_until: datetime | None = None

    @property
    def woken(self) -> bool:
        """Whether this person is texted in their quiet hours, as they agreed to be (Q3)."""
        return bool(self.text) and self.quiet_until is not None and not self.waits

    @property
    def waits(self) -> bool:
        """Whether this person is asked only when their quiet hours end."""
        return self.reachable_at == self.quiet_until

    @property
    def by_email(self) -> bool:
        """Whether this person is e-mailed instead of texted."""
        return self.reach.channel is Channel.EMAIL


@dataclass(frozen=True, slots=True)
class Skipped:
    """Someone who is not asked, and why."""

    employee: Employee
    reason: Skip


@dataclass(frozen=True, slots=True)
class OfferPlan:
    """What offering a shift would do."""

    shift: Shift
    people: tuple[Person, ...]
    skipped: tuple[Skipped, ...]
    counted: Mapping[Skip, int]  # those who could never be meant: other places, other work
    segments: int
    cost_usd: Decimal
    last_leaves_at: datetime | None
    senders: int


def plan_offer(
    shift: Shift,
    *,
    to: Collection[int] | None = None,
    now: datetime,
    again: bool = False,
    urgent: bool = False,
    values: config.Settings | None = None,
) -> OfferPlan:
    """Plan one offer of a shift, to everyone eligible or to the employees with the ids `to`.

    Raises Conflict when the shift takes nobody any more, NotFound for an id nobody has.
    """
    require_open(shift, now)
    crew = offers.crew(None if to is None else list(to))
    if to is not None and (missing := set(to) - {person.pk for person in crew}):
        raise NotFound(
            f"There is no employee e{min(missing)}.", hint="See `shiftbell people list`."
        )
    listed, values = to is not None, values or config.settings()
    people, skipped = judge(
        shift, crew, listed=listed, now=now, again=again, urgent=urgent, values=values
    )
    total = sum(segments.count(person.text).segments for person in people if person.text)
    senders = numbers.sender_loads()
    return OfferPlan(
        shift=shift,
        people=tuple(people),
        skipped=tuple(one for one in skipped if one.reason not in COUNTED),
        counted=Counter(one.reason for one in skipped if one.reason in COUNTED),
        segments=total,
        cost_usd=money.cost_usd(total),
        last_leaves_at=last_leaves_at(_lanes(shift, people, senders, now, values)),
        senders=len(senders),
    )


def require_open(shift: Shift, now: datetime) -> None:
    """Raise Conflict when the shift takes nobody any more."""
    words = shift_words(shift)
    match closed(openings.facts_of(shift, now), now):
        case Skip.CANCELLED:
            raise Conflict(f"{words} was cancelled.", hint="Add the shift anew to offer it.")
        case Skip.STARTED:
            raise Conflict(f"{words} has started.", hint="Only a shift that lies ahead is offered.")
        case Skip.FILLED:
            hint = "If someone gives it back, standby is asked first."
            raise Conflict(f"{words} is filled.", hint=hint)


def judge(
    shift: Shift,
    crew: Sequence[Employee],
    *,
    listed: bool,
    now: datetime,
    again: bool,
    urgent: bool = False,
    values: config.Settings,
) -> tuple[list[Person], list[Skipped]]:
    """Decide who of a crew is asked about an open shift, and why the others are not."""
    facts = CrewFacts(shift, crew, now)
    people: list[Person] = []
    skipped: list[Skipped] = []
    for employee in crew:
        quiet_until = clock_of(employee, shift, values).waits_until(now)
        # An urgent offer wakes those who agreed to that, and nobody else (Q3).
        wakes = quiet_until is not None and urgent and facts.takes_nights(employee)
        reachable_at = now if wakes or quiet_until is None else quiet_until
        candidate = _candidate(employee, shift, facts, listed=listed, reachable_at=reachable_at)
        if wakes and facts.waits_for_morning(employee):
            candidate = replace(candidate, asked=Asked.NEVER)
        if reason := why_not(
            candidate, shift.starts_at, now, again=again, min_rest=values.min_rest
        ):
            skipped.append(Skipped(employee, reason))
            continue
        code, text = facts.code(employee), ""
        if candidate.reach.channel is Channel.TEXT and employee.number is not None:
            shown = code if facts.shows_code(employee) else None
            number = employee.number
            text = write_text(Wording.OPEN_SHIFT, employee, number, shift=shift, code=shown)
        people.append(Person(employee, candidate.reach, code, text, reachable_at, quiet_until))
    return people, skipped


def _candidate(
    employee: Employee, shift: Shift, facts: CrewFacts, *, listed: bool, reachable_at: datetime
) -> Candidate:
    number = employee.number
    homes = {home.pk for home in employee.locations.all()}
    roles = {role.casefold() for role in employee.roles}
    return Candidate(
        active=employee.active,
        listed=listed,
        fits_location=not homes or shift.location_id in homes,
        fits_role=not shift.role or not roles or shift.role.casefold() in roles,
        holds=facts.holds(employee),
        asked=facts.asked(employee),
        reach=facts.reach(employee),
        in_review=number is not None and number.review_since is not None,
        paused_until=number.paused_until if number else None,
        overlap=facts.overlaps(employee),
        rest=facts.rest(employee),
        reachable_at=reachable_at,
    )


def _lanes(
    shift: Shift,
    people: Sequence[Person],
    senders: Sequence[SenderLoad],
    now: datetime,
    values: config.Settings,
) -> list[Lane]:
    """Lay the new texts beside what waits already, each on the sender that would carry it."""
    new = _spread(shift, people, senders)
    waiting = Message.objects.filter(
        direction=Message.OUT, state="queued", lane__lte=MANNERS[Kind.OFFER].lane
    ).exclude(broadcast__held_reason__gt="")
    ahead: defaultdict[int, list[datetime]] = defaultdict(list)
    for sender, due_at in waiting.values_list("sender_id", "due_at"):
        ahead[sender].append(due_at or now)
    buckets = {
        bucket.sender_id: bucket
        for bucket in RateBucket.objects.filter(group=pacing.Group.MEDIUM, sender__in=list(new))
    }
    ceiling = values.sms_rate_limit_per_minute
    return [_lane(buckets.get(pk), ahead[pk], due, ceiling, now) for pk, due in new.items()]


def _lane(
    bucket: RateBucket | None,
    ahead: Sequence[datetime],
    due: Sequence[datetime],
    ceiling: int | None,
    now: datetime,
) -> Lane:
    limit = bucket.limit_per_minute if bucket else pacing.DEFAULT_LIMITS[pacing.Group.MEDIUM]
    free_at = max([now, *filter(None, [bucket.next_slot, bucket.paused_until])]) if bucket else now
    return Lane(free_at, pacing.spacing(limit, ceiling), ahead, due)


def _spread(
    shift: Shift, people: Sequence[Person], senders: Sequence[SenderLoad]
) -> dict[int, list[datetime]]:
    """Foretell each person's sender as `numbers.sender_for` will choose it."""
    loads = {each.sender: each for each in senders}
    due: defaultdict[int, list[datetime]] = defaultdict(list)
    for person in people:
        if person.by_email or person.employee.number is None:
            continue
        sender = person.employee.number.sender_id
        if sender is None:
            chosen = choose_sender(shift.location.name, loads.values())
            if chosen is None:
                continue
            sender = chosen.sender
            loads[sender] = replace(chosen, people=chosen.people + 1)
        due[sender].append(person.reachable_at)
    return dict(due)
