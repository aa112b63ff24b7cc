"""message-store and message-sync: windows, filters, pages, tokens, and late records."""

from __future__ import annotations

import email
import json

import pytest

from shiftbell.simulator.carriers import Pace
from tests.simulator.rig import ANA, BEN, STORE, SYNC, Rig, codes

PACE = Pace(leaves=(1, 1), reports=(1, 1))
EDITOR = frozenset({"SMS", "EditMessages", "SubscriptionWebhook"})


def ids(answer) -> list[int]:
    assert answer.status_code == 200, answer.text
    return [record["id"] for record in answer.json()["records"]]


def token_of(answer) -> str:
    return str(answer.json()["syncInfo"]["syncToken"])


def changed(rig: Rig, token: str):
    return rig.http.get(SYNC, params={"syncType": "ISync", "syncToken": token})


def test_a_list_goes_back_a_day_newest_first_and_says_so():
    rig = Rig()
    old = rig.sent()
    rig.world.advance(3000)
    new = rig.sent()
    answer = rig.http.get(STORE)
    assert ids(answer) == [new, old]
    assert "dateFrom=2026-06-05T12" in answer.json()["uri"]
    rig.world.advance(86400 - 3000 + 1)
    rig.sign_in()
    assert ids(rig.http.get(STORE)) == [new]
    assert ids(rig.http.get(STORE, params={"dateFrom": "2026-06-01T00:00:00Z"})) == [new, old]
    window = {"dateFrom": "2026-06-01T00:00:00Z", "dateTo": "2026-06-06T12:30:00Z"}
    assert ids(rig.http.get(STORE, params=window)) == [old]


def test_filters_narrow_a_list():
    rig = Rig()
    to_ana, to_ben = rig.sent(ANA), rig.sent(BEN)
    rig.world.advance(5)
    from_ana = int(rig.world.say(ANA, "who is this?").id)
    assert ids(rig.http.get(STORE, params={"phoneNumber": ANA})) == [from_ana, to_ana]
    # An unencoded + arrives as a blank.
    assert ids(rig.http.get(f"{STORE}?phoneNumber={ANA}")) == [from_ana, to_ana]
    assert ids(rig.http.get(STORE, params={"direction": "Outbound"})) == [to_ben, to_ana]
    assert ids(rig.http.get(STORE, params={"readStatus": "Unread"})) == [from_ana]
    assert ids(rig.http.get(STORE, params={"messageType": "Fax"})) == []
    conversation = rig.record(to_ana)["conversation"]["id"]
    assert ids(rig.http.get(STORE, params={"conversationId": conversation})) == [from_ana, to_ana]
    assert ids(rig.http.get(STORE, params={"distinctConversations": "true"})) == [from_ana, to_ben]


def test_pages_follow_each_other_by_their_own_addresses():
    rig = Rig()
    everything = [rig.sent() for _ in range(5)][::-1]
    seen, uri, pages = [], f"{STORE}?perPage=2&direction=Outbound", 0
    while uri:
        answer = rig.http.get(uri)
        seen += ids(answer)
        uri = answer.json()["navigation"].get("nextPage", {}).get("uri")
        pages += 1
    assert (seen, pages) == (everything, 3)
    paging = rig.http.get(f"{STORE}?perPage=2&page=3").json()["paging"]
    assert paging == {
        "page": 3, "perPage": 2, "totalPages": 3, "totalElements": 5, "pageStart": 4, "pageEnd": 4
    }  # fmt: skip
    assert ids(rig.http.get(f"{STORE}?page=9")) == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("page=0", "page"),
        ("perPage=many", "perPage"),
        ("dateFrom=yesterday", "dateFrom"),
        ("dateFrom=2026-06-07T00:00:00Z", "dateFrom"),
        ("direction=Sideways", "direction"),
        ("dateTo=0001-01-01T00:00:00Z&dateFrom=x", "dateFrom"),
    ],
)
def test_a_bad_query_names_its_parameter(query: str, parameter: str):
    answer = Rig().http.get(f"{STORE}?{query}")
    assert codes(answer) == (400, "CMN-101")
    assert answer.json()["parameterName"] == parameter


