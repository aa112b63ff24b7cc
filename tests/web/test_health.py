"""What /health says: always an answer, and in it every trouble as a sentence."""

from __future__ import annotations

import os
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shiftbell import __version__
from shiftbell.store import beats, opt_outs, timeline
from shiftbell.store.models import (
    AccessToken,
    RateBucket,
    Sender,
    Subscription,
    WebhookEvent,
)
from shiftbell.web.health import health
from tests.moments import NOON

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


def asked() -> dict[str, Any]:
    answer = Client().get("/health")
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "no-store"
    shown: dict[str, Any] = answer.json()
    return shown


def a_worker(seconds_ago: float) -> None:
    beats.beat(NOW - timedelta(seconds=seconds_ago))


def a_sender(position: int = 0, **more: Any) -> Sender:
    sender = Sender.objects.create(e164=f"+1650555010{position}", position=position, **more)
    AccessToken.objects.create(sender=sender, expires_at=NOW + timedelta(minutes=30))
    return sender


@pytest.mark.django_db
def test_all_is_well() -> None:
    a_worker(seconds_ago=3)
    a_sender()
    shown = health(NOW)
    assert shown["status"] == "ok"
    assert shown["timestamp"] == "2026-11-22T12:00:00Z"
    assert shown["version"] == __version__
    assert shown["simulated"] is True
    assert shown["troubles"] == []
    assert shown["worker"] == {
        "ok": True,
        "last_tick": "2026-11-22T11:59:57Z",
        "last_tick_seconds": 3.0,
    }
    assert shown["ringcentral"] == {"reachable": True, "detail": "", "since": None}


@pytest.mark.django_db
@pytest.mark.parametrize("seconds_ago", [None, 21, 86400])
def test_a_silent_worker_is_a_trouble(seconds_ago: float | None) -> None:
    if seconds_ago is not None:
        a_worker(seconds_ago)
    shown = health(NOW)
    assert shown["status"] == "degraded"
    assert shown["troubles"] == ["No worker is running, so nothing is sent or heard."]


@pytest.mark.django_db
def test_an_unreachable_ringcentral_is_told_with_its_reason_and_since_when() -> None:
    a_worker(1)
    a_sender(down_since=NOW - timedelta(hours=1), down_reason="no connection")
    shown = health(NOW)
    assert shown["status"] == "degraded"
    assert shown["ringcentral"] == {
        "reachable": False,
        "detail": "no connection",
        "since": "2026-11-22T11:00:00Z",
    }
    assert shown["troubles"] == ["Sender 0 is down: no connection"]


@pytest.mark.django_db
def test_one_sender_of_two_being_down_leaves_ringcentral_reachable() -> None:
    a_worker(1)
    a_sender(0, down_since=NOW, down_reason="the campaign was suspended")
    a_sender(1)
    shown = health(NOW)
    assert shown["status"] == "degraded"
    assert shown["ringcentral"]["reachable"] is True
    assert [sender["ok"] for sender in shown["senders"]] == [False, True]


@pytest.mark.django_db
def test_a_refused_login_is_told() -> None:
    a_worker(1)
    sender = Sender.objects.create(e164="+16505550100", position=0)
    AccessToken.objects.create(
        sender=sender, refused_until=NOW + timedelta(minutes=5), refused_reason="invalid_grant"
    )
    assert health(NOW)["ringcentral"]["detail"] == "RingCentral refused the login: invalid_grant"


@pytest.mark.django_db
def test_before_anyone_tried_nothing_is_claimed_about_ringcentral() -> None:
    assert health(NOW)["ringcentral"]["reachable"] is None


@pytest.mark.django_db
def test_a_penalty_and_a_broken_webhook_show_at_their_sender() -> None:
    a_worker(1)
    sender = a_sender()
    until = NOW + timedelta(seconds=40)
    RateBucket.objects.create(
        sender=sender,
        group="medium",
        limit_per_minute=40,
        next_slot=NOW,
        paused_until=until,
        paused_reason="rate limit",
    )
    Subscription.objects.create(
        sender=sender,
        ringcentral_id="x",
        status="Blacklisted",
        address="https://example.org",
        token_digest="",
        checked_at=NOW,
        reason="Webhook responses with code: [404]",
    )
    shown = health(NOW)
    assert shown["senders"][0]["paused_until"] == "2026-11-22T12:00:40Z"
    assert shown["senders"][0]["paused_reason"] == "rate limit"
    assert shown["troubles"] == [
        "The webhook of sender 0 does not work: Webhook responses with code: [404]"
    ]


@pytest.mark.django_db
def test_events_that_wait_and_events_set_aside_are_counted() -> None:
    for state in ("new", "new", "set_aside", "done"):
        WebhookEvent.objects.create(received_at=NOW, body="{}", state=state)
    shown = health(NOW)["webhook"]
    assert (shown["waiting"], shown["set_aside"]) == (2, 1)


@pytest.mark.django_db
def test_it_costs_a_bounded_number_of_queries_and_shows_no_number() -> None:
    for position in range(3):
        a_sender(position)
    with CaptureQueriesContext(connection) as queries:
        shown = str(health(NOW))
    assert len(queries.captured_queries) <= 24
    assert "555" not in shown


@pytest.mark.django_db
def test_it_answers_over_http() -> None:
    assert asked()["database"] == {"ok": True}
    assert Client().head("/health").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_it_can_only_be_read(method: str) -> None:
    answer = getattr(Client(), method)("/health")
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db(transaction=True)
def test_a_database_whose_tables_are_missing_is_told_and_not_thrown() -> None:
    file = connection.settings_dict["NAME"]
    aside = f"{file}-aside"
    connection.close()
    os.rename(file, aside)  # noqa: PTH104
    try:
        shown = asked()
    finally:
        connection.close()
        os.replace(aside, file)  # noqa: PTH105
    assert shown["status"] == "degraded"
    assert shown["database"] == {"ok": False}
    assert "no such table" in shown["troubles"][0]
    assert asked()["database"] == {"ok": True}


@pytest.mark.django_db(transaction=True)
def test_a_locked_database_is_read_all_the_same() -> None:
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert asked()["database"] == {"ok": True}
        other.execute("ROLLBACK")
    finally:
        other.close()


def test_an_address_that_shows_nothing_says_so_in_json() -> None:
    answer = Client().get("/")
    assert answer.status_code == 404
    assert "nothing at this address" in answer.json()["error"]


def test_a_list_that_cannot_be_compared_is_a_trouble(db: None) -> None:
    opt_outs.note_failed(NOON)
    told = health(NOON)
    assert told["opt_outs"] == {"compared_at": None, "failing_since": "2026-11-24T18:00:00Z"}
    assert any("Opt-outs cannot be compared" in words for words in told["troubles"])


def test_a_mail_server_that_refuses_us_is_a_trouble(db: None) -> None:
    assert health(NOON)["mail"] == {"ok": True}
    timeline.tell("mail.down", at=NOON, reason="the login was refused")
    assert any("No e-mail leaves" in words for words in health(NOON)["troubles"])
