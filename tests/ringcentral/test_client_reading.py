"""Reading the message store, the sync and the numbers; what is repeated, and what is not."""

import json
from datetime import timedelta, timezone
from urllib.parse import parse_qs

import pytest

from shiftbell.errors import (
    PaceExceeded,
    RateLimited,
    RefusedByRingCentral,
    RingCentralUnavailable,
    SyncTokenRejected,
)
from shiftbell.ringcentral.client import Client
from tests.ringcentral.desk import ANA, NOON, Desk, NotedPace, client_of

BEN, HOUR = "+13125550143", timedelta(hours=1)


def test_a_message_is_read_with_its_final_status(desk):
    desk.world.describe(ANA, "landline")
    sent = desk.send()
    desk.world.advance(60)
    found = desk.client.get_message(sent.id)
    assert found.status in ("SendingFailed", "DeliveryFailed")
    assert found.error_code == "SMS-CAR-411"
    assert found.created_at == NOON


def test_a_message_that_does_not_exist_is_refused(desk):
    with pytest.raises(RefusedByRingCentral) as refusal:
        desk.client.get_message("1/../2?x=y")
    assert refusal.value.status == 404


def test_messages_are_listed_over_all_pages_newest_first(desk):
    texts = [f"Dock {number}. Reply YES to take it." for number in range(5)]
    for text in texts:
        desk.send(text=text)
        desk.world.advance(2)
    found = desk.client.list_messages(date_from=NOON - HOUR, direction="Outbound", per_page=2)
    assert [message.text for message in found] == texts[::-1]
    assert desk.pace.slots == ["light"] * 3


def test_messages_are_found_by_number(desk):
    for number in (ANA, BEN, ANA):
        desk.send(to=number)
    found = list(desk.client.list_messages(date_from=NOON - HOUR, phone_number=ANA))
    assert [message.to_number for message in found] == [ANA, ANA]


def test_the_first_sync_brings_all_and_the_next_only_what_is_new(desk):
    desk.send()
    first = desk.client.sync_messages(date_from=NOON - HOUR)
    assert [message.to_number for message in first.records] == [ANA]
    desk.world.advance(30)
    desk.world.say(ANA, "YES")
    second = desk.client.sync_messages(first.token)
    heard = {message.direction: message for message in second.records}
    assert heard["Inbound"].text == "YES"
    assert heard["Inbound"].from_number == ANA
    assert heard["Inbound"].to_number == desk.number
    assert second.token != first.token
    assert second.time == NOON + timedelta(seconds=30)


def test_a_rejected_sync_token_is_an_error_of_its_own(desk):
    token = desk.client.sync_messages(date_from=NOON - HOUR).token
    desk.world.faults.set("sync_token_lost", next=1)
    with pytest.raises(SyncTokenRejected) as rejected:
        desk.client.sync_messages(token)
    assert rejected.value.code == "MSG-333"
    with pytest.raises(SyncTokenRejected):
        desk.client.sync_messages("no token of theirs")


def test_the_sending_number_is_among_the_numbers_and_confirmed(desk):
    numbers = {number.number: number for number in desk.client.phone_numbers()}
    mine = numbers[desk.number]
    assert mine.can_send_sms
    assert not all(number.can_send_sms for number in numbers.values())
    assert desk.client.sms_configuration(mine.id).campaign_status == "Confirmed"
    desk.world.account.campaign_status = "CampaignSuspended"
    assert desk.client.sms_configuration(mine.id).campaign_status == "CampaignSuspended"


def test_the_extension_is_the_one_that_is_logged_in(desk):
    me = desk.client.extension()
    assert (me.id, me.name) == (desk.sender.id, desk.sender.name)


@pytest.mark.parametrize("fault", ["error_before_accept", "drop_before_accept", "slow_answer"])
def test_a_read_is_repeated_each_time_in_a_slot_of_its_own(desk, fault):
    desk.tokens.get()
    desk.world.faults.set(fault, next=2, path="*/message-sync")
    assert desk.client.sync_messages(date_from=NOON - HOUR).records == ()
    assert desk.pace.slots == ["light"] * 3


def test_a_read_that_keeps_failing_gives_up(desk):
    desk.world.faults.set("error_before_accept", rate=1, path="*/message-sync")
    with pytest.raises(RingCentralUnavailable) as trouble:
        desk.client.sync_messages(date_from=NOON - HOUR)
    assert trouble.value.request_id
    assert desk.pace.slots == ["light"] * 3


