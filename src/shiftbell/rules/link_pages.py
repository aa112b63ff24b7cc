"""Which page does a link in an e-mail show, and with which buttons?

Opening a link decides nothing: mail scanners and previews open every link in a letter before its
reader does. So a page says what is so now and has a button, and only the button acts.

A page may have been open for hours when its button is pressed. So a button belongs to the words
beside it: an answer counts only where the page that is so at that moment has that very button, or
its reader would get a shift by "put me on standby". To stop e-mails or texts is the exception: it
counts as long as there is something left to stop. What becomes of a YES is decided in `shifts`.
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
    MAIL_COMES = "mail_comes"  # e-mails were asked for again just now
    GONE = "gone"  # no link of ours, or not this reader's any more


class Do(StrEnum):
    """A button: what it does, and with it the words that it stands beside."""

    ACCEPT = "accept"
    ACCEPT_AFTER_ALL = "accept-after-all"
    STAND_BY = "stand-by"
    DECLINE = "decline"
    STOP_MAIL = "stop-mail"
    STOP_ALL = "stop-all"
    STOP_TEXTS = "stop-texts"  # e-mails were stopped before
    MAIL_TOO = "mail-too"  # e-mails again, where texts may come
    MAIL_AGAIN = "mail-again"


BUTTONS: dict[Page, tuple[Do, ...]] = {
    Page.TAKE: (Do.ACCEPT,),
    Page.TAKE_AFTER_ALL: (Do.ACCEPT_AFTER_ALL,),
    Page.STAND_BY: (Do.STAND_BY,),
    Page.DECLINE: (Do.DECLINE,),
    Page.STOP: (Do.STOP_MAIL, Do.STOP_ALL),
    Page.STOP_MAIL: (Do.STOP_MAIL,),
    Page.MAIL_STOPPED: (Do.STOP_TEXTS, Do.MAIL_TOO),
    Page.STOPPED: (Do.MAIL_AGAIN,),
}
"""The buttons of each page that has any."""

PAGE_OF: dict[Do, Page] = {
    do: page for page, buttons in reversed(BUTTONS.items()) for do in buttons
}
"""The page whose words stand beside a button. Both that stop e-mails alone say the same."""

MAIL_AGAIN = frozenset({Do.MAIL_TOO, Do.MAIL_AGAIN})
"""Buttons that ask for e-mails again."""

_STILL_STOPS: dict[Do, frozenset[Page]] = {
    Do.STOP_MAIL: frozenset({Page.STOP, Page.STOP_MAIL}),
    Do.STOP_ALL: frozenset({Page.STOP, Page.STOP_MAIL, Page.MAIL_STOPPED}),
    Do.STOP_TEXTS: frozenset({Page.STOP, Page.MAIL_STOPPED}),
}


def buttons_of(page: Page, *, theirs: bool = True) -> tuple[Do, ...]:
    """Return a page's buttons; `theirs`: the roster has this mailbox for the link's reader.

    Whoever reads a mailbox may end what comes to it; only the person may ask for it again (K3).
    """
    return tuple(do for do in BUTTONS.get(page, ()) if theirs or do not in MAIL_AGAIN)


def acts(do: Do, page: Page, *, theirs: bool = True) -> bool:
    """Whether a button that was pressed acts, now that its link's page is `page`."""
    return do in buttons_of(page, theirs=theirs) or page in _STILL_STOPS.get(do, ())


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
