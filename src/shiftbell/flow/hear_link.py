"""Hear a link in an e-mail: what its page shows, and what pressing a button does.

`look` only reads, however often a scanner opens the link. `press` decides anew under the locks of
number, employee and shift, so of two presses, or a press and a YES by text, one is first. An answer
obeys the rules of a text (`take_offer`), and a link that acted does not act again; an
unsubscription may be pressed as often as anyone likes. Which page is shown is ruled in
`rules/link_pages`; its words are the web's.

A link is its reader's only while the roster has the address it was sent to for that person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError

from shiftbell import config
from shiftbell.flow import take_offer
from shiftbell.flow.hear_consent import tell_opt_out
from shiftbell.flow.reach_person import Notice, reach_person
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_name, shift_words, write_text
from shiftbell.rules import mail_links
from shiftbell.rules.consent import How
from shiftbell.rules.link_pages import BUTTONS, Do, OfferLink, Page, offer_page, unsubscribe_page
from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.reach import Channel
from shiftbell.rules.sending import Kind
from shiftbell.rules.shifts import Verdict
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, mailboxes, numbers, openings
from shiftbell.store.consent import Evidence
from shiftbell.store.models import EmailAddress, Employee, MailLink, Offer, PhoneNumber, Standby
from shiftbell.store.transactions import write

TRIES = 3


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, the words that stood beside it, and whence it was pressed (F1, K1)."""

    do: Do
    shown: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows; `language` is its reader's as the roster has it."""

    page: Page
    language: str = ""
    shift: str = ""
    other_shift: str = ""
    place: int = 0


GONE = View(Page.GONE)


def is_ours(token: str) -> bool:
    """Whether we wrote this link; costs no query, so that strangers cost nothing."""
    return _read(token) is not None


def look(token: str, now: datetime, language: str = "") -> View:
    """Return what a link shows now, in `language` or its reader's. Changes nothing."""
    link = _find(token)
    return GONE if link is None else _view(link, now, language)


def press(token: str, pressed: Pressed, now: datetime, language: str = "") -> View:
    """Do what a button says, if its page has it now, and return what the page shows then."""
    for last in (False, False, True):
        try:
            with write():
                link = _find(token, lock=True)
                if link is None:
                    return GONE
                if pressed.do in BUTTONS.get(_view(link, now, language).page, ()):
                    _obey(link, pressed, now)
                return _view(link, now, language)
        except IntegrityError:
            if last:
                raise  # else somebody's commit came between: judge again by what is so now
    return GONE


def _read(token: str) -> mail_links.Named | None:
    return mail_links.read(token, config.secret_key(config.settings()))


def _find(token: str, *, lock: bool = False) -> MailLink | None:
    """Return the link, while it is its reader's; `lock` takes their number, address and row."""
    named = _read(token)
    if named is None:
        return None
    links = MailLink.objects.filter(nonce=named.nonce, purpose=named.purpose)
    link = links.select_related("mail__employee__number", "mail__address").first()
    if link is not None and lock:
        _lock(link)
        # Whoever pressed it first has committed by now.
        link = links.select_related("mail__employee__number", "mail__address").first()
    if link is None or named.purpose is Purpose.UNSUBSCRIBE:
        return link
    employee = link.mail.employee
    return link if employee.active and mailboxes.is_theirs(link.mail.address, employee) else None


def _lock(link: MailLink) -> None:
    """Lock what an answer decides about, in the order of `store/__init__`."""
    employee = link.mail.employee
    if employee.number_id is not None:
        numbers.locked_number(employee.number_id)
    mailboxes.locked_address(link.mail.address_id)
    openings.locked_employee(employee.pk)


def _view(link: MailLink, now: datetime, language: str) -> View:
    spoken = language or link.mail.employee.language
    if link.purpose == Purpose.UNSUBSCRIBE:
        return View(_unsubscribing(link), spoken)
    offer, who = _offer(link), take_offer.answerer(link.mail.employee, now=now)
    standby = Standby.objects.filter(shift=offer.shift, employee=who.employee).first()
    in_line = standby is not None and standby.state == Standby.WAITING
    verdict = take_offer.verdict(who, offer.shift)
    page = offer_page(
        OfferLink(
            purpose=Purpose(link.purpose),
            verdict=verdict,
            used=link.used_at is not None,
            expired=link.expires_at is not None and now >= link.expires_at,
            declined=offer.state == Offer.DECLINED,
            in_line=in_line,
        )
    )
    other = take_offer.overlapping(who, offer.shift) if page is Page.OVERLAP else None
    return View(
        page,
        spoken,
        shift=shift_words(offer.shift, spoken),
        other_shift=shift_words(other, spoken) if other else "",
        place=openings.place_in_line(standby) if standby and in_line else 0,
    )


