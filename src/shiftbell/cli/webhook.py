"""webhook: make, look at, renew and delete the subscription of every sender by hand.

The worker does all of it by itself; these commands are for the day it is set up, and for the day
it must stop. RingCentral calls WEBHOOK_URL while it answers `create`, so `serve` must be running.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from shiftbell import config
from shiftbell.cli import terminal
from shiftbell.cli.database import with_ringcentral
from shiftbell.errors import ConfigError

if TYPE_CHECKING:
    from shiftbell.flow.switchboard import Switchboard
    from shiftbell.store.models import Sender

COLUMNS = ("sender", "status", "address", "expires", "note")

Row = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    hooks = typer.Typer(
        no_args_is_help=True, help="Make, look at, renew or delete the webhook subscription."
    )
    for command in (create, status, renew, delete):
        hooks.command(command.__name__)(command)
    app.add_typer(hooks, name="webhook", rich_help_panel=terminal.SET_UP)


def create(json: terminal.Json = False) -> None:
    """Make sure that every sender has one sound subscription to WEBHOOK_URL.

    Shiftbell must be running there already: RingCentral calls it before it answers.

    Example: shiftbell webhook create
    """

    def make(board: Switchboard, sender: Sender) -> Row:
        from shiftbell.flow import keep_subscription

        _require_address(board.values)
        made = keep_subscription.ensure(board, sender)
        return _row(sender, made.status, made.address, made.expires_at)

    _each_sender(make, json)


def status(json: terminal.Json = False) -> None:
    """Show RingCentral's own word on every sender's subscription, and what is wrong with it.

    Ends with exit code 1 when one is missing or unsound.

    Example: shiftbell webhook status --json
    """

    def look(board: Switchboard, sender: Sender) -> Row:
        from shiftbell.flow import keep_subscription
        from shiftbell.ringcentral.subscription import troubles

        found = keep_subscription.read(board, sender)
        if found is None:
            return _row(sender, "missing", note="Make it with `shiftbell webhook create`.")
        wrong = troubles(found, board.now(), address=board.values.webhook_url)
        return _row(sender, found.status, found.address, found.expires_at, " ".join(wrong))

    rows = _each_sender(look, json)
    if any(row["status"] == "missing" or row["note"] for row in rows):
        raise typer.Exit(terminal.FAILED)


def renew(json: terminal.Json = False) -> None:
    """Renew every sender's subscription now, or make it where RingCentral has none.

    Example: shiftbell webhook renew
    """

    def extend(board: Switchboard, sender: Sender) -> Row:
        from shiftbell.flow import keep_subscription

        _require_address(board.values)
        kept = keep_subscription.renew(board, sender)
        return _row(sender, kept.status, kept.address, kept.expires_at)

    _each_sender(extend, json)


def delete(json: terminal.Json = False) -> None:
    """Delete every sender's subscription; replies are then found by message-sync alone.

    A running worker makes it again while WEBHOOK_URL is set, so empty that first.

    Example: shiftbell webhook delete
    """

    def end(board: Switchboard, sender: Sender) -> Row:
        from shiftbell.flow import keep_subscription

        was_there = keep_subscription.delete(board, sender)
        return _row(sender, "deleted" if was_there else "missing")

    _each_sender(end, json)


def _each_sender(act: Callable[[Switchboard, Sender], Row], json: bool) -> list[Row]:
    """Do one thing for every sender and print a row for each."""
    with _switchboard() as board:
        rows = [act(board, sender) for sender in board.open()]
    if json:
        terminal.say_json(rows)
    else:
        terminal.say_table(COLUMNS, _shown(rows))
    return rows


@contextmanager
def _switchboard() -> Iterator[Switchboard]:
    values = with_ringcentral()
    from shiftbell.flow.switchboard import Switchboard

    board = Switchboard(values)
    try:
        yield board
    finally:
        board.close()


def _require_address(values: config.Settings) -> None:
    if not values.webhook_url:
        raise ConfigError(
            "WEBHOOK_URL is missing.",
            hint="Write where RingCentral reaches this machine, like "
            "https://example.org/webhooks/ringcentral.",
        )


def _row(
    sender: Sender, status: str, address: str = "", expires: Any = None, note: str = ""
) -> Row:
    from shiftbell.rules import phones

    return {
        "sender": phones.mask(sender.e164),
        "status": status,
        "address": address,
        "expires": expires,
        "note": note,
    }


def _shown(rows: Iterable[Row]) -> Iterator[list[object]]:
    for row in rows:
        expires = row["expires"] and f"{row['expires']:%Y-%m-%d}"
        yield [expires if column == "expires" else row[column] for column in COLUMNS]
