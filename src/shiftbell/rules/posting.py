"""What follows from the POST of one text.

Pure: a POST ended somehow, and this says where the message goes and who else must be told. The one
thing never decided here is a second POST after one that may have left: that is doubt's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from shiftbell.rules import codes
from shiftbell.rules.codes import Code, Whose
from shiftbell.rules.delivery import State


class End(StrEnum):
    """How a POST ended."""

    ACCEPTED = "accepted"  # 2xx: RingCentral has it
    REFUSED = "refused"  # 4xx: it said no
    LIMITED = "limited"  # 429: it said not now
    NOT_SENT = "not_sent"  # no byte of it left us
    WITHDRAWN = "withdrawn"  # the last check said no; no byte of it left us
    UNKNOWN = "unknown"  # it may have left


@dataclass(frozen=True, slots=True)
class Posted:
    """What one POST taught us."""

    end: End
    ringcentral_id: str = ""
    status: int | None = None
    code: str = ""
    parameter: str = ""
    detail: str = ""
    request_id: str = ""
    group: str = "medium"
    retry_after: timedelta | None = None
    skew_seconds: float | None = None  # RingCentral's clock minus ours, when the answer came


@dataclass(frozen=True, slots=True)
class Next:
    """Where the message goes, and what else follows."""

    state: State
    reason: str = ""
    pause_for_fault: bool = False  # the whole bucket waits: the next text would fare the same
    back_off: bool = False  # RingCentral is hard to reach: the bucket waits for seconds
    postpone: bool = False  # this text alone waits: the next one may fare better
    hold_broadcast: bool = False  # counts towards holding the rest of its broadcast
    code: Code | None = None


def after_post(posted: Posted) -> Next:
    """Decide what a POST's end means for its message."""
    match posted.end:
        case End.ACCEPTED:
            return Next(State.SENT)
        case End.UNKNOWN:
            return Next(State.IN_DOUBT, posted.detail or "no answer", back_off=True)
        case End.LIMITED:
            return Next(State.QUEUED, "rate limit")
        case End.NOT_SENT:
            return Next(State.QUEUED, posted.detail or "not connected", back_off=True)
        case End.WITHDRAWN:
            return Next(State.QUEUED, "checked again before it left")
        case End.REFUSED:
            return _refused(posted)


def _refused(posted: Posted) -> Next:
    code = codes.row(posted.code, status=posted.status, parameter=posted.parameter)
    reason = f"{code.code}: {code.meaning}"
    match code.whose:
        case Whose.RECIPIENT:
            return Next(State.FAILED, reason, code=code)
        case Whose.CONTENT:
            return Next(State.FAILED, reason, hold_broadcast=code.hold_broadcast, code=code)
        case Whose.OURS | Whose.THEIRS | Whose.PACE:
            pauses = code.pause_bucket
            return Next(
                State.QUEUED, reason, pause_for_fault=pauses, postpone=not pauses, code=code
            )
