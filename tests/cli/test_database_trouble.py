"""A database file that cannot be used is told in one sentence, with the file and the next step."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from shiftbell.cli.database import try_to_write
from shiftbell.cli.database_trouble import in_words
from shiftbell.config import settings
from shiftbell.errors import ConfigError, ShiftbellError
from tests.cli.processes import run


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").write_text("Dear diary, this is no database at all.\n" * 9)
    ended = run(tmp_path, "people", "list")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr == (
        f"DATABASE_URL: {tmp_path}/x.sqlite3 is no SQLite database. "
        "Name another file, or put the database back from a backup.\n"
    )


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.sqlite3").mkdir()
    ended = run(tmp_path, "migrate")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith(f"DATABASE_URL: {tmp_path}/x.sqlite3 cannot be opened. ")
    assert ended.stderr.count("\n") == 1


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    run(tmp_path, "migrate")
    file = tmp_path / "x.sqlite3"
    content = bytearray(file.read_bytes())
    content[100:4096] = b"\x55" * 3996  # the first page, behind its header
    file.write_bytes(content)
    ended = run(tmp_path, "people", "list")
    assert (ended.returncode, ended.stdout) == (3, "")
    assert ended.stderr.startswith(f"DATABASE_URL: {file} is damaged. ")


@pytest.fixture
def read_only(db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
        yield
        cursor.execute("PRAGMA query_only = 0")


@pytest.mark.usefixtures("read_only")
def test_a_start_finds_out_that_it_may_not_write() -> None:
    with pytest.raises(DatabaseError) as caught:
        try_to_write()
    told = in_words(caught.value)
    assert isinstance(told, ConfigError)
    assert told.message == f"DATABASE_URL: {settings().database_file} cannot be written."


@pytest.mark.django_db
def test_a_start_that_may_write_leaves_no_trace() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version")
        before = cursor.fetchone()
        try_to_write()
        cursor.execute("PRAGMA user_version")
        assert cursor.fetchone() == before


def test_a_database_that_is_busy_may_be_free_again(tmp_path: Path) -> None:
    file = tmp_path / "x.sqlite3"
    with (
        closing(sqlite3.connect(file)) as one,
        closing(sqlite3.connect(file, timeout=0)) as other,
    ):
        one.execute("begin exclusive")
        with pytest.raises(sqlite3.OperationalError) as caught:
            other.execute("begin immediate")
    told = in_words(caught.value)
    assert isinstance(told, ShiftbellError)
    assert not isinstance(told, ConfigError)
    assert "is busy. " in told.sentence()


def test_a_wrong_query_and_what_is_no_database_stay_what_they_are(tmp_path: Path) -> None:
    with (
        closing(sqlite3.connect(tmp_path / "x.sqlite3")) as database,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        database.execute("select 1 from nothing")
    assert in_words(caught.value) is None
    assert in_words(ValueError("x")) is None
