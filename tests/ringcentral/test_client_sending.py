"""One text, one POST: what became of it, and what is certain about that."""

import json
import time
from datetime import timedelta

import pytest

from shiftbell.errors import (
    DeadlinePassed,
    LoginRefused,
    NotDelivered,
    OutcomeUnknown,
    PaceExceeded,
    RateLimited,
    RefusedByRingCentral,
    RingCentralUnavailable,
    WithdrawnAtTheLastMoment,
)
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.wire import Wire
from shiftbell.simulator.world import Setup
from tests.ringcentral.desk import ANA, NOON, TEXT, Desk, KeptTokens, NotedPace, client_of


def test_a_text_is_sent_once_and_described_whole(desk):
    sent = desk.send()
    assert desk.carried() == [(ANA, TEXT)]
    assert (sent.status, sent.server_time) == ("Queued", NOON)
    assert sent.id == sent.message.id and sent.id.isdigit()
    assert sent.request_id
    assert (sent.message.direction, sent.message.to_number) == ("Outbound", ANA)
    assert sent.message.text == TEXT
    assert desk.checks == 1


def test_the_caller_has_taken_the_slot_and_the_pace_hears_the_answer(desk):
    desk.send()
    assert desk.pace.slots == []
    assert desk.pace.answers == [("medium", 200)]
    assert desk.pace.headers["x-rate-limit-group"] == "medium"


def test_a_dead_token_is_renewed_once_and_the_repeat_is_checked_and_paced_again(desk):
    desk.tokens.get()
    desk.world.faults.set("token_death", next=1)
    desk.send()
    assert desk.carried() == [(ANA, TEXT)]
    assert len(desk.tokens.rejected) == 1
    assert desk.pace.slots == ["medium"]
    assert desk.pace.answers == [("medium", 401), ("medium", 200)]
    assert desk.checks == 2


def test_a_second_401_is_a_refusal(desk):
    desk.world.faults.set("token_death", next=2)
    with pytest.raises(RefusedByRingCentral) as refusal:
        desk.send()
    assert (refusal.value.status, refusal.value.code) == (401, "OAU-213")
    assert desk.carried() == []


def test_an_opt_out_that_arrives_during_the_new_login_stops_the_repeat(desk):
    def check() -> None:
        if desk.tokens.rejected:
            raise WithdrawnAtTheLastMoment("She has just opted out.")

    desk.tokens.get()
    desk.world.faults.set("token_death", next=1)
    with pytest.raises(WithdrawnAtTheLastMoment):
        desk.send(check=check)
    assert desk.carried() == []


def test_a_repeat_without_a_slot_is_not_made(desk):
    desk.tokens.get()
    desk.world.faults.set("token_death", next=1)
    desk.pace.exceeded = PaceExceeded("Later.", quiet_for=timedelta(seconds=3))
    with pytest.raises(PaceExceeded):
        desk.send()
    assert desk.carried() == []


def test_a_deadline_in_the_past_sends_nothing(desk):
    with pytest.raises(DeadlinePassed):
        desk.client.send_sms(
            desk.number, ANA, TEXT, deadline=time.monotonic(), last_check=desk.checked
        )
    assert (desk.carried(), desk.checks) == ([], 0)


@pytest.mark.parametrize(
    ("fault", "accepted"),
    [
        ("error_before_accept", 0),
        ("error_after_accept", 1),
        ("drop_before_accept", 0),
        ("drop_after_accept", 1),
        ("slow_answer", 1),
    ],
)
def test_whatever_may_have_left_is_in_doubt_and_never_repeated(desk, fault, accepted):
    desk.tokens.get()
    desk.world.faults.set(fault, next=1)
    with pytest.raises(OutcomeUnknown) as doubt:
        desk.send()
    assert desk.carried() == [(ANA, TEXT)] * accepted
    assert [call.path.endswith("/sms") for call in desk.world.calls] == [False, True]
    assert ANA[-10:] not in doubt.value.sentence()


