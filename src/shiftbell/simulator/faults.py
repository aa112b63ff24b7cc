"""What can go wrong, by name, and how often.

A fault strikes by its rate (0 to 1), or surely for the next N calls that it fits, after it has let
M of them pass: the third page of a list fails with `next=1, skip=2`. Faults of a call fit a path by
a pattern (`*/sms`); the others belong to a delivery, a text or the mailbox and have no path. A
fault that is switched off never touches the dice: switching one on changes what it strikes, and
nothing that happened before.
"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

SENDING = "*/sms"


@dataclass(frozen=True)
class Fault:
    """One way to fail and its present setting.

    `rate` is a probability, `next` a number of certain strikes left, `skip` how many occasions pass
    unharmed before, `seconds` a length of time where the fault has one, `path` a pattern with * for
    a call's path, `status` an HTTP status.
    """

    name: str
    meaning: str
    rate: float = 0.0
    next: int = 0
    seconds: float = 0.0
    path: str = "*"
    status: int = 0
    skip: int = 0


CATALOGUE = (
    Fault("error_before_accept", "5xx, and nothing was done", path=SENDING, status=503),
    Fault("error_after_accept", "5xx, although the text was accepted", path=SENDING, status=500),
    Fault("drop_before_accept", "connection closed, nothing was done", path=SENDING),
    Fault("drop_after_accept", "text accepted, then the connection is closed", path=SENDING),
    Fault("slow_answer", "done at once, answered `seconds` later", path=SENDING, seconds=30),
    Fault("answer_cut", "done, but the answer ends in the middle of its JSON", path=SENDING),
    Fault("rate_limited", "a 429 out of the blue, with its penalty", path=SENDING),
    Fault("token_death", "the session dies before its time: 401 OAU-213"),
    Fault("sync_token_lost", "message-sync refuses its token: MSG-333"),
    Fault("webhook_lost", "an event is never delivered"),
    Fault("webhook_doubled", "an event is delivered twice", seconds=1),
    Fault("webhook_reordered", "an event is held back up to `seconds`", seconds=10),
    Fault("webhook_delayed", "an event comes `seconds` late", seconds=30),
    Fault("store_lag", "a new record shows up in the store after `seconds`", seconds=20),
    Fault("carrier_loss", "the carrier takes the text and loses it: Sent for ever"),
    Fault("late_flip", "a final status turns into its opposite minutes later", seconds=600),
    Fault("limbo", "SMS-CAR-104 though the phone has the text; corrected an hour later"),
    Fault("campaign_suspended", "the campaign is not Confirmed: SendingFailed SMS-UP-414"),
)


class Faults:
    """The present setting of every fault."""

    def __init__(self, dice: random.Random, rates: dict[str, float] | None = None) -> None:
        self._dice = dice
        self._now: dict[str, Fault] = {}
        self.clear()
        for name, rate in (rates or {}).items():
            self.set(name, rate=rate)

    def set(self, name: str, **setting: Any) -> Fault:
        """Change a fault's rate, next, skip, seconds, path or status.

        Raises KeyError for a name that is not in the catalogue, ValueError for a setting
        that makes no sense.
        """
        fault = replace(self._now[name], **setting)
        counts = (fault.next, fault.skip)
        if not 0 <= fault.rate <= 1 or min(counts) < 0 or not 0 <= fault.seconds <= 1e7:
            raise ValueError("rate is 0 to 1; next, skip and seconds are 0 or more")
        if fault.status and not 500 <= fault.status <= 599:
            raise ValueError("status is 500 to 599")
        self._now[name] = fault
        return fault

    def clear(self, name: str | None = None) -> None:
        """Switch one fault off, or all of them, and forget their settings."""
        for fault in CATALOGUE:
            if name in (None, fault.name):
                self._now[fault.name] = fault

    def strikes(self, name: str, path: str = "*") -> Fault | None:
        """Throw the dice for one occasion; return the fault if it strikes."""
        fault = self._now[name]
        if not (fault.next or fault.rate) or not fnmatchcase(path, fault.path):
            return None
        if fault.skip:
            self._now[name] = replace(fault, skip=fault.skip - 1)
            return None
        if fault.next:
            self._now[name] = replace(fault, next=fault.next - 1)
            return fault
        return fault if self._dice.random() < fault.rate else None

    def is_on(self, name: str) -> bool:
        """Tell whether a fault may strike at all, without throwing the dice."""
        fault = self._now[name]
        return bool(fault.next or fault.rate)

    def to_json(self) -> list[dict[str, Any]]:
        """List every fault with its meaning and present setting."""
        return [asdict(fault) for fault in self._now.values()]
