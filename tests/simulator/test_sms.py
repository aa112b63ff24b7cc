"""`POST /sms`: what is accepted, and what is refused at once with which code."""

from __future__ import annotations

import json

import phonenumbers
import pytest

from tests.simulator.rig import ANA, BEN, DESK, ME, OFFER, OTHER_DESK, Rig, codes

EXAMPLE = phonenumbers.example_number("GB")
assert EXAMPLE is not None
ABROAD = phonenumbers.format_number(EXAMPLE, phonenumbers.PhoneNumberFormat.E164)


def test_an_accepted_text_is_queued_and_answers_200():
    rig = Rig()
    answer = rig.send()
    body = answer.json()
    assert answer.status_code == 200
    assert body["messageStatus"] == "Queued"
    assert body["subject"] == OFFER
    assert body["to"] == [{"phoneNumber": ANA}]
    assert body["direction"] == "Outbound"
    assert body["creationTime"] == "2026-06-06T12:00:00.000Z"
    assert body["attachments"][0]["type"] == "Text"


def test_ids_are_numbers_and_the_conversation_is_beyond_a_double():
    body = Rig().send().json()
    assert isinstance(body["id"], int)
    assert body["conversationId"] > 2**53
    assert body["conversation"]["id"] == str(body["conversationId"])


def test_the_same_text_twice_is_two_texts():
    rig = Rig()
    first, second = rig.send().json(), rig.send().json()
    assert first["id"] != second["id"]
    assert first["conversationId"] == second["conversationId"]
    rig.world.advance(10)
    assert len(rig.http.get("/_simulator/messages").json()) == 2


def test_every_answer_carries_a_date_and_a_request_id():
    answer = Rig().send()
    assert answer.headers["Date"] == "Sat, 06 Jun 2026 12:00:00 GMT"
    assert answer.headers["RCRequestId"]
    assert "requestId" not in answer.text


def test_numbers_are_understood_as_people_write_them():
    assert Rig().send("(312) 555-0142").json()["to"] == [{"phoneNumber": ANA}]


@pytest.mark.parametrize(
    ("change", "expected", "parameter"),
    [
        ({"to": [{"phoneNumber": "not a number"}]}, (400, "CMN-101"), "to.phoneNumber"),
        ({"to": [{}]}, (400, "CMN-101"), "to.phoneNumber"),
        ({"to": []}, (400, "CMN-101"), "to"),
        ({"to": ANA}, (400, "CMN-101"), "to"),
        ({"from": {"phoneNumber": "x"}}, (400, "CMN-101"), "from.phoneNumber"),
        ({"from": None}, (400, "CMN-101"), "from"),
        ({"text": ""}, (400, "CMN-101"), "text"),
        ({"text": 7}, (400, "CMN-101"), "text"),
        ({"text": "x" * 1001}, (400, "CMN-101"), "text"),
        ({"text": "😀" * 501}, (400, "CMN-101"), "text"),
        ({"country": "US"}, (400, "CMN-101"), "country"),
        ({"country": {"id": "1", "isoCode": "US"}}, (400, "MSG-365"), None),
        ({"from": {"phoneNumber": "+12125550100"}}, (400, "MSG-245"), None),
        ({"from": {"phoneNumber": OTHER_DESK}}, (403, "MSG-304"), None),
        ({"from": {"phoneNumber": "+16505550199"}}, (403, "MSG-367"), None),
        ({"to": [{"phoneNumber": ABROAD}]}, (403, "MSG-240"), None),
        ({"to": [{"phoneNumber": "12345"}]}, (400, "MSG-247"), None),
        ({"to": [{"extensionNumber": "101"}]}, (400, "MSG-246"), None),
        ({"to": [{"phoneNumber": ANA}, {"phoneNumber": "3125550142"}]}, (400, "CMN-406"), "to"),
        (
            {"to": [{"phoneNumber": f"+131255501{n}"} for n in range(20, 31)]},
            (400, "MSG-381"),
            None,
        ),
    ],
)
def test_a_bad_text_is_refused_at_once(change, expected, parameter):
    rig = Rig(senders=2)
    answer = rig.send_body(change)
    assert codes(answer) == expected
    assert answer.json().get("parameterName") == parameter
    rig.world.advance(60)
    assert rig.world.texts == []


