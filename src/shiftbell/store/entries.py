"""Roster entries: a copy to decide on, and the decision written down.

`RosterCopy` holds what an import needs to know of some people; `record` carries one decided change
out. They are apart so that a dry run can decide the same things and write nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import Prefetch, Q

from shiftbell.rules import phones
from shiftbell.rules.roster_changes import Change, Entry
from shiftbell.rules.sending import ASKING
from shiftbell.store import outbox, places, roster, timeline
from shiftbell.store.models import Consent, Employee, Location, PhoneNumber

# Fields of an entry that are columns of the same name.
_PLAIN = ("first_name", "last_name", "email", "language", "zone", "notes", "active")


class RosterCopy:
    """What the roster says of the people loaded so far, with the changes noted since."""

    def __init__(self) -> None:
        self.holders: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._consented: set[tuple[str, str]] = set()
        self._opted_out: set[str] = set()

    def load(self, external_ids: Collection[str], numbers: Collection[str]) -> None:
        """Add these people, whoever has these numbers, and what is known of the numbers."""
        people = Employee.objects.filter(
            Q(external_id__in=external_ids) | Q(number__e164__in=numbers, active=True)
        )
        homes = Prefetch("locations", Location.objects.order_by("name"))
        for employee in people.select_related("number").prefetch_related(homes):
            if employee.external_id not in self._by_id:
                self._add(_entry(employee))
        held = {entry.number for entry in self._by_id.values()} | set(numbers)
        known = PhoneNumber.objects.filter(e164__in=held, opted_out_at__isnull=False)
        self._opted_out.update(known.values_list("e164", flat=True))
        agreed = Consent.objects.filter(
            kind__in=[Consent.GRANTED, Consent.RESUMED], employee__external_id__in=self._by_id
        )
        self._consented.update(agreed.values_list("employee__external_id", "number__e164"))

    def find(self, external_id: str | None, number: str | None) -> Entry | None:
        """Return the person with this id; without an id, the active holder of this number."""
        if external_id is not None:
            return self._by_id.get(external_id)
        return self.holders.get(number or "")

    def consented(self, external_id: str, number: str) -> bool:
        """Whether this person agreed to be texted on this number."""
        return (external_id, number) in self._consented

    def opted_out(self, number: str) -> bool:
        """Whether this number took its consent back."""
        return number in self._opted_out

    def note(self, change: Change, before: Entry | None) -> None:
        """Remember a decided change for the decisions after it."""
        entry = change.entry
        if before is not None and self.holders.get(before.number) == before:
            del self.holders[before.number]
        self._add(entry)
        if change.grants:
            self._consented.add((entry.external_id, entry.number))
        if change.revokes:
            self._opted_out.add(entry.number)

    def _add(self, entry: Entry) -> None:
        self._by_id[entry.external_id] = entry
        if entry.active and entry.number:
            self.holders[entry.number] = entry


def numbers_of(external_ids: Collection[str]) -> list[int]:
    """Return the ids of the number rows these people have now."""
    people = Employee.objects.filter(external_id__in=external_ids, number__isnull=False)
    return list(people.values_list("number_id", flat=True))


def record(
    change: Change,
    before: Entry | None,
    *,
    named: bool,
    consent_at: datetime | None,
    consent_source: str | None,
    zone: str,
    now: datetime,
    actor: str,
) -> Employee:
    """Write one decided change down. Call inside `write()`.

    Not `named`: neither file nor roster gives the person an id, so they get one of ours. New
    locations are made in `zone`.
    """
    entry = change.entry
    if before is None:
        employee = _add(entry, named=named, zone=zone, now=now, actor=actor)
    else:
        employee = Employee.objects.select_for_update().get(external_id=before.external_id)
        if change.changed:
            _change(employee, change, zone=zone, now=now, actor=actor)
    if change.grants:
        assert consent_at is not None, "rules/roster reads consent only with its date"
        source = consent_source or "import"
        roster.grant(employee, at=consent_at, now=now, source=source, actor=actor)
    if change.revokes and employee.number is not None:
        number = roster.locked_number(employee.number.pk)
        roster.revoke(number, employee, now=now, source="import", actor=actor)
        outbox.withdraw_after_stop(number, now=now)
    return employee


def _entry(employee: Employee) -> Entry:
    return Entry(
        external_id=employee.external_id,
        number=employee.number.e164 if employee.number else "",
        roles=tuple(employee.roles),
        locations=tuple(sorted((home.name for home in employee.locations.all()), key=str.casefold)),
        **{name: getattr(employee, name) for name in _PLAIN},
    )


def _add(entry: Entry, *, named: bool, zone: str, now: datetime, actor: str) -> Employee:
    employee = Employee.objects.create(
        external_id=entry.external_id if named else f"new-{uuid.uuid4().hex}",
        number=roster.number_row(entry.number) if entry.number else None,
        roles=list(entry.roles),
        created_at=now,
        **{name: getattr(entry, name) for name in _PLAIN},
    )
    if not named:
        _name_after_row(employee)
    _move_to(employee, entry, zone=zone, now=now, actor=actor)
    _begin_anew(employee)
    timeline.tell(
        "employee.added",
        at=now,
        actor=actor,
        employee=employee,
        number=employee.number,
        name=employee.name,
        source="import",
    )
    return employee


def _name_after_row(employee: Employee) -> None:
    """Give a person without an id ours, such as e12: `rules/ids` keeps files from bringing it."""
    employee.external_id = str(employee)
    employee.save(update_fields=["external_id"])


def _change(employee: Employee, change: Change, *, zone: str, now: datetime, actor: str) -> None:
    entry, changed = change.entry, set(change.changed)
    if "number" in changed:
        _change_number(employee, entry.number, now=now, actor=actor)
    if "locations" in changed:
        _move_to(employee, entry, zone=zone, now=now, actor=actor)
    employee.roles = list(entry.roles)
    for name in _PLAIN:
        setattr(employee, name, getattr(entry, name))
    employee.save()
    if changed & {"number", "active"}:
        _begin_anew(employee)
    if not employee.active:
        offers = Q(employee=employee, kind__in=ASKING)
        outbox.withdraw(offers, reason="inactive", now=now, actor=actor)
    if rest := [name for name in change.changed if name != "number"]:
        timeline.tell(
            "employee.changed",
            at=now,
            actor=actor,
            employee=employee,
            name=employee.name,
            fields=", ".join(name.replace("_", " ") for name in rest),
        )


def _begin_anew(employee: Employee) -> None:
    """Let the next text be the first to whoever holds the number now, required words and all (K5).

    Someone who left and comes back may read them twice; a new holder never misses them.
    """
    if employee.active and employee.number_id is not None:
        PhoneNumber.objects.filter(pk=employee.number_id).update(first_texted_at=None)


def _change_number(employee: Employee, e164: str, *, now: datetime, actor: str) -> None:
    """Give a person another number. What waits for the old one must not reach its next holder."""
    old, new = employee.number, roster.number_row(e164)
    if old is not None:
        mine = Q(employee=employee, number=old)
        outbox.withdraw(mine, reason="number_changed", now=now, actor=actor)
    employee.number = new
    timeline.tell(
        "number.changed",
        at=now,
        actor=actor,
        employee=employee,
        number=new,
        old=phones.mask(old.e164) if old else "none",
        new=phones.mask(e164),
    )


def _move_to(employee: Employee, entry: Entry, *, zone: str, now: datetime, actor: str) -> None:
    homes = [
        places.location_named(name, zone=zone, now=now, actor=actor) for name in entry.locations
    ]
    employee.locations.set(homes)
