"""Send: claim one text, POST it, settle what the POST taught us.

The three steps are three functions, so that a test can kill the worker between any two: after
`claim` the text is leased and may have left; after `post` RingCentral may have it and we have not
written so; after `settle` all is told. Whatever dies in between becomes doubt when the lease ends,
and the message store decides.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from shiftbell.errors import (
    DeadlinePassed,
    LoginRefused,
    NotDelivered,
    OutcomeUnknown,
    PaceExceeded,
    RateLimited,
    RefusedByRingCentral,
    RingCentralError,
    WithdrawnAtTheLastMoment,
)
from shiftbell.flow.switchboard import Switchboard
from shiftbell.rules.posting import End, Posted
from shiftbell.store import buckets
from shiftbell.store.claiming import Leased, claim, still_may_leave
from shiftbell.store.models import Sender
from shiftbell.store.settling import settle
from shiftbell.store.transactions import assert_outside

PROMPT = timedelta(seconds=5)


def send_next(board: Switchboard) -> bool:
    """Send the best text that may leave now. Returns whether there was one."""
    # Taken before the claim: a worker that freezes anywhere after this line, for longer than the
    # lease, finds the deadline passed and writes nothing.
    deadline = time.monotonic() + board.values.http_timeout_seconds

    # 1. Lease one text. The number's row is locked, so a STOP commits wholly before or after.
    leased = claim(board.now(), board.values)
    if leased is None:
        return False

    # 2. POST it, with no transaction open. A crash here leaves a lease that ends in doubt.
    posted = post(board, leased, deadline)

    # 3. Write down what we know, unless the lease was lost meanwhile.
    settle(leased, posted, board.now())
    return True


def post(board: Switchboard, leased: Leased, deadline: float) -> Posted:
    """POST a leased text and return how it ended. `deadline` is on the monotonic clock."""
    assert_outside()
    client = board.client(Sender.objects.get(pk=leased.sender_id))
    began = board.now()
    try:
        sent = client.send_sms(
            leased.sender_number,
            leased.to,
            leased.text,
            deadline=deadline,
            last_check=lambda: _last_check(board, leased),
        )
    except (WithdrawnAtTheLastMoment, DeadlinePassed) as error:
        return Posted(End.WITHDRAWN, detail=error.message)
    except PaceExceeded as error:
        return Posted(End.LIMITED, detail=error.message, retry_after=error.quiet_for)
    except RingCentralError as error:
        return _failed(error)
    return Posted(
        End.ACCEPTED,
        ringcentral_id=sent.id,
        status=200,
        request_id=sent.request_id,
        skew_seconds=_skew(sent.server_time, began, board.now()),
    )


def _failed(error: RingCentralError) -> Posted:
    detail, request_id = error.message, error.request_id
    match error:
        case RateLimited():
            return Posted(
                End.LIMITED,
                status=429,
                code=error.code,
                group=error.group,
                retry_after=error.retry_after,
                detail=detail,
                request_id=request_id,
            )
        case LoginRefused():
            # About us, not about this text: it waits until someone has mended the login.
            return Posted(End.NOT_SENT, detail=detail, request_id=request_id)
        case RefusedByRingCentral():
            return Posted(
                End.REFUSED,
                status=error.status,
                code=error.code,
                parameter=error.parameter,
                detail=detail,
                request_id=request_id,
            )
        case NotDelivered():
            return Posted(End.NOT_SENT, detail=detail, request_id=request_id)
        case OutcomeUnknown():
            return Posted(End.UNKNOWN, detail=detail, request_id=request_id)
        case _:
            raise AssertionError(f"send_sms may not raise {type(error).__name__}") from error


def _last_check(board: Switchboard, leased: Leased) -> None:
    """Run right before the first byte: lease, penalty, opt-out and shift, once more.

    The slot is taken first: waiting for it is waiting for a writer, who may be the very STOP.
    """
    if board.now() - leased.started_at > buckets.LATE:
        buckets.take_another_slot(leased.sender_id, board.values.sms_rate_limit_per_minute)
    if not still_may_leave(leased, board.now(), board.values):
        raise WithdrawnAtTheLastMoment("It may not leave any more.")


def _skew(server_time: datetime | None, began: datetime, ended: datetime) -> float | None:
    """Return RingCentral's clock minus ours; nothing from an answer that took too long to say."""
    if server_time is None or ended - began > PROMPT:
        return None
    return (server_time - ended).total_seconds()
