"""send-test: one real text, step by step, the way every other one goes.

What would make texts fail is asked of RingCentral first, in the order in which it usually goes
wrong. Then one text takes the same road as all others: the outbox, the rate bucket, the checks. A
running worker sends it; where none runs, this process does.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell import config
from shiftbell.cli import terminal
from shiftbell.cli.database import with_ringcentral
from shiftbell.errors import (
    BadInput,
    ConfigError,
    PaceExceeded,
    RefusedByRingCentral,
    RingCentralError,
    ShiftbellError,
)

if TYPE_CHECKING:
    from shiftbell.flow.switchboard import Switchboard
    from shiftbell.ringcentral.records import PhoneNumber as TheirNumber
    from shiftbell.store.models import Message, Sender

WAIT_SECONDS = 60
LOOK_SECONDS = 0.25
ASK_AGAIN_SECONDS = 1.5

Tick = Callable[[str], None]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("send-test", rich_help_panel=terminal.SET_UP)(send_test)


def send_test(
    number: Annotated[
        str, typer.Argument(help="Where to send it, instead of TEST_PHONE_NUMBER.")
    ] = "",
    wait: Annotated[
        int, typer.Option(min=1, max=600, help="Follow the text for so many seconds.")
    ] = WAIT_SECONDS,
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Log in, check the number, send one real text, and follow it to its final status.

    With --dry-run everything is checked and nothing is sent.

    Example: shiftbell send-test +13125550142
    """
    values = with_ringcentral()
    config.require_brand(values)
    to = _recipient(number, values)
    tell = terminal.note if json else terminal.say

    def tick(words: str) -> None:
        tell(f"✔ {words}")

    from shiftbell.flow.switchboard import Switchboard
    from shiftbell.rules.phones import mask

    board = Switchboard(values)
    try:
        sender = _sender(board, to)
        _check_sender(board, sender, tick)
        result: dict[str, Any] = {"to": mask(to), "from": mask(sender.e164), "sent": False}
        if not dry_run:
            result |= _send(board, sender, to, timedelta(seconds=wait), tick)
    finally:
        board.close()
    if json:
        terminal.say_json(result)
    _end_by(result, dry_run=dry_run)


def _recipient(number: str, values: config.Settings) -> str:
    from shiftbell.rules import phones

    if not number and not values.test_phone_number:
        raise BadInput(
            "There is no number to send to.",
            hint="Name one, like `shiftbell send-test +13125550142`, or set TEST_PHONE_NUMBER.",
        )
    return phones.parse(number or values.test_phone_number, values.default_region)


def _sender(board: Switchboard, to: str) -> Sender:
    from shiftbell.store import numbers
    from shiftbell.store.transactions import write

    board.open()
    with write():
        return numbers.sender_for(numbers.number_row(to))


def _check_sender(board: Switchboard, sender: Sender, tick: Tick) -> None:
    """Ask RingCentral for what would make every text fail; raise with what to do about it."""
    from shiftbell.rules.phones import mask

    client, shown = board.client(sender), mask(sender.e164)
    extension = client.extension()
    tick(f"Logged in as {extension.name or 'extension'} ({extension.number or extension.id}).")
    own = next((one for one in client.phone_numbers() if one.number == sender.e164), None)
    if own is None:
        raise ConfigError(
            f"RC_FROM_NUMBER {shown} does not belong to the extension that logged in.",
            hint="Create the JWT as the user who owns the number, or use one of that user's.",
        )
    tick(f"{shown} belongs to it.")
    if not own.can_send_sms:
        raise ConfigError(
            f"RC_FROM_NUMBER {shown} cannot send texts: it lacks the feature SmsSender.",
            hint="Ask RingCentral's administrator to enable SMS for it, or use another.",
        )
    tick(f"{shown} can send texts.")
    _check_campaign(board, sender, own, tick)


def _check_campaign(board: Switchboard, sender: Sender, own: TheirNumber, tick: Tick) -> None:
    from shiftbell.rules import phones, registration

    told = board.client(sender).sms_configuration(own.id).campaign_status
    status = registration.status_of(told, needed=phones.needs_campaign(sender.e164))
    if not registration.may_send(status):
        raise ShiftbellError(
            f"The number's texting campaign is not Confirmed but {status}, so carriers would "
            "refuse every text.",
            hint="Register a campaign in RingCentral's admin portal and link the number to it.",
        )
    tick("Its texting campaign is Confirmed." if status else "It needs no texting campaign.")


