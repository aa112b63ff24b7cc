"""Whatever level logs are set to, no number and no secret gets into one."""

import logging
import time

import pytest

from shiftbell.errors import RingCentralError
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.login import login
from shiftbell.ringcentral.ports import AppCredentials
from shiftbell.ringcentral.wire import Wire
from tests.ringcentral.desk import ANA, NOON, TEXT, KeptTokens, NotedPace
from tests.ringcentral.peer import Guest, Peer

# By name, since a traceback shows the lines of this file as well.
APP_SECRET, JWT, TOKEN = "secret-of-the-app", "jwt-of-the-user", "token-of-the-hour"
SECRETS = (APP_SECRET, JWT, TOKEN, ANA[2:], "Dock 4")


def failing(guest: Guest) -> None:
    for _ in range(9):
        guest.read_request()
        guest.answer(b'{"message": "+13125550142"}', "500 Oops")


def everything(peer: Peer, wire: Wire) -> None:
    """Make one call of each kind; all of them fail."""
    client = Client(wire, KeptTokens(lambda: TOKEN), NotedPace())
    app = AppCredentials(peer.url, "id", APP_SECRET)
    calls = (
        lambda: login(wire, app, JWT, NOON),
        lambda: client.send_sms(
            ANA, ANA, TEXT, deadline=time.monotonic() + 5, last_check=lambda: None
        ),
        lambda: list(client.list_messages(date_from=NOON, phone_number=ANA)),
    )
    for call in calls:
        with pytest.raises(RingCentralError) as trouble:
            call()
        logging.getLogger("tests").error("failed", exc_info=trouble.value)
        logging.getLogger("tests").error("client %r, app %r", client, app)


def test_no_log_of_any_level_shows_a_number_or_a_secret(caplog):
    # By name too: the product's own log set-up, in another test, keeps the library quiet.
    for name in (None, "httpx2", "httpcore2", "httpcore2.connection", "httpcore2.http11"):
        caplog.set_level(logging.DEBUG, logger=name)
    with Peer(failing) as peer, Wire(peer.url) as wire:
        everything(peer, wire)
    logged = caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    assert "http11" in logged and "•••••0142" in logged
    assert [secret for secret in SECRETS if secret in logged] == []