def test_a_dead_token_costs_a_read_one_new_login(desk):
    desk.tokens.get()
    desk.world.faults.set("token_death", next=1, path="*/message-sync")
    desk.client.sync_messages(date_from=NOON - HOUR)
    assert len(desk.tokens.rejected) == 1


def test_a_429_is_not_repeated(desk):
    desk.world.faults.set("rate_limited", next=1, path="*/message-sync")
    with pytest.raises(RateLimited) as limited:
        desk.client.sync_messages(date_from=NOON - HOUR)
    assert limited.value.group == "light"
    assert desk.pace.slots == ["light"]


def test_a_read_without_a_slot_is_not_made(desk):
    desk.pace.exceeded = PaceExceeded("Later.", quiet_for=HOUR)
    with pytest.raises(PaceExceeded):
        desk.client.extension()
    assert [call.path for call in desk.world.calls] == ["/restapi/oauth/token"]


def listening(queries: list[str], body: object) -> Client:
    """Return a client whose calls all get `body`, and whose queries are noted as they travel."""

    def application(environ, start):
        queries.append(environ["QUERY_STRING"])
        start("200 OK", [("Date", "Sun, 22 Nov 2026 12:00:00 GMT")])
        return [json.dumps(body).encode()]

    return client_of(application, NotedPace())


def test_a_look_up_says_everything_explicitly_and_encodes_the_plus():
    queries: list[str] = []
    client = listening(queries, {"records": []})
    eastern = timezone(timedelta(hours=-5))
    found = client.list_messages(
        date_from=NOON.astimezone(eastern),
        date_to=NOON + HOUR,
        direction="Outbound",
        phone_number=ANA,
        availability=("Alive", "Deleted"),
    )
    assert list(found) == []
    assert "phoneNumber=%2B13125550142" in queries[0]
    assert parse_qs(queries[0]) == {
        "messageType": ["SMS"],
        "dateFrom": ["2026-11-22T12:00:00.000Z"],
        "dateTo": ["2026-11-22T13:00:00.000Z"],
        "availability": ["Alive", "Deleted"],
        "perPage": ["100"],
        "direction": ["Outbound"],
        "phoneNumber": [ANA],
        "page": ["1"],
    }


def test_a_next_page_is_asked_for_by_number_never_by_the_address_an_answer_gives():
    queries: list[str] = []
    stranger = {"nextPage": {"uri": "https://example.org/?page=2"}}
    client = listening(queries, {"records": [{"id": 1}], "navigation": stranger})
    found = client.list_messages(date_from=NOON)
    assert [next(found).id for _ in range(3)] == ["1", "1", "1"]
    assert [parse_qs(query)["page"] for query in queries] == [["1"], ["2"], ["3"]]


def test_a_list_that_never_ends_is_not_believed():
    client = listening([], {"records": [], "navigation": {"nextPage": {"uri": "x"}}})
    with pytest.raises(RingCentralUnavailable, match="no end"):
        list(client.list_messages(date_from=NOON))


@pytest.mark.parametrize("body", [[], {}, {"records": None}, None, "records"])
def test_a_list_of_the_wrong_shape_is_never_taken_for_an_empty_one(body):
    with pytest.raises(RingCentralUnavailable, match="shape"):
        list(listening([], body).list_messages(date_from=NOON))


def test_a_sync_without_a_token_is_never_taken_for_one():
    client = listening([], {"records": [], "syncInfo": {}})
    with pytest.raises(RingCentralUnavailable, match="shape"):
        client.sync_messages(date_from=NOON)


def test_a_sync_tells_whether_older_records_exist_and_the_servers_clock():
    info = {"syncToken": "t", "syncTime": "2026-11-22T12:00:00.000Z", "olderRecordsExist": True}
    queries: list[str] = []
    page = listening(queries, {"records": [], "syncInfo": info}).sync_messages(record_count=10)
    assert (page.older_records_exist, page.server_time, page.time) == (True, NOON, NOON)
    assert parse_qs(queries[0])["recordCount"] == ["10"]


def test_two_senders_are_two_clients_with_tokens_of_their_own():
    first, second = Desk(), Desk()
    first.client.extension()
    assert second.tokens.now == ""