def _send(
    board: Switchboard, sender: Sender, to: str, wait: timedelta, tick: Tick
) -> dict[str, Any]:
    """Queue one text, see it leave, and follow it until it is final or `wait` is over."""
    from shiftbell.rules.phones import mask

    give_up_at = board.now() + wait
    message = _queue(sender, to, board.now(), give_up_at)
    by = "the running worker" if _worker_runs(board.now()) else "this process"
    tick(f"Queued as {message} for {mask(to)}; {by} sends it.")
    _see_it_leave(board, message, give_up_at)
    if message.ringcentral_id:
        tick(f"RingCentral accepted it as its message {message.ringcentral_id}.")
        _follow(board, sender, message, give_up_at)
    if message.state == "delivered":
        tick("The carrier says it was delivered.")
    return {
        "sent": message.ringcentral_id is not None,
        "message": str(message),
        "ringcentral_id": message.ringcentral_id,
        "status": message.state,
        "error_code": message.error_code,
        "reason": message.reason or _why_waiting(message),
    }


def _queue(sender: Sender, to: str, now: datetime, give_up_at: datetime) -> Message:
    from shiftbell.flow.write_text import write_text
    from shiftbell.rules.sending import Kind
    from shiftbell.rules.wording import Wording
    from shiftbell.store import numbers, outbox
    from shiftbell.store.transactions import write

    with write():
        number = numbers.locked_number(numbers.number_row(to).pk)
        message = outbox.queue(
            Kind.TEST,
            number,
            write_text(Wording.TEST, numbers.holder(number), number),
            intent=f"test:{secrets.token_hex(8)}",
            now=now,
            expires_at=give_up_at,  # a test that nobody waits for any more must not leave
            sender=sender,
        )
    assert message is not None, "every test is an intent of its own"
    return message


def _see_it_leave(board: Switchboard, message: Message, give_up_at: datetime) -> None:
    from shiftbell.flow.expire import expire
    from shiftbell.flow.send_messages import send_next

    # A worker that dies meanwhile leaves the text "sending" until its lease is over.
    end_at = give_up_at + board.values.lease
    while message.state in {"queued", "sending"} and board.now() < end_at:
        sent = False if _worker_runs(board.now()) else send_next(board)
        if board.now() >= give_up_at and message.state == "queued":
            expire(board.now())
        if not sent:
            time.sleep(LOOK_SECONDS)
        message.refresh_from_db()


def _follow(board: Switchboard, sender: Sender, message: Message, give_up_at: datetime) -> None:
    from shiftbell.flow.track_delivery import follow_record

    assert message.ringcentral_id is not None
    while message.state == "sent" and board.now() < give_up_at:
        try:
            record = board.client(sender).get_message(message.ringcentral_id)
            follow_record(sender, record, board.now())
        except RefusedByRingCentral:
            raise
        except (RingCentralError, PaceExceeded):
            pass  # it left; whether it can be asked about just now is another matter
        message.refresh_from_db()
        if message.state == "sent":
            time.sleep(ASK_AGAIN_SECONDS)


def _worker_runs(now: datetime) -> bool:
    from shiftbell.store import beats

    return beats.alive(beats.last(), now)


def _why_waiting(message: Message) -> str:
    """Return what keeps the sender's texts back, if anything does."""
    from shiftbell.store.models import RateBucket, Sender

    sender = Sender.objects.get(pk=message.sender_id)
    bucket = RateBucket.objects.filter(sender=sender, group="medium").first()
    return sender.down_reason or (bucket.paused_reason if bucket else "")


def _end_by(result: dict[str, Any], *, dry_run: bool) -> None:
    """Raise what the exit code and the last sentence should say; sent and delivered are good."""
    status, reason = result.get("status"), str(result.get("reason", ""))
    if dry_run or status == "delivered":
        return
    if status == "sent":
        terminal.note("Sent. Many carriers in the USA never report more, so this may be final.")
        return
    if status == "in_doubt":
        raise ShiftbellError(
            "It is not known whether the text left.",
            hint=f"See `shiftbell why {result['message']}` in two minutes.",
        )
    raise ShiftbellError(
        f"The text did not arrive ({status}): {(reason or result['error_code']).rstrip('.')}.",
        hint=f"`shiftbell why {result['message']}` tells the whole story.",
    )
