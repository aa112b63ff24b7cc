"""The key is made once, and only its owner reads it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from shiftbell.config import Settings, read_settings, secret_key
from shiftbell.errors import ConfigError
from tests.config.samples import NOWHERE


def test_the_secret_key_is_made_once_beside_the_database_and_only_its_owner_reads_it(
    tmp_path: Path,
) -> None:
    values = read_settings({"DATABASE_URL": f"sqlite:///{tmp_path}/new/x.sqlite3"}, NOWHERE)
    first = secret_key(values)
    assert secret_key(values) == first
    assert len(first) >= 48
    assert (tmp_path / "new" / "shiftbell.secret").stat().st_mode & 0o777 == 0o600


def beside(folder: Path) -> Settings:
    return read_settings({"DATABASE_URL": f"sqlite:///{folder}/x.sqlite3"}, NOWHERE)


def test_many_that_start_at_once_have_one_key_and_leave_nothing_else(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key, [beside(tmp_path)] * 16))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["shiftbell.secret"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"\xe9", "cannot be read (it is no plain text)"),
    ],
)
def test_a_file_that_holds_no_key_is_named_and_left_alone(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "shiftbell.secret"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as refused:
        secret_key(beside(tmp_path))
    assert refused.value.message == f"The key file {file} {reason}."
    assert "backup" in refused.value.hint
    assert file.read_bytes() == content


def test_a_folder_in_the_place_of_the_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "shiftbell.secret").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be read \(Is a directory\)\.$"):
        secret_key(beside(tmp_path))


def test_a_database_under_a_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"^DATABASE_URL: its folder "):
        secret_key(beside(tmp_path / "file"))
    with pytest.raises(ConfigError, match=r"^DATABASE_URL: its folder "):
        secret_key(beside(tmp_path / "file" / "below"))
