"""What we ask to be told, and when something about it is wrong."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from shiftbell.ringcentral.records import Subscription
from shiftbell.ringcentral.subscription import (
    EXPIRES_IN_SECONDS,
    creation_body,
    expires_soon,
    is_healthy,
    troubles,
    wanted_filters,
)
from tests.ringcentral.desk import NOON

ADDRESS = "https://shifts.example.org/webhooks/ringcentral"
# As RingCentral answers: ids instead of ~, the query in an order of its own.
HEALTHY = Subscription(
    id="7e4a7486-5f1c-11ef-9c3b-0242ac120002",
    status="Active",
    event_filters=(
        "/restapi/v1.0/account/80964/extension/62893/message-store/instant?type=SMS",
        "/restapi/v1.0/account/80964/extension/62893/message-store?direction=Outbound&type=SMS",
        "/restapi/v2/accounts/80964/sms/consents",
        "/restapi/v1.0/subscription/7e4a7486-5f1c-11ef-9c3b-0242ac120002"
        "?threshold=86400&interval=3600",
    ),
    expires_at=NOON + timedelta(seconds=EXPIRES_IN_SECONDS),
    address=ADDRESS,
)


def test_the_reminder_obeys_ringcentrals_halves():
    reminder = next(found for found in wanted_filters() if "threshold" in found)
    asked = parse_qs(urlsplit(reminder).query)
    threshold, interval = int(asked["threshold"][0]), int(asked["interval"][0])
    assert 0 < interval <= threshold / 2 <= EXPIRES_IN_SECONDS / 4


def test_the_lifetime_stands_at_the_root_and_the_token_inside():
    body = creation_body(ADDRESS, "token")
    assert body["expiresIn"] == 315_360_000
    assert "expiresIn" not in body["deliveryMode"]
    assert body["deliveryMode"]["verificationToken"] == "token"


def test_a_healthy_subscription():
    assert troubles(HEALTHY, NOON, address=ADDRESS) == ()
    assert is_healthy(HEALTHY, NOON)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"status": "Blacklisted", "blacklisted_because": "Read timed out"}, "Read timed out"),
        ({"status": ""}, "calls it nothing"),
        ({"expires_at": None}, "expired"),
        ({"expires_at": NOON}, "expired"),
        ({"event_filters": HEALTHY.event_filters[1:]}, "message-store/instant"),
        ({"event_filters": ()}, "sms/consents"),
        ({"disabled_filters": HEALTHY.event_filters[:1]}, "message-store/instant"),
        ({"address": "https://elsewhere.example.org/"}, "elsewhere"),
    ],
)
def test_each_trouble_is_named(changes, sentence):
    ill = replace(HEALTHY, **changes)
    assert any(sentence in trouble for trouble in troubles(ill, NOON, address=ADDRESS))
    assert not is_healthy(ill, NOON, address=ADDRESS)


def test_a_filter_for_other_texts_is_not_ours():
    other = HEALTHY.event_filters[1].replace("Outbound", "Inbound")
    ill = replace(HEALTHY, event_filters=(HEALTHY.event_filters[0], other))
    assert not is_healthy(ill, NOON)


def test_a_reason_that_names_a_number_is_scrubbed():
    ill = replace(HEALTHY, status="Blacklisted", blacklisted_because="call 312-555-0142")
    assert "312" not in " ".join(troubles(ill, NOON))


@pytest.mark.parametrize(
    ("left", "soon"),
    [(timedelta(days=3), False), (timedelta(days=1), True), (timedelta(hours=-1), True)],
)
def test_a_subscription_is_renewed_in_its_last_days(left, soon):
    assert expires_soon(replace(HEALTHY, expires_at=NOON + left), NOON) is soon
    assert is_healthy(replace(HEALTHY, expires_at=NOON + left), NOON) is (left > timedelta(0))
