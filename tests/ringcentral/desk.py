"""A client at a simulated RingCentral: tokens kept in memory, a pace that only takes notes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from shiftbell.errors import PaceExceeded
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.login import login
from shiftbell.ringcentral.ports import AppCredentials
from shiftbell.ringcentral.records import SentSms
from shiftbell.ringcentral.wire import Wire
from shiftbell.simulator.clock import ManualClock
from shiftbell.simulator.server import in_process_transport
from shiftbell.simulator.world import Setup, World

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1"
ANA = "+13125550142"
TEXT = "Acme: Sat Nov 28 7am-3pm, Dock 4. Reply YES to take it, STOP to opt out."


class KeptTokens:
    """Logs in when asked for a token, and once more when one was rejected."""

    def __init__(self, log_in: Callable[[], str]) -> None:
        self._log_in = log_in
        self.now = ""
        self.rejected: list[str] = []

    def get(self) -> str:
        self.now = self.now or self._log_in()
        return self.now

    def renew(self, rejected: str) -> str:
        self.rejected.append(rejected)
        self.now = self._log_in()
        return self.now


@dataclass
class NotedPace:
    """Lets everything pass and writes it down; `exceeded` refuses the next slot."""

    slots: list[str] = field(default_factory=list)
    answers: list[tuple[str, int]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    exceeded: PaceExceeded | None = None

    def wait_for(self, group: str) -> None:
        if self.exceeded:
            raise self.exceeded
        self.slots.append(group)

    def heard(self, group: str, status: int, headers: Mapping[str, str]) -> None:
        self.answers.append((group, status))
        self.headers = dict(headers)


class Desk:
    """One sender of a simulated account, with everything the client needs."""

    def __init__(self, setup: Setup | None = None) -> None:
        self.world = World(1, ManualClock(NOON), setup=setup)
        app, self.sender = self.world.account.app, self.world.account.senders()[0]
        self.number = self.sender.number.phone_number
        self.app = AppCredentials(URL, app.client_id, app.client_secret)
        self.wire = Wire(URL, transport=in_process_transport(self.world), timeout_seconds=20)
        self.tokens, self.pace = KeptTokens(self.log_in), NotedPace()
        self.client = Client(self.wire, self.tokens, self.pace)
        self.checks = 0

    def log_in(self) -> str:
        """Return a new token, as the keeper of tokens would."""
        return login(self.wire, self.app, self.sender.jwt, self.world.clock.now()).value

    def checked(self) -> None:
        """Pass the last check, and count it."""
        self.checks += 1

    def carried(self) -> list[tuple[str, str]]:
        """Return number and text of all that ever leaves RingCentral, as the carrier sees it."""
        self.world.advance(60)
        return [(text.phone, text.text) for text in self.world.texts]

    def send(
        self, to: str = ANA, text: str = TEXT, check: Callable[[], None] | None = None
    ) -> SentSms:
        """Send one text, with a deadline that is far away."""
        return self.client.send_sms(
            self.number,
            to,
            text,
            deadline=time.monotonic() + 20,
            last_check=check or self.checked,
        )


def client_of(application: Callable[..., object], pace: NotedPace | None = None) -> Client:
    """Return a client of any small WSGI application, with a token that needs no login."""
    transport = httpx2.WSGITransport(application)  # type: ignore[arg-type]
    tokens = KeptTokens(lambda: "token-of-this-hour")
    return Client(Wire(URL, transport=transport), tokens, pace or NotedPace())
