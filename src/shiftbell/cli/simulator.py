"""simulator: a RingCentral on this machine, to try Shiftbell or any other client against.

With --mail-port it takes letters as well, and shows them beside the phones.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from shiftbell.cli import terminal
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.simulator.mail import MailServer
    from shiftbell.simulator.server import Server

PORT = 8090
PUBLIC = "http://127.0.0.1:3000"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("simulator", rich_help_panel=terminal.TRY)(simulator)


def simulator(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Listen here; 0: any free port.")
    ] = PORT,
    host: Annotated[str, typer.Option(help="Listen on this address.")] = "127.0.0.1",
    mail_port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Be a mail server here too; 0: any free port."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.")] = 1,
    senders: Annotated[int, typer.Option(min=1, max=100, help="How many extensions can text.")] = 1,
    crew: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND=WEIGHT",
            help="How strangers answer, like says_yes=2; else they are silent.",
        ),
    ] = None,
) -> None:
    """Pretend to be RingCentral: its API, its limits, its webhooks, and a page of phones.

    Prints the settings that a client needs; the page at the address shows every phone. With
    --mail-port it takes e-mail too, which never leaves this machine, and shows it beside them.

    Example: shiftbell simulator --mail-port 8025 --crew says_yes=2 --crew silent=5
    """
    from shiftbell.simulator.server import serve
    from shiftbell.simulator.world import Setup

    try:
        setup = Setup(senders=senders, temperaments=dict(map(_weight, crew or [])))
    except ValueError as error:
        from shiftbell.simulator.people import TEMPERAMENTS

        known = ", ".join(TEMPERAMENTS)
        raise BadInput(f"{error}.".capitalize(), hint=f"Choose from: {known}.") from None
    post = None if mail_port is None else _mail_server(host, mail_port)
    try:
        serve(
            host, port, seed, setup=setup, mails=post.mails if post else None,
            on_ready=partial(_introduce, post=post),
        )  # fmt: skip
    except OSError:
        raise _taken(host, port, "--port") from None
    finally:
        if post is not None:
            post.stop()


def _mail_server(host: str, port: int) -> MailServer:
    from shiftbell.simulator.mail import MailServer

    try:
        post = MailServer(host, port)
    except OSError:
        raise _taken(host, port, "--mail-port") from None
    post.start()
    return post


def _taken(host: str, port: int, option: str) -> BadInput:
    words = f"Port {port} on {host} cannot be listened on."
    return BadInput(words, hint=f"Choose another with {option}.")


def _introduce(server: Server, *, post: MailServer | None) -> None:
    from shiftbell.simulator.control import environment

    terminal.say(environment(server.world, server.url).rstrip())
    if post is not None:
        # Letters hold links to pages that `shiftbell serve` shows, by default at this address.
        terminal.say(f"SMTP_URL={post.url}\nMAIL_FROM=shifts@example.com\nPUBLIC_URL={PUBLIC}")
    mail = f", the mail at {server.url}/mail" if post else ""
    terminal.note(
        f"The phones are at {server.url}/{mail} and the RC_ settings at {server.url}"
        "/_simulator/env. Ctrl-C ends."
    )
    sys.stdout.flush()


def _weight(text: str) -> tuple[str, float]:
    kind, _, weight = text.partition("=")
    try:
        return kind, float(weight or 1)  # `Setup` refuses a weight that is none, like -1 or nan
    except ValueError:
        raise BadInput(f"--crew {text} has no weight.", hint="Write it like says_yes=2.") from None
