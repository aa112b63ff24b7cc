"""Webhook events: replies, wishes to sync, opt-outs; doubled, reordered or strange."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from shiftbell.flow.read_webhooks import read_events
from shiftbell.store import inbox
from shiftbell.store.models import Location, Message, PhoneNumber, Sender, Shift, WebhookEvent
from tests.flow.talk import OURS, Talk

ACCOUNT = "/restapi/v1.0/account/80964/extension/101"


def sms(ringcentral_id: str, text: str, to: str = OURS) -> dict[str, object]:
    return {
        "uuid": f"uuid-{ringcentral_id}",
        "event": f"{ACCOUNT}/message-store/instant?type=SMS",
        "subscriptionId": "sub",
        "ownerId": "101",
        "body": {
            "id": ringcentral_id,
            "to": [{"phoneNumber": to}],
            "from": {"phoneNumber": "+13125550100"},
            "type": "SMS",
            "direction": "Inbound",
            "creationTime": "2026-11-24T18:00:00.000Z",
            "subject": text,
            "messageStatus": "Received",
        },
    }


def consent(status: str, ours: str = OURS, at: str = "") -> dict[str, Any]:
    return {
        "uuid": "u",
        "event": "/restapi/v2/accounts/~/sms/consents",
        "subscriptionId": "sub",
        "ownerId": "101",
        "body": {
            "records": [
                {
                    "from": ours,
                    "to": "+13125550100",
                    "optStatus": status,
                    "source": "Recipient",
                    "lastModifiedTime": at,
                }
            ]
        },
    }


def changed(owner: str) -> dict[str, object]:
    return {
        "uuid": "u",
        "event": f"{ACCOUNT}/message-store?type=SMS&direction=Outbound",
        "subscriptionId": "sub",
        "ownerId": owner,
        "body": {"changes": [{"type": "SMS", "newCount": 0, "updatedCount": 1}]},
    }


def tell(talk: Talk, *events: object) -> None:
    for event in events:
        inbox.store_event(event if isinstance(event, str) else json.dumps(event), talk.now)
    assert read_events(talk.now) is False


def test_a_text_becomes_a_reply_once_however_often_it_is_told(talk: Talk):
    tell(talk, sms("2", "later"), sms("1", "yes"), sms("1", "yes"))
    tell(talk, sms("2", "later"))
    assert set(Message.objects.values_list("ringcentral_id", "text")) == {
        ("1", "yes"),
        ("2", "later"),
    }
    assert not WebhookEvent.objects.exclude(state="done").exists()


def test_a_text_to_a_number_of_someone_else_is_set_aside(talk: Talk):
    tell(talk, sms("1", "yes", to="+16505550199"))
    assert not Message.objects.exists()
    assert WebhookEvent.objects.get().state == "set_aside"


@pytest.mark.parametrize("body", ["{}", "[]", "null", '{"event": "/x"}', "no json", "[" * 60000])
def test_what_has_no_known_shape_is_set_aside_with_a_reason(talk: Talk, body: str):
    tell(talk, body)
    event = WebhookEvent.objects.get()
    assert (event.state, bool(event.reason)) == ("set_aside", True)
    assert talk.facts("webhook.set_aside") == 1


HALF = "+\ud800"  # half of a surrogate pair: no database takes it


@pytest.mark.parametrize("field", ["to", "from", "source"])
def test_an_opt_out_with_half_a_character_blocks_no_event_behind_it(talk: Talk, field: str):
    event = consent("OptOut")
    event["body"]["records"][0][field] = HALF
    talk.employee("Ana")
    tell(talk, event, sms("7", "yes"))
    assert Message.objects.get().text == "yes"
    assert (talk.number("Ana").opted_out_at is not None) is (field == "source")


def test_a_text_to_half_a_character_is_set_aside(talk: Talk):
    tell(talk, sms("1", "yes", to=HALF), changed(HALF), sms("7", "yes"))
    assert Message.objects.get().ringcentral_id == "7"
    assert WebhookEvent.objects.get(state="set_aside").reason


def test_an_event_that_breaks_us_is_set_aside_and_a_sync_makes_good_for_it(talk: Talk):
    # The manager is to hear of what Ana holds, and no clock in Tokyo can say when that ends.
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "yes")
    Location.objects.update(zone="Asia/Tokyo")
    Shift.objects.update(ends_at=datetime.max.replace(tzinfo=UTC))
    tell(talk, consent("OptOut"), sms("7", "hello"))
    broken, read = WebhookEvent.objects.order_by("pk")
    assert (broken.state, broken.reason) == ("set_aside", "It could not be read.")
    assert read.state == "done"
    assert talk.facts("webhook.set_aside") == 1
    assert Sender.objects.get().sync_wanted_at == talk.now


def test_a_change_in_the_store_asks_for_a_sync_of_that_extension(talk: Talk):
    other = Sender.objects.create(e164="+16505550101", position=1, extension_id="102")
    tell(talk, changed("101"))
    talk.sender.refresh_from_db()
    other.refresh_from_db()
    assert talk.sender.sync_wanted_at == talk.now
    assert other.sync_wanted_at is None


def test_a_change_of_an_unknown_extension_asks_everyone(talk: Talk):
    tell(talk, changed("999"))
    assert Sender.objects.get().sync_wanted_at == talk.now


@pytest.mark.parametrize("ours", [OURS, "*"])
def test_an_opt_out_at_ringcentral_is_ours_too(talk: Talk, ours: str):
    talk.offer(talk.shift(), "Ana", leave=False)
    tell(talk, consent("OptOut", ours), consent("OptOut", ours))
    assert talk.number("Ana").opted_out_at == talk.now
    assert talk.texts("Ana") == []
    assert talk.facts("consent.revoked") == 1


def test_an_opt_out_from_a_colleagues_number_is_not(talk: Talk):
    talk.employee("Ana")
    tell(talk, consent("OptOut", "+16505550177"))
    assert talk.number("Ana").opted_out_at is None


def test_an_opt_in_at_ringcentral_lifts_nothing(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "stop")
    tell(talk, consent("OptIn"))
    assert talk.number("Ana").opted_out_at is not None
    assert talk.facts("consent.opt_in_noted") == 1


def test_an_opt_in_is_noted_once_and_only_where_we_have_an_opt_out(talk: Talk):
    talk.employee("Ana")
    tell(talk, consent("OptIn"))
    assert talk.facts("consent.opt_in_noted") == 0
    talk.says("Ana", "stop")
    tell(talk, consent("OptIn"), consent("OptIn"))
    assert talk.facts("consent.opt_in_noted") == 1


def test_an_entry_of_no_known_status_lets_offers_wait_for_a_person(talk: Talk):
    talk.employee("Ana")
    tell(talk, consent("Perhaps"), consent("Perhaps"))
    assert talk.number("Ana").review_since == talk.now
    assert talk.number("Ana").opted_out_at is None
    assert len(talk.told()) == 1


def test_an_opt_out_of_nobody_on_the_roster_is_kept_and_told_no_story(talk: Talk):
    tell(talk, consent("OptOut"), consent("OptIn"))
    number = PhoneNumber.objects.get(e164="+13125550100")
    assert number.opted_out_at == talk.now
    assert talk.facts("consent.revoked") == 0


def test_an_opt_out_told_again_after_a_start_changes_nothing(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "stop")
    talk.says("Ana", "start")
    tell(talk, consent("OptOut", at="2026-11-24T18:00:06.000Z"))
    assert talk.number("Ana").opted_out_at is None


def test_an_opt_out_after_a_start_counts(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "start")
    tell(talk, consent("OptOut", at="2026-11-24T18:00:06.000Z"))
    assert talk.number("Ana").opted_out_at is not None


def test_the_manager_hears_of_a_holder_who_opted_out_at_ringcentral(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "yes")
    tell(talk, consent("OptOut"))
    talk.says("Ana", "stop")
    assert len(talk.told()) == 1
    assert talk.told()[0].startswith("Ana opted out of texts. They still hold Wed Nov 25")
