"""The way between us and the simulator, with the troubles that a simulator cannot have itself."""

from __future__ import annotations

import json

import httpx2


class Network(httpx2.BaseTransport):
    """Carries requests to the simulator, unless it is down or someone on the way says no."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner = inner
        self.down = 0  # so many connections are refused
        self.refusals: dict[str, str] = {}  # what a request mentions: the code it is refused with

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request."""
        if self.down:
            self.down -= 1
            raise httpx2.ConnectError("connection refused")
        said = str(request.url) + request.read().decode("utf-8", "replace")
        for mentioned, code in self.refusals.items():
            if mentioned in said:
                body = json.dumps({"errorCode": code, "message": "no"}).encode()
                return httpx2.Response(400, stream=httpx2.ByteStream(body))
        return self._inner.handle_request(request)
