"""The simulator without a socket: an httpx2 transport into the application.

A dropped connection becomes `httpx2.RemoteProtocolError` and an answer slower than the request's
read timeout becomes `httpx2.ReadTimeout`, as on a network; by then the text may have been
accepted. Time that the caller spends waiting passes on a manual clock: exactly the delay, or
exactly the timeout, with everything that falls due on the way.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import httpx2

from .api.gate import FATE, Fate
from .clock import ManualClock
from .world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class InProcessTransport(httpx2.BaseTransport):
    """Brings requests to a world's application and its answers back, faults included."""

    def __init__(self, world: World, app: WSGIApplication) -> None:
        self._world = world
        self._app = app

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request. Raises what a network client would see."""
        environs: list[WSGIEnvironment] = []

        def app(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            # WSGI wants the path's bytes as Latin-1; httpx2's transport hands it their text.
            environ["PATH_INFO"] = request.url.path.encode().decode("latin-1")
            environs.append(environ)
            return self._app(environ, start)

        answer = httpx2.WSGITransport(app).handle_request(request)
        fate: Fate = environs[0].get(FATE, Fate())
        timeout = request.extensions.get("timeout", {}).get("read")
        if timeout is not None and fate.delay_seconds > timeout:
            self._wait(timeout)
            raise httpx2.ReadTimeout("no answer within the read timeout", request=request)
        if fate.delay_seconds:
            self._wait(fate.delay_seconds)
        if fate.dropped:
            message = "Server disconnected without sending a response."
            raise httpx2.RemoteProtocolError(message, request=request)
        return answer

    def _wait(self, seconds: float) -> None:
        if isinstance(self._world.clock, ManualClock):
            self._world.advance(seconds)
        else:
            time.sleep(seconds)
