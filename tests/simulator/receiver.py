"""A webhook receiver on a real port, for what cannot be called in-process."""

from __future__ import annotations

import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class RealReceiver:
    """Answers the handshake and keeps the events; a disobedient one does not echo."""

    def __init__(self) -> None:
        self.is_obedient = True
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        receiver = self

        class Wire(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(200)
                if receiver.is_obedient:
                    self.send_header("Validation-Token", self.headers.get("Validation-Token", ""))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                if body:
                    receiver.events.put(json.loads(body))

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"

    def wait_for_event(self, seconds: float = 10) -> dict[str, Any]:
        """Return the next event; raises queue.Empty when none comes in time."""
        return self.events.get(timeout=seconds)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)
