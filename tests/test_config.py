"""A wrong value is named in one sentence; a right one is read the same from wherever it stands."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from shiftbell.config import (
    REQUIRED,
    SECRETS,
    Settings,
    env_example,
    read_settings,
    require_ringcentral,
    secret_key,
    senders,
)
from shiftbell.errors import ConfigError

COMPLETE = {
    "RC_CLIENT_ID": "client",
    "RC_CLIENT_SECRET": "client-secret",
    "RC_JWT_TOKEN": "header.claims.signature",
    "RC_FROM_NUMBER": "+16505550100",
}
NOWHERE = Path("no-such-folder/.env")

MALFORMED = {
    "RC_SERVER_URL": ["platform.ringcentral.com", "ftp://ringcentral.com", "https://[::1"],
    "RC_FROM_NUMBER": ["12", "call me", "+1312555014200000"],
    "RC_ALLOW_SERVER": ["maybe"],
    "WEBHOOK_URL": ["example.org", "http://example.org/hook", "ftp://example.org"],
    "WEBHOOK_PORT": ["0", "65536", "x"],
    "SMS_RATE_LIMIT_PER_MINUTE": ["0", "many", "40.5", "1001"],
    "MAX_RETRY_ATTEMPTS": ["0", "11", "three"],
    "PORT": ["-1", "65536", "http"],
    "TEST_PHONE_NUMBER": ["nobody"],
    "DATABASE_URL": ["shiftbell.sqlite3", "mysql://localhost/x", "sqlite:///"],
    "BRAND_NAME": ["A" * 31],
    "HELP_CONTACT": ["9" * 61],
    "TIME_ZONE": ["Chicago", "CST6"],
    "DEFAULT_REGION": ["USA", "us"],
    "SEND_FROM": ["25:00", "8am"],
    "SEND_UNTIL": ["21:60"],
    "REMINDER_AT": ["evening"],
    "HTTP_TIMEOUT_SECONDS": ["0", "121", "soon", "nan"],
    "LEASE_MARGIN_SECONDS": ["0", "x"],
    "DOUBT_WAIT_SECONDS": ["0", "3601"],
    "LOG_LEVEL": ["LOUD"],
    "LOG_FORMAT": ["xml"],
}
TAKES_ANY_TEXT = {
    *(name for name in SECRETS),
    *("RC_CLIENT_ID", "RC_SENDERS_FILE", "HOST", "ALLOWED_HOSTS"),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in MALFORMED.items() for value in values]
)
def test_a_malformed_value_is_refused_in_one_sentence_that_names_the_variable(
    name: str, value: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings({**COMPLETE, name: value}, NOWHERE)
    (sentence,) = refused.value.message.splitlines()
    assert sentence.startswith(f"{name} ")
    assert sentence.endswith(".")


def test_every_variable_is_in_the_table_above() -> None:
    names = {name.upper() for name in Settings.model_fields}
    assert names == set(MALFORMED) | TAKES_ANY_TEXT


def test_every_wrong_value_has_its_own_sentence() -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings({"PORT": "x", "TIME_ZONE": "Mars", "LOG_FORMAT": "xml"}, NOWHERE)
    assert [line.split()[0] for line in refused.value.message.splitlines()] == [
        "PORT",
        "TIME_ZONE",
        "LOG_FORMAT",
    ]


@pytest.mark.parametrize("name", REQUIRED)
def test_a_missing_value_that_ringcentral_needs_is_named(name: str) -> None:
    given = {key: value for key, value in COMPLETE.items() if key != name}
    with pytest.raises(ConfigError) as refused:
        require_ringcentral(read_settings(given, NOWHERE))
    (sentence,) = refused.value.message.splitlines()
    assert sentence.startswith(f"{name} is missing. ")


def test_a_complete_configuration_is_accepted_and_its_defaults_are_the_guides() -> None:
    values = read_settings(COMPLETE, NOWHERE)
    require_ringcentral(values)
    assert (values.host, values.port, values.max_retry_attempts) == ("127.0.0.1", 3000, 3)
    assert values.sms_rate_limit_per_minute is None
    assert (values.send_from, values.send_until) == (time(8), time(21))
    assert not values.simulated


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"RC_SERVER_URL": "https://ringcentral.example.org"}, "RC_SERVER_URL"),
        ({"RC_SERVER_URL": "http://platform.ringcentral.com"}, "RC_SERVER_URL"),
        ({"RC_SERVER_URL": "https://evilringcentral.com"}, "RC_SERVER_URL"),
        ({"WEBHOOK_URL": "https://example.org/webhooks/ringcentral"}, "WEBHOOK_SECRET"),
        ({"SEND_FROM": "21:00", "SEND_UNTIL": "08:00"}, "SEND_FROM"),
    ],
)
def test_values_that_do_not_fit_each_other_are_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=f"^{named} "):
        require_ringcentral(read_settings({**COMPLETE, **given}, NOWHERE))


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8090", "http://localhost:8090", "http://[::1]:8090"]
)
def test_a_server_on_this_machine_is_a_simulator_and_accepted(address: str) -> None:
    values = read_settings({**COMPLETE, "RC_SERVER_URL": address}, NOWHERE)
    require_ringcentral(values)
    assert values.simulated


def test_another_server_is_accepted_on_an_operators_word() -> None:
    given = {"RC_SERVER_URL": "https://proxy.example.org/", "RC_ALLOW_SERVER": "1"}
    values = read_settings({**COMPLETE, **given}, NOWHERE)
    require_ringcentral(values)
    assert values.rc_server_url == "https://proxy.example.org"


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
    secret.write_text("  kept in a file\n", encoding="utf-8")
    for environ, env_file in (
        ({f"{name}_FILE": str(secret)}, ""),
        ({}, f"{name}_FILE={secret}\n"),
    ):
        (tmp_path / ".env").write_text(env_file, encoding="utf-8")
        values = read_settings(environ, tmp_path / ".env")
        assert getattr(values, name.lower()).get_secret_value() == "kept in a file"


def test_the_value_itself_wins_over_its_file(tmp_path: Path) -> None:
    given = {"RC_JWT_TOKEN": "direct", "RC_JWT_TOKEN_FILE": str(tmp_path / "missing")}
    assert read_settings(given, NOWHERE).rc_jwt_token.get_secret_value() == "direct"


def test_a_secrets_file_of_the_environment_wins_over_a_value_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("of the environment", encoding="utf-8")
    (tmp_path / ".env").write_text("WEBHOOK_SECRET=of the file\n", encoding="utf-8")
    values = read_settings({"WEBHOOK_SECRET_FILE": str(tmp_path / "secret")}, tmp_path / ".env")
    assert values.webhook_secret.get_secret_value() == "of the environment"


def test_a_secret_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^RC_JWT_TOKEN_FILE names a file"):
        read_settings({"RC_JWT_TOKEN_FILE": str(tmp_path / "missing")}, NOWHERE)


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes("BRAND_NAME=Café\n".encode("cp1252"))
    with pytest.raises(ConfigError, match=r"^\.env is not UTF-8"):
        read_settings({}, tmp_path / ".env")


def test_the_guides_own_example_works_unchanged() -> None:
    guide = {
        **COMPLETE,
        "RC_SERVER_URL": "https://platform.ringcentral.com",
        "WEBHOOK_URL": "https://example.org/webhooks/ringcentral",
        "WEBHOOK_SECRET": "long random text",
        "SMS_RATE_LIMIT_PER_MINUTE": "35",
        "MAX_RETRY_ATTEMPTS": "3",
        "PORT": "3000",
        "TEST_PHONE_NUMBER": "3125550142",
    }
    values = read_settings(guide, NOWHERE)
    require_ringcentral(values)
    assert values.sms_rate_limit_per_minute == 35
    assert values.test_phone_number == "+13125550142"


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    given = {**COMPLETE, **{name: f"hidden-{name}" for name in SECRETS}}
    assert "hidden-" not in repr(read_settings(given, NOWHERE))


def test_the_example_file_can_be_read_and_changes_nothing_but_what_is_filled_in(
    tmp_path: Path,
) -> None:
    example = tmp_path / ".env"
    example.write_text(env_example(), encoding="utf-8")
    assert read_settings({}, example) == read_settings({}, NOWHERE)
    example.write_text(env_example().replace("\n#", "\n").replace("\n ", "\n# "), encoding="utf-8")
    assert read_settings({}, example) == read_settings({}, NOWHERE)


def test_the_secret_key_is_made_once_beside_the_database_and_only_its_owner_reads_it(
    tmp_path: Path,
) -> None:
    values = read_settings({"DATABASE_URL": f"sqlite:///{tmp_path}/new/x.sqlite3"}, NOWHERE)
    first = secret_key(values)
    assert secret_key(values) == first
    assert len(first) >= 48
    assert (tmp_path / "new" / "shiftbell.secret").stat().st_mode & 0o777 == 0o600


def test_more_senders_come_from_a_file_and_the_first_is_the_guides_own(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("second.jwt\n", encoding="utf-8")
    file = tmp_path / "senders.toml"
    file.write_text(
        '[[sender]]\nnumber = "+16505550101"\njwt_file = "jwt"\nlocations = ["Dock 4"]\n',
        encoding="utf-8",
    )
    found = senders(read_settings({**COMPLETE, "RC_SENDERS_FILE": str(file)}, NOWHERE))
    assert [(one.number, one.locations) for one in found] == [
        ("+16505550100", ()),
        ("+16505550101", ("Dock 4",)),
    ]
    assert found[1].jwt.get_secret_value() == "second.jwt"


@pytest.mark.parametrize(
    "toml",
    [
        "[[sender]\n",
        "sender = 1\n",
        "[[sender]]\njwt_env = 'X'\n",
        "[[sender]]\nnumber = '12'\njwt_env = 'X'\n",
        "[[sender]]\nnumber = '+16505550101'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_env = 'NOT_A_VARIABLE_HERE'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'missing'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'jwt'\nlocations = 'Dock 4'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'jwt'\ncolour = 'red'\n",
        "[[sender]]\nnumber = '+16505550100'\njwt_file = 'jwt'\n",
    ],
)
def test_a_wrong_file_of_senders_is_refused_by_name(toml: str, tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("second.jwt", encoding="utf-8")
    file = tmp_path / "senders.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^RC_SENDERS_FILE"):
        senders(read_settings({**COMPLETE, "RC_SENDERS_FILE": str(file)}, NOWHERE))
