"""What webhook bodies say, and that none of them breaks the reading."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.ringcentral.events import (
    ConsentChanged,
    InstantSms,
    StoreChanged,
    SubscriptionReminder,
    Unknown,
    parse_event,
)
from shiftbell.ringcentral.records import ConsentRecord
from tests.ringcentral.desk import ANA, NOON
from tests.ringcentral.test_records import DESK, INBOUND

INSTANT = "/restapi/v1.0/account/80964/extension/62893/message-store/instant?type=SMS"
STORE = "/restapi/v1.0/account/80964/extension/62893/message-store?type=SMS&direction=Outbound"
CONSENTS = "/restapi/v2/accounts/80964/sms/consents"
REMINDER = "/restapi/v1.0/subscription/7e4a7486?threshold=86400&interval=3600"


def event(name, body):
    return {
        "uuid": "6242343638330007102",
        "event": name,
        "timestamp": "2026-11-22T12:00:05.034Z",
        "subscriptionId": "7e4a7486",
        "ownerId": "62893",
        "body": body,
    }


IDS = ("6242343638330007102", "7e4a7486", "62893")


def test_an_inbound_text():
    heard = parse_event(event(INSTANT, INBOUND))
    assert isinstance(heard, InstantSms)
    assert (heard.uuid, heard.subscription_id, heard.owner_id) == IDS
    assert (heard.message.from_number, heard.message.text) == (ANA, "YES")


def test_a_change_of_the_store_names_new_messages_only():
    changes = [
        {"type": "SMS", "newCount": 2, "newMessageIds": [3062991514018, "3062991514019"]},
        {"type": "SMS", "updatedCount": 1},
    ]
    heard = parse_event(event(STORE, {"extensionId": 62893, "changes": changes}))
    assert heard == StoreChanged(*IDS, ("3062991514018", "3062991514019"))


def test_an_update_without_ids_is_still_a_reason_to_sync():
    heard = parse_event(event(STORE, {"changes": [{"type": "SMS", "updatedCount": 1}]}))
    assert heard == StoreChanged(*IDS, ())


@pytest.mark.parametrize(("said", "opted_out"), [("OptOut", True), ("OptIn", False)])
def test_a_change_of_consent(said, opted_out):
    record = {
        "from": DESK,
        "to": ANA,
        "optStatus": said,
        "source": "Recipient",
        "lastModifiedTime": "2026-11-22T12:00:00Z",
    }
    heard = parse_event(event(CONSENTS, {"records": [record]}))
    expected = ConsentRecord(DESK, ANA, opted_out, "Recipient", NOON)
    assert heard == ConsentChanged(*IDS, (expected,))
    assert "555" not in repr(heard)


def test_an_entry_that_cannot_be_read_is_heard_with_the_others():
    records = [{"from": DESK, "to": ANA, "optStatus": "OptIn"}, {"to": ANA, "optStatus": "Maybe"}]
    heard = parse_event(event(CONSENTS, {"records": records}))
    assert isinstance(heard, ConsentChanged)
    assert [(record.opted_out, record.readable) for record in heard.records] == [
        (False, True),
        (True, False),
    ]


def test_a_reminder_says_how_long_is_left():
    heard = parse_event(event(REMINDER, {"expiresIn": 86399}))
    assert heard == SubscriptionReminder(*IDS, timedelta(seconds=86399))


def test_a_reminder_with_an_odd_number_is_still_a_reminder():
    assert parse_event(event(REMINDER, {"expiresIn": 10**18})) == SubscriptionReminder(*IDS, None)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (None, "not a JSON object"),
        ([], "not a JSON object"),
        ({}, "not a JSON object"),
        ({"uuid": "1"}, "no name"),
        (event("/restapi/v1.0/account/1/presence", {}), "none we asked for"),
        (event(INSTANT, {}), "no id"),
        (event(INSTANT, None), "no id"),
        (event(INSTANT, {**INBOUND, "direction": "Outbound"}), "not an inbound"),
        (event(CONSENTS, {"records": []}), "No consent"),
        (event(CONSENTS, {"records": [{"from": DESK, "optStatus": "OptOut"}]}), "No consent"),
    ],
)
def test_what_has_no_known_shape_says_why(body, reason):
    heard = parse_event(body)
    assert isinstance(heard, Unknown)
    assert reason in heard.reason


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id", "changes", "records", "newMessageIds", "optStatus", "expiresIn"]
            ),
            inner,
        )
    ),
    max_leaves=10,
)
NAMES = st.sampled_from([INSTANT, STORE, CONSENTS, REMINDER, "", "/"]) | SCALARS


@given(name=NAMES, body=JSON)
def test_no_event_breaks_the_reading(name, body):
    for told in (body, event(name, body)):
        heard = parse_event(told)
        assert isinstance(heard, Unknown) or heard.uuid


def test_the_reason_never_quotes_the_body():
    heard = parse_event(event(f"/restapi/{ANA}", {"subject": ANA}))
    assert isinstance(heard, Unknown)
    assert "0142" not in heard.reason
