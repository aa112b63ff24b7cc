"""Subscriptions: created once, never twice by mistake, read, renewed and deleted."""

import json

import pytest

from shiftbell.errors import RefusedByRingCentral, RingCentralUnavailable
from shiftbell.ringcentral.subscription import is_healthy, wanted_filters
from tests.ringcentral.desk import NOON, Desk, client_of

ADDRESS = "https://shifts.example.org/webhooks/ringcentral"


def shaking_hands(url, headers, body):
    """Answer the handshake as a good webhook does."""
    token = {name.lower(): value for name, value in headers.items()}.get("validation-token", "")
    return 200, {"Validation-Token": token, "Content-Type": "application/json"}, b""


@pytest.fixture
def open_desk() -> Desk:
    """A desk whose webhook answers."""
    desk = Desk()
    desk.world.post = shaking_hands
    return desk


def test_a_subscription_lives_from_creation_to_deletion(open_desk):
    client = open_desk.client
    made = client.create_subscription(ADDRESS, "token-of-the-webhook")
    assert (made.status, made.address) == ("Active", ADDRESS)
    assert len(made.event_filters) == len(wanted_filters())
    assert is_healthy(made, NOON, address=ADDRESS)
    assert client.read_subscription(made.id) == made
    assert [found.id for found in client.list_subscriptions()] == [made.id]
    open_desk.world.clock.advance(3600)
    assert client.renew_subscription(made.id).expires_at > made.expires_at
    client.delete_subscription(made.id)
    assert client.list_subscriptions() == ()
    with pytest.raises(RefusedByRingCentral) as gone:
        client.read_subscription(made.id)
    assert gone.value.status == 404


def test_upkeep_takes_slots_of_the_buckets_ringcentral_counts_it_in(open_desk):
    client, pace = open_desk.client, open_desk.pace
    made = client.create_subscription(ADDRESS, "token-of-the-webhook")
    client.renew_subscription(made.id)
    client.delete_subscription(made.id)
    assert pace.slots == ["medium", "light", "medium"]
    assert [call.group for call in open_desk.world.calls[1:]] == pace.slots


def test_the_lifetime_stands_where_ringcentral_reads_it():
    seen: list[bytes] = []

    def application(environ, start):
        seen.append(environ["wsgi.input"].read())
        start("200 OK", [])
        return [b'{"id": "s1", "status": "Active"}']

    client_of(application).create_subscription(ADDRESS, "token-of-the-webhook")
    assert json.loads(seen[0]) == {
        "eventFilters": list(wanted_filters()),
        "deliveryMode": {
            "transportType": "WebHook",
            "address": ADDRESS,
            "verificationToken": "token-of-the-webhook",
        },
        "expiresIn": 315360000,
    }


def test_creating_is_never_repeated(open_desk):
    open_desk.tokens.get()
    open_desk.world.faults.set("error_before_accept", next=1, path="*/subscription")
    with pytest.raises(RingCentralUnavailable):
        open_desk.client.create_subscription(ADDRESS, "token-of-the-webhook")
    assert open_desk.pace.slots == ["medium"]


def test_a_webhook_that_fails_the_handshake_is_refused_with_what_to_check(open_desk):
    open_desk.world.post = lambda url, headers, body: (500, {}, b"")
    with pytest.raises(RefusedByRingCentral) as refusal:
        open_desk.client.create_subscription(ADDRESS, "token-of-the-webhook")
    assert refusal.value.code == "SUB-522"
    assert "WEBHOOK_URL" in refusal.value.hint


def test_a_verification_token_that_ringcentral_repeats_is_not_shown():
    def application(environ, start):
        start("400 Bad", [])
        return [json.dumps({"message": "bad hunter2"}).encode()]

    with pytest.raises(RefusedByRingCentral) as refusal:
        client_of(application).create_subscription(ADDRESS, "hunter2")
    assert "hunter2" not in refusal.value.sentence()


def test_an_answer_without_an_id_is_no_subscription():
    def application(environ, start):
        start("200 OK", [])
        return [b"{}"]

    with pytest.raises(RingCentralUnavailable, match="shape"):
        client_of(application).read_subscription("s1")
