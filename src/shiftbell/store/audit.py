"""Looking through the consent ledger: is everything as it was written, and if not, where?

Nothing is locked while all of it is read; a chain that looks wrong is read once more under its
lock, since an event may just have been added. Whatever a row holds now, even bytes that no column
could have taken, is a finding and never an error.

SQLite keeps moments and details as text, and Django reads more than one spelling of each, and
rubbish as nothing at all. So how they are spelled is compared too. What the hashes show is ruled in
`rules/ledger`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import (
    BinaryField,
    Count,
    DateTimeField,
    Exists,
    Field,
    JSONField,
    Model,
    OuterRef,
    Q,
    QuerySet,
)
from django.db.models.functions import Cast

from shiftbell.rules import consent as rules
from shiftbell.rules import ledger as chain
from shiftbell.rules.consent import Event, Word
from shiftbell.rules.ledger import Anchor, Anchored, Entry, Flaw
from shiftbell.store.ledger import Contact, link_of, said_in, word_of
from shiftbell.store.models import Consent, ConsentAnchor, EmailAddress, PhoneNumber
from shiftbell.store.transactions import write

AT_ONCE = 200  # chains read in one go
# What Django and SQLite raise for a value that its column cannot hold: text that is no UTF-8, no
# JSON, no moment.
_UNREADABLE = (DatabaseError, ValueError, TypeError, AttributeError)

_OF_A_CONTACT = {"opted_out_at", "paused_until"}  # what its events add up to


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What looking through the whole ledger found, and its newest anchor."""

    flaws: tuple[Flaw, ...]
    events: int
    chains: int
    anchors: int
    newest: Anchor | None


def verify(progress: Callable[[int, int], None] = lambda done, total: None) -> Verdict:
    """Look through every chain and anchor, and compare each with what stands on its contact."""
    ids = {
        model: list(model.objects.order_by("pk").values_list("pk", flat=True))
        for model in (PhoneNumber, EmailAddress)
    }
    flaws: list[Flaw] = []
    done, total = 0, sum(map(len, ids.values()))
    for model, pks in ids.items():
        for start in range(0, len(pks), AT_ONCE):
            some = pks[start : start + AT_ONCE]
            flaws += _flaws_for_sure(model, some)
            done += len(some)
            progress(done, total)
    flaws += _strays()
    anchors, of_anchors = _anchors()
    if of_anchors:
        with write():
            anchors, of_anchors = _anchors()
    distinct = {name: Count(name, distinct=True) for name in ("number", "address")}
    return Verdict(
        flaws=(*flaws, *of_anchors),
        events=Consent.objects.count(),
        chains=sum(Consent.objects.aggregate(**distinct).values()),
        anchors=len(anchors),
        newest=anchors[-1] if anchors else None,
    )


def anchor_is_there(day: str, count: int, head: str) -> bool:
    """Whether an anchor that was kept elsewhere is in the ledger as it was kept."""
    return ConsentAnchor.objects.filter(day=day, count=count, head=head).exists()


def _flaws_for_sure(model: type[Contact], pks: Collection[int]) -> list[Flaw]:
    """Return the flaws of some chains; whichever looks wrong is looked at again, locked."""
    suspects = _flaws_among(model, pks)
    if not suspects:
        return []
    with write():
        suspected = model.objects.filter(pk__in=suspects).order_by("pk")
        list(suspected.select_for_update().values_list("pk"))
        found = _flaws_among(model, suspects.keys())
    return [flaw for pk in sorted(found) for flaw in found[pk]]


def _flaws_among(model: type[Contact], pks: Collection[int]) -> dict[int, list[Flaw]]:
    """Return the flaws of these numbers' or addresses' chains, of those that have any."""
    link = link_of(model)
    contacts, lost = _read(_with_spelling(model.objects.filter(pk__in=pks)))
    flaws = {pk: [Flaw(f"{link} {pk}", "its row cannot be read")] for pk in lost}
    events = Consent.objects.filter(**{f"{link}__in": pks}).order_by("place", "pk")
    rows, unread = _read(_with_spelling(events))
    chains: defaultdict[int, list[Consent]] = defaultdict(list)
    for row in rows:
        chains[getattr(row, f"{link}_id")].append(row)
    for contact in contacts:
        flaws[contact.pk] = _flaws_of(contact, chains[contact.pk])
    for of, pk in events.filter(pk__in=unread).values_list(f"{link}_id", "pk"):
        flaws[of].insert(0, Flaw(f"{link} {of}, c{pk}", "it cannot be read"))
    return {pk: found for pk, found in flaws.items() if found}


def _flaws_of(contact: Contact, rows: list[Consent]) -> list[Flaw]:
    entries = [_entry(row, contact) for row in rows]
    flaws = chain.chain_flaws(
        str(contact), entries, contact.events, contact.head, erased=_erased(rows)
    )
    for entry, row in zip(entries, rows, strict=True):
        flaws += _misspelled(row, f"{contact}, entry {entry.place} (c{row.pk})")
    flaws += _misspelled(contact, str(contact))
    standing = rules.replay(_words(rows))
    if standing.out_since != contact.opted_out_at:
        since = f"opted out since {standing.out_since}" if standing.out_since else "not opted out"
        says = f"since {contact.opted_out_at}" if contact.opted_out_at else "not opted out"
        flaws.append(Flaw(str(contact), f"its events say {since}, its row says {says}"))
    if isinstance(contact, PhoneNumber) and standing.paused_until != contact.paused_until:
        flaws.append(Flaw(str(contact), "its row says another end of a pause than its events"))
    return flaws


