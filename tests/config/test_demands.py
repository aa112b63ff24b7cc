"""What is missing, or does not fit, is named; what a simulator needs is less."""

from __future__ import annotations

from datetime import time

import pytest

from shiftbell.config import REQUIRED, read_settings, require_brand, require_ringcentral
from shiftbell.errors import ConfigError
from tests.config.samples import COMPLETE, NOWHERE


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
        ({"RC_SERVER_URL": "http://127.0.0.1.example.org"}, "RC_SERVER_URL"),
        ({"RC_SERVER_URL": "http://128.0.0.1"}, "RC_SERVER_URL"),
        ({"WEBHOOK_URL": "https://example.org/webhooks/ringcentral"}, "WEBHOOK_SECRET"),
        ({"SEND_FROM": "21:00", "SEND_UNTIL": "08:00"}, "SEND_FROM"),
        ({"SMTP_URL": "smtp://127.0.0.1", "MAIL_FROM": "a@example.com"}, "PUBLIC_URL"),
        ({"SMTP_URL": "smtp://127.0.0.1", "PUBLIC_URL": "https://example.com"}, "MAIL_FROM"),
        (
            {
                "SMTP_URL": "smtp://127.0.0.1",
                "MAIL_FROM": "a@example.com",
                "PUBLIC_URL": "http://127.0.0.1:3000",
            },
            "PUBLIC_URL",
        ),
    ],
)
def test_values_that_do_not_fit_each_other_are_refused(given: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigError, match=f"^{named} "):
        require_ringcentral(read_settings({**COMPLETE, **given}, NOWHERE))


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:8090", "http://localhost:8090", "http://[::1]:8090", "http://127.9.0.1"],
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


def test_letters_to_a_simulator_may_lead_to_pages_on_this_machine() -> None:
    given = {
        "RC_SERVER_URL": "http://127.0.0.1:8090",
        "SMTP_URL": "smtp://127.0.0.1:8025",
        "MAIL_FROM": "Acme Shifts <shifts@example.com>",
        "PUBLIC_URL": "http://127.0.0.1:3000",
    }
    values = read_settings({**COMPLETE, **given}, NOWHERE)
    require_ringcentral(values)
    assert values.smtp is not None
    assert (values.smtp.host, values.smtp.port) == ("127.0.0.1", 8025)


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


def test_people_are_told_whom_a_text_comes_from_unless_nobody_is_there() -> None:
    values = read_settings(COMPLETE, NOWHERE)
    with pytest.raises(ConfigError, match=r"^BRAND_NAME is missing"):
        require_brand(values)
    require_brand(values.model_copy(update={"brand_name": "Acme"}))
    require_brand(values.model_copy(update={"rc_server_url": "http://127.0.0.1:8090"}))
