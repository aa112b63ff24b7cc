"""A database from before the ledger: its consents get their place in a chain, and prove whole."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.processes import SAMPLE, run

AT = "2026-11-20 18:00:0"
SAID = [
    # number, employee, kind, source
    (1, 1, "granted", "paper form"),
    (1, 1, "revoked", "text"),
    (1, 1, "resumed", "a reply that a person read"),
    (1, 1, "paused", "text"),
    (2, 2, "granted", "import"),
    (2, 2, "paused", "text"),
    (2, 2, "resumed", "text"),
    (3, None, "revoked", "RingCentral lists it"),
    (4, 4, "granted", "paper form"),
    (4, 4, "wrong_number", "text"),
    (4, 4, "revoked", "text"),
]
# opted_out_at, paused_until, unusable_since and unusable_reason, as the older version left them.
STANDS = {
    1: (None, f"{AT}9", None, ""),
    2: (None, None, None, ""),
    3: (f"{AT}7", None, None, ""),
    4: (f"{AT}9", None, f"{AT}9", "wrong_number"),
    5: (None, None, f"{AT}1", "SMS-CAR-411"),
}


def fill(file: Path) -> None:
    """Put consents of every kind into a database of the first version."""
    with sqlite3.connect(file) as old:
        for pk, stands in STANDS.items():
            old.execute(
                "INSERT INTO shiftbell_phonenumber (id, e164, opted_out_at, paused_until,"
                " unusable_since, unusable_reason) VALUES (?, ?, ?, ?, ?, ?)",
                (pk, f"+1312555014{pk}", *stands),
            )
            old.execute(
                "INSERT INTO shiftbell_employee (id, external_id, first_name, last_name, number_id,"
                " email, language, zone, roles, notes, active, created_at)"
                " VALUES (?, ?, ?, '', ?, '', 'en', '', '[]', '', 1, ?)",
                (pk, f"id-{pk}", f"Emp{pk}" if pk != 4 else "", pk, f"{AT}0"),
            )
        for pk, (number, employee, kind, source) in enumerate(SAID):
            old.execute(
                "INSERT INTO shiftbell_consent (kind, at, recorded_at, source, actor, words,"
                " employee_id, number_id) VALUES (?, ?, ?, ?, 'x', ?, ?, ?)",
                (kind, f"{AT}{pk}"[:19], f"{AT}{pk}"[:19], source, kind, employee, number),
            )
    old.close()


@pytest.fixture
def migrated(tmp_path: Path) -> Path:
    for command in (["django", "migrate", "shiftbell", "0001", "-v", "0"], ["migrate"]):
        done = run(tmp_path, *command, **SAMPLE)
        assert done.returncode == 0, done.stderr
        if command[0] == "django":
            fill(tmp_path / "x.sqlite3")
    return tmp_path


def test_consents_of_every_kind_migrate_into_a_ledger_that_verifies(migrated):
    checked = run(migrated, "consents", "verify", "--json", **SAMPLE)
    assert json.loads(checked.stdout)["flaws"] == []
    assert (checked.returncode, json.loads(checked.stdout)["events"]) == (0, len(SAID))
    with sqlite3.connect(migrated / "x.sqlite3") as new:
        rows = new.execute(
            "SELECT number_id, place, kind, how, person, until FROM shiftbell_consent ORDER BY id"
        ).fetchall()
        unusable = new.execute("SELECT id, unusable_as FROM shiftbell_phonenumber").fetchall()
        due = new.execute(
            "SELECT id FROM shiftbell_phonenumber WHERE ringcentral_due_at IS NOT NULL ORDER BY id"
        ).fetchall()
    new.close()
    assert [row[:4] for row in rows] == [
        (1, 1, "granted", "import"),
        (1, 2, "revoked", "text"),
        (1, 3, "resumed", "text"),
        (1, 4, "paused", "text"),
        (2, 1, "granted", "import"),
        (2, 2, "paused", "text"),
        (2, 3, "resumed", "text"),
        (3, 1, "revoked", "ringcentral"),
        (4, 1, "granted", "import"),
        (4, 2, "wrong_number", "text"),
        (4, 3, "revoked", "text"),
    ]
    assert [row[4] for row in (rows[0], rows[7], rows[8])] == ["Emp1 (id-1)", "", "id-4 (id-4)"]
    assert [row[5] for row in rows] == [None] * 3 + [f"{AT}9"] + [None] * 7
    assert dict(unusable) == {1: "", 2: "", 3: "", 4: "wrong_number", 5: "landline"}
    assert due == [(3,), (4,)]
