"""One login: what it sends, what it brings, and what it says when it is refused."""

from datetime import timedelta

import pytest

from shiftbell.errors import LoginRefused, RateLimited, RingCentralUnavailable
from shiftbell.ringcentral.login import login
from shiftbell.ringcentral.ports import AppCredentials
from shiftbell.ringcentral.wire import Wire
from shiftbell.simulator.world import Setup
from tests.ringcentral.desk import NOON, Desk
from tests.ringcentral.peer import Guest, Peer


def test_a_login_brings_a_token_for_an_hour(desk):
    token = login(desk.wire, desk.app, desk.sender.jwt, NOON)
    assert timedelta(minutes=30) < token.expires_at - NOON <= timedelta(hours=1)
    assert token.owner_id == desk.sender.id
    assert {"SMS", "ReadMessages", "ReadAccounts", "SubscriptionWebhook"} <= token.scopes
    assert token.value not in repr(token)


def test_credentials_travel_in_the_header_and_the_jwt_in_a_form():
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.answer(b'{"access_token": "t", "expires_in": "3600", "scope": "SMS"}')

    with Peer(manners) as peer, Wire(peer.url) as wire:
        login(wire, AppCredentials(peer.url, "id", "secret"), "a.b.c", NOON)
    head, _, body = peer.guests[0].said.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /restapi/oauth/token HTTP/1.1")
    assert b"Authorization: Basic aWQ6c2VjcmV0" in head
    assert b"Content-Type: application/x-www-form-urlencoded" in head
    grant = b"grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    assert body == grant + b"&assertion=a.b.c"


def test_a_wrong_secret_is_refused_with_a_hint_and_without_the_secret(desk):
    app = AppCredentials(desk.app.server_url, desk.app.client_id, "wrong-secret")
    with pytest.raises(LoginRefused) as refusal:
        login(desk.wire, app, desk.sender.jwt, NOON)
    assert refusal.value.code.startswith("OAU-")
    assert "RC_CLIENT_SECRET" in refusal.value.hint
    assert refusal.value.request_id
    said = refusal.value.sentence()
    assert "wrong-secret" not in said and desk.sender.jwt not in said


def test_a_deleted_jwt_is_refused(desk):
    desk.sender.jwt_deleted = True
    with pytest.raises(LoginRefused) as refusal:
        login(desk.wire, desk.app, desk.sender.jwt, NOON)
    assert refusal.value.status == 400


def test_a_throttled_login_says_which_bucket_is_to_be_quiet():
    desk = Desk(Setup(limits={"auth": 1}))
    desk.log_in()
    with pytest.raises(RateLimited) as limited:
        desk.log_in()
    assert limited.value.group == "auth"
    assert limited.value.retry_after == timedelta(minutes=1)


@pytest.mark.parametrize("fault", ["error_before_accept", "drop_before_accept", "slow_answer"])
def test_a_login_that_fails_for_now_is_not_repeated(desk, fault):
    desk.world.faults.set(fault, next=1, path="*/oauth/token")
    with pytest.raises(RingCentralUnavailable):
        desk.log_in()
    assert len(desk.world.calls) == 1


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b'{"expires_in": 3600}', b'{"access_token": "t"}', b'{"access_token": {}}'],
)
def test_an_answer_without_a_token_is_no_login(body):
    def manners(guest: Guest) -> None:
        guest.read_request()
        guest.answer(body)

    with Peer(manners) as peer:
        wire, app = Wire(peer.url), AppCredentials(peer.url, "id", "secret")
        with wire, pytest.raises(RingCentralUnavailable, match="no token"):
            login(wire, app, "a.b.c", NOON)


def test_an_unreachable_ringcentral_is_unavailable():
    with Wire("http://nobody.invalid") as wire, pytest.raises(RingCentralUnavailable) as trouble:
        login(wire, AppCredentials("http://nobody.invalid", "id", "secret"), "a.b.c", NOON)
    assert "RC_SERVER_URL" in trouble.value.hint


def test_credentials_show_no_secret():
    assert "hunter2" not in repr(AppCredentials("https://example.org", "id", "hunter2"))