def test_a_bad_value_is_named_by_a_word_at_the_top_and_a_number_in_the_list():
    body = Rig().send("rubbish").json()
    assert body["errorCode"] == "InvalidParameter"
    assert body["errors"] == [
        {
            "errorCode": "CMN-101",
            "message": "Parameter [to.phoneNumber] value is invalid",
            "parameterName": "to.phoneNumber",
        }
    ]


def test_a_thousand_units_are_accepted_and_an_emoji_counts_two():
    rig = Rig()
    assert rig.send(text="x" * 1000).status_code == 200
    assert rig.send(text="😀" * 500).status_code == 200


def test_half_a_surrogate_pair_is_no_text():
    answer = Rig().http.post(
        f"{ME}/sms",
        content=json.dumps(
            {"from": {"phoneNumber": DESK}, "to": [{"phoneNumber": ANA}], "text": "\ud83d"}
        ).encode(),
    )
    assert codes(answer) == (400, "CMN-101")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b"[" * 100_000, b"\xff"])
def test_what_is_not_a_json_object_cannot_be_parsed(body: bytes):
    assert codes(Rig().http.post(f"{ME}/sms", content=body)) == (400, "CMN-103")


def test_a_blocked_number_is_refused_at_once():
    rig = Rig()
    rig.world.describe(ANA, "blocked")
    assert codes(rig.send()) == (400, "MSG-243")


def test_an_application_without_sms_and_a_user_without_it_have_different_codes():
    rig = Rig()
    rig.http.post("/_simulator/settings", json={"permissions": ["ReadMessages"]})
    answer = rig.send()
    assert codes(answer) == (403, "CMN-401")
    assert answer.json()["permissionName"] == "SMS"
    rig.http.post(
        "/_simulator/settings",
        json={"permissions": ["SMS"], "extensions": {"62893": {"permissions": []}}},
    )
    answer = rig.send()
    assert codes(answer) == (403, "CMN-408")
    assert answer.json()["permissionName"] == "OutboundSMS"


def test_nobody_sends_for_another_extension():
    rig = Rig(senders=2)
    path = "/restapi/v1.0/account/~/extension/62894/sms"
    assert codes(rig.http.post(path, json={})) == (403, "CMN-404")
    path = "/restapi/v1.0/account/~/extension/999/sms"
    assert codes(rig.http.post(path, json={})) == (404, "CMN-102")
    path = "/restapi/v1.0/account/1/extension/~/sms"
    assert codes(rig.http.post(path, json={})) == (404, "CMN-102")


def test_several_recipients_make_one_group_message_with_a_status_each():
    rig = Rig()
    rig.world.describe(BEN, "landline")
    everybody = {"to": [{"phoneNumber": ANA}, {"phoneNumber": BEN}]}
    sent = rig.send_body(everybody).json()
    rig.world.advance(60)
    record = rig.record(sent["id"])
    assert [(to["phoneNumber"], to["messageStatus"]) for to in record["to"]] == [
        (ANA, "Delivered"),
        (BEN, "DeliveryFailed"),
    ]
    assert len(rig.world.texts) == 2


def test_a_multipart_form_is_read_and_an_attachment_needs_mms():
    rig = Rig()
    body = {"from": {"phoneNumber": DESK}, "to": [{"phoneNumber": ANA}], "text": OFFER}
    part = ("request.json", json.dumps(body), "application/json")
    assert rig.http.post(f"{ME}/sms", files={"json": part}).status_code == 200
    files = [("json", part), ("attachment", ("a.png", "png", "image/png"))]
    assert codes(rig.http.post(f"{ME}/mms", files=files)) == (403, "BIL-103")
