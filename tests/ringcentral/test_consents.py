"""RingCentral's opt-out list: whole or not at all, written in parts, and the old API beside it."""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from shiftbell.errors import RateLimited, RefusedByRingCentral, RingCentralUnavailable
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.consents import (
    ConsentChange,
    FailedConsent,
    assign_opt_outs,
    list_opt_outs,
    search_consents,
    set_consents,
)
from shiftbell.ringcentral.records import ALL_NUMBERS, ConsentRecord
from shiftbell.simulator.consents import Consent
from shiftbell.simulator.world import Setup
from tests.ringcentral.desk import ANA, NOON, Desk, client_of
from tests.simulator.rig import CROWD

BEN, STRANGER = "+13125550143", "+12125550100"
SEARCH = "*/consents/search"


def opt_out(desk: Desk, *phones: str, **other: Any) -> None:
    """Put opt-outs into RingCentral's list, unheard."""
    record = Consent(desk.number, ANA, "OptOut", "Recipient", NOON)
    for phone in phones:
        desk.world.consents.set(replace(record, phone=phone, **other))


def phones_of(found: tuple[ConsentRecord, ...]) -> list[str]:
    return [record.to_number for record in found]


@pytest.fixture
def crowded() -> Desk:
    """A desk whose list has 5,000 opt-outs, and whose login is done."""
    desk = Desk()
    opt_out(desk, *CROWD)
    desk.tokens.get()
    return desk


def test_five_thousand_opt_outs_come_completely_and_once(crowded):
    opt_out(crowded, STRANGER, sender=ALL_NUMBERS, opt_status="OptIn")
    found = search_consents(crowded.client, opt_status="OptOut")
    assert phones_of(found) == CROWD
    assert all(record.opted_out and record.readable for record in found)
    assert crowded.pace.slots == ["light"] * 5
    assert {call.group for call in crowded.world.calls[1:]} == {"light"}


def test_a_search_finds_who_opted_in_too_unless_it_asks_for_one(desk):
    desk.world.say(ANA, "STOP")
    desk.world.say(ANA, "START")
    desk.world.say(BEN, "STOP")
    expected = ConsentRecord(desk.number, ANA, False, "Recipient", NOON, "PhoneNumber")
    both = search_consents(desk.client)
    assert both == (expected, replace(expected, to_number=BEN, opted_out=True))
    assert phones_of(search_consents(desk.client, opt_status="OptIn")) == [ANA]
    assert search_consents(desk.client, phones=[BEN, BEN]) == both[1:]
    assert "555" not in repr(both)


@pytest.mark.parametrize("fault", ["error_before_accept", "drop_before_accept", "slow_answer"])
def test_a_page_that_fails_is_asked_for_again(crowded, fault):
    crowded.world.faults.set(fault, path=SEARCH, skip=2, next=2)
    assert phones_of(search_consents(crowded.client)) == CROWD
    assert crowded.pace.slots == ["light"] * 7


@pytest.mark.parametrize(
    ("fault", "calls"),
    [("error_before_accept", 5), ("drop_before_accept", 5), ("answer_cut", 3)],
)
def test_a_page_that_keeps_failing_leaves_nothing_rather_than_half(crowded, fault, calls):
    crowded.world.faults.set(fault, path=SEARCH, skip=2, rate=1)
    with pytest.raises(RingCentralUnavailable):
        search_consents(crowded.client)
    assert crowded.pace.slots == ["light"] * calls


def test_a_429_in_the_middle_ends_the_search_and_is_not_repeated(crowded):
    crowded.world.faults.set("rate_limited", path=SEARCH, skip=2, next=1)
    with pytest.raises(RateLimited) as limited:
        search_consents(crowded.client)
    assert limited.value.group == "light"
    assert crowded.pace.slots == ["light"] * 3


def test_a_token_that_dies_in_the_middle_costs_one_login(crowded):
    crowded.world.faults.set("token_death", path=SEARCH, skip=2, next=1)
    assert phones_of(search_consents(crowded.client)) == CROWD
    assert len(crowded.tokens.rejected) == 1


def listening(*answers: object) -> tuple[Client, list[tuple[str, str, Any]]]:
    """Return a client that gets `answers` in turn, the last for ever, and what it asked."""
    asked: list[tuple[str, str, Any]] = []

    def application(environ, start):
        body = environ["wsgi.input"].read()
        asked.append(
            (environ["REQUEST_METHOD"], environ["QUERY_STRING"], json.loads(body or b"null"))
        )
        start("200 OK", [])
        return [json.dumps(answers[min(len(asked), len(answers)) - 1]).encode()]

    return client_of(application), asked


def bodies(asked: list[tuple[str, str, Any]]) -> list[Any]:
    return [body for _, _, body in asked]


RECORD = {"from": "+16505550100", "to": ANA, "optStatus": "OptOut"}
MORE = {"records": [RECORD], "paging": {"nextPageToken": "2"}}
LAST: dict[str, object] = {"records": [], "paging": {}}


