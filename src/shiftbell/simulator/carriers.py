"""What becomes of a text after RingCentral has taken it.

A text first leaves RingCentral (`Sent`, or `SendingFailed` where RingCentral itself stops it),
then reaches a phone or does not, then the carrier reports, or does not. The report and the phone
are two different things: in the limbo of SMS-CAR-104 the person reads a text whose status says
that it failed. Whoever sends it again has texted twice.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .faults import Faults

OPTED_OUT = "SMS-RC-413"
NOT_REGISTERED = "SMS-UP-414"
NOT_REPORTED = "SMS-CAR-104"
CARRIER = "SMS-CAR-"  # who refuses: any other prefix means that the text never left
LIMBO_SECONDS = 3600


@dataclass(frozen=True)
class Step:
    """One thing that happens to a text `after` seconds from its acceptance."""

    after: float
    status: str = ""
    code: str | None = None
    arrives: bool = False


@dataclass(frozen=True)
class Pace:
    """How long carriers take: seconds until a text leaves, and from there to its report."""

    leaves: tuple[float, float] = (0.2, 1.0)
    reports: tuple[float, float] = (0.5, 4.0)


def journey(failure: str, pace: Pace, faults: Faults, dice: random.Random) -> list[Step]:
    """Throw the dice for one text to one phone; `failure` is the phone's own verdict."""
    leaves = dice.uniform(*pace.leaves)
    reports = leaves + dice.uniform(*pace.reports)
    sent = Step(leaves, "Sent")
    if failure and not failure.startswith(CARRIER):
        return [Step(leaves, "SendingFailed", failure)]
    if failure:
        return [sent, Step(reports, "DeliveryFailed", failure)]
    if faults.strikes("carrier_loss"):
        return [sent]
    if faults.strikes("limbo"):
        return [
            sent,
            Step(reports, arrives=True),
            Step(reports + 60, "DeliveryFailed", NOT_REPORTED),
            Step(reports + LIMBO_SECONDS, "Delivered"),
        ]
    flip = faults.strikes("late_flip")
    if flip is None:
        return [sent, Step(reports, "Delivered", arrives=True)]
    later = reports + flip.seconds * dice.uniform(0.5, 1.0)
    if dice.random() < 0.5:
        arrived = Step(reports, "Delivered", arrives=True)
        return [sent, arrived, Step(later, "DeliveryFailed", "SMS-CAR-500")]
    failed = Step(reports, "DeliveryFailed", "SMS-CAR-410")
    return [sent, failed, Step(later, "Delivered", arrives=True)]
