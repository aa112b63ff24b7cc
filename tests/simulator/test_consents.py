"""Consents: STOP and START by themselves, the v2 API, the old one behind its permission."""

from __future__ import annotations

import pytest

from tests.simulator.rig import ANA, BEN, CONSENTS, DESK, OTHER_DESK, Rig, codes

OLD = "/restapi/v1.0/account/~/a2p-sms/opt-outs"
HIGH_VOLUME = frozenset({"SMS", "A2PSMS", "SubscriptionWebhook"})


def search(rig: Rig, **body: object) -> list[tuple[str, str, str, str]]:
    records = rig.http.post(f"{CONSENTS}/search", json=body).json()["records"]
    return [(r["from"], r["to"], r["optStatus"], r["source"]) for r in records]


def set_consent(rig: Rig, **record: object):
    whole = {"from": DESK, "to": ANA, "optStatus": "OptOut", "source": "Api", **record}
    return rig.http.request("PATCH", CONSENTS, json={"records": [whole]})


@pytest.mark.parametrize("word", ["STOP", "stop ", "Unsubscribe", "QUIT", "cancel", "end"])
def test_a_stop_word_opts_out_for_that_number_and_ringcentral_confirms_it(word: str):
    rig = Rig(senders=2)
    rig.world.say(ANA, word)
    rig.world.advance(5)
    assert search(rig) == [(DESK, ANA, "OptOut", "Recipient")]
    [heard, said] = rig.http.get("/_simulator/messages").json()
    assert (heard["direction"], heard["by"]) == ("Inbound", "person")
    assert (said["direction"], said["by"], said["to"]) == ("Outbound", "RingCentral", ANA)
    assert not rig.world.consents.opted_out(OTHER_DESK, ANA)


def test_any_other_wording_is_left_to_the_application():
    rig = Rig()
    for words in ("please stop", "STOP IT", "no", "stop.", "HELP"):
        rig.world.say(ANA, words)
    rig.world.advance(5)
    assert search(rig) == []
    assert len(rig.world.texts) == 5


def test_start_undoes_a_stop_and_is_confirmed_too():
    rig = Rig()
    rig.world.say(ANA, "START")
    rig.world.advance(5)
    assert search(rig) == []
    rig.world.say(ANA, "STOP")
    rig.world.say(ANA, "unstop")
    rig.world.advance(5)
    assert search(rig) == [(DESK, ANA, "OptIn", "Recipient")]
    message_id = rig.sent()
    rig.world.advance(60)
    assert rig.record(message_id)["messageStatus"] == "Delivered"
    assert [t.by for t in rig.world.texts].count("RingCentral") == 2


def test_a_second_stop_is_confirmed_once():
    rig = Rig()
    rig.world.say(ANA, "STOP")
    rig.world.say(ANA, "STOP")
    rig.world.advance(5)
    assert [t.by for t in rig.world.texts] == ["person", "person", "RingCentral"]


def test_a_stop_is_heard_as_an_inbound_text_but_its_confirmation_is_in_no_store():
    rig = Rig()
    rig.world.say(ANA, "STOP")
    rig.world.advance(5)
    records = rig.http.get(
        "/restapi/v1.0/account/~/extension/~/message-store"
    ).json()["records"]  # fmt: skip
    assert [r["subject"] for r in records] == ["STOP"]


def test_the_confirmation_can_be_switched_off():
    rig = Rig(stop_replies=False)
    rig.world.say(ANA, "STOP")
    rig.world.advance(5)
    assert len(rig.world.texts) == 1


def test_records_are_searched_page_by_page():
    rig = Rig()
    phones = [f"+131255501{n}" for n in range(10, 15)]
    for phone in phones:
        set_consent(rig, to=phone)
    body = {"perPage": 2}
    seen = []
    while True:
        answer = rig.http.post(f"{CONSENTS}/search", json=body).json()
        seen += [record["to"] for record in answer["records"]]
        if "nextPageToken" not in answer["paging"]:
            break
        body["pageToken"] = answer["paging"]["nextPageToken"]
    assert seen == phones
    assert answer["paging"]["perPage"] == 2
    assert "previousPageToken" in answer["paging"]


def test_a_search_is_narrowed_by_both_numbers_and_status():
    rig = Rig(senders=2)
    set_consent(rig)
    set_consent(rig, to=BEN)
    set_consent(rig, **{"from": OTHER_DESK})
    set_consent(rig, to=BEN, optStatus="OptIn")
    assert search(rig, to=[BEN]) == [(DESK, BEN, "OptIn", "Api")]
    assert search(rig, **{"from": [OTHER_DESK]}) == [(OTHER_DESK, ANA, "OptOut", "Api")]
    assert len(search(rig, optStatus="OptOut")) == 2
    assert search(rig, coverage=["Account"]) == []


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"to": [f"+1312555{line:04}" for line in range(100, 121)]}, "to"),
        ({"to": [ANA, ANA]}, "to"),
        ({"to": []}, "to"),
        ({"to": "all"}, "to"),
        ({"to": ["3125550142"]}, "to"),
        ({"optStatus": "Maybe"}, "optStatus"),
        ({"optStatus": ["OptOut"]}, "optStatus"),
        ({"perPage": 0}, "perPage"),
        ({"perPage": "x"}, "perPage"),
        ({"pageToken": "rubbish"}, "pageToken"),
        ({"coverage": ["Everywhere"]}, "coverage"),
    ],
)
def test_a_bad_search_names_its_parameter(body, parameter):
    answer = Rig().http.post(f"{CONSENTS}/search", json=body)
    assert codes(answer) == (400, "CMN-101")
    assert answer.json()["parameterName"] == parameter


