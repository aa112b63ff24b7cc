"""Hear a link in an e-mail: what its page shows, and what pressing a button does.

`look` only reads, however often a scanner opens the link. `press` decides anew under the locks of
number, employee and shift, so of two presses, or a press and a YES by text, one is first; a button
of a page that is not so any more changes nothing, and the page that is so is shown. An answer
obeys the rules of a text (`take_offer`), and a link that acted does not act again; an
unsubscription may be pressed as often as anyone likes. Which page is shown, and which buttons it
has, is ruled in `rules/link_pages`; its words are the web's.

A link is its reader's only while the roster has the address it was sent to for that person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from shiftbell.rules.link_pages import (
    MAIL_AGAIN,
    Do,
    OfferLink,
    Page,
    acts,
    buttons_of,
    offer_page,
    unsubscribe_page,
)
from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.reach import Channel
from shiftbell.rules.sending import Kind
from shiftbell.rules.shifts import Verdict
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, mailboxes, numbers, openings
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, MailLink, Offer, PhoneNumber, Standby
from shiftbell.store.transactions import write


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button, the words that stood beside it, and whence it was pressed (F1, K1)."""

    do: Do
    shown: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class View:
    """What a page shows; `language` is its reader's as the roster has it.

    `theirs`: the roster has the mailbox of the link for this reader.
    """

    page: Page
    language: str = ""
    shift: str = ""
    other_shift: str = ""
    place: int = 0
    theirs: bool = True

    @property
    def buttons(self) -> tuple[Do, ...]:
        """The buttons that the page has for this reader."""
        return buttons_of(self.page, theirs=self.theirs)


GONE = View(Page.GONE)


def is_ours(token: str) -> bool:
    """Whether we wrote this link; costs no query, so that strangers cost nothing."""
    return _read(token) is not None


def look(token: str, now: datetime, language: str = "") -> View:
    """Return what a link shows now, in `language` or its reader's. Changes nothing."""
    link = _find(token)
    return GONE if link is None else _view(link, now, language)


def press(token: str, pressed: Pressed, now: datetime, language: str = "") -> View:
    """Do what a button says, if its page is so now, and return what the page shows then."""
    for last in (False, False, True):
        try:
            with write():
                link = _find(token, lock=True)
                if link is None:
                    return GONE
                view = _view(link, now, language)
                if not acts(pressed.do, view.page, theirs=view.theirs):
                    return view
                _obey(link, pressed, now)
                view = _view(link, now, language)
                return replace(view, page=Page.MAIL_COMES) if pressed.do in MAIL_AGAIN else view
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
        return View(_unsubscribing(link), spoken, theirs=_is_readers(link))
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
    number, employee = _stoppable(link), link.mail.employee
    said_no = _is_readers(link) and mailboxes.wants_none(employee)
    return unsubscribe_page(
        mail_stopped=said_no or link.mail.address.opted_out_at is not None,
        texts_may_come=number is not None and number.opted_out_at is None,
    )


def _stoppable(link: MailLink) -> PhoneNumber | None:
    """Return the number whose texts this link's reader may stop: their own, still theirs (K3)."""
    employee = link.mail.employee
    number: PhoneNumber | None = employee.number
    if number is None or not _is_readers(link) or numbers.moved_on(employee, number):
        return None
    return number


def _is_readers(link: MailLink) -> bool:
    """Whether the roster has the link's mailbox for the person whom its mail was written to."""
    return mailboxes.is_theirs(link.mail.address, link.mail.employee)


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
    if _unsubscribe(link, pressed, now):
        _tell_who_is_left_out(link, _readers(link), now)
    return "unsubscribed"


def _stop_texts(link: MailLink, pressed: Pressed, now: datetime) -> str:
    if _revoke(link, pressed, now):
        tell_opt_out(link.mail.employee, now)
    return "texts stopped"


def _stop_all(link: MailLink, pressed: Pressed, now: datetime) -> str:
    # Texts first: who is left out altogether is told once, and of both.
    employee = link.mail.employee
    texts_too = _revoke(link, pressed, now)
    is_new = _unsubscribe(link, pressed, now)
    if texts_too:
        tell_opt_out(employee, now)
    if is_new:
        told = {employee.pk} if texts_too else set()
        left = [each for each in _readers(link) if each.pk not in told]
        _tell_who_is_left_out(link, left, now)
    return "all stopped"


def _mail_again(link: MailLink, pressed: Pressed, now: datetime) -> str:
    consent.resubscribe(link.mail.address, link.mail.employee, _evidence(link, pressed), now=now)
    return "e-mail again"


_ACTS = {
    Do.ACCEPT: _accept,
    Do.ACCEPT_AFTER_ALL: _accept,
    Do.STAND_BY: _accept,
    Do.DECLINE: _decline,
    Do.STOP_MAIL: _stop_mail,
    Do.STOP_ALL: _stop_all,
    Do.STOP_TEXTS: _stop_texts,
    Do.MAIL_TOO: _mail_again,
    Do.MAIL_AGAIN: _mail_again,
}


def _unsubscribe(link: MailLink, pressed: Pressed, now: datetime) -> bool:
    """Let nothing more be written to the link's mailbox. Returns whether that is new.

    Where it is not their reader's any more, it is nobody's word that we know.
    """
    who = link.mail.employee if _is_readers(link) else None
    return consent.unsubscribe(link.mail.address, who, _evidence(link, pressed), now=now)


def _revoke(link: MailLink, pressed: Pressed, now: datetime) -> bool:
    """Stop texts to the link's reader. Returns whether any could come."""
    number, employee = _stoppable(link), link.mail.employee
    if number is None or number.opted_out_at is not None:
        return False
    number = numbers.locked_number(number.pk)
    consent.revoke(number, employee, _evidence(link, pressed), now=now)
    employee.refresh_from_db(fields=["number"])
    return True


def _evidence(link: MailLink, pressed: Pressed) -> Evidence:
    """Return the press as evidence (K1): the words of the page, and whence it came."""
    return Evidence(
        how=How.EMAIL,
        actor="employee",
        source="a link in an e-mail",
        words=pressed.shown,
        detail={"mail": str(link.mail), **pressed.evidence},
    )


def _readers(link: MailLink) -> list[Employee]:
    """Return everybody of the crew who is written to at the link's mailbox: some share one."""
    return mailboxes.people_at(link.mail.address)


def _tell_who_is_left_out(link: MailLink, people: Sequence[Employee], now: datetime) -> None:
    """Tell the manager of those who hold a shift and whom nothing reaches any more."""
    presser = link.mail.employee
    for employee in people:
        held = [each for each in openings.held_by(employee) if each.shift.ends_at > now]
        if not held or consent.reach(employee).channel is not Channel.NONE:
            continue
        words = f"{employee.name} wants no more e-mail and gets no texts."
        if employee != presser:
            words = f"{employee.name} gets no texts, and no more e-mail: a link in one to "
            words += f"{presser.name}, at the same address, ended it."
        shifts = ", ".join(shift_name(each.shift) for each in held)
        words += f" They still hold {shifts}; reminders must reach them another way."
        tell_manager(now, words, employee=employee)
