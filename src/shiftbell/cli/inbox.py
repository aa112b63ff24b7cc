"""`shiftbell inbox`: replies that need a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.cli.people import ShowNumbers
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.answer_inbox import Waiting

MEANINGS = ("opt_out", "ok")

ReplyId = Annotated[str, typer.Argument(help="The reply, like m34.")]


def register(app: typer.Typer) -> None:
    """Add `inbox`, `inbox done` and `inbox read`."""
    inbox = typer.Typer(invoke_without_command=True)
    inbox.callback()(list_replies)
    inbox.command("done")(done)
    inbox.command("read")(read)
    app.add_typer(inbox, name="inbox", rich_help_panel=terminal.DAILY)


def list_replies(
    context: typer.Context, show_numbers: ShowNumbers = False, json: terminal.Json = False
) -> None:
    """List the replies that need a person, oldest first; then say what was done about them.

    Answer people yourself, by phone or in RingCentral's app: nothing is sent from here.

    Example: shiftbell inbox
    """
    if context.invoked_subcommand is not None:
        return
    values = with_database()
    from shiftbell.flow.answer_inbox import waiting

    replies = [_entry(one, show_numbers) for one in waiting()]
    if json:
        terminal.say_json(replies)
        return
    if not replies:
        terminal.note("The inbox is empty: no reply needs a person.")
        return
    terminal.say_table(
        ("Id", "When", "Who", "Number", "Wrote", "Why", "About"),
        (
            (one["id"], terminal.local(one["received_at"], values.time_zone), one["name"],
             one["number"], one["text"], one["reason"], one["about"])
            for one in replies
        ),
    )  # fmt: skip
    if doubtful := [one["id"] for one in replies if one["in_review"]]:
        terminal.note(
            f"Offers wait until you say what {', '.join(doubtful)} meant: "
            f"shiftbell inbox read {doubtful[0]} opt_out (or ok)"
        )


def done(reply: ReplyId, json: terminal.Json = False) -> None:
    """Mark a reply as taken care of.

    Example: shiftbell inbox done m34
    """
    with_database()
    from shiftbell.flow.answer_inbox import put_aside

    message = put_aside(reply, actor="cli", now=terminal.now())
    if json:
        terminal.say_json({"id": str(message), "done": True})
    else:
        terminal.say(f"{message} is taken care of.")


def read(
    reply: ReplyId,
    meaning: Annotated[
        str, typer.Argument(metavar="opt_out|ok", help="opt_out, or ok if it is none.")
    ],
    json: terminal.Json = False,
) -> None:
    """Say whether a reply meant "no more texts"; its sender's offers wait until then.

    With opt_out nothing more is sent to the number. With ok offers go on.

    Example: shiftbell inbox read m34 opt_out
    """
    if meaning not in MEANINGS:
        raise BadInput(
            f"A reply is read as {' or '.join(MEANINGS)}.",
            hint="Write `shiftbell inbox read m34 opt_out`.",
        )
    with_database()
    from shiftbell.flow.answer_inbox import Meant, read_reply

    result = read_reply(reply, Meant(meaning), actor="cli", now=terminal.now())
    unread = [str(one) for one in result.unread]
    if json:
        terminal.say_json({"id": str(result.reply), "meaning": meaning, "unread": unread})
    elif result.meant is Meant.OPT_OUT:
        terminal.say(f"{result.reply} is an opt-out: no more texts to this number.")
    elif unread:
        terminal.say(f"{result.reply} is no opt-out. Offers still wait for {', '.join(unread)}.")
    else:
        terminal.say(f"{result.reply} is no opt-out. Offers to this number go on.")


def _entry(waiting: Waiting, show_numbers: bool) -> dict[str, Any]:
    from shiftbell.flow.write_text import shift_words
    from shiftbell.rules import phones

    reply, shift = waiting.reply, waiting.shift
    number = reply.number.e164
    return {
        "id": str(reply),
        "received_at": reply.received_at,
        "employee": str(reply.employee) if reply.employee else "",
        "name": reply.employee.name if reply.employee else "",
        "number": number if show_numbers else phones.mask(number),
        "text": reply.text if show_numbers else phones.mask_text(reply.text),
        "meaning": reply.meaning,
        "reason": waiting.reason,
        "shift": str(shift) if shift else "",
        "about": f"{shift_words(shift)} ({shift})" if shift else "",
        "in_review": waiting.in_review,
    }