def test_the_deprecated_list_shows_opt_outs_unless_asked():
    rig = Rig()
    set_consent(rig)
    set_consent(rig, to=BEN)
    set_consent(rig, to=BEN, optStatus="OptIn")
    assert [r["to"] for r in rig.http.get(CONSENTS).json()["records"]] == [ANA]
    both = {"optStatus": ["OptOut", "OptIn"], "to": BEN}
    assert [r["to"] for r in rig.http.get(CONSENTS, params=both).json()["records"]] == [BEN]


def test_a_star_sets_every_number_and_failures_come_back():
    rig = Rig(senders=2)
    assert set_consent(rig, **{"from": "*"}).json() == {}
    assert rig.world.consents.opted_out(DESK, ANA)
    assert rig.world.consents.opted_out(OTHER_DESK, ANA)
    [failed] = set_consent(rig, **{"from": "+12125550100"}).json()["failedRecords"]
    assert failed["error"]["errorCode"] == "CMN-102"
    [failed] = set_consent(rig, source="Carrier").json()["failedRecords"]
    assert failed["error"]["errorCode"] == "CMN-101"
    assert codes(rig.http.request("PATCH", CONSENTS, json={"records": []})) == (400, "CMN-101")
    assert codes(rig.http.request("PATCH", CONSENTS, json={"records": [1]})) == (400, "CMN-101")


def test_the_export_and_the_history_tell_what_was_recorded():
    rig = Rig()
    rig.world.say(ANA, "STOP")
    rig.world.say(ANA, "START")
    sheet = rig.http.get(f"{CONSENTS}/export")
    assert sheet.headers["Content-Type"].startswith("text/csv")
    assert f"{ANA},{DESK},OptIn,Recipient,PhoneNumber" in sheet.text
    rows = rig.http.get(f"{CONSENTS}/history", params={"to": ANA}).json()["records"]
    assert [(r["optStatus"], r["createdAt"]) for r in rows] == [
        ("OptOut", "2026-06-06T12:00:00.000Z"),
        ("OptIn", "2026-06-06T12:00:00.000Z"),
    ]
    assert codes(rig.http.get(f"{CONSENTS}/history")) == (400, "CMN-101")


def test_the_old_opt_outs_need_a_permission_that_ordinary_applications_lack():
    answer = Rig().http.get(OLD)
    assert codes(answer) == (403, "CMN-401")
    assert answer.json()["permissionName"] == "A2PSMS"


def high_volume() -> Rig:
    rig = Rig(senders=2, permissions=HIGH_VOLUME)
    rig.world.account.make_high_volume(rig.world.account.senders()[0])
    return rig


def test_the_old_opt_outs_list_and_assign_where_they_are_allowed():
    rig = high_volume()
    answer = rig.http.post(f"{OLD}/bulk-assign", json={"from": DESK, "optOuts": [ANA, "x"]})
    assert answer.json()["optOuts"] == {
        "successful": [ANA], "failed": [{"to": "x", "errorMessage": "Invalid number"}]
    }  # fmt: skip
    records = rig.http.get(OLD).json()["records"]
    assert records == [{"from": DESK, "to": ANA, "status": "OptOut", "source": "Account"}]
    assert rig.http.get(OLD, params={"from": "*"}).json()["records"] == records
    assert rig.http.get(OLD, params={"status": "optin"}).json()["records"] == []
    assert codes(rig.http.get(OLD, params={"status": "maybe"})) == (400, "CMN-101")
    batches = rig.http.post("/restapi/v1.0/account/~/a2p-sms/batches", json={})
    assert codes(batches) == (501, "CMN-202")


def test_the_old_opt_outs_know_high_volume_numbers_only():
    rig = high_volume()
    set_consent(rig, **{"from": OTHER_DESK})
    assert rig.http.get(OLD).json()["records"] == []
    for body in ({"from": OTHER_DESK, "optOuts": [ANA]}, {"from": DESK}, {"optOuts": [ANA]}):
        assert codes(rig.http.post(f"{OLD}/bulk-assign", json=body)) == (400, "CMN-101")


def test_a_high_volume_number_sends_no_ordinary_text_and_can_be_turned_back():
    rig = Rig()
    extension = rig.world.account.senders()[0].id
    change = {"extensions": {extension: {"highVolume": True}}, "permissions": sorted(HIGH_VOLUME)}
    rig.http.post("/_simulator/settings", json=change)
    assert rig.http.get(OLD).status_code == 200
    assert codes(rig.send()) == (403, "MSG-367")
    change = {"extensions": {extension: {"highVolume": False}}}
    rig.http.post("/_simulator/settings", json=change)
    assert rig.send().status_code == 200
