"""Events: what they say, who gets them, and what becomes of a receiver that does not answer."""

from __future__ import annotations

import pytest

from shiftbell.simulator.carriers import Pace
from tests.simulator.rig import (
    ANA,
    CONSENTS,
    DESK,
    HOOK,
    INBOUND,
    ME,
    OUTBOUND,
    SUBSCRIPTION,
    TOKEN,
    Rig,
)

REMINDER = "/restapi/v1.0/subscription/~?threshold=7200&interval=3600"


def test_an_inbound_text_is_one_instant_event_with_ids_as_strings():
    rig = Rig(webhook_seconds=(1, 1))
    subscription = rig.subscribe().json()
    text_id = rig.world.say(ANA, "YES").id
    rig.world.advance(1)
    url, headers, _ = rig.receiver.requests[-1]
    assert url == HOOK
    assert headers == {
        "Content-Type": "application/json; charset=UTF-8",
        "User-Agent": "RingCentral-Webhook/8.3",
        "Verification-Token": TOKEN,
    }
    [event] = rig.receiver.events
    body = event["body"]
    assert event["event"] == subscription["eventFilters"][0]
    assert event["subscriptionId"] == subscription["id"]
    assert event["ownerId"] == "62893"
    assert event["timestamp"] == "2026-06-06T12:00:00.000Z"
    assert (body["id"], body["subject"]) == (text_id, "YES")
    assert "text" not in body
    assert (body["messageStatus"], body["direction"]) == ("Received", "Inbound")
    assert (body["eventType"], body["readStatus"]) == ("Create", "Unread")
    assert body["to"] == [{"phoneNumber": DESK, "name": "Shift Desk", "target": True}]
    assert body["from"]["phoneNumberInfo"] == {
        "countryCode": "1", "nationalDestinationCode": "312", "subscriberNumber": "5550142"
    }  # fmt: skip
    assert isinstance(body["conversation"]["id"], str)


def test_outbound_texts_make_no_instant_event():
    rig = Rig()
    rig.subscribe()
    rig.sent()
    rig.world.advance(60)
    assert rig.receiver.events == []


def test_outbound_changes_are_told_as_counts_and_nothing_more():
    rig = Rig(pace=Pace(leaves=(1, 1), reports=(1, 1)))
    rig.subscribe(OUTBOUND)
    message_id = rig.sent()
    rig.world.say(ANA, "inbound texts do not match this filter")
    rig.world.advance(60)
    changes = [body["changes"] for body in rig.receiver.bodies("message-store")]
    assert changes == [
        [{"type": "SMS", "newCount": 1, "newMessageIds": [message_id]}],
        [{"type": "SMS", "newCount": 0, "updatedCount": 1}],
        [{"type": "SMS", "newCount": 0, "updatedCount": 1}],
    ]


def test_a_filter_without_direction_hears_both():
    rig = Rig()
    rig.subscribe(f"{ME}/message-store")
    rig.world.say(ANA, "hello")
    rig.world.advance(5)
    [body] = rig.receiver.bodies("message-store")
    assert (body["accountId"], body["extensionId"]) == (80964, 62893)


def test_events_go_to_the_mailbox_they_belong_to():
    rig = Rig(senders=2)
    rig.subscribe(INBOUND, OUTBOUND)
    rig.world.say(ANA, "hello", rig.world.account.senders()[1].number.phone_number)
    rig.world.advance(5)
    assert rig.receiver.events == []


def test_nothing_is_tried_twice_and_ten_misses_in_a_row_blacklist():
    rig = Rig()
    path = f"{SUBSCRIPTION}/{rig.subscribe().json()['id']}"
    rig.receiver.status = 404
    for _ in range(12):
        rig.world.say(ANA, "hello")
        rig.world.advance(5)
    assert len(rig.receiver.events) == 10
    body = rig.http.get(path).json()
    assert body["status"] == "Blacklisted"
    assert "[404]" in body["blacklistedData"]["reason"]
    rig.receiver.status = 200
    rig.http.post(f"{path}/renew")
    rig.world.say(ANA, "hello")
    rig.world.advance(5)
    assert len(rig.receiver.events) == 10


def test_an_answer_in_between_keeps_a_receiver_off_the_blacklist():
    rig = Rig(blacklist_after=2)
    path = f"{SUBSCRIPTION}/{rig.subscribe().json()['id']}"
    for is_away in (True, False, True, False):
        rig.receiver.is_away = is_away
        rig.world.say(ANA, "hello")
        rig.world.advance(5)
    assert rig.http.get(path).json()["status"] == "Active"
    assert [d.status for d in rig.world.deliveries] == [0, 200, 0, 200]


def test_reminders_come_before_the_end_and_stop_with_a_renewal():
    rig = Rig()
    path = f"{SUBSCRIPTION}/{rig.subscribe(INBOUND, REMINDER, expiresIn=14400).json()['id']}"
    rig.world.advance(7199)
    assert rig.receiver.events == []
    rig.world.advance(3)
    assert rig.receiver.bodies("interval") == [{"expiresIn": 7200}]
    rig.sign_in()
    rig.http.post(f"{path}/renew")
    rig.world.advance(7100)
    assert len(rig.receiver.events) == 1
    rig.world.advance(7300)
    assert rig.receiver.bodies("interval")[1:] == [{"expiresIn": 7200}, {"expiresIn": 3600}]


def test_an_expired_or_deleted_subscription_hears_nothing():
    rig = Rig(webhook_seconds=(1, 1))
    first = rig.subscribe(expiresIn=100).json()["id"]
    rig.world.say(ANA, "on its way")
    rig.http.delete(f"{SUBSCRIPTION}/{first}")
    rig.subscribe(expiresIn=100)
    rig.world.advance(100)
    rig.world.say(ANA, "too late")
    rig.world.advance(10)
    assert rig.receiver.events == []


def test_consents_are_told_to_who_asked():
    rig = Rig()
    rig.subscribe(CONSENTS)
    rig.world.say(ANA, "stop")
    rig.world.advance(5)
    [body] = rig.receiver.bodies("consents")
    [record] = body["records"]
    assert (record["from"], record["to"]) == (DESK, ANA)
    assert (record["optStatus"], record["source"]) == ("OptOut", "Recipient")


@pytest.mark.parametrize(
    ("fault", "heard"),
    [("webhook_lost", 0), ("webhook_doubled", 2), ("webhook_delayed", 1)],
)
def test_an_event_can_be_lost_doubled_or_late(fault: str, heard: int):
    rig = Rig()
    rig.subscribe()
    rig.world.faults.set(fault, next=1)
    rig.world.say(ANA, "YES")
    rig.world.advance(29)
    early = len(rig.receiver.events)
    rig.world.advance(5)
    assert len({event["uuid"] for event in rig.receiver.events}) == min(heard, 1)
    assert len(rig.receiver.events) == heard
    assert early == (0 if fault == "webhook_delayed" else heard)


def test_events_can_change_their_order():
    rig = Rig()
    rig.subscribe()
    rig.world.faults.set("webhook_reordered", next=1)
    for words in ("first", "second"):
        rig.world.say(ANA, words)
        rig.world.advance(1)
    rig.world.advance(30)
    assert [event["body"]["subject"] for event in rig.receiver.events] == ["second", "first"]
