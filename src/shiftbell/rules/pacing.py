"""When the next call to RingCentral may leave.

RingCentral counts requests per user, app and usage group over a *sliding* minute, and any request
made while penalised restarts the whole penalty (its developer guide, "Rate limits"). Therefore:

* Counting per calendar minute would be wrong: 35 texts at 11:59:59 and 35 at 12:00:01 are 70 in two
  seconds. Departures are spaced, never burst: a burst would leave an answer nothing to say it
  with until the window has slid on.
* While penalised, silence is the fastest way forward: `paused_until` outranks any budget left.
* What RingCentral says in its headers outranks what its guide says; a header that cannot be read
  is as good as none.

Keeping the clock of each bucket is left to the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType


class Group(StrEnum):
    """RingCentral's usage groups, as its headers spell them."""

    LIGHT = "light"  # reads, message-sync, renewing a subscription
    MEDIUM = "medium"  # POST of a text; creating, changing and deleting subscriptions
    HEAVY = "heavy"  # account-wide lists; nothing we call
    AUTH = "auth"  # logins


# Requests a minute before the first header is heard.
DEFAULT_LIMITS: Mapping[str, int] = MappingProxyType(
    {Group.LIGHT: 50, Group.MEDIUM: 40, Group.HEAVY: 10, Group.AUTH: 5}
)
QUIET_DEFAULT = timedelta(seconds=30)  # RingCentral's advice for a 429 without Retry-After
QUIET_MIN = timedelta(seconds=1)
QUIET_MAX = timedelta(hours=1)
# 98.5 % of the permitted rate: over 40 slots the window gains 0.9 s, which swallows the jitter of
# the network. Without it, two requests that bunch up on the way would be the 41st of a minute.
_SPARE = 1.015
# A third of what a minute has to spare; the rest is for the way to RingCentral.
LATE_FORGIVEN = timedelta(seconds=0.3)
_LIMIT_MAX = 10_000
_NUMBER = re.compile(r"\d{1,9}(\.\d{0,9})?", re.ASCII)


@dataclass(frozen=True)
class RateHeard:
    """What an answer's headers say of its bucket; None where they say nothing usable."""

    group: str | None
    limit: int | None  # requests a window
    remaining: int | None
    window: timedelta | None


def spacing(limit_per_minute: int, ceiling: int | None = None) -> timedelta:
    """Return the time between two departures of one bucket.

    `ceiling` is the operator's own limit (SMS_RATE_LIMIT_PER_MINUTE), obeyed where it is lower.
    At 40 a minute this is 1.5225 s: the permitted rate less 1.5 %.
    """
    limit = min(limit_per_minute, limit_per_minute if ceiling is None else ceiling)
    assert limit >= 1, "a bucket that may send nothing is paused, not spaced"
    return timedelta(seconds=60 / limit * _SPARE)


def next_slot(previous_slot: datetime | None, now: datetime, spacing: timedelta) -> datetime:
    """Return the bucket's next slot, once one has been taken at `now`.

    A slot taken a little late keeps the grid, so a worker that ticks does not lose rate with every
    tick. Other time that passed unused earns nothing: after a quiet hour the next two departures
    are a full `spacing` apart like any others. A slot taken early (`previous_slot` ahead of `now`,
    as for the repeat after a 401) pushes the next one back, so the average holds.
    """
    if previous_slot is None or previous_slot < now - LATE_FORGIVEN:
        return now + spacing
    return previous_slot + spacing


def paused_until(now: datetime, retry_after: timedelta) -> datetime:
    """Return when a bucket that was told to be quiet may start something again."""
    return now + retry_after


def read_rate_headers(headers: Mapping[str, str]) -> RateHeard:
    """Return what the X-Rate-Limit headers say, whatever their case; never fails.

    The group comes back in lower case. A limit of 0, or one beyond reason, counts as not heard.
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    group = known.get("x-rate-limit-group", "").lower()
    limit = _whole(known.get("x-rate-limit-limit", ""))
    window = _whole(known.get("x-rate-limit-window", ""))
    return RateHeard(
        group=group if re.fullmatch(r"[a-z][a-z0-9_-]{0,31}", group, re.ASCII) else None,
        limit=limit if limit and limit <= _LIMIT_MAX else None,
        remaining=_whole(known.get("x-rate-limit-remaining", "")),
        window=timedelta(seconds=window) if window and window <= 86_400 else None,
    )


def retry_after(headers: Mapping[str, str], default: timedelta = QUIET_DEFAULT) -> timedelta:
    """Return how long RingCentral wants quiet: from one second to an hour.

    Retry-After is seconds, or a date, which is read against the answer's own Date header, since
    our clock may differ. Missing, negative or unreadable: `default`.
    """
    known = {name.lower(): value.strip() for name, value in headers.items()}
    asked = known.get("retry-after", "")
    if _NUMBER.fullmatch(asked):
        quiet = timedelta(seconds=float(asked))
    else:
        until, said_at = _http_date(asked), _http_date(known.get("date", ""))
        quiet = until - said_at if until and said_at else timedelta(seconds=-1)
    if quiet < timedelta(0):
        return default
    return min(max(quiet, QUIET_MIN), QUIET_MAX)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text, re.ASCII) else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
