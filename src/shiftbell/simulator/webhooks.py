"""How events reach a receiver, and what RingCentral thinks of its answers.

The receiver proves itself once, during the create: it must echo the `Validation-Token` header
within 3 seconds, with 200, a JSON content type and at most 1024 bytes of headers and body. After
that every event is one POST. There is no second try: what a receiver missed is lost, and after
enough misses in a row the subscription is blacklisted and stays so.

RingCentral demands HTTPS. A loopback address is let through without, or no newcomer could run
this on a desk.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2

from .faults import Fault
from .refusals import Refusal, invalid
from .subscriptions import Filter, Subscription
from .wire import written

if TYPE_CHECKING:
    from .world import World

ANSWER_SECONDS = 3
ANSWER_BYTES = 1024
AGENT = "RingCentral-Webhook/8.3"

WebhookPost = Callable[[str, dict[str, str], bytes], tuple[int, Mapping[str, str], bytes]]


class Unreachable(Exception):
    """The receiver gave no answer in time, or none at all."""


def post_over_http(url: str, headers: dict[str, str], body: bytes) -> tuple[int, Any, bytes]:
    """POST to a receiver over the network. Raises Unreachable, or Refusal (SUB-524) for TLS."""
    try:
        answer = _client().post(url, headers=headers, content=body)
    except httpx2.ConnectError as error:
        if "CERTIFICATE" in str(error).upper():
            raise Refusal(400, "SUB-524", "HTTPS certificate is not valid") from error
        raise Unreachable(f"I/O operation is failed. Details: [{error}]") from error
    except httpx2.TimeoutException as error:
        raise Unreachable("I/O operation is failed. Details: [Read timed out]") from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Unreachable(f"I/O operation is failed. Details: [{error}]") from error
    return answer.status_code, answer.headers, answer.content


@cache
def _client() -> httpx2.Client:
    """Return the one client of all deliveries: reading the certificates takes longer than a POST.

    No connection is kept: a receiver that was killed in between must not look unreachable.
    """
    limits = httpx2.Limits(max_keepalive_connections=0)
    return httpx2.Client(timeout=ANSWER_SECONDS, limits=limits)


def check_address(address: object) -> str:
    """Return a webhook address that may be used. Raises Refusal: CMN-101 or SUB-523."""
    if not isinstance(address, str) or len(address) > 2048:
        raise invalid("deliveryMode.address")
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError as error:
        raise invalid("deliveryMode.address") from error
    if parts.scheme not in ("http", "https") or not host:
        raise invalid("deliveryMode.address")
    if parts.scheme == "http" and not _is_loopback(host):
        raise Refusal(400, "SUB-523", "HTTPS is required")
    return address


def shake_hands(post: WebhookPost, address: str, token: str, verification_token: str) -> None:
    """Make a receiver prove itself. Raises Refusal: SUB-521, SUB-522, SUB-524 or SUB-525.

    Runs without the world's lock: the receiver is somebody else's program.
    """
    headers = {"Validation-Token": token, "User-Agent": AGENT, "Content-Length": "0"}
    if verification_token:
        headers["Verification-Token"] = verification_token
    try:
        status, answer, body = post(address, headers, b"")
    except (Unreachable, OSError) as error:
        raise Refusal(400, "SUB-521", "WebHook is not reachable") from error
    if status != 200:
        message = f"WebHook responds with incorrect HTTP status. HTTP status is {status}"
        raise Refusal(400, "SUB-522", message)
    echoed = {name.lower(): value for name, value in answer.items()}
    size = len(body) + sum(len(name) + len(value) + 4 for name, value in echoed.items())
    is_json = "application/json" in echoed.get("content-type", "").lower()
    if size > ANSWER_BYTES or not is_json or echoed.get("validation-token") != token:
        raise Refusal(400, "SUB-525", "WebHook server response is invalid")


class Courier:
    """Turns what happens into events and brings each to its receiver, once."""

    def __init__(self, world: World, post: WebhookPost, blacklist_after: int) -> None:
        self._world = world
        self._post = post
        self._blacklist_after = blacklist_after

    def tell(self, kind: str, extension_id: str, direction: str, body: dict[str, Any]) -> None:
        """Send an event to every subscription that asked for it."""
        now = self._world.clock.now()
        matching = self._world.subscriptions.matching(kind, extension_id, direction, now)
        for subscription, matched in matching:
            self._plan(subscription, matched, body)

    def plan_reminders(self, subscription: Subscription) -> None:
        """Plan the reminders of a new or renewed subscription."""
        for each in subscription.filters:
            if each.kind == "reminder":
                self._plan_reminder(subscription, each, each.threshold, subscription.renewals)

    def _plan_reminder(
        self, subscription: Subscription, reminder: Filter, left: int, renewals: int
    ) -> None:
        def remind() -> None:
            if subscription.renewals != renewals or reminder not in subscription.filters:
                return
            self._plan(subscription, reminder, {"expiresIn": left})
            if left > reminder.interval:
                self._plan_reminder(subscription, reminder, left - reminder.interval, renewals)

        wait = (subscription.expires_at - self._world.clock.now()).total_seconds() - left
        self._world.after(max(0.0, wait), remind)

    def _plan(self, subscription: Subscription, matched: Filter, body: dict[str, Any]) -> None:
        world = self._world
        envelope = {
            "uuid": world.new_uuid(),
            "event": matched.text,
            "timestamp": written(world.clock.now()),
            "subscriptionId": subscription.id,
            "ownerId": subscription.owner.id,
            "body": body,
        }
        packed = json.dumps(envelope).encode()
        for wait in self._waits():
            world.after(wait, lambda: self._deliver(subscription, packed), lane=subscription.id)

    def _waits(self) -> list[float]:
        """Throw the dice for one event: when it is delivered, how often, if at all."""
        world = self._world
        strikes = world.faults.strikes
        usual = world.dice.uniform(*world.setup.webhook_seconds)
        if strikes("webhook_lost"):
            return []
        held: Fault | None = strikes("webhook_reordered")
        if held:
            usual += world.dice.uniform(0.2, 1.0) * held.seconds
        late = strikes("webhook_delayed")
        if late:
            usual += late.seconds
        doubled = strikes("webhook_doubled")
        return [usual, usual + doubled.seconds] if doubled else [usual]

    def _deliver(self, subscription: Subscription, packed: bytes) -> None:
        """Bring one event; runs without the world's lock."""
        world = self._world
        with world.lock:
            if not world.subscriptions.is_live(subscription, world.clock.now()):
                return
        headers = {"Content-Type": "application/json; charset=UTF-8", "User-Agent": AGENT}
        if subscription.verification_token:
            headers["Verification-Token"] = subscription.verification_token
        trouble, status = "", 0
        try:
            status, _, _ = self._post(subscription.address, headers, packed)
            if not 200 <= status <= 299:
                trouble = f"Webhook responses with code: [{status}]"
        except (Unreachable, Refusal, OSError) as error:
            trouble = str(error)
        with world.lock:
            world.note_delivery(subscription.id, packed, status)
            self._judge(subscription, trouble)

    def _judge(self, subscription: Subscription, trouble: str) -> None:
        subscription.failures = subscription.failures + 1 if trouble else 0
        if subscription.failures >= self._blacklist_after:
            at = written(self._world.clock.now())
            subscription.blacklisted = {"blacklistedAt": at, "reason": trouble}


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