@pytest.mark.parametrize("broken", [None, [], {}, {"records": []}, {"paging": {}}])
@pytest.mark.parametrize("first", [True, False])
def test_a_page_of_the_wrong_shape_is_never_taken_for_the_end(first, broken):
    client, _ = listening(*([broken] if first else [MORE, broken]))
    with pytest.raises(RingCentralUnavailable, match="shape"):
        search_consents(client)
    with pytest.raises(RingCentralUnavailable, match="shape"):
        list_opt_outs(client)


@pytest.mark.parametrize("token", [0, False, 2, [], {}, "2"])
def test_a_next_page_that_cannot_be_asked_for_or_was_is_no_end(token):
    client, _ = listening(MORE, {"records": [], "paging": {"nextPageToken": token}})
    with pytest.raises(RingCentralUnavailable, match="shape"):
        search_consents(client)


@pytest.mark.parametrize("paging", [{}, {"nextPageToken": None}, {"nextPageToken": ""}])
def test_a_page_without_a_next_one_is_the_last(paging):
    client, asked = listening(MORE, {"records": [RECORD], "paging": paging})
    assert phones_of(search_consents(client)) == [ANA]
    assert bodies(asked) == [{"perPage": 1000}, {"perPage": 1000, "pageToken": "2"}]


def test_a_list_that_never_ends_is_not_believed():
    asked: list[int] = []

    def application(environ, start):
        asked.append(len(asked))
        start("200 OK", [])
        return [b'{"records": [], "paging": {"nextPageToken": "%d"}}' % len(asked)]

    with pytest.raises(RingCentralUnavailable, match="no end"):
        search_consents(client_of(application))
    assert len(asked) == 1000


def test_two_states_of_a_pair_are_both_told():
    lifted = {**RECORD, "optStatus": "OptIn"}
    found = search_consents(listening({"records": [RECORD, lifted, RECORD], "paging": {}})[0])
    assert [record.opted_out for record in found] == [True, False]


def test_what_cannot_be_read_is_an_opt_out_and_never_left_out():
    odd = [7, {"to": ANA}, {"optStatus": "OptIn"}]
    found = search_consents(listening({"records": odd, "paging": {}})[0])
    assert [(record.to_number, record.opted_out, record.readable) for record in found] == [
        ("", True, False),
        (ANA, True, False),
        ("", False, False),
    ]


def test_many_numbers_are_searched_for_twenty_at_a_time():
    client, asked = listening(LAST)
    assert search_consents(client, senders=CROWD[:25], phones=CROWD[100:145]) == ()
    sides = [(body.get("from", []), body["to"]) for body in bodies(asked)]
    pairs = {(sender, phone) for senders, phones in sides for sender in senders for phone in phones}
    assert pairs == {(sender, phone) for sender in CROWD[:25] for phone in CROWD[100:145]}
    assert max(len(side) for both in sides for side in both) == 20
    # Each part of the people is asked about both parts of the senders, and about wide entries.
    assert len(asked) == 9
    assert sum("coverage" in body for body in bodies(asked)) == 3


def test_an_opt_out_from_more_than_one_number_is_found_by_any_of_them(desk):
    for phone, coverage in ((ANA, "Account"), (BEN, "CampaignType")):
        opt_out(desk, phone, sender=ALL_NUMBERS, coverage=coverage)
    found = search_consents(desk.client, senders=[desk.number])
    assert [(record.from_number, record.to_number) for record in found] == [
        (ALL_NUMBERS, ANA),
        (ALL_NUMBERS, BEN),
    ]
    assert [record.coverage for record in found] == ["Account", "CampaignType"]
    assert found[1].campaign_type == "Informational"
    assert search_consents(desk.client) == found


def changes(desk: Desk, *phones: str, opted_out: bool = True) -> list[ConsentChange]:
    return [ConsentChange(desk.number, phone, opted_out) for phone in phones]


def test_what_is_written_blocks_the_pair_until_it_is_lifted(desk):
    assert set_consents(desk.client, changes(desk, ANA)) == ()
    assert [(record.source, record.opted_out) for record in search_consents(desk.client)] == [
        ("Api", True)
    ]
    blocked = desk.send()
    desk.world.advance(60)
    assert desk.client.get_message(blocked.id).error_code == "SMS-RC-413"
    assert set_consents(desk.client, changes(desk, ANA, opted_out=False)) == ()
    desk.send()
    assert [number for number, _ in desk.carried()] == [ANA]


def test_a_star_writes_for_every_number_of_the_account():
    desk = Desk(Setup(senders=2))
    assert set_consents(desk.client, [ConsentChange(ALL_NUMBERS, ANA, True)]) == ()
    assert {record.from_number for record in search_consents(desk.client)} == {
        extension.number.phone_number for extension in desk.world.account.senders()
    }


