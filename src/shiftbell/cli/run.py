"""serve, web and worker: what runs day and night.

`serve` is all of Shiftbell on one machine: a parent of the other two. A configuration that cannot
work ends the start with its sentences; RingCentral being out of reach does not, since the worker
tries again and /health shows it.
"""

from __future__ import annotations

import socket
import sys
import threading
import time
from typing import Annotated

import typer

from shiftbell import config
from shiftbell.cli import terminal
from shiftbell.cli.database import try_to_write, with_ringcentral
from shiftbell.errors import ConfigError

# A worker that is told to end finishes the POST it is in; a little more, and it is killed.
GRACE_SECONDS = 5.0
LISTEN_WITHIN_SECONDS = 60.0

Host = Annotated[str, typer.Option(help="Listen on this address instead of HOST.")]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Listen here instead of PORT; 0: any free one.")
]
Parent = Annotated[int, typer.Option(hidden=True)]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve", rich_help_panel=terminal.RUN)(serve)
    app.command("web", rich_help_panel=terminal.RUN)(web)
    app.command("worker", rich_help_panel=terminal.RUN)(worker)


def serve(host: Host = "", port: Port = None, parent: Parent = 0) -> None:
    """Run everything on this machine: the web process and the worker, restarted when they die.

    Needs RingCentral's settings in .env or the environment. Ends with Ctrl-C or SIGTERM.

    Example: shiftbell serve
    """
    from shiftbell.cli.family import Child, follow_parent, keep_running, stop_on_signals

    values = _ready()
    host = host or values.host
    ports = _ports(values, host, values.port if port is None else port)
    stop = stop_on_signals()
    if parent:
        follow_parent(parent)
    names = ("web", "webhook")
    children = [
        Child(name, ["web", "--host", host, "--port", str(number)])
        for name, number in zip(names, ports, strict=False)
    ]
    # RingCentral calls the webhook while the worker subscribes: the web process comes first.
    children.append(Child("worker", ["worker"], ready=lambda: _all_listen(host, ports)))
    _announce_when_ready(values, host, ports)
    grace = values.http_timeout_seconds + GRACE_SECONDS
    raise typer.Exit(keep_running(children, stop, grace=grace))


def web(host: Host = "", port: Port = None, parent: Parent = 0) -> None:
    """Run the web process alone: the webhook and /health.

    Example: shiftbell web --port 3001
    """
    from django.db import connections

    from shiftbell.cli.family import follow_parent
    from shiftbell.cli.server import serve_web

    values = _ready()
    connections.close_all()  # the server forks; SQLite must not be open across that
    host = host or values.host
    wanted = values.port if port is None else port
    wanted = wanted if parent else _free_port(host, "PORT", wanted)
    if parent:
        follow_parent(parent)
    else:
        _announce_when_ready(values, host, [wanted])
    serve_web(host, wanted)


def worker(parent: Parent = 0) -> None:
    """Run the worker alone: it sends, hears, reminds and looks after the subscription.

    Example: shiftbell worker
    """
    from shiftbell.cli.family import follow_parent, stop_on_signals

    values = _ready()
    from shiftbell.engine.worker import run_worker

    stop = stop_on_signals()
    if parent:
        follow_parent(parent)
    run_worker(values, stop)


def _ready() -> config.Settings:
    """Return the settings once everything that a start can check was checked."""
    values = with_ringcentral()
    try_to_write()
    return values


def _ports(values: config.Settings, host: str, port: int) -> list[int]:
    """Return where the pages are, and where the webhook is if that is elsewhere."""
    if values.webhook_port is None:
        return [_free_port(host, "PORT", port)]
    if values.webhook_port == port:
        raise ConfigError(
            f"WEBHOOK_PORT is PORT, {port}.",
            hint="Choose another, or leave it empty: PORT serves the webhook then.",
        )
    return [_free_port(host, "PORT", port), _free_port(host, "WEBHOOK_PORT", values.webhook_port)]


def _free_port(host: str, name: str, port: int) -> int:
    """Return the port, or a free one for 0; raise ConfigError when it cannot be listened on."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As the server will: a port whose last connections are still closing is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            return int(probe.getsockname()[1])
    except socket.gaierror:
        raise ConfigError(f"HOST {host} is no address of this machine.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"{name} {port} on {host} cannot be listened on: {reason}.",
            hint="Stop what uses it, or choose another.",
        ) from None


def _announce_when_ready(values: config.Settings, host: str, ports: list[int]) -> None:
    """Print one line with the addresses as soon as they answer."""
    shown = f"[{_reachable(host)}]" if ":" in host else _reachable(host)
    words = f"Shiftbell answers at http://{shown}:{ports[0]}/health"
    words += f"; the webhook is http://{shown}:{ports[-1]}/webhooks/ringcentral."
    if values.simulated:
        words += " SIMULATED: no text reaches a person."

    def announce() -> None:
        give_up_at = time.monotonic() + LISTEN_WITHIN_SECONDS
        while not _all_listen(host, ports):
            if time.monotonic() > give_up_at:
                return
            time.sleep(0.05)
        terminal.say(words)
        sys.stdout.flush()

    threading.Thread(target=announce, name="announce", daemon=True).start()


def _all_listen(host: str, ports: list[int]) -> bool:
    try:
        for port in ports:
            socket.create_connection((_reachable(host), port), timeout=1).close()
    except OSError:
        return False
    return True


def _reachable(host: str) -> str:
    """Return where a server that listens on `host` is reached from this machine."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
