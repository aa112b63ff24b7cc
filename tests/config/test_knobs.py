"""A wrong value is named in one sentence, and every variable has one that is wrong."""

from __future__ import annotations

from datetime import time

import pytest

from shiftbell.config import SECRETS, Settings, read_settings
from shiftbell.errors import ConfigError
from tests.config.samples import COMPLETE, NOWHERE

MALFORMED = {
    "RC_SERVER_URL": [
        *("platform.ringcentral.com", "ftp://ringcentral.com", "https://[::1"),
        *("https://user:pw@platform.ringcentral.com", "https://platform.ringcentral.com:99999"),
        *("https://platform.ringcentral.com:0", "https://platform.ringcentral.com:x"),
        *("https://platform.ringcentral.com?x=1", "https://platform.ringcentral.com#x"),
        *("https://a b.ringcentral.com", "https://a_b.ringcentral.com", "https://a..com"),
        *("https://[::1%]", "https://[v1.a]", "https://ringcentral.com/a b", "https://é.com"),
    ],
    "RC_FROM_NUMBER": ["12", "call me", "+1312555014200000", "555-0100", "5550100 ext 3"],
    "RC_ALLOW_SERVER": ["maybe"],
    "WEBHOOK_URL": [
        *("example.org", "http://example.org/hook", "ftp://example.org"),
        *("https://example.org:99999/hook", "https://me@example.org", "https://example.org/#a"),
    ],
    "WEBHOOK_PORT": ["0", "65536", "x"],
    "SMS_RATE_LIMIT_PER_MINUTE": ["0", "many", "40.5", "1001", "9" * 5000],
    "MAX_RETRY_ATTEMPTS": ["0", "11", "three"],
    "PORT": ["-1", "65536", "http"],
    "TEST_PHONE_NUMBER": ["nobody", "555-0142"],
    "DATABASE_URL": ["shiftbell.sqlite3", "mysql://localhost/x", "sqlite:///"],
    "BRAND_NAME": ["A" * 31],
    "HELP_CONTACT": ["9" * 61],
    "SMTP_URL": [
        *("mail.example.com", "smtp:", "http://mail.example.com", "smtp://a b", "smtp://a..b"),
        *(
            "smtp://mail.example.com:99999",
            "smtp://mail.example.com:0",
            "smtp://[::1",
            "smtp://:25",
        ),
        *("smtp://mail.example.com/inbox", "smtp://mail.example.com?x=1", "smtp://a.example.com#x"),
        *("smtp://user@mail.example.com", "smtp://:pw@mail.example.com", "smtp://user:@a.example"),
        *("smtp://user:contraseña@mail.example.com", "smtp://user:a%0d%0ab@mail.example.com"),
    ],
    "MAIL_FROM": [
        *("Acme", "shifts@", "Acme <shifts@example>", "Acme shifts@example.com", "<>"),
        *("a@example.com, b@example.com", "Acme, Inc. <shifts@example.com>", "A" * 161),
        *("Acme <shifts@example.com> x", "Acme\n<shifts@example.com>", "<a@example.com"),
    ],
    "MAIL_POSTAL_ADDRESS": ["A" * 201, "1 Main St\nSpringfield"],
    "PUBLIC_URL": [
        *("example.org", "http://example.org", "ftp://example.org", "https://example.org?x=1"),
        *("https://example.org:99999", "https://me@example.org", "https://example.org/#a"),
    ],
    "TIME_ZONE": ["Chicago", "CST6"],
    "OPT_OUT_SCOPE": ["everyone", "*"],
    "QUIET_HOURS_BY_STATE": ["sometimes"],
    "DEFAULT_REGION": ["USA", "U"],
    "SEND_FROM": ["25:00", "8am", "9", "32400", "08:00Z", "08:00+01:00"],
    "SEND_UNTIL": ["21:60", "21:00Z", "24:00"],
    "REMINDER_AT": ["evening", "18:00Z"],
    "MIN_REST_HOURS": ["0", "49", "ten", "nan"],
    "HTTP_TIMEOUT_SECONDS": ["0", "121", "soon", "nan"],
    "LEASE_MARGIN_SECONDS": ["0", "x"],
    "DOUBT_WAIT_SECONDS": ["0", "3601"],
    "LOG_LEVEL": ["LOUD"],
    "LOG_FORMAT": ["xml"],
}
TAKES_ANY_TEXT = {
    *(name for name in SECRETS if name != "SMTP_URL"),
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
    assert "None" not in sentence
    assert "cannot be read" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PORT", "http", "PORT is not a whole number; write it like PORT=3000."),
        ("PORT", "65536", "PORT must be at most 65535; write it like PORT=3000."),
        ("WEBHOOK_PORT", "0", "WEBHOOK_PORT must be at least 1; write it like WEBHOOK_PORT=3001."),
        (
            "RC_ALLOW_SERVER",
            "x",
            "RC_ALLOW_SERVER must be 1 or 0; write it like RC_ALLOW_SERVER=0.",
        ),
        (
            "SEND_FROM",
            "8am",
            "SEND_FROM is not a time of day; write hours and minutes without a zone, like 09:00.",
        ),
        (
            "LOG_LEVEL",
            "LOUD",
            "LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR; write it like LOG_LEVEL=INFO.",
        ),
        (
            "HTTP_TIMEOUT_SECONDS",
            "soon",
            "HTTP_TIMEOUT_SECONDS is not a number; write it like HTTP_TIMEOUT_SECONDS=20.",
        ),
        (
            "BRAND_NAME",
            "A" * 31,
            "BRAND_NAME must have at most 30 characters; write it like BRAND_NAME=Acme.",
        ),
        (
            "TEST_PHONE_NUMBER",
            "555-0142",
            "TEST_PHONE_NUMBER has no area code; write it like +13125550142.",
        ),
    ],
)
def test_the_sentence_says_what_is_right(name: str, value: str, words: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings({name: value}, NOWHERE)
    assert refused.value.message == words


@pytest.mark.parametrize(
    ("name", "written", "read"),
    [
        ("DEFAULT_REGION", "us", "US"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("SEND_FROM", "9:30", time(9, 30)),
        ("RC_FROM_NUMBER", "(650) 555-0100", "+16505550100"),
        ("TEST_PHONE_NUMBER", "312-555-0142 ext 3", "+13125550142"),
        ("RC_SERVER_URL", "HTTPS://Platform.RingCentral.COM/", "https://platform.ringcentral.com"),
        ("RC_SERVER_URL", "http://[::1]:8090", "http://[::1]:8090"),
        ("WEBHOOK_URL", "https://Example.ORG:8443/Hook?a=B", "https://example.org:8443/Hook?a=B"),
        ("PUBLIC_URL", "https://Shifts.Example.COM/acme/", "https://shifts.example.com/acme"),
        ("PUBLIC_URL", "http://127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("MAIL_FROM", '"Acme, Inc." <a@example.com>', '"Acme, Inc." <a@example.com>'),
    ],
)
def test_what_can_be_meant_only_one_way_is_accepted(name: str, written: str, read: object) -> None:
    assert getattr(read_settings({name: written}, NOWHERE), name.lower()) == read


def test_a_number_without_a_country_is_of_the_default_region() -> None:
    given = {"DEFAULT_REGION": "ca", "RC_FROM_NUMBER": "604 555 0142"}
    assert read_settings(given, NOWHERE).rc_from_number == "+16045550142"
    with pytest.raises(ConfigError, match=r"^RC_FROM_NUMBER is not a phone number"):
        read_settings({"DEFAULT_REGION": "DK", "RC_FROM_NUMBER": "604 555 0142"}, NOWHERE)


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


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    given = {**COMPLETE, **{name: f"hidden-{name}" for name in SECRETS}}
    given["SMTP_URL"] = "smtp://hidden-user:hidden-password@mail.example.com"
    assert "hidden-" not in repr(read_settings(given, NOWHERE))
