"""Roster entries: a copy to decide on, and the decision written down.

`RosterCopy` holds what an import needs to know of some people; `record` carries one decided change
out. They are apart so that a dry run can decide the same things and write nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime

from django.db.models import Max, Prefetch, Q, QuerySet

from shiftbell.rules import phones
from shiftbell.rules.consent import AGREEING, STOPPING, How
from shiftbell.rules.hygiene import Remark, Trouble, remark_on_giving
from shiftbell.rules.roster_changes import Change, Entry
from shiftbell.rules.sending import ASKING
from shiftbell.store import consent, hygiene, numbers, outbox, places, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Employee, Location, PhoneNumber

# Fields of an entry that are columns of the same name.
_PLAIN = ("first_name", "last_name", "email", "language", "zone", "notes", "active")


class RosterCopy:
    """What the roster says of the people loaded so far, with the changes noted since."""

    def __init__(self) -> None:
        self.holders: dict[str, Entry] = {}
        self._by_id: dict[str, Entry] = {}
        self._consented: set[tuple[str, str]] = set()
        self._nights: set[tuple[str, str]] = set()
        self._opted_out: set[str] = set()
        self._troubles: dict[str, Trouble] = {}
        self._words: set[tuple[str, str]] = set()
        self._agreed_at: dict[str, datetime] = {}
        self._signed_up: set[str] = set()

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
        known = PhoneNumber.objects.filter(e164__in=held)
        out = known.filter(opted_out_at__isnull=False)
        self._opted_out.update(out.values_list("e164", flat=True))
        self._load_hygiene(known)
        self._consented.update(_named(people, consent.who_agreed))
        self._nights.update(_named(people, consent.who_takes_nights))
        agreed = Consent.objects.filter(employee__in=people, kind__in=AGREEING, at__isnull=False)
        newest = agreed.values("employee__external_id").annotate(newest=Max("at"))
        self._agreed_at.update(newest.values_list("employee__external_id", "newest"))

    def _load_hygiene(self, known: QuerySet[PhoneNumber]) -> None:
        """Add what is wrong with these numbers, and whose words stand there."""
        troubled = known.exclude(unusable_as="").values_list("e164", "unusable_as")
        self._troubles.update((e164, Trouble(name)) for e164, name in troubled)
        words = Consent.objects.filter(number__in=known)
        named = words.filter(employee__isnull=False, kind__in=AGREEING | STOPPING)
        self._words.update(named.values_list("employee__external_id", "number__e164"))
        nameless = words.filter(employee__isnull=True, kind__in=AGREEING)
        self._signed_up.update(nameless.values_list("number__e164", flat=True))

    def find(self, external_id: str | None, number: str | None) -> Entry | None:
        """Return the person with this id; without an id, the active holder of this number."""
        if external_id is not None:
            return self._by_id.get(external_id)
        return self.holders.get(number or "")

    def consented(self, external_id: str, number: str) -> bool:
        """Whether this person agreed to be texted on this number."""
        return (external_id, number) in self._consented

    def agreed_at(self, external_id: str) -> datetime | None:
        """When this person last agreed to be texted, on whatever number."""
        return self._agreed_at.get(external_id)

    def takes_nights(self, external_id: str, number: str) -> bool:
        """Whether this person takes urgent offers at night on this number."""
        return (external_id, number) in self._nights

    def opted_out(self, number: str) -> bool:
        """Whether this number took its consent back."""
        return number in self._opted_out

    def to_opt_out(self, external_id: str | None, number: str | None) -> list[str]:
        """Return the numbers that an opt-out of such a row binds: its own, and that person's."""
        person = self._by_id.get(external_id or "")
        theirs = person.number if person else ""
        if person is not None and self.holders.get(theirs, person) != person:
            theirs = ""  # somebody else's by now
        return sorted({number or "", theirs} - {""})

    def note_opt_out(self, number: str) -> None:
        """Remember that a number opted out."""
        self._opted_out.add(number)

    def remark(self, change: Change, before: Entry | None) -> Remark | None:
        """Return what to know of a number that a change, not yet noted, gives to a person."""
        entry = change.entry
        number = entry.number
        had_it = before is not None and before.active and before.number == number
        if had_it or not entry.active or not number:
            return None
        agreed = change.grants or self.consented(entry.external_id, number)
        return remark_on_giving(
            self._troubles.get(number),
            opted_out=self.opted_out(number),
            others=any(to == number and who != entry.external_id for who, to in self._words),
            agreed=agreed or number in self._signed_up,
        )

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
        if change.nights is not None:
            self._nights.discard((entry.external_id, entry.number))
        if change.nights:
            self._nights.add((entry.external_id, entry.number))

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
    agreed_at: datetime | None,
    evidence: Evidence,
    zone: str,
    now: datetime,
    actor: str,
) -> Employee:
    """Write one decided change down. Call inside `write()`.

    Not `named`: neither file nor roster gives the person an id, so they get one of ours. New
    locations are made in `zone`. `evidence` is what the file says of how people agreed.
    """
    entry = change.entry
    if before is None:
        employee = _add(entry, named=named, zone=zone, now=now, actor=actor)
    else:
        employee = Employee.objects.select_for_update().get(external_id=before.external_id)
        if change.changed:
            _change(employee, change, zone=zone, now=now, actor=actor)
    if before is None or {"number", "active"} & set(change.changed):
        assigned = before is None or "number" in change.changed
        hygiene.give(employee, assigned=assigned, actor=actor, now=now)
    if change.grants:
        assert agreed_at is not None, "rules/consent_columns reads consent only with its date"
        consent.grant(employee, evidence, at=agreed_at, now=now)
    if change.revokes and employee.number is not None:
        number = numbers.locked_number(employee.number.pk)
        opted_out = Evidence(how=How.IMPORT, actor=actor, source="import")
        consent.revoke(number, employee, opted_out, now=now)
    if change.nights is not None:
        at = agreed_at if change.nights else now
        assert at is not None, "rules/consent_columns reads it only with its date"
        consent.allow_nights(employee, evidence, allowed=change.nights, at=at, now=now)
    return employee


