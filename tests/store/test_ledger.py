"""The ledger: whatever is changed behind its back is found, and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from shiftbell.rules.consent import Event
from shiftbell.store import audit, ledger
from shiftbell.store.models import Consent, ConsentAnchor, EmailAddress, PhoneNumber
from tests.ledgers import DAY, filled, unguarded
from tests.moments import NOON

CHAIN = ["events", "head", "opted_out_at"]
COLUMNS: dict[Any, list[str]] = {
    Consent: [str(field.column) for field in Consent._meta.concrete_fields],
    ConsentAnchor: [str(field.column) for field in ConsentAnchor._meta.concrete_fields],
    PhoneNumber: ["e164", "paused_until", *CHAIN],
    EmailAddress: ["address", *CHAIN],
}


def findings() -> str:
    return "\n".join(f"{flaw.where}: {flaw.what}" for flaw in audit.verify().flaws)


@pytest.mark.django_db
def test_an_untouched_ledger_is_whole():
    filled()
    verdict = audit.verify()
    assert verdict.flaws == ()
    assert (verdict.events, verdict.chains, verdict.anchors) == (17, 5, 2)
    assert set(Consent.objects.values_list("kind", flat=True)) == set(Event)


@pytest.mark.django_db
@pytest.mark.parametrize("model", COLUMNS)
def test_whatever_is_changed_is_found_and_located(model: Any) -> None:
    filled()
    missed, tried = [], 0
    for row in model.objects.order_by("pk"):
        for column in COLUMNS[model]:
            for value in changes(row, column):
                with unguarded() as cursor:
                    if change(cursor, row, column, value):
                        tried += 1
                        found = findings()
                        if not any(name in found for name in names(row, column)):
                            missed.append((row, column, value, found))
    assert missed == []
    assert tried > 10


def names(row: Any, column: str) -> list[str]:
    """Return what a finding has to name, one of them, once a column of this row was changed."""
    if isinstance(row, ConsentAnchor):
        return [f"anchor {row.pk} (", f"anchor {row.pk}:"]
    if not isinstance(row, Consent):
        return [str(row)]
    if column == "id":
        return [f"{row.number or row.address}, entry {row.place} (c"]
    return [f"(c{row.pk})", f"c{row.pk}:", f"entries name it: c{row.pk}"]


def changes(row: Any, column: str) -> list[Any]:
    with connection.cursor() as cursor:
        # Not the column itself: SQLite's driver would make a moment of what is text.
        cursor.execute(
            f"SELECT coalesce({column}, NULL) FROM {row._meta.db_table} WHERE id = %s", [row.pk]
        )
        value = cursor.fetchone()[0]
    return [each for each in changed(value) if each != value]


def changed(value: Any) -> Iterator[Any]:
    """Yield what a value may be changed into: another one, nothing, and what no column takes."""
    yield None
    match value:
        case None:
            yield from (7, "2026-11-24 18:00:00")
        case int():
            yield from (value + 1, "one")
        case bytes():
            yield from (bytes([value[0] ^ 1]) + value[1:], value[:-1])
        case str():
            yield from (f"{value}x", b"\xff\xfe")
            for at in [len(value) // 2] * bool(value):
                yield value[:at] + chr(ord(value[at]) ^ 1) + value[at + 1 :]


def change(cursor: Any, row: Any, column: str, value: Any, made: str = "%s") -> bool:
    """Change one value; False where not even a database without guards takes it."""
    try:
        with transaction.atomic():
            cursor.execute(
                f"UPDATE {row._meta.db_table} SET {column} = {made} WHERE id = %s", [value, row.pk]
            )
    except IntegrityError:
        return False
    return True


@pytest.mark.django_db
def test_one_flipped_byte_anywhere_in_the_ledger_is_detected_and_located():
    filled()
    places = [
        (row, column)
        for model in COLUMNS
        for row in model.objects.order_by("pk")
        for column in COLUMNS[model]
        if column != "id"
    ]

    @settings(max_examples=150)
    @given(st.sampled_from(places), st.floats(0, 1), st.integers(1, 255))
    def flip(place: tuple[Any, str], where: float, bits: int) -> None:
        row, column = place
        kind, written = stored(row, column)
        if written:
            at = int(where * (len(written) - 1))
            flipped = bytes([*written[:at], written[at] ^ bits, *written[at + 1 :]])
            with unguarded() as cursor:
                # As the file would hold it: text that is no text, digits that are none.
                made = f"CAST(%s AS {kind})"
                if change(cursor, row, column, flipped, made) and stored(row, column)[1] != written:
                    found = findings()
                    assert any(name in found for name in names(row, column)), (place, flipped)

    flip()


def stored(row: Any, column: str) -> tuple[str, bytes]:
    """Return a value's type and its bytes."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT typeof({column}), CAST({column} AS BLOB) FROM {row._meta.db_table}"
            " WHERE id = %s",
            [row.pk],
        )
        kind, written = cursor.fetchone()
    return kind, written


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "statements", "named"),
    [
        ("a row in the middle is gone", ["DELETE FROM consent WHERE id = 5"], "number 1, entry 3"),
        ("the newest row is gone", ["DELETE FROM consent WHERE id = 17"], "number 1"),
        (
            "the newest anchored row is gone, and its number says so",
            [
                "DELETE FROM consent WHERE id = 13",
                "UPDATE shiftbell_phonenumber SET events = 1, opted_out_at = NULL, head ="
                " (SELECT hash FROM shiftbell_consent WHERE id = 3) WHERE id = 3",
            ],
            "anchor 2",
        ),
        (
            "a whole chain is gone, and its number says so",
            [
                "DELETE FROM consent WHERE number_id = 3",
                "UPDATE shiftbell_phonenumber SET events = 0, opted_out_at = NULL, head ="
                f" '{'0' * 64}' WHERE id = 3",
            ],
            "anchor 1",
        ),
        ("a whole chain is gone", ["DELETE FROM consent WHERE number_id = 3"], "number 3"),
        ("a number is gone", ["DELETE FROM shiftbell_phonenumber WHERE id = 3"], "number 3, c3"),
        (
            "two rows have changed places",
            [
                "UPDATE consent SET place = 99 WHERE id = 5",
                "UPDATE consent SET place = 2 WHERE id = 6",
                "UPDATE consent SET place = 3 WHERE id = 5",
            ],
            "number 1, entry 2 (c6)",
        ),
        (
            "a row was put in",
            [
                "INSERT INTO shiftbell_consent SELECT 90, kind, at, recorded_at, source, actor,"
                " words, employee_id, number_id, detail, digest, disclosure, hash, how, person,"
                " 9, previous, salt, until, version, anchor_id, address_id"
                " FROM shiftbell_consent WHERE id = 5"
            ],
            "number 1, entry 9 (c90)",
        ),
        (
            "the newest anchor is gone",
            ["DELETE FROM shiftbell_consentanchor WHERE id = 2"],
            "anchor 2",
        ),
        (
            "an anchor is gone, and no row names it any more",
            [
                "UPDATE consent SET anchor_id = NULL WHERE anchor_id = 1",
                "DELETE FROM shiftbell_consentanchor WHERE id = 1",
            ],
            "anchor 2",
        ),
        (
            "somebody else is said to have agreed",
            ["UPDATE consent SET employee_id = 2, person = 'Ben (crew-2)' WHERE id = 1"],
            "number 1, entry 1 (c1)",
        ),
        (
            "two numbers have changed hands",
            [
                "UPDATE shiftbell_phonenumber SET e164 = 'x' WHERE id = 1",
                "UPDATE shiftbell_phonenumber SET e164 = '+13125550100' WHERE id = 2",
                "UPDATE shiftbell_phonenumber SET e164 = '+13125550101' WHERE id = 1",
            ],
            "number 2, entry 1 (c2)",
        ),
        (
            "a row looks as if it had been erased",
            [
                "UPDATE consent SET salt = NULL, employee_id = NULL, person = '', at = NULL,"
                " how = '', source = '', actor = '', words = '', disclosure = '', version = '',"
                " until = NULL, detail = '{}' WHERE id = 5"
            ],
            "number 1, entry 2 (c5)",
        ),
        (
            "an opt-out is forgotten",
            ["UPDATE shiftbell_phonenumber SET opted_out_at = NULL WHERE id = 3"],
            "number 3",
        ),
    ],
)
def test_it_is_found_when(what: str, statements: list[str], named: str) -> None:
    filled()
    with unguarded() as cursor:
        for statement in statements:
            cursor.execute(statement.replace(" consent ", " shiftbell_consent "))
        assert f"\n{named}" in f"\n{findings()}", what
    assert findings() == ""


@pytest.mark.django_db
def test_a_ledger_that_was_computed_anew_is_found_by_an_anchor_kept_elsewhere():
    filled()
    kept = [(row.day, row.count, row.head) for row in ConsentAnchor.objects.order_by("pk")]
    assert all(audit.anchor_is_there(*each) for each in kept)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE shiftbell_consent SET anchor_id = NULL WHERE anchor_id = 2")
    ConsentAnchor.objects.filter(pk=2).delete()
    assert findings() == "", "nothing that is left contradicts it"
    assert [audit.anchor_is_there(*each) for each in kept] == [True, False]
    ledger.anchor(NOON + 3 * DAY)
    assert [audit.anchor_is_there(*each) for each in kept] == [True, False]
    assert findings() == ""
