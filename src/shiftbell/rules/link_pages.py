"""Which page does a link in an e-mail show, and with which buttons?

Opening a link decides nothing: mail scanners and previews open every link in a letter before its
reader does. So a page says what is so now and has a button, and only the button acts. What a button
may do is decided here from the same facts before and after it is pressed; what becomes of a YES is
decided in `shifts`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.shifts import Verdict


class Page(StrEnum):
    """What a page says; its words stand under this name."""

    TAKE = "take"
    TAKE_AFTER_ALL = "take_after_all"  # they said no before
    STAND_BY = "stand_by"  # filled: the button is a place in line
    WAITING = "waiting"  # on standby
    YOURS = "yours"
    DECLINE = "decline"
    DECLINED = "declined"
    HOLDS = "holds"  # a no, from somebody who holds the shift
    CANCELLED = "cancelled"
    STARTED = "started"
    OVERLAP = "overlap"
    USED = "used"
    EXPIRED = "expired"
    STOP = "stop"  # e-mails, or texts too
    STOP_MAIL = "stop_mail"  # e-mails; texts do not come anyway
    MAIL_STOPPED = "mail_stopped"  # texts may still come, with a button for that
    STOPPED = "stopped"
    GONE = "gone"  # no link of ours, or not this reader's any more


class Do(StrEnum):
    """What a button does."""

    ACCEPT = "accept"
    DECLINE = "decline"
    STOP_MAIL = "stop-mail"
    STOP_ALL = "stop-all"


BUTTONS: dict[Page, tuple[Do, ...]] = {
    Page.TAKE: (Do.ACCEPT,),
    Page.TAKE_AFTER_ALL: (Do.ACCEPT,),
    Page.STAND_BY: (Do.ACCEPT,),
    Page.DECLINE: (Do.DECLINE,),
    Page.STOP: (Do.STOP_MAIL, Do.STOP_ALL),
    Page.STOP_MAIL: (Do.STOP_MAIL,),
    Page.MAIL_STOPPED: (Do.STOP_ALL,),
}
"""The buttons of each page that has any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferLink:
    """What is known of a link about an offer, and of the shift that it asks about."""

    purpose: Purpose
    verdict: Verdict  # what a YES would be answered now
    used: bool = False
    expired: bool = False
    declined: bool = False
    in_line: bool = False  # on standby, and not being asked


def offer_page(link: OfferLink) -> Page:
    """Return the page of a link to accept or decline by.

    What concerns the reader's day comes first: that a shift is theirs, or cancelled, is worth more
    to them than what became of a link.
    """
    match link.verdict:
        case Verdict.CANCELLED:
            return Page.CANCELLED
        case Verdict.STARTED:
            return Page.STARTED
        case Verdict.ALREADY_YOURS:
            return Page.YOURS if link.purpose is Purpose.ACCEPT else Page.HOLDS
    if link.purpose is Purpose.DECLINE:
        return _declining(link)
    if link.in_line:
        return Page.WAITING
    if link.used or link.expired:
        return Page.USED if link.used else Page.EXPIRED
    match link.verdict:
        case Verdict.OVERLAP:
            return Page.OVERLAP
        case Verdict.FILLED:
            return Page.STAND_BY
        case _:
            return Page.TAKE_AFTER_ALL if link.declined else Page.TAKE


def _declining(link: OfferLink) -> Page:
    if link.declined:
        return Page.DECLINED
    if link.used or link.expired:
        return Page.USED if link.used else Page.EXPIRED
    return Page.DECLINE


def unsubscribe_page(*, mail_stopped: bool, texts_may_come: bool) -> Page:
    """Return the page of a link to unsubscribe by. It never expires, and a no is never used up."""
    if mail_stopped:
        return Page.MAIL_STOPPED if texts_may_come else Page.STOPPED
    return Page.STOP if texts_may_come else Page.STOP_MAIL
