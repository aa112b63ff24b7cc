"""The database a command finds: new, current, or left by an older version. Real processes."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest


def start(*arguments: str, at: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "shiftbell.cli", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=at,
        env={"TIME_ZONE": "America/Chicago"},
        text=True,
    )


def run(*arguments: str, at: Path) -> tuple[int, str, str]:
    process = start(*arguments, at=at)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_new_database_is_made_without_asking_also_by_four_at_once(tmp_path):
    together = [start("people", "list", "--json", at=tmp_path) for _ in range(4)]
    ended = [(*process.communicate(timeout=60), process.returncode) for process in together]
    assert ended == [("[]\n", "", 0)] * 4


def test_an_older_database_is_refused_until_it_is_migrated(tmp_path):
    run("migrate", at=tmp_path)
    with sqlite3.connect(tmp_path / "shiftbell.sqlite3") as database:
        tables = database.execute("select name from sqlite_master where name like 'shiftbell_%'")
        assert tables.fetchall()
        database.execute("update django_migrations set name = '0000_older' where app = 'shiftbell'")
    database.close()
    code, out, err = run("people", "list", at=tmp_path)
    assert (code, out) == (1, "")
    assert "`shiftbell migrate`" in err


@pytest.mark.parametrize("arguments", [["people", "list"], ["migrate"]])
def test_a_newer_database_is_left_alone(tmp_path, arguments):
    run("migrate", at=tmp_path)
    with sqlite3.connect(tmp_path / "shiftbell.sqlite3") as database:
        database.execute(
            "insert into django_migrations (app, name, applied) values ('shiftbell', '9999_x', '')"
        )
    database.close()
    code, out, err = run(*arguments, at=tmp_path)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "made by a newer version of Shiftbell. " in err


@pytest.mark.parametrize("arguments", [["people", "list"], ["migrate"]])
def test_another_programs_database_is_left_alone(tmp_path, arguments):
    with sqlite3.connect(tmp_path / "shiftbell.sqlite3") as database:
        database.execute("create table invoices (id)")
    database.close()
    code, out, err = run(*arguments, at=tmp_path)
    assert (code, out) == (3, "")
    assert err.startswith(f"DATABASE_URL: {tmp_path}/shiftbell.sqlite3 holds tables of another")
    with sqlite3.connect(tmp_path / "shiftbell.sqlite3") as database:
        assert database.execute("select name from sqlite_master").fetchall() == [("invoices",)]
    database.close()


def test_migrate_says_what_it_applied_and_is_safe_to_repeat(tmp_path):
    _, first, _ = run("migrate", "--json", at=tmp_path)
    _, second, _ = run("migrate", "--json", at=tmp_path)
    assert json.loads(first)["applied"][0] == "shiftbell.0001_first"
    assert json.loads(second)["applied"] == []


def test_django_is_its_own_command_line(tmp_path):
    code, out, _ = run("django", "check", at=tmp_path)
    assert (code, out) == (0, "System check identified no issues (0 silenced).\n")