def record_opt_out(e164: str, *, now: datetime, actor: str) -> None:
    """Write down that a file says of a number that it opted out, whoever has it."""
    number = numbers.locked_number(numbers.number_row(e164).pk)
    opted_out = Evidence(how=How.IMPORT, actor=actor, source="import")
    consent.revoke(number, numbers.holder(number), opted_out, now=now)


def _named(
    people: QuerySet[Employee], who: Callable[[Collection[int]], set[tuple[int, int]]]
) -> set[tuple[str, str]]:
    """Return what `who` answers of these people, as pairs of an external id and a number."""
    ids = dict(people.values_list("pk", "external_id"))
    pairs = who(list(ids))
    known = PhoneNumber.objects.filter(pk__in={number for _, number in pairs})
    e164 = dict(known.values_list("pk", "e164"))
    return {(ids[employee], e164[number]) for employee, number in pairs}


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
        number=numbers.number_row(entry.number) if entry.number else None,
        roles=list(entry.roles),
        created_at=now,
        **{name: getattr(entry, name) for name in _PLAIN},
    )
    if not named:
        _name_after_row(employee)
    _move_to(employee, entry, zone=zone, now=now, actor=actor)
    _begin_anew(employee, now)
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
        _begin_anew(employee, now)
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


def _begin_anew(employee: Employee, now: datetime) -> None:
    """Let the next text be the first to whoever holds the number now, required words and all (K5).

    Someone who left and comes back may read them twice; a new holder never misses them.
    """
    if employee.active and employee.number_id is not None:
        number = numbers.locked_number(employee.number_id)
        number.first_texted_at = None
        if consent.was_anothers(employee, number):
            number.holder_since = now
        number.save(update_fields=["first_texted_at", "holder_since"])
        consent.adopt(employee, number, now=now)


def _change_number(employee: Employee, e164: str, *, now: datetime, actor: str) -> None:
    """Give a person another number. What waits for the old one must not reach its next holder."""
    old, new = employee.number, numbers.number_row(e164)
    if old is not None:
        mine = Q(employee=employee, number=old)
        outbox.withdraw_texts(mine, reason="number_changed", now=now, actor=actor)
        evidence = Evidence(how=How.IMPORT, actor=actor, source="the roster")
        consent.change_number(employee, old, evidence, now=now)
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
