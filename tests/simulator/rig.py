"""What the simulator's tests hold in their hands: a world, a client of it, and a webhook receiver.

Everything speaks HTTP to the application in-process, as any client would; only time is moved from
outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2

from shiftbell.simulator.clock import ManualClock
from shiftbell.simulator.server import in_process_transport
from shiftbell.simulator.webhooks import Unreachable
from shiftbell.simulator.world import Setup, World

NOON = datetime(2026, 6, 6, 12, 0, tzinfo=UTC)
ANA, BEN, CLEO = "+13125550142", "+13125550143", "+13125550144"
DESK, OTHER_DESK = "+16505550100", "+16505550101"
AREAS = [
    *(201, 202, 203, 205, 206, 207, 208, 209, 210, 212, 213, 214, 215, 216, 217, 218, 219),
    *(224, 225, 228, 229, 231, 234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267),
    *(269, 270, 272, 276, 281, 301, 302, 303, 304, 305, 307, 308, 309, 310, 312, 313),
]
CROWD = [f"+1{area}55501{line:02d}" for area in AREAS for line in range(100)]  # 5,000 numbers
OFFER = "Acme: Sat Jun 6 9am-5pm, Dock 4. Reply YES to take it, STOP to opt out."
HOOK = "https://example.com/hooks/ringcentral"
TOKEN = "a-verification-token"

ME = "/restapi/v1.0/account/~/extension/~"
STORE, SYNC = f"{ME}/message-store", f"{ME}/message-sync"
SUBSCRIPTION = "/restapi/v1.0/subscription"
CONSENTS = "/restapi/v2/accounts/~/sms/consents"
INBOUND = f"{ME}/message-store/instant?type=SMS"
OUTBOUND = f"{ME}/message-store?type=SMS&direction=Outbound"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """Somebody's webhook: obedient, until a test changes one of its answers."""

    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    answer: Callable[[dict[str, str]], Answer] | None = None
    is_away: bool = False

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Take one request, as the world's `post`."""
        self.requests.append((url, headers, body))
        if self.is_away:
            raise Unreachable("I/O operation is failed. Details: [Read timed out]")
        if self.answer:
            return self.answer(headers)
        return self.status, echo(headers), b""

    @property
    def events(self) -> list[dict[str, Any]]:
        """The events received so far, handshakes left out."""
        return [json.loads(body) for _, _, body in self.requests if body]

    def bodies(self, part: str) -> list[dict[str, Any]]:
        """The bodies of the events whose filter contains `part`."""
        return [event["body"] for event in self.events if part in event["event"]]


class Rig:
    """A world at noon, a client logged in as its first sender, and a receiver for its events."""

    def __init__(self, seed: int = 1, *, logged_in: bool = True, **setup: Any) -> None:
        self.clock = ManualClock(NOON)
        self.receiver = Receiver()
        self.world = World(seed, self.clock, post=self.receiver.post, setup=Setup(**setup))
        transport = in_process_transport(self.world)
        self.http = httpx2.Client(transport=transport, base_url="http://127.0.0.1", timeout=15)
        if logged_in:
            self.sign_in()

    def log_in(self, sender: int = 0, **form: str) -> httpx2.Response:
        """Ask for a token; the form's fields may be replaced."""
        extension = self.world.account.senders()[sender]
        fields = {"grant_type": JWT_GRANT, "assertion": extension.jwt, **form}
        return self.http.post("/restapi/oauth/token", data=fields, auth=self.credentials)

    def sign_in(self, sender: int = 0) -> None:
        """Log in and use the token from now on."""
        self.http.headers["Authorization"] = f"Bearer {self.log_in(sender).json()['access_token']}"

    @property
    def credentials(self) -> tuple[str, str]:
        """The application's id and secret."""
        app = self.world.account.app
        return app.client_id, app.client_secret

    def send(self, to: str = ANA, text: str = OFFER) -> httpx2.Response:
        """Ask for one text to be sent."""
        return self.send_body({"to": [{"phoneNumber": to}], "text": text})

    def send_body(self, changes: dict[str, Any]) -> httpx2.Response:
        """Ask for one text to be sent, with parts of a good body replaced."""
        body = {"from": {"phoneNumber": DESK}, "to": [{"phoneNumber": ANA}], "text": OFFER}
        return self.http.post(f"{ME}/sms", json=body | changes)

    def subscribe(self, *filters: str, **changes: Any) -> httpx2.Response:
        """Ask for a webhook subscription; parts of the body may be replaced."""
        mode = {"transportType": "WebHook", "address": HOOK, "verificationToken": TOKEN}
        body = {"eventFilters": list(filters or [INBOUND]), "deliveryMode": mode}
        return self.http.post(SUBSCRIPTION, json=body | changes)

    def record(self, message_id: int) -> dict[str, Any]:
        """Read one record of the message store."""
        return dict(self.http.get(f"{STORE}/{message_id}").json())

    def sent(self, to: str = ANA, text: str = OFFER) -> int:
        """Send a text that must be accepted; return its id."""
        answer = self.send(to, text)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])


def echo(headers: dict[str, str]) -> dict[str, str]:
    """Answer headers that pass the handshake."""
    token = headers.get("Validation-Token", "")
    return {"Validation-Token": token, "Content-Type": "application/json"}


def codes(answer: httpx2.Response) -> tuple[int, str]:
    """Return what a refusal says: its status and the code that counts."""
    return answer.status_code, answer.json()["errors"][0]["errorCode"]