def test_a_429_names_its_bucket_and_how_long_to_be_quiet(desk):
    desk.world.faults.set("rate_limited", next=1)
    with pytest.raises(RateLimited) as limited:
        desk.send()
    assert (limited.value.group, limited.value.code) == ("medium", "CMN-301")
    assert limited.value.retry_after == timedelta(minutes=1)
    assert limited.value.request_id
    assert desk.pace.answers == [("medium", 429)]


def test_a_throttled_login_does_not_blame_the_bucket_of_texts():
    desk = Desk(Setup(limits={"auth": 1}))
    desk.log_in()
    with pytest.raises(RateLimited) as limited:
        desk.send()
    assert limited.value.group == "auth"


def test_a_refused_login_sends_nothing(desk):
    desk.sender.jwt_deleted = True
    with pytest.raises(LoginRefused):
        desk.send()
    assert desk.carried() == []


def test_no_token_for_now_means_that_nothing_left(desk):
    desk.world.faults.set("error_before_accept", next=1, path="*/oauth/token")
    with pytest.raises(NotDelivered):
        desk.send()
    assert desk.carried() == []


def test_a_refusal_carries_code_parameter_hint_and_no_number(desk):
    with pytest.raises(RefusedByRingCentral) as refusal:
        desk.send(to="+1312555")
    assert refusal.value.status == 400
    assert refusal.value.code in ("CMN-101", "CMN-414")
    assert refusal.value.parameter.startswith("to")
    assert refusal.value.hint
    assert "1312555" not in refusal.value.sentence()


def test_a_foreign_sender_number_is_refused_as_ours(desk):
    with pytest.raises(RefusedByRingCentral) as refusal:
        desk.client.send_sms(
            "+16505550198",
            ANA,
            TEXT,
            deadline=time.monotonic() + 5,
            last_check=desk.checked,
        )
    assert refusal.value.code in ("MSG-245", "MSG-304")
    assert "RC_FROM_NUMBER" in refusal.value.hint


def answering(status: str, body: object, *headers: tuple[str, str]) -> Client:
    """Return a client whose every call gets the same answer."""

    def application(environ, start):
        start(status, list(headers))
        return [body if isinstance(body, bytes) else json.dumps(body).encode()]

    return client_of(application)


def send_with(client: Client) -> None:
    client.send_sms(
        "+16505550100", ANA, TEXT, deadline=time.monotonic() + 5, last_check=lambda: None
    )


BUSY = {"errors": [{"errorCode": "CMN-304", "message": "Duplicate concurrent request"}]}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("429 Too Many Requests", BUSY),
        ("408 Request Timeout", {}),
        ("500 Oops", b"<html>"),
        ("503 Unavailable", {"errorCode": "MSG-290"}),
        ("200 OK", b"{"),
        ("200 OK", {"messageStatus": "Queued"}),
        ("200 OK", []),
    ],
)
def test_an_answer_that_is_no_clear_no_leaves_the_text_in_doubt(status, body):
    with pytest.raises(OutcomeUnknown):
        send_with(answering(status, body))


@pytest.mark.parametrize("status", ["302 Found", "400 Bad", "403 No", "404 Gone", "413 Big"])
def test_a_clear_no_is_a_refusal_even_without_a_body(status):
    with pytest.raises(RefusedByRingCentral) as refusal:
        send_with(answering(status, b"", ("Location", "https://example.org/")))
    assert refusal.value.code == f"HTTP-{status[:3]}"
    assert refusal.value.hint


def test_what_ringcentral_says_is_scrubbed_of_number_and_token():
    said = {"message": f"{ANA} refused for Bearer token-of-this-hour, (312) 555-0142"}
    with pytest.raises(RefusedByRingCentral) as refusal:
        send_with(answering("400 Bad", said))
    shown = refusal.value.sentence() + repr(refusal.value)
    assert "0142" in shown
    assert "555" not in shown and "of-this-hour" not in shown


def test_keeping_a_token_that_cannot_be_had_is_the_keepers_error():
    def fails() -> str:
        raise RingCentralUnavailable("The login took too long.", hint="Wait.")

    with Wire("http://nobody.invalid") as wire, pytest.raises(NotDelivered) as trouble:
        send_with(Client(wire, KeptTokens(fails), NotedPace()))
    assert trouble.value.sentence() == "The login took too long. Wait."
