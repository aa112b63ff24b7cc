"""Lists that come apart: records changed behind everybody's back, and records that cover more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.rig import ANA, BEN, CLEO, CONSENTS, CROWD, DESK, OTHER_DESK, Rig

EVENTS = "/restapi/v2/accounts/~/sms/consents"


def drift(rig: Rig, *phones: str, sender: str = DESK, event: bool = False, **other: Any):
    record = {"from": sender, "optStatus": "OptOut", **other}
    body = {"records": [{**record, "to": phone} for phone in phones], "event": event}
    return rig.http.post("/_simulator/consents", json=body)


def found(rig: Rig, **body: object) -> list[dict[str, str]]:
    return list(rig.http.post(f"{CONSENTS}/search", json=body).json()["records"])


def status_of_a_text(rig: Rig, phone: str) -> str:
    message_id = rig.sent(phone)
    rig.world.advance(60)
    return str(rig.record(message_id)["messageStatus"])


def test_a_record_changes_without_a_word_and_is_lost_without_a_word():
    rig = Rig()
    rig.subscribe(EVENTS)
    assert drift(rig, ANA).json() == {"changed": 1}
    assert drift(rig, ANA).json() == {"changed": 0}
    assert status_of_a_text(rig, ANA) == "SendingFailed"
    assert drift(rig, ANA, BEN, optStatus=None).json() == {"changed": 1}
    assert status_of_a_text(rig, ANA) == "Delivered"
    assert rig.receiver.events == []
    assert found(rig) == rig.http.get("/_simulator/consents").json() == []


def test_a_change_is_told_where_asked_for_as_one_through_the_api_always_is():
    rig = Rig()
    rig.subscribe(EVENTS)
    drift(rig, ANA, event=True, source="Carrier")
    rig.world.advance(5)
    record = {"from": DESK, "to": ANA, "optStatus": "OptIn", "source": "Api"}
    rig.http.request("PATCH", CONSENTS, json={"records": [record]})
    rig.world.advance(5)
    told = [each for body in rig.receiver.bodies("consents") for each in body["records"]]
    assert [(each["optStatus"], each["source"]) for each in told] == [
        ("OptOut", "Carrier"),
        ("OptIn", "Api"),
    ]
    shown = [rig.http.get("/_simulator/consents", params={"to": to}).json() for to in (ANA, BEN)]
    assert [len(records) for records in shown] == [1, 0]


def test_thousands_change_at_once_and_cost_no_rate():
    rig = Rig()
    assert drift(rig, *CROWD).json() == {"changed": 5000}
    assert len(rig.world.calls) == 1
    assert len(found(rig, perPage=1000)) == 1000
    assert len(rig.http.get("/_simulator/consents").json()) == 5000


@pytest.mark.parametrize("coverage", ["Account", "CampaignType"])
def test_a_wide_opt_out_blocks_every_number_and_no_search_for_one_finds_it(coverage: str):
    rig = Rig(senders=2)
    drift(rig, ANA, sender="*", coverage=coverage)
    for sender in (DESK, OTHER_DESK):
        assert rig.world.consents.opted_out(sender, ANA)
    assert found(rig, **{"from": [DESK]}) == []
    [record] = found(rig, to=[ANA], coverage=[coverage])
    assert record.get("from") == ("*" if coverage == "Account" else None)
    assert record.get("campaignType") == (None if coverage == "Account" else "Informational")
    sheet = rig.http.get(f"{CONSENTS}/export").text
    assert ("Company" if coverage == "Account" else "CampaignType,Informational") in sheet


def test_start_lifts_a_wide_opt_out_and_so_does_a_star_through_the_api():
    rig = Rig(senders=2)
    drift(rig, ANA, BEN, CLEO, sender="*")
    drift(rig, ANA)
    rig.world.say(ANA, "START")
    record = {"to": BEN, "optStatus": "OptIn", "source": "Api"}
    rig.http.request("PATCH", CONSENTS, json={"records": [{**record, "from": "*"}]})
    one = {"from": DESK, "to": CLEO, "optStatus": "OptIn", "source": "Api"}
    rig.http.request("PATCH", CONSENTS, json={"records": [one]})
    blocked = [each for each in (ANA, BEN, CLEO) if rig.world.consents.opted_out(DESK, each)]
    assert blocked == [CLEO]
    rig.world.advance(5)
    assert [text.by for text in rig.world.texts] == ["person", "RingCentral"]


@pytest.mark.parametrize(
    "record",
    [
        7,
        {},
        {"from": DESK, "to": ANA},
        {"from": DESK, "to": ANA, "optStatus": "Maybe"},
        {"from": DESK, "to": "nobody", "optStatus": "OptOut"},
        {"from": ANA, "to": ANA, "optStatus": "OptOut"},
        {"to": ANA, "optStatus": "OptOut"},
        {"from": DESK, "to": ANA, "optStatus": "OptOut", "source": "Rumour"},
        {"from": DESK, "to": ANA, "optStatus": "OptOut", "coverage": "Account"},
        {"from": "*", "to": ANA, "optStatus": "OptOut", "coverage": "Planet"},
    ],
)
def test_a_change_that_makes_no_sense_changes_nothing(record):
    rig = Rig()
    good = {"from": DESK, "to": BEN, "optStatus": "OptOut"}
    answer = rig.http.post("/_simulator/consents", json={"records": [good, record]})
    assert answer.status_code == 400
    assert found(rig) == []


@pytest.mark.parametrize("body", [{}, {"records": {}}, {"records": [], "event": "yes"}, []])
def test_a_body_that_makes_no_sense_is_refused(body):
    assert Rig().http.post("/_simulator/consents", json=body).status_code == 400
