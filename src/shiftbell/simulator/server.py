"""The simulator as a web application, in-process or on a port.

`create_app` is plain WSGI and moves no clock. `serve` adds what a real server has: threads, sockets
that can be closed in a caller's face, answers that really come late, and a thread that lets happen
what is due. It binds loopback unless told otherwise, for it gives its secrets to whoever asks.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import (
    BaseWSGIServer,
    WSGIRequestHandler,
    make_server,
    select_address_family,
)

from . import control, drift, mail_page
from .api import consents, login, message_store, numbers, sms, subscriptions
from .api.gate import FATE, Fate
from .clock import ManualClock, RealClock
from .mail import Mails
from .refusals import Refusal
from .transport import InProcessTransport
from .world import Call, Setup, World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

BODY_BYTES_MAX = 10 * 1024 * 1024
IDLE_SECONDS = 0.5
STOP_SECONDS = 0.05


def create_app(world: World, mails: Mails | None = None) -> Flask:
    """Return the WSGI application that shows `world`, and `mails` where there is a mail server."""
    app = Flask(__name__, static_url_path="/_simulator/static")
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_BYTES_MAX
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.extensions["world"] = world
    app.extensions["mails"] = mails or Mails(world.clock)
    api = (login, sms, message_store, subscriptions, numbers, consents)
    for module in (*api, control, drift, mail_page):
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _not_understood)
    app.register_error_handler(Exception, _broken)
    app.after_request(lambda answer: _dress(world, answer))
    return app


def in_process_transport(world: World) -> InProcessTransport:
    """Return an httpx2 transport into `world`; use it with base_url http://127.0.0.1."""
    return InProcessTransport(world, create_app(world))


def _refused(refusal: Refusal) -> Response:
    answer = jsonify(refusal.body())
    answer.status_code = refusal.status
    answer.headers.update(refusal.headers)
    return answer


def _not_understood(error: HTTPException) -> Response:
    status = error.code or 500
    code = {404: "CMN-120", 405: "CMN-120", 413: "CMN-104"}.get(status, "CMN-104")
    if status == 404 and not request.path.startswith("/restapi"):
        code = "AGW-404"
    return _refused(Refusal(status, code, error.name))


def _broken(_error: Exception) -> Response:
    # Our own mistake, not a fault: it must reach the log, and the caller must not see a trace.
    current_app.logger.exception("the simulator failed at %s %s", request.method, request.path)
    return _refused(Refusal(500, "CMN-203", "Internal server error"))


def _dress(world: World, answer: Response) -> Response:
    """Add the headers that every answer has, and remember the call."""
    now = world.clock.now()
    answer.headers["Date"] = format_datetime(now, usegmt=True)
    if not request.path.startswith("/restapi"):
        return answer
    with world.lock:
        answer.headers["RCRequestId"] = world.new_request_id()
        answer.headers["RoutingKey"] = "IAD01P01"
        answer.headers["Content-Language"] = "en-US"
        for name, value in g.get("rate_headers", {}).items():
            answer.headers.setdefault(name, value)
        fate: Fate = request.environ.get(FATE, Fate())
        status = 0 if fate.dropped else answer.status_code
        group, extension = g.get("group", ""), g.get("extension", "")
        world.note_call(Call(now, group, extension, request.method, request.path, status))
    return answer


class _Wire(WSGIRequestHandler):
    """One connection: no chatter on the terminal, and it can be closed without an answer."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing; `world.calls` remembers every call."""

    def version_string(self) -> str:
        """Name the server that RingCentral names."""
        return "nginx"

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Close the connection; there will be no answer."""
        self.close_connection = True


class Server:
    """A simulator on a port, with its own threads. Stop it with `stop`.

    `mails` are the letters that its mail page shows. Raises OSError where the port cannot be
    listened on.
    """

    def __init__(
        self,
        world: World,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        mails: Mails | None = None,
    ) -> None:
        self.world = world
        self._stopping = threading.Event()
        self._couriers: dict[str, ThreadPoolExecutor] = {}
        app = create_app(world, mails)

        def wsgi(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
            answer = app(environ, start)
            fate: Fate = environ.get(FATE, Fate())
            if fate.delay_seconds:
                self._stopping.wait(fate.delay_seconds)
            if fate.dropped:
                raise ConnectionAbortedError("dropped by a fault")
            return answer

        # Bound here: werkzeug would print its own words about a port that is taken, and exit.
        family = select_address_family(host, port)
        with socket.create_server((host, port), family=family, backlog=128) as bound:
            self._server: BaseWSGIServer = make_server(
                host, port, wsgi, threaded=True, request_handler=_Wire, fd=bound.fileno()
            )
        self.url = f"http://{host}:{self._server.port}"
        world.dispatch = self._dispatch
        self._threads = [
            threading.Thread(target=self._answer, name="simulator", daemon=True),
            threading.Thread(target=self._live, name="simulator-time", daemon=True),
        ]

    def start(self) -> None:
        """Begin to answer and, with a real clock, to let time pass."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Close the port and end the threads."""
        self._stopping.set()
        self.world.planned.set()
        self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(timeout=5)
        for courier in self._couriers.values():
            courier.shutdown(wait=False, cancel_futures=True)

    def _answer(self) -> None:
        self._server.serve_forever(poll_interval=STOP_SECONDS)

    def _dispatch(self, lane: str, work: Callable[[], None]) -> None:
        """Deliver in order per subscription, without letting a slow receiver stop time."""
        if isinstance(self.world.clock, ManualClock):
            work()
            return
        courier = self._couriers.get(lane)
        if courier is None:
            courier = self._couriers[lane] = ThreadPoolExecutor(1, f"webhook-{lane[:8]}")
        courier.submit(work)

    def _live(self) -> None:
        world = self.world
        while not self._stopping.is_set() and not isinstance(world.clock, ManualClock):
            world.planned.clear()
            world.run_due()
            due = world.next_due()
            wait = IDLE_SECONDS if due is None else (due - world.clock.now()).total_seconds()
            world.planned.wait(min(IDLE_SECONDS, max(0.0, wait)))


def serve(
    host: str = "127.0.0.1",
    port: int = 8090,
    seed: int = 1,
    *,
    setup: Setup | None = None,
    mails: Mails | None = None,
    on_ready: Callable[[Server], None] | None = None,
) -> None:
    """Run a simulator on the machine's clock until interrupted; port 0 takes a free one.

    `on_ready` is called once, with the running server, whose `url` and `world` tell the rest.
    """
    server = Server(World(seed, RealClock(), setup=setup), host, port, mails=mails)
    server.start()
    try:
        if on_ready:
            on_ready(server)
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        pass
    finally:
        server.stop()
