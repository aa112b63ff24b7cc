"""What state a text is in, which moves are legal, and what RingCentral's statuses change.

RingCentral's statuses arrive late, twice and out of order, by webhook, by message-sync and by
polling. Three things keep that harmless:

* Final is final: what arrives after `delivered`, `failed` or `cancelled` changes no state. The
  consequences of its code still follow (an opt-out is an opt-out, however late it is heard).
* `Sent` may be the last we ever hear: not every carrier reports a delivery. Nothing waits for more.
* Two codes (SMS-CAR-104 and -199) say that nobody knows. Such a text stays `sent`: it may be on
  the phone, so it is neither called failed nor ever sent again.

Who reads the statuses, and what becomes of the consequences, is left to the flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from shiftbell.rules import codes
from shiftbell.rules.codes import Code

CHECK_AGAIN_IN = timedelta(hours=1)  # what RingCentral advises for SMS-CAR-104


class State(StrEnum):
    """The states of an outgoing message."""

    QUEUED = "queued"  # ours: waiting its turn
    SENDING = "sending"  # ours: a worker holds the lease; RingCentral may already have it
    SENT = "sent"  # theirs: accepted, not yet known to be on a phone
    DELIVERED = "delivered"  # the carrier says so
    FAILED = "failed"  # refused for good; the code says by whom
    IN_DOUBT = "in_doubt"  # it may have left; the message store decides, never a blind second POST
    CANCELLED = "cancelled"  # filled, withdrawn, opted out or expired; the reason says which


MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        # To sent: a late answer proved that an attempt called absent had left after all.
        State.QUEUED: frozenset({State.SENDING, State.SENT, State.CANCELLED}),
        # Back to queued: told to be quiet, refused before the body left, or our own fault.
        State.SENDING: frozenset({State.SENT, State.FAILED, State.QUEUED, State.IN_DOUBT}),
        State.IN_DOUBT: frozenset(
            {State.SENT, State.DELIVERED, State.FAILED, State.QUEUED, State.CANCELLED}
        ),
        State.SENT: frozenset({State.DELIVERED, State.FAILED}),
        State.DELIVERED: frozenset(),
        State.FAILED: frozenset(),
        State.CANCELLED: frozenset(),
    }
)
FINAL = frozenset(state for state, onward in MOVES.items() if not onward)

# RingCentral's messageStatus. `Received` belongs to inbound texts and says nothing here.
_SAYS: Mapping[str, State] = MappingProxyType(
    {
        "Queued": State.SENT,
        "Sent": State.SENT,
        "Delivered": State.DELIVERED,
        "DeliveryFailed": State.FAILED,
        "SendingFailed": State.FAILED,
    }
)


@dataclass(frozen=True)
class DeliveryVerdict:
    """What one status changes. `state` None: the message stays as it is.

    `code` is the row whose consequences follow, whether or not the state changed; `check_again`
    says after how long the status is worth reading once more; `why` is a sentence for people.
    """

    state: State | None
    code: Code | None
    check_again: timedelta | None
    why: str


def may_move(old: State, new: State) -> bool:
    """Tell whether a message may go from `old` to `new`; staying where it is is no move."""
    return new in MOVES[old]


def follow(state: State, message_status: str, error_code: str = "") -> DeliveryVerdict:
    """Decide what RingCentral's `message_status` and `deliveryErrorCode` mean for a message.

    Only `sent` and `in_doubt` listen to a status: a message that is being sent belongs to its
    worker, and a queued one was not RingCentral's to speak about.
    """
    code = codes.row(error_code) if error_code else None
    says = _SAYS.get(message_status)
    if says is None:
        return DeliveryVerdict(
            None, code, None, f"The status {message_status[:40]!r} changes nothing."
        )
    if says is State.FAILED and code is not None and code.never_resend:
        says = State.SENT
    check_again = CHECK_AGAIN_IN if code is not None and code.never_resend else None
    why = f"RingCentral says {message_status}" + (
        f" ({code.code}): {code.meaning}" if code else "."
    )
    if state not in (State.SENT, State.IN_DOUBT) or not may_move(state, says):
        return DeliveryVerdict(None, code, None if state in FINAL else check_again, why)
    return DeliveryVerdict(says, code, check_again, why)