def test_one_record_and_its_text_can_be_read():
    rig = Rig()
    message_id = rig.sent(text="Hé")
    assert rig.record(message_id)["owner"] == {
        "extensionId": "62893", "extensionType": "User", "name": "Shift Desk"
    }  # fmt: skip
    answer = rig.http.get(f"{STORE}/{message_id}/content/{message_id}")
    assert (answer.text, answer.headers["X-Rate-Limit-Group"]) == ("Hé", "medium")
    assert codes(rig.http.get(f"{STORE}/{message_id}/content/1")) == (404, "CMN-102")
    assert codes(rig.http.get(f"{STORE}/17")) == (404, "CMN-102")
    assert codes(rig.http.get(f"{STORE}/x")) == (400, "CMN-101")


def test_several_ids_answer_207_as_json_or_as_parts():
    rig = Rig()
    first, second = rig.sent(ANA), rig.sent(BEN)
    path = f"{STORE}/{first},17,{second}"
    kind = "application/vnd.ringcentral.multipart+json"
    answer = rig.http.get(path, headers={"Accept": kind})
    rows = [(row["resourceId"], row["status"]) for row in answer.json()]
    assert answer.status_code == 207
    assert rows == [(str(first), 200), ("17", 404), (str(second), 200)]
    answer = rig.http.get(path)
    mail = email.message_from_string(
        f"Content-Type: {answer.headers['Content-Type']}\r\n\r\n{answer.text}"
    )
    head, *parts = [json.loads(str(part.get_payload())) for part in mail.walk() if part is not mail]
    assert [row["status"] for row in head["response"]] == [200, 404, 200]
    assert [part.get("id") for part in parts] == [first, None, second]
    assert codes(rig.http.get(f"{STORE}/{','.join(['1'] * 31)}")) == (400, "CMN-106")


def test_records_are_marked_deleted_and_purged():
    rig = Rig(permissions=EDITOR)
    message_id = int(rig.world.say(ANA, "hello").id)
    answer = rig.http.put(f"{STORE}/{message_id}", json={"readStatus": "Read"})
    assert answer.json()["readStatus"] == "Read"
    assert rig.http.delete(f"{STORE}/{message_id}").status_code == 204
    assert ids(rig.http.get(STORE)) == []
    assert rig.record(message_id)["availability"] == "Deleted"
    alive = {"availability": "Alive"}
    assert rig.http.request("PATCH", f"{STORE}/{message_id}", json=alive).status_code == 200
    assert ids(rig.http.get(STORE)) == [message_id]
    rig.http.delete(f"{STORE}/{message_id}?purge=true")
    assert codes(rig.http.get(f"{STORE}/{message_id}")) == (404, "CMN-102")


def test_a_conversation_is_deleted_at_once():
    rig = Rig(permissions=EDITOR)
    gone, kept = rig.sent(ANA), rig.sent(BEN)
    conversation = rig.record(gone)["conversation"]["id"]
    answer = rig.http.delete(STORE, params={"conversationId": conversation})
    assert answer.status_code == 204
    assert ids(rig.http.get(STORE)) == [kept]


def test_without_the_permission_nothing_is_edited():
    rig = Rig()
    answer = rig.http.put(f"{STORE}/{rig.sent()}", json={"readStatus": "Read"})
    assert codes(answer) == (403, "CMN-401")