def test_more_than_a_thousand_changes_are_several_requests(crowded):
    calls_before = len(crowded.world.calls)
    lifted = changes(crowded, *CROWD[:2300], opted_out=False)
    assert set_consents(crowded.client, [*lifted, *lifted]) == ()
    assert phones_of(search_consents(crowded.client, opt_status="OptIn")) == CROWD[:2300]
    methods = [call.method for call in crowded.world.calls[calls_before:]]
    assert methods == ["PATCH"] * 3 + ["POST"] * 3


def test_no_change_is_no_request(desk):
    assert set_consents(desk.client, []) == ()
    assert assign_opt_outs(desk.client, desk.number) == ()
    assert desk.pace.slots == []


def test_entries_that_were_not_taken_come_back_with_the_reason(desk):
    wrong = ConsentChange(STRANGER, BEN, True)
    [failed] = set_consents(desk.client, [*changes(desk, ANA), wrong])
    assert (failed.from_number, failed.to_number, failed.code) == (STRANGER, BEN, "CMN-102")
    assert "not found" in failed.message
    assert "555" not in repr((failed, wrong))
    assert phones_of(search_consents(desk.client)) == [ANA]


def test_a_reason_is_cleaned_of_numbers():
    error = {"errorCode": "CMN-101", "message": f"Parameter [to] value {ANA} is invalid"}
    client, _ = listening({"failedRecords": [{**RECORD, "error": error}]})
    [failed] = set_consents(client, [ConsentChange("*", ANA, True)])
    assert failed.message == "Parameter [to] value •••••0142 is invalid"


@pytest.mark.parametrize(
    "answer", [None, [], {"failedRecords": {}}, {"failedRecords": [{}]}, {"failedRecords": [7]}]
)
def test_an_answer_that_leaves_open_what_was_written_is_none(answer):
    with pytest.raises(RingCentralUnavailable, match="shape"):
        set_consents(listening(answer)[0], [ConsentChange("*", ANA, True)])


def test_a_write_is_made_once_and_safe_to_repeat(desk):
    desk.tokens.get()
    desk.world.faults.set("error_after_accept", next=1, path="*/consents")
    with pytest.raises(RingCentralUnavailable):
        set_consents(desk.client, changes(desk, ANA))
    assert desk.pace.slots == ["light"]
    assert set_consents(desk.client, changes(desk, ANA)) == ()
    assert len(desk.world.consents.history) == 1


def high_volume_desk() -> Desk:
    desk = Desk(Setup(permissions=frozenset({"SMS", "ReadAccounts", "A2PSMS"})))
    desk.world.account.make_high_volume(desk.sender)
    return desk


def test_the_old_api_is_refused_to_an_app_without_its_permission(desk):
    for call in (list_opt_outs, lambda client: assign_opt_outs(client, STRANGER, opt_outs=[ANA])):
        with pytest.raises(RefusedByRingCentral) as refusal:
            call(desk.client)
        assert (refusal.value.status, refusal.value.code) == (403, "CMN-401")


def test_a_high_volume_number_is_told_by_its_features(desk):
    numbers = {number.number: number for number in high_volume_desk().client.phone_numbers()}
    assert numbers[desk.number].high_volume
    assert not numbers[desk.number].can_send_sms
    assert not any(number.high_volume for number in desk.client.phone_numbers())


def test_the_old_list_is_read_over_all_pages_into_the_same_records():
    desk = high_volume_desk()
    opt_out(desk, *CROWD)
    found = list_opt_outs(desk.client, senders=[desk.number])
    assert phones_of(found) == CROWD
    assert found[0] == ConsentRecord(desk.number, CROWD[0], True, "Recipient", None)
    assert list_opt_outs(desk.client) == found
    assert desk.pace.slots == ["light"] * 10


def test_the_old_list_is_asked_for_with_an_encoded_plus():
    client, asked = listening(LAST)
    assert list_opt_outs(client, senders=[ANA, ANA]) == ()
    [(method, query, _)] = asked
    assert method == "GET"
    assert "from=%2B13125550142" in query
    assert parse_qs(query) == {"status": ["optout"], "perPage": ["1000"], "from": [ANA]}


def test_the_old_api_writes_both_ways_and_answers_number_by_number():
    desk = high_volume_desk()
    opt_out(desk, BEN)
    [failed] = assign_opt_outs(desk.client, desk.number, opt_outs=[ANA, "nobody"], opt_ins=[BEN])
    assert failed == FailedConsent(desk.number, "nobody", "", "Invalid number")
    assert phones_of(list_opt_outs(desk.client)) == [ANA]
    assert assign_opt_outs(desk.client, desk.number, opt_outs=CROWD[:1200]) == ()
    assert [call.method for call in desk.world.calls[-2:]] == ["POST", "POST"]


@pytest.mark.parametrize("answer", [None, {}, {"optOuts": {"successful": [BEN]}}])
def test_whoever_the_old_api_does_not_name_as_done_has_failed(answer):
    [failed] = assign_opt_outs(listening(answer)[0], STRANGER, opt_outs=[ANA])
    assert failed.to_number == ANA
    assert "does not say" in failed.message
