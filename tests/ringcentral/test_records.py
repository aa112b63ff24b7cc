"""RingCentral's JSON, whole, in pieces and odd."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.ringcentral import records
from tests.ringcentral.desk import ANA, NOON

DESK = "+16505550100"
INBOUND = {
    "id": "3062991514017",
    "to": [
        {"phoneNumber": "+13125550199", "name": "Somebody else"},
        {"phoneNumber": DESK, "name": "Shift Desk", "target": True},
    ],
    "from": {"phoneNumber": ANA, "location": "Chicago, IL"},
    "type": "SMS",
    "creationTime": "2026-11-22T12:00:00.000Z",
    "lastModifiedTime": "2026-11-22T07:00:00-05:00",
    "direction": "Inbound",
    "availability": "Alive",
    "subject": "YES",
    "messageStatus": "Received",
    "conversationId": 1638233798595111200,
    "conversation": {"id": "1638233798595111162"},
    "segmentCount": 1,
}


def test_a_whole_record():
    assert records.stored_message(INBOUND) == records.StoredMessage(
        id="3062991514017",
        direction="Inbound",
        from_number=ANA,
        to_number=DESK,
        text="YES",
        status="Received",
        created_at=NOON,
        modified_at=NOON,
        conversation_id="1638233798595111162",
        segment_count=1,
        type="SMS",
    )


@pytest.mark.parametrize("id_", [1724099032020, "1724099032020"])
def test_an_id_is_text_whether_it_came_as_number_or_as_text(id_):
    message = records.stored_message({"id": id_, "conversationId": 3237561336559605395})
    assert message is not None
    assert (message.id, message.conversation_id) == ("1724099032020", "3237561336559605395")


def test_of_a_deleted_message_only_id_and_availability_are_left():
    message = records.stored_message({"id": 7, "availability": "Deleted"})
    assert message == records.StoredMessage(id="7", availability="Deleted")
    assert message.created_at is None


@pytest.mark.parametrize("record", [None, [], "7", 7, {}, {"id": None}, {"id": True}, {"id": ""}])
def test_without_an_id_there_is_no_record(record):
    for read in (
        records.stored_message,
        records.subscription,
        records.phone_number,
        records.extension,
    ):
        assert read(record) is None


def test_a_repr_shows_neither_numbers_nor_text():
    shown = repr(records.stored_message(INBOUND))
    assert "3062991514017" in shown
    assert "555" not in shown and "YES" not in shown


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2026-11-22T12:00:00.120Z", NOON.replace(microsecond=120_000)),
        ("2026-11-22T12:00:00", NOON),
        ("2026-11-22T13:00:00+01:00", NOON),
        ("0001-01-01T00:00:00+14:00", None),
        ("soon", None),
        ("", None),
        (None, None),
        (1732276800, None),
    ],
)
def test_times_are_utc_or_nothing(written, moment):
    assert records.moment(written) == moment


def test_a_subscription_that_was_given_up_says_why():
    told = {
        "id": "7e4a7486",
        "status": "Blacklisted",
        "blacklistedData": {"reason": "Read timed out"},
        "disabledFilters": [{"filter": "/x", "reason": "PermissionRequired"}, "odd"],
        "expirationTime": "2026-11-22T12:00:00.000Z",
    }
    found = records.subscription(told)
    assert found is not None
    assert (found.status, found.blacklisted_because) == ("Blacklisted", "Read timed out")
    assert found.disabled_filters == ("/x", "")
    assert found.expires_at == datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_number_that_is_linked_to_nothing_is_not_confirmed():
    assert not records.sms_configuration({"phoneNumber": DESK}).campaign_status


ENTRY = {
    "from": DESK,
    "to": ANA,
    "optStatus": "OptOut",
    "source": "Recipient",
    "coverage": "PhoneNumber",
    "lastModifiedTime": "2026-11-22T12:00:00.000000001Z",
}
OPT_OUT = records.ConsentRecord(DESK, ANA, True, "Recipient", NOON, "PhoneNumber")


@pytest.mark.parametrize(
    ("told", "different"),
    [
        ({}, {}),
        ({"optStatus": "OptIn"}, {"opted_out": False}),
        ({"optStatus": "optout", "coverage": "phoneNumber"}, {"coverage": "phoneNumber"}),
        ({"optStatus": None, "status": "OptIn"}, {"opted_out": False}),
        ({"coverage": None}, {"coverage": ""}),
        ({"from": "*"}, {"from_number": "*"}),
        ({"from": None}, {"from_number": "*"}),
        ({"coverage": "Account"}, {"from_number": "*", "coverage": "Account"}),
        ({"coverage": "Planet"}, {"from_number": "*", "coverage": "Planet"}),
        ({"campaignType": "Promotional"}, {"campaign_type": "Promotional"}),
        ({"lastModifiedTime": "soon"}, {"changed_at": None}),
        ({"optStatus": None}, {"readable": False}),
        ({"optStatus": "Maybe"}, {"readable": False}),
        ({"to": None}, {"to_number": "", "readable": False}),
    ],
)
def test_an_entry_about_consent(told, different):
    assert records.consent_record({**ENTRY, **told}) == replace(OPT_OUT, **different)


@pytest.mark.parametrize("entry", [None, [], "OptOut", 7, {}])
def test_an_entry_that_says_nothing_is_an_opt_out_of_nobody(entry):
    found = records.consent_record(entry)
    assert (found.to_number, found.opted_out, found.readable) == ("", True, False)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*sorted({**INBOUND, **ENTRY}), "phoneNumber"]), inner)
    ),
    max_leaves=12,
)


@given(JSON)
def test_no_json_breaks_the_reading(told):
    message = records.stored_message(told)
    assert message is None or (message.id and isinstance(message.text, str))
    found = (records.subscription(told), records.phone_number(told), records.extension(told))
    assert all(record is None or record.id for record in found)
    assert isinstance(records.sms_configuration(told).campaign_status, str)
    consent = records.consent_record(told)
    assert consent.readable or consent.opted_out or not consent.to_number
