"""A real worker process that can be told where to die.

It runs the product's own functions in the product's own order; the only thing added is a tripwire
between them, or at a statement that a transaction reaches just before its commit. Usage:

    python -m tests.crash.worker offer FIRST PEOPLE OPENINGS
    python -m tests.crash.worker run [STEP OCCURRENCE]
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

import httpx2  # noqa: E402
from django.db.backends.signals import connection_created  # noqa: E402

from shiftbell import config  # noqa: E402
from shiftbell.cli.demo_stage import midday_zone  # noqa: E402
from shiftbell.engine.embedded import EmbeddedRunner  # noqa: E402
from shiftbell.engine.runner import Job  # noqa: E402
from shiftbell.flow import send_messages  # noqa: E402
from shiftbell.flow.hear_reply import hear_next  # noqa: E402
from shiftbell.flow.keep_subscription import keep_subscriptions  # noqa: E402
from shiftbell.flow.read_webhooks import read_events  # noqa: E402
from shiftbell.flow.settle_doubt import settle_doubt  # noqa: E402
from shiftbell.flow.switchboard import Switchboard, utc_now  # noqa: E402
from shiftbell.flow.sync_messages import sync_sender  # noqa: E402
from shiftbell.store import inbox  # noqa: E402
from shiftbell.store.claiming import claim  # noqa: E402
from shiftbell.store.settling import settle  # noqa: E402
from tests import crew  # noqa: E402
from tests.crash.steps import ON_THE_WIRE, STATEMENTS  # noqa: E402


class Tripwire:
    """Kills this process, as `kill -9` does, the n-th time it passes the step."""

    def __init__(self, step: str = "", occurrence: int = 1) -> None:
        self._step, self._left = step, occurrence
        self._lock = threading.Lock()

    def passes(self, step: str) -> None:
        if step != self._step:
            return
        with self._lock:
            self._left -= 1
            if self._left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_statements(self, **kwargs: Any) -> None:
        """Watch every statement of a new database connection."""
        kwargs["connection"].execute_wrappers.append(self._statement)

    def _statement(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        result = execute(sql, params, many, context)
        pattern = STATEMENTS.get(self._step)
        if pattern and re.search(pattern, f"{sql} {params}"):
            self.passes(self._step)
        return result


class DyingTransport(httpx2.HTTPTransport):
    """The ordinary transport, with a tripwire on both sides of the wire."""

    def __init__(self, tripwire: Tripwire) -> None:
        super().__init__()
        self._tripwire = tripwire

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        kind = request.url.path.rsplit("/", 1)[-1]
        self._tripwire.passes(f"{kind}: before the request")
        response = super().handle_request(request)  # its head has arrived, its body is unread
        self._tripwire.passes(f"{kind}: answered, unread")
        return response


def jobs(board: Switchboard, tripwire: Tripwire) -> list[Job]:
    """Return the jobs of the road, with tripwires between their steps."""

    def send(_: datetime) -> bool:
        deadline = time.monotonic() + board.values.http_timeout_seconds
        leased = claim(board.now(), board.values)
        if leased is None:
            return False
        tripwire.passes("send: leased")
        posted = send_messages.post(board, leased, deadline)
        tripwire.passes("send: posted")
        settle(leased, posted, board.now())
        tripwire.passes("send: settled")
        return True

    def hear(now: datetime) -> bool:
        if inbox.new_events(1):
            read_events(now)
            tripwire.passes("hear: event read")
        if hear_next(now):
            tripwire.passes("hear: heard")
            return True
        return False

    def sync(now: datetime) -> bool:
        for sender in board.senders():
            if sender.synced_at is None or now - sender.synced_at > timedelta(seconds=1):
                sync_sender(board, sender)
                tripwire.passes("sync: done")
        return False

    return [
        Job("send", send, threads=2),
        Job("hear", hear),
        Job("settle doubt", lambda _: settle_doubt(board)),
        Job("sync", sync),
        Job("keep subscription", lambda _: keep_subscriptions(board)),
    ]


def run(tripwire: Tripwire, *, over_wire: bool) -> None:
    connection_created.connect(tripwire.watch_statements, weak=False)
    transport = DyingTransport(tripwire) if over_wire else None
    board = Switchboard(config.settings(), transport=transport)
    board.open()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    EmbeddedRunner().run(jobs(board, tripwire), stop)
    board.close()


def offer(first: int, people: int, openings: int) -> None:
    now = utc_now()
    Switchboard(config.settings()).open()
    crew.place(zone=midday_zone(now))  # the tests run at night too
    shift = crew.shift(now=now, openings=openings, hours=48 + first)
    crew.offer(shift, crew.hire(people, now, first=first), now)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["offer", first, people, openings]:
            offer(int(first), int(people), int(openings))
        case ["run"]:
            run(Tripwire(), over_wire=False)
        case ["run", step, occurrence]:
            run(Tripwire(step, int(occurrence)), over_wire=step in ON_THE_WIRE)
