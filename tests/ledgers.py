"""A consent ledger with something of everything, and ways to tamper with one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection

from shiftbell.rules.consent import How
from shiftbell.store import consent, ledger, mailboxes
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, PhoneNumber
from shiftbell.store.numbers import locked_number
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def said(words: str = "STOP", how: How = How.TEXT, **more: Any) -> Evidence:
    """Return evidence of a few words."""
    return Evidence(how=how, actor="employee", words=words, **more)


def filled() -> dict[str, Employee]:
    """Fill the ledger over three days: every kind of event, one person erased, two anchors."""
    with write():
        people = {
            name: crew.person(name, place, email=f"{name.lower()}@example.com")
            for place, name in enumerate(["Ana", "Ben", "Cleo", "Dan"])
        }
        ana, ben, cleo, dan = people.values()
        now = NOON + HOUR
        consent.revoke(_line(ana), ana, said(detail={"reply": "m1"}), now=now)
        consent.resume(_line(ana), ana, said("START"), now=now + HOUR)
        consent.pause(_line(ben), ben, said("PAUSE 3"), until=now + 3 * DAY, now=now)
        form = said("urgent is fine", How.MANAGER, source="at the dock", version="2026-11")
        consent.allow_nights(ben, form, allowed=True, at=NOON, now=now + HOUR)
        consent.pause(_line(dan), dan, said("PAUSE 9"), until=now + 9 * DAY, now=now)
        address = mailboxes.address_row("ana@example.com")
        consent.unsubscribe(address, ana, said("", How.EMAIL, source="a link"), now=now)
    ledger.anchor(NOON + DAY)
    with write():
        now = NOON + DAY + HOUR
        consent.revoke(_line(dan), dan, said("no mas"), now=now)
        Employee.objects.filter(pk=dan.pk).update(active=False)
        ledger.erase(dan, now=now + HOUR, actor="Mia", source="asked for it")
        consent.revoke(_line(cleo), cleo, said("wrong number"), now=now, wrong_number=True)
        consent.allow_nights(ben, form, allowed=False, at=now, now=now + HOUR)
    ledger.anchor(NOON + 2 * DAY)
    with write():
        now = NOON + 2 * DAY + HOUR
        consent.change_number(ben, _line(ben), said("", How.IMPORT, source="roster"), now=now)
        consent.resume(_line(ana), ana, said("JOIN 4821"), now=now)
        consent.revoke(_line(ana), ana, said("end"), now=now + HOUR)
    return people


def _line(employee: Employee) -> PhoneNumber:
    assert employee.number_id is not None
    return locked_number(employee.number_id)


@contextmanager
def unguarded() -> Iterator[Any]:
    """Give a cursor to a database that checks nothing, and put back all it changed afterwards."""
    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT tampering")
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        cursor.execute("PRAGMA defer_foreign_keys = ON")
        try:
            yield cursor
        finally:
            cursor.execute("ROLLBACK TO tampering")
            cursor.execute("RELEASE tampering")
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
