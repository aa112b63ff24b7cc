"""A value is read the same from wherever it stands: the environment, .env or a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiftbell.config import SECRETS, read_settings
from shiftbell.errors import ConfigError
from tests.config.samples import NOWHERE


def test_the_file_may_hold_comments_behind_values_and_quotes(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(
        'RC_CLIENT_ID=abc # the app of the shift desk\nBRAND_NAME="Acme # 1"\n'
        "export PORT=3001\nMAX_RETRY_ATTEMPTS=   # the default\nRC_CLIENT_SECRET='a${b}c'\n",
        encoding="utf-8",
    )
    values = read_settings({}, file)
    assert values.rc_client_id == "abc"
    assert values.brand_name == "Acme # 1"
    assert values.port == 3001
    assert values.max_retry_attempts == 3
    assert values.rc_client_secret.get_secret_value() == "a${b}c"


def test_the_real_environment_wins_over_the_file_but_an_empty_one_says_nothing(
    tmp_path: Path,
) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=3001\nHOST=0.0.0.0\n", encoding="utf-8")
    values = read_settings({"PORT": "3002", "HOST": " "}, file)
    assert (values.port, values.host) == (3002, "0.0.0.0")


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_may_lie_in_a_file_of_its_own(name: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    kept = "smtp://127.0.0.1" if name == "SMTP_URL" else "kept in a file"
    secret.write_text(f"  {kept}\n", encoding="utf-8")
    for environ, env_file in (
        ({f"{name}_FILE": str(secret)}, ""),
        ({}, f"{name}_FILE={secret}\n"),
    ):
        (tmp_path / ".env").write_text(env_file, encoding="utf-8")
        values = read_settings(environ, tmp_path / ".env")
        assert getattr(values, name.lower()).get_secret_value() == kept


def test_the_value_itself_wins_over_its_file(tmp_path: Path) -> None:
    given = {"RC_JWT_TOKEN": "direct", "RC_JWT_TOKEN_FILE": str(tmp_path / "missing")}
    assert read_settings(given, NOWHERE).rc_jwt_token.get_secret_value() == "direct"


def test_a_secrets_file_of_the_environment_wins_over_a_value_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the environment", encoding="utf-8")
    (tmp_path / ".env").write_text("WEBHOOK_SECRET=of the file\n", encoding="utf-8")
    values = read_settings({"WEBHOOK_SECRET_FILE": str(tmp_path / "secret")}, tmp_path / ".env")
    assert values.webhook_secret.get_secret_value() == "of the environment"


@pytest.mark.parametrize("name", ["missing", "", "a\0b", "of-cp1252", "with-nul"])
def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "of-cp1252").write_bytes("Café".encode("cp1252"))
    (tmp_path / "with-nul").write_bytes(b"a\0b")
    with pytest.raises(ConfigError, match=r"^RC_JWT_TOKEN_FILE names a file"):
        read_settings({"RC_JWT_TOKEN_FILE": f"{tmp_path}/{name}"}, NOWHERE)


def test_the_mark_that_notepad_puts_before_a_text_is_no_part_of_it(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbfsecret\r\n")
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfPORT=3001\r\n")
    values = read_settings({"RC_CLIENT_SECRET_FILE": str(tmp_path / "secret")}, tmp_path / ".env")
    assert (values.rc_client_secret.get_secret_value(), values.port) == ("secret", 3001)


@pytest.mark.parametrize(
    "line",
    ['BRAND_NAME="Acme', "WEBHOOK_SECRET='a'b", "SEND_FROM: 09:00", "SEND_FROM:09:00", "PORT 1"],
)
def test_a_line_that_cannot_be_read_ends_the_start_by_its_number(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"PORT=3001\n\n# hours\n\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^\.env, line 5, cannot be read\.$") as refused:
        read_settings({}, tmp_path / ".env")
    assert "NAME=value" in refused.value.hint


def test_a_folder_in_the_place_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigError, match=r"\.env cannot be read: is a directory\.$"):
        read_settings({}, tmp_path / ".env")


def test_the_last_of_two_lines_counts_also_where_it_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=3001\nPORT=3002\nHOST=::1\nHOST=\n", encoding="utf-8")
    values = read_settings({}, tmp_path / ".env")
    assert (values.port, values.host) == (3002, "127.0.0.1")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BRAND_NAME=Café\n".encode("cp1252"))
    with pytest.raises(ConfigError, match=r"^\.env is not UTF-8"):
        read_settings({}, tmp_path / ".env")
