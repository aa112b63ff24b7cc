"""Carries one request to RingCentral and one answer back, and knows whether anything left.

A text must never be sent twice, so "did it leave?" is answered from facts, not from the kind of an
exception: httpcore tells (its `trace` extension) when it is about to write a request and when its
headers are written. Before that nothing left; RingCentral cannot accept a request whose headers
it does not have. After it, everything may have.

* The last check and the deadline are looked at between the two: the connection stands, and the
  next thing to happen is the first byte. Raising there leaves the socket untouched.
* httpx's timeouts are per read, so a server that drips one byte a second is never too slow. Here
  every timeout is a `Deadline` (`sockets`), a moment, and our sockets wait only for what is left
  of it.
* A text travels on a connection of its own. On a kept one, the server's goodbye may cross our
  request, and nobody could tell whether it was read; a handshake each 1.5 s costs less than that.
* No httpx client stands between: it would log every URL, follow redirects, keep cookies and read
  proxies from the environment.

What an answer means is left to `answers`.
"""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self

import httpcore2
import httpx2

from shiftbell import __version__
from shiftbell.errors import DeadlinePassed, NotDelivered, OutcomeUnknown
from shiftbell.ringcentral.scrub import scrub
from shiftbell.ringcentral.sockets import Deadline, Sockets

TIMEOUT_SECONDS = 20.0
BODY_BYTES_MAX = 8 * 1024 * 1024

_TROUBLES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.UnsupportedProtocol,
    httpx2.HTTPError,
    OSError,
)
# An in-process application cannot trace; what it raises for "no connection" says it instead.
_NEVER_CONNECTED = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)

Params = Mapping[str, str | int | Sequence[str]]


@dataclass(frozen=True)
class Answer:
    """One whole answer. Header names are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def request_id(self) -> str:
        """Return RingCentral's id of the exchange, which its support asks for."""
        said = self.headers.get("rcrequestid", "")
        return said if _UUID.fullmatch(said) else scrub(said)[:64]

    @property
    def server_time(self) -> datetime | None:
        """Return RingCentral's clock when it answered; None if it did not say."""
        try:
            said = parsedate_to_datetime(self.headers.get("date", ""))
        except (ValueError, IndexError, OverflowError):
            return None
        return (said if said.tzinfo else said.replace(tzinfo=UTC)).astimezone(UTC)

    def json(self) -> object:
        """Return the decoded body; None where it is no JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Wire:
    """The way to one RingCentral. Thread-safe; one per process is enough; close it at the end.

    `transport` leads into an application in this process, without sockets; left out, requests go
    over the network. `ssl_context` replaces the system's certificates.
    """

    def __init__(
        self,
        server_url: str,
        *,
        transport: httpx2.BaseTransport | None = None,
        timeout_seconds: float = TIMEOUT_SECONDS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._server_url = server_url.rstrip("/")
        self._timeout_seconds = timeout_seconds
        self._in_process = transport is not None
        if ssl_context is None and transport is None and server_url.startswith("https:"):
            ssl_context = httpx2.create_ssl_context()
        self._kept = transport or Sockets(ssl_context, connections_kept=10)
        self._fresh = transport or Sockets(ssl_context, connections_kept=0)

    def close(self) -> None:
        """Close every connection."""
        self._kept.close()
        self._fresh.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def request(
        self,
        method: str,
        path: str,
        authorization: str,
        *,
        params: Params | None = None,
        body: object = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx2.Request:
        """Return a request for `path` ("/restapi/…"), with a JSON `body` or a `form`."""
        headers = {
            "Authorization": authorization,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": f"Shiftbell/{__version__}",
        }
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode("ascii")
        url = self._server_url + path
        return httpx2.Request(
            method, url, params=params, content=content, data=form, headers=headers
        )

    def exchange(self, request: httpx2.Request) -> Answer:
        """Return the answer to `request`, over a kept connection where there is one.

        Raises NotDelivered or OutcomeUnknown, which for a read come to the same.
        """
        departure = _Departure(time.monotonic() + self._timeout_seconds)
        return self._carry(self._kept, request, departure)

    def dispatch(
        self, request: httpx2.Request, *, deadline: float, last_check: Callable[[], None]
    ) -> Answer:
        """Return the answer to a `request` that must not be made twice.

        `deadline` is a `time.monotonic()`; all must be over by then, and nothing starts after it.
        `last_check` is called right before the first byte, and stops everything by raising.
        Raises what it raises, DeadlinePassed, NotDelivered (in all three nothing left) or
        OutcomeUnknown.
        """
        departure = _Departure(deadline, last_check)
        departure.refuse_if_late()
        return self._carry(self._fresh, request, departure)

    def _carry(
        self, transport: httpx2.BaseTransport, request: httpx2.Request, departure: _Departure
    ) -> Answer:
        request.extensions = departure.extensions()
        try:
            if self._in_process:
                departure.trace(_ABOUT_TO_WRITE, {})
                departure.trace(_HEADERS_WRITTEN, {})
            response = transport.handle_request(request)
            try:
                body = _bounded(response.iter_raw())
            finally:
                response.close()
            return Answer(response.status_code, dict(response.headers.items()), body)
        except _TROUBLES as trouble:
            said = _said(trouble, request)
            if departure.left and not isinstance(trouble, _NEVER_CONNECTED):
                raise OutcomeUnknown(f"RingCentral's answer did not arrive ({said}).") from None
            raise NotDelivered(
                f"RingCentral could not be reached ({said}).",
                hint="Check RC_SERVER_URL and this machine's network.",
            ) from None


_ABOUT_TO_WRITE = "http11.send_request_headers.started"
_HEADERS_WRITTEN = "http11.send_request_headers.complete"


class _Departure:
    """One request on its way: until when, after which last check, and whether it left."""

    def __init__(self, deadline: float, last_check: Callable[[], None] | None = None) -> None:
        self._deadline = deadline
        self._last_check = last_check
        self.left = False

    def extensions(self) -> dict[str, Any]:
        """Return what httpcore is told: every timeout is the deadline, every step is traced."""
        whole = Deadline(self._deadline)
        # A text that departs with a second left would mostly end in doubt, so connecting may use
        # half of the time at most.
        half = Deadline(time.monotonic() + whole / 2) if self._last_check else whole
        timeouts = {"connect": half, "pool": half, "write": whole, "read": whole}
        return {"timeout": timeouts, "trace": self.trace}

    def trace(self, step: str, _info: Mapping[str, object]) -> None:
        if step == _ABOUT_TO_WRITE and self._last_check is not None:
            self._last_check()
            self.refuse_if_late()
        elif step == _HEADERS_WRITTEN:
            self.left = True

    def refuse_if_late(self) -> None:
        if time.monotonic() >= self._deadline:
            raise DeadlinePassed("Too late to start sending; nothing was sent.")


def _bounded(chunks: Iterator[bytes]) -> bytes:
    """Return the whole body, or give up on one that no call of ours asks for."""
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > BODY_BYTES_MAX:
            raise httpcore2.RemoteProtocolError("the answer is too large")
    return bytes(body)


def _said(trouble: Exception, request: httpx2.Request) -> str:
    """Return a trouble in words fit for a log."""
    kind = type(trouble).__name__
    if isinstance(trouble, httpcore2.LocalProtocolError | httpx2.LocalProtocolError):
        return kind  # its text quotes the header that cannot be written, token and all
    credentials = request.headers.get("Authorization", "").partition(" ")[2]
    said = scrub(str(trouble), credentials)
    return f"{kind}: {said}" if said else kind