def _words(rows: list[Consent]) -> Iterator[Word]:
    for row in rows:
        if row.kind in set(Event):  # of another kind the hash complains
            yield word_of(row)


def _erased(rows: list[Consent]) -> Iterator[int]:
    """Yield the places whose erasure the chain itself records."""
    for row in rows:
        if row.kind == Event.ERASED and isinstance(row.detail, dict):
            places = row.detail.get("places")
            for place in places if isinstance(places, list) else ():
                if isinstance(place, int):
                    yield place


def _entry(row: Consent, contact: Contact) -> Entry:
    return Entry(
        chain=str(contact),
        place=row.place,
        row=row.pk,
        kind=row.kind,
        recorded_at=row.recorded_at,
        salt=bytes(row.salt) if isinstance(row.salt, memoryview) else row.salt,
        said=said_in(row, contact),
        digest=row.digest,
        previous=row.previous,
        hash=row.hash,
    )


def _strays() -> list[Flaw]:
    """Return the events that belong to no number and no address, to a lost one, or to both."""
    number = Exists(PhoneNumber.objects.filter(pk=OuterRef("number")))
    address = Exists(EmailAddress.objects.filter(pk=OuterRef("address")))
    strays = Consent.objects.exclude(
        Q(number, address__isnull=True) | Q(address, number__isnull=True)
    )
    flaws = []
    for pk, number_id, address_id in strays.values_list("pk", "number_id", "address_id"):
        links = {"number": number_id, "address": address_id}
        names = " and ".join(f"{link} {of}" for link, of in links.items() if of is not None)
        what = "it belongs to no number or address that there is, or to both"
        flaws.append(Flaw(", ".join(filter(None, [names, f"c{pk}"])), what))
    return flaws


def _anchors() -> tuple[list[Anchor], list[Flaw]]:
    """Return the anchors, and what is wrong with them."""
    rows, lost = _read(_with_spelling(ConsentAnchor.objects.order_by("pk")))
    entries, _ = _read(Consent.objects.order_by("pk").values_list("anchor_id", "pk", "hash"))
    added: defaultdict[int | None, list[Anchored]] = defaultdict(list)
    for anchor_id, pk, hash_ in entries:
        added[anchor_id].append((pk, hash_))
    lost += [row.pk for row in rows if not all(map(_whole, (row.added, row.count)))]
    anchors = [
        Anchor(
            row=row.pk,
            day=row.day,
            made_at=row.made_at,
            added=row.added,
            count=row.count,
            previous=row.previous,
            head=row.head,
        )
        for row in rows
        if row.pk not in lost
    ]
    flaws = [Flaw(f"anchor {pk}", "its row cannot be read") for pk in lost]
    for row in rows:
        flaws += _misspelled(row, f"anchor {row.pk} ({row.day})")
    return anchors, flaws + chain.anchor_flaws(anchors, added)


def _with_spelling(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Read with each row how its moments and details are spelled."""
    if connection.vendor != "sqlite":
        return rows  # a column of PostgreSQL takes any spelling and keeps none
    names = (field.attname for field in _spelled(rows.model))
    spelled: QuerySet[Any] = rows.annotate(
        **{f"spelled_{name}": Cast(name, BinaryField()) for name in names}
    )
    return spelled


def _misspelled(row: Model, where: str) -> list[Flaw]:
    """Return which columns of a row hold another spelling than the one we write."""
    fields = _spelled(type(row)) if connection.vendor == "sqlite" else ()
    return [
        Flaw(where, f"its {field.attname} is not spelled as it was written")
        for field in fields
        if getattr(row, f"spelled_{field.attname}") != _spelling(field, row)
    ]


def _spelling(field: Field[Any, Any], row: Model) -> object:
    """Return how we would spell what a row has in this column; False where nobody could."""
    value = getattr(row, field.attname)
    try:
        spelled = field.get_db_prep_save(value, connection)
    except (TypeError, ValueError):
        return False
    return spelled.encode() if isinstance(spelled, str) else spelled


def _spelled(model: type[Model]) -> list[Field[Any, Any]]:
    checked = _OF_A_CONTACT if issubclass(model, Contact) else None
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, DateTimeField | JSONField)
        and (checked is None or field.attname in checked)
    ]


def _whole(number: object) -> bool:
    return isinstance(number, int)


def _read(rows: QuerySet[Any, Any]) -> tuple[list[Any], list[int]]:
    """Return the rows that can be read, and the ids of those that cannot."""
    try:
        return list(rows), []
    except _UNREADABLE:
        found: list[Any] = []
        lost: list[int] = []
        for pk in list(rows.values_list("pk", flat=True)):
            try:
                found += rows.filter(pk=pk)
            except _UNREADABLE:
                lost.append(pk)
        return found, lost
