"""The consent ledger: events added to their chain, anchored once a day, and looked through.

Whoever adds an event holds the lock of its number or address, so places in a chain are given out
one by one. An event's id is part of its hash, and only the database knows it: the row is written
and then sealed, in the same transaction. What the hashes show is ruled in `rules/ledger`; which
event means what in `rules/consent`; who looks for changes in `store/audit`.
"""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from shiftbell.rules import consent as rules
from shiftbell.rules import ledger as chain
from shiftbell.rules.consent import Event, Word
from shiftbell.rules.ledger import FIRST
from shiftbell.store.models import Consent, ConsentAnchor, EmailAddress, Employee, PhoneNumber
from shiftbell.store.transactions import write

Contact = PhoneNumber | EmailAddress

# What of a row is "said": dropped when a person is erased, and part of the digest until then. The
# number or address itself is part of the digest too, so that no chain can be hung on another one.
UNSAID: dict[str, object] = {
    "employee_id": None,
    "person": "",
    "at": None,
    "how": "",
    "source": "",
    "actor": "",
    "words": "",
    "disclosure": "",
    "version": "",
    "until": None,
    "detail": {},
}
AT_ONCE = 500  # rows named in one statement


def add(
    contact: Contact,
    kind: Event,
    *,
    now: datetime,
    employee: Employee | None = None,
    **said: Any,
) -> Consent:
    """Add an event to the chain of a locked number or address; `said` are columns of `UNSAID`."""
    # Another copy of the same locked row may have added an event meanwhile.
    contact.refresh_from_db(fields=["events", "head"])
    row = Consent(
        kind=kind,
        recorded_at=now,
        employee=employee,
        person=f"{employee.name} ({employee.external_id})"[:700] if employee else "",
        place=contact.events + 1,
        previous=contact.head,
        salt=secrets.token_bytes(chain.SALT_BYTES),
        **{link_of(type(contact)): contact},
        **said,
    )
    row.save()
    _seal(row, contact)
    contact.events, contact.head = row.place, row.hash
    contact.save(update_fields=["events", "head"])
    return row


def _seal(row: Consent, contact: Contact) -> None:
    """Compute an event's digest and hash, now that its id is known, and save them."""
    said = said_in(row, contact)
    assert row.salt is not None
    assert said is not None
    row.digest = chain.digest_of(bytes(row.salt), said)
    row.hash = chain.hash_of(
        chain=str(contact),
        place=row.place,
        row=row.pk,
        kind=row.kind,
        recorded_at=row.recorded_at,
        digest=row.digest,
        previous=row.previous,
    )
    row.save(update_fields=["digest", "hash"])


def said_in(row: Consent, contact: Contact) -> dict[str, object] | None:
    """Return what an event says, and of which number or address; None where nothing is left."""
    said = {name: getattr(row, name) for name in UNSAID}
    if row.salt is None and said == UNSAID:
        return None
    return said | {"contact": called(contact)}


def called(contact: Contact) -> str:
    """Return a number in E.164, or an address."""
    return contact.e164 if isinstance(contact, PhoneNumber) else contact.address


def link_of(model: type[Contact]) -> str:
    """Return the column of an event that leads to its number, or to its address."""
    return "number" if model is PhoneNumber else "address"


def word_of(row: Consent) -> Word:
    """Return an event as far as it changes what is allowed; raise ValueError for no known one."""
    return Word(Event(row.kind), row.recorded_at, row.employee_id, row.until)


def erase(employee: Employee, *, now: datetime, actor: str, source: str) -> int:
    """Drop what all events of a person said; that they happened, and what is stopped, stays.

    Call inside `write()`. Returns how many events there were.
    """
    mine = Consent.objects.filter(employee=employee)
    erased = 0
    for contact in _locked(mine):
        link = {link_of(type(contact)): contact}
        rows = list(mine.filter(**link).order_by("place"))
        for row in rows:
            _forget(row)
        add(contact, Event.ERASED, now=now, at=now, how=rules.How.MANAGER, actor=actor,
            source=source, detail={"places": [row.place for row in rows]})  # fmt: skip
        if isinstance(contact, PhoneNumber):
            _end_forgotten_pause(contact)
        erased += len(rows)
    return erased


def _locked(rows: QuerySet[Consent]) -> list[Contact]:
    """Lock the numbers and addresses that events are about, lowest first, and return them."""
    found: list[Contact] = []
    for model in (PhoneNumber, EmailAddress):
        ids = rows.values_list(f"{link_of(model)}_id", flat=True).distinct()
        contacts = model.objects.filter(pk__in=[pk for pk in ids if pk is not None])
        found += contacts.order_by("pk").select_for_update()
    return found


def _forget(row: Consent) -> None:
    row.salt = None
    for name, nothing in UNSAID.items():
        setattr(row, name, nothing)
    row.save()


def _end_forgotten_pause(number: PhoneNumber) -> None:
    """Let a pause end whose last day was forgotten with whoever asked for it."""
    words = map(word_of, Consent.objects.filter(number=number).order_by("place"))
    number.paused_until = rules.replay(words).paused_until
    number.save(update_fields=["paused_until"])


def anchor(now: datetime) -> ConsentAnchor | None:
    """Anchor all events that have none, once a day; None where today's was made or none is new."""
    day = now.date().isoformat()
    if ConsentAnchor.objects.filter(day__gte=day).exists():
        return None
    with write():
        last = ConsentAnchor.objects.order_by("-pk").first()
        if last is not None and last.day >= day:
            return None
        new = Consent.objects.filter(anchor__isnull=True).order_by("pk")
        entries = list(new.values_list("pk", "hash"))
        if not entries:
            return None
        previous, count = (last.head, last.count) if last else (FIRST, 0)
        count += len(entries)
        made = ConsentAnchor.objects.create(
            day=day,
            made_at=now,
            added=len(entries),
            count=count,
            previous=previous,
            head=chain.head_of(previous, day, now, count, entries),
        )
        for start in range(0, len(entries), AT_ONCE):
            some = [pk for pk, _ in entries[start : start + AT_ONCE]]
            Consent.objects.filter(pk__in=some).update(anchor=made)
        return made