def test_a_full_synchronisation_gives_a_token_for_the_changes():
    rig = Rig(pace=PACE)
    old = rig.sent()
    rig.world.advance(60)
    answer = rig.http.get(SYNC, params={"syncType": "FSync", "messageType": "SMS"})
    assert ids(answer) == [old]
    assert answer.json()["syncInfo"]["syncType"] == "FSync"
    rig.world.advance(60)
    assert ids(changed(rig, token_of(answer))) == []
    new = rig.sent()
    reply = int(rig.world.say(ANA, "yes").id)
    rig.world.advance(10)
    answer = changed(rig, token_of(answer))
    assert ids(answer) == [new, reply]
    assert answer.json()["records"][0]["messageStatus"] == "Delivered"


def test_an_incremental_synchronisation_repeats_the_last_five_seconds():
    rig = Rig(pace=PACE)
    message_id = rig.sent()
    rig.world.advance(2)
    token = token_of(rig.http.get(SYNC))
    assert ids(changed(rig, token)) == [message_id]
    rig.world.advance(5)
    assert ids(changed(rig, token)) == [message_id]
    assert ids(changed(rig, token_of(rig.http.get(SYNC)))) == [message_id]
    rig.world.advance(1)
    assert ids(changed(rig, token_of(rig.http.get(SYNC)))) == []


def test_the_filters_of_the_full_synchronisation_hold_for_the_changes():
    rig = Rig()
    token = token_of(rig.http.get(SYNC, params={"direction": "Inbound"}))
    rig.sent()
    heard = int(rig.world.say(ANA, "yes").id)
    assert ids(changed(rig, token)) == [heard]


def test_a_record_count_limits_and_tells_that_there_is_more():
    rig = Rig()
    first, second = rig.sent(), rig.sent()
    answer = rig.http.get(SYNC, params={"recordCount": 1})
    assert ids(answer) == [second]
    assert answer.json()["syncInfo"]["olderRecordsExist"] is True
    answer = rig.http.get(SYNC, params={"recordCount": 2})
    assert ids(answer) == [second, first]
    assert answer.json()["syncInfo"]["olderRecordsExist"] is False


def test_deleted_records_show_as_nothing_but_deleted():
    rig = Rig(permissions=EDITOR)
    message_id = rig.sent()
    token = token_of(rig.http.get(SYNC))
    rig.http.delete(f"{STORE}/{message_id}")
    [record] = changed(rig, token).json()["records"]
    assert (record["id"], record["availability"]) == (message_id, "Deleted")
    assert "subject" not in record


def test_a_bad_token_asks_for_a_full_synchronisation():
    rig = Rig(senders=2)
    answer = changed(rig, "rubbish")
    assert codes(answer) == (400, "CMN-101")
    assert answer.json()["parameterName"] == "syncToken"
    token = token_of(rig.http.get(SYNC))
    rig.world.faults.set("sync_token_lost", next=1)
    assert codes(changed(rig, token)) == (400, "MSG-333")
    rig.sign_in(sender=1)
    assert codes(changed(rig, token)) == (400, "MSG-333")
    assert codes(rig.http.get(SYNC, params={"syncType": "Other"})) == (400, "CMN-101")


def test_a_late_record_is_invisible_and_then_new():
    rig = Rig(pace=PACE)
    rig.world.faults.set("store_lag", next=1, seconds=40)
    message_id = rig.sent()
    rig.world.advance(39)
    assert ids(rig.http.get(STORE)) == []
    assert rig.http.get(f"{STORE}/{message_id}").status_code == 404
    token = token_of(rig.http.get(SYNC))
    rig.world.advance(30)
    assert ids(rig.http.get(STORE)) == [message_id]
    assert ids(changed(rig, token)) == [message_id]
    assert rig.record(message_id)["messageStatus"] == "Delivered"


def test_a_full_folder_forgets_its_oldest():
    rig = Rig(kept_per_folder=3)
    sent = [rig.sent() for _ in range(5)]
    heard = int(rig.world.say(ANA, "yes").id)
    assert ids(rig.http.get(STORE)) == [heard, *sent[:1:-1]]
    assert rig.http.get(f"{STORE}/{sent[0]}").status_code == 404
    assert ids(rig.http.get(SYNC)) == [heard, *sent[:1:-1]]
