"""The openings of a shift: who holds them, who waits for one, and the lock that decides it.

A shift is filled under the lock of its row, taken after the employee's (see `store/__init__`), so
of two people who say YES at once the second sees what the first took, and one person who says YES
twice sees what they hold. The constraints on Assignment say the same to whatever forgets the lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from shiftbell.rules import shifts as rules
from shiftbell.rules.sending import ASKING
from shiftbell.store.models import Assignment, Employee, Message, Offer, Shift, Standby

# Waiting for an opening, in the order in which they were heard.
IN_LINE = (Standby.WAITING, Standby.ASKED)
# A reply's time is by RingCentral's clock, in seconds, and our knowledge of that clock is rough.
CLOCKS_DIFFER_BY = timedelta(seconds=5)


def locked_employee(pk: int) -> Employee:
    """Return the employee's row, locked until the transaction ends."""
    return Employee.objects.select_for_update().get(pk=pk)


def locked_shift(pk: int) -> Shift:
    """Return the shift's row with its location, locked until the transaction ends."""
    return Shift.objects.select_for_update(of=("self",)).select_related("location").get(pk=pk)


def holders(shift: Shift) -> QuerySet[Assignment]:
    """Return the assignments that hold an opening of the shift."""
    return Assignment.objects.filter(shift=shift, state=Assignment.HELD)


def facts_of(shift: Shift, now: datetime) -> rules.ShiftFacts:
    """Return what decides a YES to this shift."""
    keepers = Standby.objects.filter(shift=shift, state=Standby.ASKED, asked_until__gt=now)
    return rules.ShiftFacts(
        shift=shift.pk,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        openings=shift.openings,
        cancelled=shift.cancelled_at is not None,
        taken_by=frozenset(holders(shift).values_list("employee_id", flat=True)),
        kept_for=frozenset(keepers.values_list("employee_id", flat=True)),
    )


def held_by(employee: Employee) -> list[Assignment]:
    """Return what the employee holds of shifts that were not cancelled, the soonest first."""
    return list(
        Assignment.objects.filter(
            employee=employee, state=Assignment.HELD, shift__cancelled_at__isnull=True
        )
        .select_related("shift__location", "offer")
        .order_by("shift__starts_at", "pk")
    )


def spans(held: Sequence[Assignment]) -> list[rules.Span]:
    """Return the times of held shifts."""
    return [rules.Span(each.shift_id, each.shift.starts_at, each.shift.ends_at) for each in held]


def asked_offers(employee: Employee, now: datetime, written_at: datetime) -> dict[Offer, datetime]:
    """Return the offers a reply may mean, with when each was last asked before it was written.

    Only what may have reached the phone by then, of shifts not long over. Of several rounds about
    one shift the last one stands for all.
    """
    asking = Q(
        message__direction=Message.OUT,
        message__kind__in=ASKING,
        message__left_at__lte=written_at + CLOCKS_DIFFER_BY,
    )
    offers = (
        Offer.objects.filter(employee=employee, shift__ends_at__gt=now - rules.RECALL)
        .annotate(asked_at=Max("message__left_at", filter=asking & ~Q(message__state="cancelled")))
        .filter(asked_at__isnull=False)
        .select_related("shift__location")
        .order_by("round", "pk")
    )
    latest = {offer.shift_id: offer for offer in offers}
    return {offer: offer.asked_at for offer in latest.values()}


def assign(shift: Shift, employee: Employee, offer: Offer | None, now: datetime) -> Assignment:
    """Give the lowest free opening of a locked shift to a locked employee."""
    taken = set(holders(shift).values_list("opening", flat=True))
    opening = rules.lowest_free(taken, shift.openings)
    assert opening is not None, "an assignment needs the verdict ACCEPTED first"
    return Assignment.objects.create(
        shift=shift, employee=employee, offer=offer, opening=opening, assigned_at=now
    )


def end(assignment: Assignment, state: str, now: datetime) -> None:
    """End an assignment: dropped by its holder, released or cancelled by others."""
    assignment.state, assignment.ended_at = state, now
    assignment.save(update_fields=["state", "ended_at"])


def dropped_at(employee: Employee, shift: Shift) -> datetime | None:
    """Return when the employee last gave this shift back; None if they never did."""
    dropped = Assignment.objects.filter(employee=employee, shift=shift, state=Assignment.DROPPED)
    last = dropped.order_by("-ended_at").first()
    return last.ended_at if last else None


def was_given_back(shift: Shift) -> bool:
    """Return whether anyone ever gave an opening of this shift back."""
    return Assignment.objects.filter(shift=shift, state=Assignment.DROPPED).exists()


def line(shift: Shift) -> list[Standby]:
    """Return who waits for an opening of a locked shift, first come first."""
    return list(
        Standby.objects.filter(shift=shift, state__in=IN_LINE)
        .select_related("employee__number", "offer")
        .order_by("joined_at", "pk")
    )


def place_in_line(standby: Standby) -> int:
    """Return someone's place on standby, from 1."""
    ahead = Q(joined_at__lt=standby.joined_at) | Q(joined_at=standby.joined_at, pk__lt=standby.pk)
    return Standby.objects.filter(ahead, shift=standby.shift_id, state__in=IN_LINE).count() + 1


def shifts_to_ask_about(now: datetime) -> list[int]:
    """Return the shifts ahead that have an opening and someone in line for it."""
    held = Assignment.objects.filter(shift=OuterRef("pk"), state=Assignment.HELD)
    count = held.order_by().values("shift").annotate(count=Count("pk")).values("count")
    in_line = Standby.objects.filter(shift=OuterRef("pk"), state__in=IN_LINE)
    ahead = Shift.objects.filter(cancelled_at__isnull=True, starts_at__gt=now)
    open_ = ahead.alias(held=Coalesce(Subquery(count), 0)).filter(held__lt=F("openings"))
    return list(open_.filter(Exists(in_line)).order_by("pk").values_list("pk", flat=True))
