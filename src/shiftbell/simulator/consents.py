"""Who does not want to be texted by which number, as RingCentral keeps it.

An opt-out binds a pair: the business number (`from`) and the person's phone (`to`), whoever wrote
it down. A phone that texts exactly one of the known words changes its own record, and RingCentral
confirms that with a text of its own; any other wording ("please stop") is nobody's business but
the application's. The API may set a record for one number, or with `*` for all of the account's.

An administrator may widen what an opt-out covers, from the number to the account or to a type of
campaign. How RingCentral shows such a record is not documented beyond its `coverage`. Here it binds
every number: an account's record has `*` for its number, a campaign type's has none, and neither is
found by a search for a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .wire import written

OUT_WORDS = frozenset({"STOP", "UNSUBSCRIBE", "QUIT", "CANCEL", "END"})
IN_WORDS = frozenset({"START", "SUBSCRIBE", "RESUME", "CONTINUE", "UNSTOP"})
OUT_REPLY = (
    "You have opted out and will receive no more messages from this number. Reply START to resume."
)
IN_REPLY = (
    "You have opted in and will receive messages from this number again. Reply STOP to opt out."
)


NUMBER, ACCOUNT, CAMPAIGN_TYPE = "PhoneNumber", "Account", "CampaignType"
EVERY_NUMBER = "*"
CAMPAIGN = "Informational"  # the type of the one campaign there is

Pair = tuple[str, str, str]


@dataclass(frozen=True)
class Consent:
    """The standing of one pair, since when, and who said so; a wide one's sender is `*`."""

    sender: str
    phone: str
    opt_status: str
    source: str
    modified_at: datetime
    coverage: str = NUMBER

    @property
    def pair(self) -> Pair:
        """Return what there is one standing of."""
        return self.sender, self.phone, self.coverage

    def record(self, time_field: str = "lastModifiedTime") -> dict[str, Any]:
        """Return the record as the v2 API and its event show it."""
        ends = {"from": self.sender, "to": self.phone}
        standing = {"optStatus": self.opt_status, "source": self.source, "coverage": self.coverage}
        if self.coverage == CAMPAIGN_TYPE:
            del ends["from"]
            standing["campaignType"] = CAMPAIGN
        return {**ends, **standing, time_field: written(self.modified_at)}


class Consents:
    """The present record of every pair, and everything that was ever recorded."""

    def __init__(self) -> None:
        self.history: list[Consent] = []
        self._now: dict[Pair, Consent] = {}

    def opted_out(self, sender: str, phone: str) -> bool:
        """Tell whether RingCentral blocks texts from `sender` to `phone`."""
        return bool(self.blocking(sender, phone))

    def blocking(self, sender: str, phone: str) -> list[Consent]:
        """Return the opt-outs that block texts from `sender` to `phone`."""
        coverages = (NUMBER, ACCOUNT, CAMPAIGN_TYPE)
        pairs = [(sender, phone, NUMBER), *((EVERY_NUMBER, phone, each) for each in coverages)]
        records = (self._now.get(pair) for pair in pairs)
        return [record for record in records if record and record.opt_status == "OptOut"]

    def set(self, consent: Consent) -> bool:
        """Record a standing; tell whether it changed anything."""
        known = self._now.get(consent.pair)
        if known is not None and known.opt_status == consent.opt_status:
            return False
        self._now[consent.pair] = consent
        self.history.append(consent)
        return True

    def forget(self, pair: Pair) -> bool:
        """Lose the record of a pair, as if nobody had ever said anything; tell whether it was."""
        return self._now.pop(pair, None) is not None

    def all(self) -> list[Consent]:
        """Return the present records in the order in which the pairs appeared."""
        return list(self._now.values())


def word_meaning(text: str) -> str | None:
    """Return OptOut or OptIn for a text that is nothing but a known word, else None."""
    word = text.strip().upper()
    if word in OUT_WORDS:
        return "OptOut"
    return "OptIn" if word in IN_WORDS else None
