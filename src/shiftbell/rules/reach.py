"""By which channel may this person be reached, and why not by text?

The one place that rules it: who is offered a shift, whether a text may leave, who is told that a
shift was cancelled and who is called instead, all ask here. A text needs a number that is theirs
and takes texts, their consent, and no word against it; whoever cannot or may not be texted is
e-mailed, if they gave an address and did not take that back too.

Passing reasons (PAUSE, review, quiet hours) are not ruled here: they make a text wait.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Bar(StrEnum):
    """Why a person may not be texted."""

    NO_NUMBER = "no_number"
    OPTED_OUT = "opted_out"
    UNUSABLE = "unusable"  # no phone that takes texts, or someone else's
    MOVED_ON = "number_changed"  # the number is not, or no longer, the one of this person
    NO_CONSENT = "no_consent"


class Channel(StrEnum):
    """How someone is reached."""

    TEXT = "text"
    EMAIL = "email"
    NONE = "none"  # somebody must call


SAID: dict[Bar, str] = {
    Bar.NO_NUMBER: "no phone number",
    Bar.OPTED_OUT: "opted out of texts",
    Bar.UNUSABLE: "the number cannot be texted",
    Bar.MOVED_ON: "the number is someone else's",
    Bar.NO_CONSENT: "no recorded consent to be texted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What is known of the ways to one person."""

    number: bool = True
    opted_out: bool = False
    unusable: bool = False
    moved_on: bool = False
    consent: bool = True
    email: bool = False  # an address that took nothing back and does not bounce

    @property
    def bar(self) -> Bar | None:
        """Why no text may be sent; None where one may. The person's own word weighs most."""
        reasons = {
            Bar.NO_NUMBER: not self.number,
            Bar.OPTED_OUT: self.opted_out,
            Bar.UNUSABLE: self.unusable,
            Bar.MOVED_ON: self.moved_on,
            Bar.NO_CONSENT: not self.consent,
        }
        return next((bar for bar, holds in reasons.items() if holds), None)

    @property
    def channel(self) -> Channel:
        """How this person is reached."""
        if self.bar is None:
            return Channel.TEXT
        return Channel.EMAIL if self.email else Channel.NONE


REACHABLE = Reach()
"""Somebody who may be texted."""
