"""What becomes of an accepted text: Queued, Sent, and how it ends."""

from __future__ import annotations

import pytest

from shiftbell.simulator.carriers import Pace
from tests.simulator.rig import ANA, DESK, Rig

PACE = Pace(leaves=(1, 1), reports=(3, 3))


def states(rig: Rig, message_id: int) -> tuple[str, str | None]:
    record = rig.record(message_id)
    return record["messageStatus"], record.get("deliveryErrorCode")


def on_the_phone(rig: Rig) -> list[str]:
    return [text.status for text in rig.world.person(ANA).texts]


def test_a_text_is_queued_then_sent_then_delivered():
    rig = Rig(pace=PACE)
    message_id = rig.sent()
    assert states(rig, message_id) == ("Queued", None)
    rig.world.advance(1)
    assert states(rig, message_id) == ("Sent", None)
    assert "smsDeliveryTime" not in rig.record(message_id)
    rig.world.advance(3)
    assert states(rig, message_id) == ("Delivered", None)
    assert rig.record(message_id)["smsDeliveryTime"] == "2026-06-06T12:00:04.000Z"
    assert rig.record(message_id)["segmentCount"] == 1


@pytest.mark.parametrize(
    ("temperament", "code"),
    [("landline", "SMS-CAR-411"), ("unreachable", "SMS-CAR-412"), ("filtered", "SMS-CAR-430")],
)
def test_a_carrier_refuses_long_after_ringcentral_accepted(temperament: str, code: str):
    rig = Rig()
    rig.world.describe(ANA, temperament)
    message_id = rig.sent()
    rig.world.advance(60)
    assert states(rig, message_id) == ("DeliveryFailed", code)
    assert [text.code for text in rig.world.texts] == [code]


@pytest.mark.parametrize(
    ("code", "status", "left"),
    [("SMS-CAR-450", "DeliveryFailed", 1), ("SMS-RC-403", "SendingFailed", 0)],
)
def test_a_phone_can_be_given_any_failure(code: str, status: str, left: int):
    rig = Rig()
    phone = {"number": ANA, "temperament": "says_yes", "failure": code}
    assert rig.http.post("/_simulator/phones", json=phone).status_code == 200
    message_id = rig.sent()
    rig.world.advance(600)
    assert states(rig, message_id) == (status, code)
    assert len(rig.world.texts) == left


def test_an_opted_out_phone_is_no_http_error_and_the_text_never_leaves():
    rig = Rig()
    rig.world.describe(ANA, "opted_out")
    message_id = rig.sent()
    rig.world.advance(60)
    assert states(rig, message_id) == ("SendingFailed", "SMS-RC-413")
    assert rig.world.texts == []
    assert on_the_phone(rig) == ["SendingFailed"]


def test_an_opt_out_between_acceptance_and_departure_still_stops_the_text():
    rig = Rig(pace=PACE)
    message_id = rig.sent()
    rig.world.say(ANA, "STOP")
    rig.world.advance(60)
    assert states(rig, message_id) == ("SendingFailed", "SMS-RC-413")


@pytest.mark.parametrize("how", ["settings", "fault"])
def test_nothing_leaves_while_the_campaign_is_not_confirmed(how: str):
    rig = Rig()
    if how == "fault":
        rig.world.faults.set("campaign_suspended", rate=1.0)
    else:
        rig.http.post("/_simulator/settings", json={"campaignStatus": "Unconfirmed"})
    message_id = rig.sent()
    rig.world.advance(60)
    assert states(rig, message_id) == ("SendingFailed", "SMS-UP-414")
    assert rig.world.texts == []


def test_in_limbo_a_phone_has_the_text_that_is_reported_lost_and_an_hour_corrects_it():
    rig = Rig(pace=PACE)
    rig.world.faults.set("limbo", next=1)
    rig.world.describe(ANA, "enthusiastic", reply_seconds=(5, 5))
    message_id = rig.sent()
    rig.world.advance(100)
    assert states(rig, message_id) == ("DeliveryFailed", "SMS-CAR-104")
    assert [t.direction for t in rig.world.texts] == ["Outbound", "Inbound"]
    rig.world.advance(3600)
    rig.sign_in()
    assert states(rig, message_id) == ("Delivered", None)


def test_a_lost_text_stays_sent_for_ever_and_reaches_nobody():
    rig = Rig()
    rig.world.faults.set("carrier_loss", next=1)
    rig.world.describe(ANA, "enthusiastic")
    message_id = rig.sent()
    rig.world.advance(3000)
    assert states(rig, message_id) == ("Sent", None)
    assert [t.direction for t in rig.world.texts] == ["Outbound"]


def test_a_final_status_may_turn_into_its_opposite_minutes_later():
    rig = Rig(faults={"late_flip": 1.0})
    ids = [rig.sent() for _ in range(10)]
    rig.world.advance(60)
    early = [states(rig, i)[0] for i in ids]
    rig.world.advance(900)
    late = [states(rig, i)[0] for i in ids]
    opposite = {"Delivered": "DeliveryFailed", "DeliveryFailed": "Delivered"}
    assert late == [opposite[status] for status in early]
    assert set(early) == set(late)


def test_the_carrier_log_holds_both_directions_with_their_moments():
    rig = Rig(pace=PACE)
    rig.sent(text="Open shift")
    rig.world.advance(10)
    rig.http.post("/_simulator/reply", json={"phone": ANA, "text": "yes"})
    rows = rig.http.get("/_simulator/messages").json()
    assert [(r["direction"], r["from"], r["to"], r["text"], r["at"]) for r in rows] == [
        ("Outbound", DESK, ANA, "Open shift", "2026-06-06T12:00:01.000Z"),
        ("Inbound", ANA, DESK, "yes", "2026-06-06T12:00:10.000Z"),
    ]
