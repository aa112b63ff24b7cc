"""The web server: granian, set so that no client's slowness becomes RingCentral's wait.

Headers, idle connections and answers are granian's own business and hold no thread of Python; a
body does while it is read, which the webhook does only for who knows the token. So strangers can
hold connections, of which there are enough, for seconds; never a thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server.mp import MPServer

from shiftbell import config
from shiftbell.cli import logs
from shiftbell.cli.family import follow_parent

HEADERS_WITHIN_SECONDS = 10
HEADERS_MAX = 64 * 1024
# Below the usual limit of 1,024 open files, so that one more connection waits instead of failing.
CONNECTIONS_MAX = 800
END_WITHIN_SECONDS = 5


def serve_web(host: str, port: int) -> None:
    """Answer on an address until SIGTERM or SIGINT. Nothing may hold the database open here."""
    from shiftbell.web.wsgi import THREADS

    server = MPServer(
        target="shiftbell.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,  # one process, so that its writers queue fairly (store/transactions.py)
        blocking_threads=THREADS,
        backpressure=CONNECTIONS_MAX,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADERS_WITHIN_SECONDS * 1000, max_buffer_size=HEADERS_MAX
        ),
        workers_kill_timeout=END_WITHIN_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {}, "formatters": {}, "loggers": {}},  # logs.py has it all
    )
    server.serve(target_loader=partial(_load, os.getpid()), wrap_loader=False)


def _load(parent: int) -> Callable[..., Any]:
    """Return the application; called in the process that answers."""
    logs.set_up(config.settings())
    follow_parent(parent)
    from shiftbell.web.wsgi import application

    return application
