"""May this number text at all? What its registration with the carriers says (K7).

Carriers take texts of an ordinary US number only under a campaign that is `Confirmed`; under any
other status each one fails, and is counted against the brand. So a number whose campaign is known
to be anything else sends nothing. One that could not be looked up yet is not held back: RingCentral
would say so itself, by a code.

Two things are worth a warning though nothing is held back: use cases that do not cover what we
send, and coming near the daily limit of a low-volume campaign.

Source: RingCentral's guide, "SMS requirements", and `sms-configuration` of its API reference.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

CONFIRMED = "Confirmed"
"""RingCentral's word for a campaign that may send."""

UNLINKED = "NotLinked"
"""Our word for a number that belongs to no campaign."""

SENDING = ("", CONFIRMED)
"""The statuses under which a number texts; "" is not known yet, or none is needed."""

LOW_VOLUME = "LowVolume"
LOW_VOLUME_A_DAY = 6000
WARN_AT = 0.8
# What texts to one's own crew are, in the registry's words; either is enough.
FITTING = frozenset({"ConversationsInternal", "AccountNotification"})


def status_of(campaign_status: str, *, needed: bool) -> str:
    """Return the status that counts; `needed`: it is a number that texts under a campaign."""
    return campaign_status or (UNLINKED if needed else "")


def may_send(status: str) -> bool:
    """Whether a number of this status may text."""
    return status in SENDING


def remarks(use_cases: Collection[str], tier: str, sent_in_a_day: int) -> Iterator[str]:
    """Say what an operator should look into, a sentence each."""
    if use_cases and not FITTING & set(use_cases):
        yield (
            f"The campaign is registered for {', '.join(sorted(use_cases))}; texts to your own "
            "crew want ConversationsInternal or AccountNotification."
        )
    if tier == LOW_VOLUME and sent_in_a_day >= WARN_AT * LOW_VOLUME_A_DAY:
        yield (
            f"{sent_in_a_day} texts left in 24 hours; a low-volume campaign ends at "
            f"{LOW_VOLUME_A_DAY} a day. Ask RingCentral for a higher tier."
        )
