"""Offer a shift: one broadcast, an offer and a queued text for each person who is asked.

People are asked chunk by chunk (`store/chunks`), so a broadcast to hundreds never holds the writer
long, and answers to its first texts are heard while its last are still being queued. Whom to ask
is decided inside each transaction, under the locks: the second of two equal calls finds everyone
asked and texts nobody, and a call that a crash cut short is completed by repeating it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from shiftbell import config
from shiftbell.errors import BadInput
from shiftbell.flow.plan_offer import OfferPlan, Person, Skipped, judge, plan_offer
from shiftbell.flow.reach_person import Notice, reach_person
from shiftbell.rules.offering import Skip, closed
from shiftbell.rules.sending import Kind
from shiftbell.store import offers, openings, outbox, timeline
from shiftbell.store.chunks import in_chunks
from shiftbell.store.models import Broadcast, Employee, Offer, PhoneNumber, Shift
from shiftbell.store.transactions import write

REASON_CHARS_MAX = 300

# Known before, or told elsewhere on the timeline already.
_NO_NEWS = {Skip.ALREADY_HOLDS, Skip.ALREADY_OFFERED, Skip.DECLINED, Skip.ON_STANDBY}


@dataclass(frozen=True, slots=True)
class OfferReport:
    """What offering a shift did. Without anyone to ask there is no broadcast."""

    plan: OfferPlan
    broadcast: Broadcast | None
    offers: tuple[Offer, ...]
    skipped: tuple[Skipped, ...]


def offer_shift(
    shift: Shift,
    *,
    to: Collection[int] | None = None,
    now: datetime,
    actor: str,
    again: bool = False,
    urgent: str = "",
    values: config.Settings | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> OfferReport:
    """Offer a shift to everyone eligible, or to the employees with the ids `to`.

    `again` is the manager's word to repeat the question to those who have not answered; `urgent`
    their reason to ask, at night too, those who agreed to be woken for that. Raises Conflict when
    the shift takes nobody any more, NotFound for an id nobody has, BadInput for a reason longer
    than REASON_CHARS_MAX, ConfigError when people would be texted by a sender without a name.
    """
    values = values or config.settings()
    config.require_brand(values)
    _require_reason(urgent)
    plan = plan_offer(shift, to=to, now=now, again=again, urgent=bool(urgent), values=values)
    word = _Word(listed=to is not None, actor=actor, again=again, urgent=urgent)
    act = _Act(plan, word, now=now, values=values)
    done = 0
    for chunk in in_chunks(plan.people):
        act.ask([person.employee for person in chunk])
        progress(done := done + len(chunk), len(plan.people))
    act.tell_skipped()
    return OfferReport(plan, act.broadcast, tuple(act.offers), tuple(act.skipped))


def _require_reason(urgent: str) -> None:
    """Raise BadInput for a reason that could not be kept whole."""
    if len(urgent) > REASON_CHARS_MAX:
        hint = f"{REASON_CHARS_MAX} characters at most."
        raise BadInput("The reason is too long to be kept.", hint=hint, field="urgent")


@dataclass(frozen=True, slots=True)
class _Word:
    """What the manager said: whom, who says so, whether again, and why at night."""

    listed: bool
    actor: str
    again: bool
    urgent: str


class _Act:
    """One act of offering, chunk by chunk."""

    def __init__(
        self, plan: OfferPlan, word: _Word, *, now: datetime, values: config.Settings
    ) -> None:
        self.plan, self._word, self._now, self._values = plan, word, now, values
        self.broadcast: Broadcast | None = None
        self.offers: list[Offer] = []
        self.skipped: list[Skipped] = list(plan.skipped)

    def ask(self, chunk: Sequence[Employee]) -> None:
        """Ask those of a chunk who are still to be asked by now."""
        with write():
            crew, shift = self._locked(chunk)
            if reason := closed(openings.facts_of(shift, self._now), self._now):
                self.skipped += [Skipped(employee, reason) for employee in crew]
                return
            people, skipped = judge(
                shift,
                crew,
                listed=self._word.listed,
                now=self._now,
                again=self._word.again,
                urgent=bool(self._word.urgent),
                values=self._values,
            )
            self.skipped += skipped
            for person in people:
                self._ask_one(person, shift)

    def tell_skipped(self) -> None:
        """Tell, for each person who was not asked for a reason of their own, which one it was."""
        news = [one for one in self.skipped if one.reason not in _NO_NEWS]
        for chunk in in_chunks(news):
            with write():
                for one in chunk:
                    timeline.tell(
                        "offer.skipped",
                        at=self._now,
                        actor=self._word.actor,
                        employee=one.employee,
                        shift=self.plan.shift,
                        broadcast=self.broadcast,
                        reason=one.reason,
                    )

    def _locked(self, chunk: Sequence[Employee]) -> tuple[list[Employee], Shift]:
        """Lock numbers, people and the shift, in the order that `store` wants, and read anew."""
        ids = [employee.pk for employee in chunk]
        numbers = PhoneNumber.objects.filter(employee__in=ids).order_by("pk")
        list(numbers.select_for_update(of=("self",)))
        list(Employee.objects.filter(pk__in=ids).order_by("pk").select_for_update())
        return offers.crew(ids), openings.locked_shift(self.plan.shift.pk)

    def _ask_one(self, person: Person, shift: Shift) -> None:
        broadcast = self._started()
        if person.woken:
            # What waits for the morning is asked now instead; there is one text an intent.
            waits = Q(shift=shift, employee=person.employee, kind=Kind.OFFER)
            outbox.withdraw(waits, reason="asked_urgently", now=self._now, actor=self._word.actor)
        offer = offers.ask(
            person.employee, shift=shift, broadcast=broadcast, code=person.code, now=self._now
        )
        about: dict[str, Any] = {
            "employee": person.employee,
            "shift": shift,
            "broadcast": broadcast,
        }
        timeline.tell(
            "offer.made",
            at=self._now,
            actor=self._word.actor,
            offer=offer,
            code=offer.code,
            **about,
        )
        reached = reach_person(
            Notice(
                kind=Kind.OFFER,
                employee=person.employee,
                shift=shift,
                words=lambda number: person.text,
                intent=f"offer:{shift.pk}:{person.employee.pk}:{offer.round}",
                due_at=person.reachable_at,
                expires_at=shift.starts_at,
                offer=offer,
                broadcast=broadcast,
            ),
            now=self._now,
            reach=person.reach,
        )
        if reached.text is not None and person.reachable_at > self._now:
            timeline.tell_of(
                reached.text,
                "message.held",
                at=self._now,
                until=person.reachable_at.isoformat(),
                reason="quiet_hours",
            )
        self.offers.append(offer)

    def _started(self) -> Broadcast:
        """Return the broadcast, begun with the first person who is asked."""
        if self.broadcast is None:
            shift = self.plan.shift
            self.broadcast = Broadcast.objects.create(
                shift=shift, round=shift.broadcasts.count() + 1, created_at=self._now,
                actor=self._word.actor, urgent_reason=self._word.urgent,
            )  # fmt: skip
            timeline.tell(
                "broadcast.started",
                at=self._now,
                actor=self._word.actor,
                shift=shift,
                broadcast=self.broadcast,
                asked=len(self.plan.people),
                skipped=len(self.plan.skipped),
            )
            self._tell_urgent(self.broadcast)
        return self.broadcast

    def _tell_urgent(self, broadcast: Broadcast) -> None:
        """Tell why people may be woken, in the words of whoever offered it (Q3)."""
        if self._word.urgent:
            timeline.tell(
                "broadcast.urgent",
                at=self._now,
                actor=self._word.actor,
                shift=self.plan.shift,
                broadcast=broadcast,
                reason=self._word.urgent,
            )