def _offer(link: MailLink) -> Offer:
    """Return the offer that a link answers, fresh from the database."""
    assert link.mail.offer_id is not None, "what asks for an answer has an offer"
    return Offer.objects.select_related("shift__location").get(pk=link.mail.offer_id)


def _unsubscribing(link: MailLink) -> Page:
    number = _stoppable(link)
    return unsubscribe_page(
        mail_stopped=link.mail.address.opted_out_at is not None,
        texts_may_come=number is not None and number.opted_out_at is None,
    )


def _stoppable(link: MailLink) -> PhoneNumber | None:
    """Return the number whose texts this link's reader may stop: their own."""
    employee = link.mail.employee
    return employee.number if mailboxes.is_theirs(link.mail.address, employee) else None


def _obey(link: MailLink, pressed: Pressed, now: datetime) -> None:
    """Carry out a button that the page has; the link's row says what it led to."""
    outcome = _ACTS[pressed.do](link, pressed, now)
    link.used_at, link.outcome = now, outcome
    link.shown, link.evidence = pressed.shown, dict(pressed.evidence)
    link.save(update_fields=["used_at", "outcome", "shown", "evidence"])


def _accept(link: MailLink, _pressed: Pressed, now: datetime) -> str:
    employee, offer = link.mail.employee, _offer(link)
    who = take_offer.answerer(employee, now=now, by=take_offer.BY_EMAIL)
    taken = take_offer.take(who, offer)
    if taken.assignment is not None:
        wording = Wording.DROP_UNDONE if taken.restored else Wording.CONFIRMATION
        notice = Notice(
            kind=Kind.CONFIRMATION,
            employee=employee,
            shift=taken.shift,
            words=lambda number: write_text(wording, employee, number, shift=taken.shift),
            intent=f"confirmation:{taken.assignment.pk}",
            expires_at=taken.shift.ends_at,
            offer=offer,
        )
        reach_person(notice, now=now)
    return "standby" if taken.verdict is Verdict.FILLED else str(taken.verdict)


def _decline(link: MailLink, _pressed: Pressed, now: datetime) -> str:
    who = take_offer.answerer(link.mail.employee, now=now, by=take_offer.BY_EMAIL)
    take_offer.decline(who, _offer(link))
    return "declined"


def _stop_mail(link: MailLink, pressed: Pressed, now: datetime) -> str:
    address, employee = link.mail.address, link.mail.employee
    is_new = consent.unsubscribe(address, employee, _evidence(link, pressed), now=now)
    if is_new and mailboxes.is_theirs(address, employee):
        _tell_who_is_left_out(employee, now)
    return "unsubscribed"


def _stop_all(link: MailLink, pressed: Pressed, now: datetime) -> str:
    # Texts first: who is left out altogether is told once, and of both.
    number = _stoppable(link)
    assert number is not None, "the page has no such button without one"
    evidence = _evidence(link, pressed)
    number = numbers.locked_number(number.pk)
    consent.revoke(number, link.mail.employee, evidence, now=now)
    address: EmailAddress = link.mail.address
    consent.unsubscribe(address, link.mail.employee, evidence, now=now)
    link.mail.employee.refresh_from_db(fields=["number"])
    tell_opt_out(link.mail.employee, now)
    return "all stopped"


_ACTS = {
    Do.ACCEPT: _accept,
    Do.DECLINE: _decline,
    Do.STOP_MAIL: _stop_mail,
    Do.STOP_ALL: _stop_all,
}


def _evidence(link: MailLink, pressed: Pressed) -> Evidence:
    """Return the press as evidence (K1): the words of the page, and whence it came."""
    return Evidence(
        how=How.EMAIL,
        actor="employee",
        source="a link in an e-mail",
        words=pressed.shown,
        detail={"mail": str(link.mail), **pressed.evidence},
    )


def _tell_who_is_left_out(employee: Employee, now: datetime) -> None:
    """Tell the manager of somebody who holds a shift and whom nothing reaches any more."""
    held = [each for each in openings.held_by(employee) if each.shift.ends_at > now]
    if held and consent.reach(employee).channel is Channel.NONE:
        shifts = ", ".join(shift_name(each.shift) for each in held)
        words = f"{employee.name} wants no more e-mail and gets no texts. "
        words += f"They still hold {shifts}; reminders must reach them another way."
        tell_manager(now, words, employee=employee)
