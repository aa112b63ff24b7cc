"""How many calls RingCentral takes, and how long it sulks.

It counts per (application, extension, usage group) over a *sliding* minute, so forty calls at
11:59:59 leave nothing for 12:00:01. One call too many starts a penalty, and every call made
inside the penalty starts it again: a client that keeps knocking is never let in. The group's
name travels in lower case in the headers, whatever the documentation prints.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .refusals import Refusal

WINDOW_SECONDS = 60
DEFAULT_LIMITS = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}

Key = tuple[str, str, str]  # application, extension, group


@dataclass
class Bucket:
    """What one key has spent: the moments of its counted calls, and its penalty."""

    spent: deque[datetime] = field(default_factory=deque)
    penalty_until: datetime | None = None


@dataclass(frozen=True)
class Excess:
    """One 429 that was given: when, to whom, and whether it fell inside a running penalty."""

    at: datetime
    extension: str
    group: str
    in_penalty: bool


class Limiter:
    """Counts calls, refuses the one too many, and remembers every refusal in `excesses`."""

    def __init__(self, limits: Mapping[str, int] | None = None, penalty_seconds: int = 60) -> None:
        self.limits = {**DEFAULT_LIMITS, **(limits or {})}
        self.penalty_seconds = penalty_seconds
        self.excesses: list[Excess] = []
        self._buckets: dict[Key, Bucket] = {}

    def count(self, key: Key, now: datetime) -> dict[str, str]:
        """Count one call and return the rate headers of its answer.

        Raises Refusal (429 CMN-301, with `Retry-After`) when the call is one too many or falls
        into a penalty.
        """
        bucket = self._buckets.setdefault(key, Bucket())
        while bucket.spent and bucket.spent[0] <= now - timedelta(seconds=WINDOW_SECONDS):
            bucket.spent.popleft()
        if bucket.penalty_until is not None and now < bucket.penalty_until:
            raise self._excess(key, bucket, now, in_penalty=True)
        if len(bucket.spent) >= self.limits[key[2]]:
            raise self._excess(key, bucket, now, in_penalty=False)
        bucket.spent.append(now)
        return self._headers(key[2], len(bucket.spent))

    def penalise(self, key: Key, now: datetime) -> Refusal:
        """Start a penalty out of the blue and return the 429 that announces it."""
        return self._excess(key, self._buckets.setdefault(key, Bucket()), now, in_penalty=False)

    def _excess(self, key: Key, bucket: Bucket, now: datetime, *, in_penalty: bool) -> Refusal:
        bucket.penalty_until = now + timedelta(seconds=self.penalty_seconds)
        self.excesses.append(Excess(now, key[1], key[2], in_penalty))
        refusal = Refusal(429, "CMN-301", "Request rate exceeded")
        refusal.headers = self._headers(key[2], self.limits[key[2]])
        refusal.headers["Retry-After"] = str(self.penalty_seconds)
        return refusal

    def _headers(self, group: str, spent: int) -> dict[str, str]:
        limit = self.limits[group]
        return {
            "X-Rate-Limit-Group": group,
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(max(limit - spent, 0)),
            "X-Rate-Limit-Window": str(WINDOW_SECONDS),
        }
