"""Connections that keep to a deadline, for httpcore's pool to use.

httpcore takes a timeout for each read and each write, so a server that drips one byte a second is
never too slow. It hands those numbers through to the stream untouched; so here the number is a
`Deadline`, and the stream waits only for what is left of it, however many reads that takes.

Two things stay outside. The resolver takes its own time, which nothing can cut short; nothing has
left then, and the deadline is looked at again before anything does. Writing does not wait at all:
a request of ours is far smaller than a socket's buffer.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from typing import Any, Self

import httpcore2
import httpx2

_CONNECT_SECONDS_MAX = 5.0  # one dead address of several must not eat the whole deadline
_KEPT_SECONDS = 15.0


class Deadline(float):
    """A moment of the monotonic clock, dressed as a timeout.

    httpcore hands timeouts through to the socket untouched. Ours ask `left`; to anybody else it is
    the number of seconds that were left when it was made.
    """

    at: float

    def __new__(cls, at: float) -> Self:
        """Return the deadline at `at`, a `time.monotonic()`."""
        made = super().__new__(cls, max(0.0, at - time.monotonic()))
        made.at = at
        return made

    def left(self) -> float:
        """Return the seconds left; negative once it has passed."""
        return self.at - time.monotonic()


def _left(timeout: float | None, too_late: type[Exception]) -> float | None:
    if not isinstance(timeout, Deadline):
        return timeout
    if (left := timeout.left()) <= 0:
        raise too_late("no time left")
    return left


class _PunctualStream(httpcore2.NetworkStream):
    """A connection that never waits beyond the deadline of its request."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        left = _left(timeout, httpcore2.ConnectTimeout)
        return _PunctualStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _PunctualBackend(httpcore2.NetworkBackend):
    """Connects to the first address that answers, within one deadline for all of them."""

    def __init__(self) -> None:
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        trouble: Exception = httpcore2.ConnectError("the name has no address")
        for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            left = _left(timeout, httpcore2.ConnectTimeout)
            wait = _CONNECT_SECONDS_MAX if left is None else min(left, _CONNECT_SECONDS_MAX)
            try:
                stream = self._plain.connect_tcp(str(address[0]), port, wait, local_address)
                return _PunctualStream(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as failed:
                trouble = failed
        raise trouble


class Sockets(httpx2.BaseTransport):
    """httpx's transport over a pool of punctual connections."""

    def __init__(self, ssl_context: ssl.SSLContext | None, *, connections_kept: int) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context,
            max_connections=20,
            max_keepalive_connections=connections_kept,
            keepalive_expiry=_KEPT_SECONDS,
            network_backend=_PunctualBackend(),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the answer, its body not yet read; raises what httpcore raises."""
        url = httpcore2.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        response = self._pool.handle_request(
            httpcore2.Request(
                request.method,
                url,
                headers=request.headers.raw,
                content=request.read(),
                extensions=request.extensions,
            )
        )
        return httpx2.Response(response.status, headers=response.headers, stream=_Body(response))

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()


class _Body(httpx2.SyncByteStream):
    """The body of an answer, for httpx to read."""

    def __init__(self, response: httpcore2.Response) -> None:
        self._response = response

    def __iter__(self) -> Iterator[bytes]:
        yield from self._response.iter_stream()

    def close(self) -> None:
        self._response.close()
