"""Who holds the phones, and what they answer.

A person answers a text that invites an answer ("Reply YES …", "Responde SI …"), once per wording
and at most a few times an hour: two machines that answer each other for ever are no crew. What
they say and when they say it follows from their temperament and the world's dice. A person whom
nobody described is silent, and only speaks when somebody types for them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ANSWERS_PER_HOUR = 3
_INVITES = re.compile(
    r"\b(reply|respond[ae]?|text|answer|contest[ae])\b\W+(with\W+|con\W+)?(yes|y|s[ií])\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Temperament:
    """A kind of person: what they answer, after how many seconds, and what becomes of texts.

    `answers` are tried by the dice; `then` follows a few minutes after the first answer.
    `failure` is the carrier's verdict on every text to this phone.
    """

    name: str
    answers: tuple[str, ...] = ()
    seconds: tuple[float, float] = (15, 300)
    then: str = ""
    failure: str = ""


TEMPERAMENTS = {
    kind.name: kind
    for kind in (
        Temperament("says_yes", ("YES", "Yes", "yes", "yes please", "Sí"), (20, 240)),
        Temperament("enthusiastic", ("Yes!!", "YES!!!", "yesss I can take it"), (5, 45)),
        Temperament("late_yes", ("Yes", "yes, sorry just saw this"), (1800, 7200)),
        Temperament("says_no", ("NO", "No", "no thanks", "can't, sorry"), (20, 600)),
        Temperament("stops", ("stop", "STOP"), (10, 400)),
        Temperament("wants_out", ("please stop texting me", "take me off this list"), (10, 400)),
        Temperament("drops", ("YES",), (20, 120), then="DROP"),
        Temperament("chatters", ("who is this?", "yesterday was crazy lol", "k"), (10, 500)),
        Temperament("asks_help", ("HELP", "help"), (20, 300)),
        Temperament("wrong_number", ("wrong number", "you have the wrong person"), (20, 300)),
        Temperament("silent"),
        Temperament("landline", failure="SMS-CAR-411"),
        Temperament("unreachable", failure="SMS-CAR-412"),
        Temperament("filtered", failure="SMS-CAR-430"),
        Temperament("opted_out"),  # RingCentral has their opt-out on record: SMS-RC-413
        Temperament("blocked"),  # RingCentral refuses the number at once: MSG-243
    )
}


@dataclass
class Text:
    """One text as its carrier saw it; `by` tells who wrote it, the account or RingCentral."""

    id: str
    sender: str
    phone: str
    text: str
    direction: str
    at: datetime
    status: str
    code: str | None = None
    by: str = "account"


@dataclass
class Person:
    """One phone, its owner's temperament, and what was said on it."""

    number: str
    temperament: Temperament
    name: str = ""
    delay: tuple[float, float] | None = None
    failure: str = ""
    texts: list[Text] = field(default_factory=list)
    revision: int = 0
    last_sender: str = ""
    _answered: dict[str, datetime] = field(default_factory=dict)

    def answers(self, text: str, now: datetime, dice: random.Random) -> list[tuple[float, str]]:
        """Decide what this person will say to a text: (seconds from now, words) pairs."""
        recent = [at for at in self._answered.values() if now - at < timedelta(hours=1)]
        is_known = text in self._answered and now - self._answered[text] < timedelta(hours=1)
        kind = self.temperament
        if not kind.answers or not _INVITES.search(text) or is_known:
            return []
        if len(recent) >= ANSWERS_PER_HOUR:
            return []
        self._answered[text] = now
        wait = dice.uniform(*(self.delay or kind.seconds))
        said = [(wait, dice.choice(kind.answers))]
        if kind.then:
            said.append((wait + max(2.0, dice.uniform(*(self.delay or (60, 300)))), kind.then))
        return said


def temperament_of(
    number: str, seed: int, weights: Mapping[str, float] | None = None
) -> Temperament:
    """Choose a stranger's temperament: by seed and number alone, so the order does not matter.

    Without weights every stranger is silent.
    """
    if not weights:
        return TEMPERAMENTS["silent"]
    dice = random.Random(f"{seed}/{number}")  # noqa: S311 (dice, not secrets)
    return TEMPERAMENTS[dice.choices(list(weights), list(weights.values()))[0]]
