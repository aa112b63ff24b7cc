"""Offers: what is known of a crew when a shift is offered, and the row each question leaves.

One row per shift and person for good, so an answer can mean one only. Asking again is the next
round of that row; asking someone whose text was withdrawn before it left is the same round, whose
text the outbox will then take once more, and never beside one that may have left.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import QuerySet

from shiftbell.rules.delivery import State
from shiftbell.rules.offering import CODE_REST, REST_MAX, Asked, choose_code, shortest_rest
from shiftbell.rules.reach import Reach
from shiftbell.rules.sending import ASKING
from shiftbell.rules.shifts import Span
from shiftbell.store import consent, mailboxes, numbers
from shiftbell.store.models import (
    Assignment,
    Broadcast,
    Employee,
    Mail,
    Message,
    Offer,
    Shift,
    Standby,
)

_STATES = {
    Offer.OPEN: Asked.OPEN,
    Offer.ACCEPTED: Asked.OPEN,
    Offer.DECLINED: Asked.DECLINED,
    Offer.LATE: Asked.OPEN,
    Offer.WITHDRAWN: Asked.NEVER,
}
_NOT_LEFT = {State.QUEUED, State.SENDING, State.IN_DOUBT}


class CrewFacts:
    """What decides whether each of some people is asked about a shift; few queries for many."""

    def __init__(self, shift: Shift, people: Collection[Employee], now: datetime) -> None:
        self._shift, self._now = shift, now
        self._people, self._ids = people, [person.pk for person in people]

    def asked(self, employee: Employee) -> Asked:
        """How far the person was asked about this shift before."""
        offer = self._offers.get(employee.pk)
        if offer is None:
            return Asked.NEVER
        if employee.pk in self._in_line:
            return Asked.LATE
        texts = self._texts[employee.pk]
        if offer.state == Offer.OPEN and texts & _NOT_LEFT:
            return Asked.WAITING
        # What failed for good reached nobody: once its cause is mended, it is the next round.
        if offer.state == Offer.OPEN and texts == {State.FAILED}:
            return Asked.NEVER
        return _STATES[offer.state]

    def waits_for_morning(self, employee: Employee) -> bool:
        """Whether the question to this person is written, not urgent, and has not begun to leave.

        Outside of quiet hours it may also wait for its slot only.
        """
        return employee.pk in self._patient and self._texts[employee.pk] == {State.QUEUED}

    def holds(self, employee: Employee) -> bool:
        """Whether the person holds this shift."""
        return employee.pk in self._holders

    def overlaps(self, employee: Employee) -> bool:
        """Whether the person holds another shift at that time."""
        shift, spans = self._shift, self._spans[employee.pk]
        return any(
            each.starts_at < shift.ends_at and each.ends_at > shift.starts_at for each in spans
        )

    def rest(self, employee: Employee) -> timedelta | None:
        """The shortest rest beside the person's other shifts; None when far from them all."""
        return shortest_rest(self._shift.starts_at, self._shift.ends_at, self._spans[employee.pk])

    def takes_nights(self, employee: Employee) -> bool:
        """Whether the person agreed to urgent offers at night."""
        return (employee.pk, employee.number_id or 0) in self._nights

    def reach(self, employee: Employee) -> Reach:
        """The ways to the person."""
        number, email = employee.number, employee.pk in self._emailable
        if number is None:
            return Reach(number=False, email=email)
        return Reach(
            opted_out=number.opted_out_at is not None,
            unusable=number.unusable_since is not None,
            moved_on=not employee.active and numbers.moved_on(employee, number),
            consent=(employee.pk, number.pk) in self._consents,
            email=email,
        )

    def code(self, employee: Employee) -> int:
        """The number this person answers with; the same again where they were asked before."""
        others = self._codes[employee.pk]
        offer = self._offers.get(employee.pk)
        if offer is not None and offer.code not in others:
            return offer.code
        return choose_code(others)

    def shows_code(self, employee: Employee) -> bool:
        """Whether the person has another live offer, so that a bare YES could mean either."""
        return employee.pk in self._live

    @cached_property
    def _offers(self) -> dict[int, Offer]:
        offers = Offer.objects.filter(shift=self._shift, employee__in=self._ids).order_by("round")
        return {offer.employee_id: offer for offer in offers}

    @cached_property
    def _texts(self) -> defaultdict[int, set[str]]:
        """The states of each person's texts that asked about this shift and still count."""
        states: defaultdict[int, set[str]] = defaultdict(set)
        asked = Message.objects.filter(shift=self._shift, kind__in=ASKING)
        rows = asked.exclude(state=State.CANCELLED).values_list("employee_id", "state")
        for employee, state in rows:
            states[employee].add(state)
        mails = Mail.objects.filter(shift=self._shift, kind__in=ASKING).exclude(state="cancelled")
        for employee, state in mails.values_list("employee_id", "state"):
            states[employee].add(state)
        return states

    @cached_property
    def _patient(self) -> set[int]:
        """Whom a text about this shift waits for that a manager did not call urgent."""
        waiting = Message.objects.filter(shift=self._shift, kind__in=ASKING, state=State.QUEUED)
        patient = waiting.filter(broadcast__urgent_reason="")
        return {pk for pk in patient.values_list("employee_id", flat=True) if pk is not None}

    @cached_property
    def _emailable(self) -> set[int]:
        return mailboxes.reachable_among(self._people)

    @cached_property
    def _in_line(self) -> set[int]:
        line = Standby.objects.filter(shift=self._shift, state__in=[Standby.WAITING, Standby.ASKED])
        return set(line.values_list("employee_id", flat=True))

    @cached_property
    def _holders(self) -> set[int]:
        return set(self._held().filter(shift=self._shift).values_list("employee_id", flat=True))

    @cached_property
    def _spans(self) -> defaultdict[int, list[Span]]:
        """What each person holds around this shift, as far away as any rest is asked for."""
        near = self._held().filter(
            shift__cancelled_at__isnull=True,
            shift__starts_at__lt=self._shift.ends_at + REST_MAX,
            shift__ends_at__gt=self._shift.starts_at - REST_MAX,
        )
        spans: defaultdict[int, list[Span]] = defaultdict(list)
        for held in near.exclude(shift=self._shift).select_related("shift"):
            shift = held.shift
            spans[held.employee_id].append(Span(shift.pk, shift.starts_at, shift.ends_at))
        return spans

    @cached_property
    def _consents(self) -> set[tuple[int, int]]:
        return consent.who_agreed(self._ids)

    @cached_property
    def _nights(self) -> set[tuple[int, int]]:
        return consent.who_takes_nights(self._ids)

    @cached_property
    def _others(self) -> list[Offer]:
        """Offers of other shifts whose number may still come back in an answer."""
        offers = Offer.objects.filter(
            employee__in=self._ids, shift__ends_at__gt=self._now - CODE_REST
        )
        offers = offers.exclude(shift=self._shift).exclude(state=Offer.WITHDRAWN)
        return list(offers.select_related("shift"))

    @cached_property
    def _codes(self) -> defaultdict[int, set[int]]:
        codes: defaultdict[int, set[int]] = defaultdict(set)
        for offer in self._others:
            codes[offer.employee_id].add(offer.code)
        return codes

    @cached_property
    def _live(self) -> set[int]:
        return {
            offer.employee_id
            for offer in self._others
            if offer.state == Offer.OPEN
            and offer.shift.cancelled_at is None
            and offer.shift.starts_at > self._now
        }

    def _held(self) -> QuerySet[Assignment]:
        return Assignment.objects.filter(employee__in=self._ids, state=Assignment.HELD)


def ask(
    employee: Employee, *, shift: Shift, broadcast: Broadcast, code: int, now: datetime
) -> Offer:
    """Write down that a person is asked; the next round where a text to them left before.

    Call inside `write()`, with the employee and the shift locked.
    """
    offer = Offer.objects.filter(shift=shift, employee=employee).order_by("-round").first()
    if offer is None:
        return Offer.objects.create(
            shift=shift, employee=employee, broadcast=broadcast, code=code, created_at=now
        )
    offer.round += offer.state != Offer.WITHDRAWN
    offer.broadcast, offer.code, offer.state = broadcast, code, Offer.OPEN
    offer.answered_at = None
    offer.save()
    return offer


def crew(ids: Sequence[int] | None = None) -> list[Employee]:
    """Return the active people, or those with these ids, with what an offer looks at."""
    people = Employee.objects.select_related("number").prefetch_related("locations")
    chosen = people.filter(active=True) if ids is None else people.filter(pk__in=ids)
    return list(chosen.order_by("pk"))
