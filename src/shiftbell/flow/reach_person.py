"""Reach a person: by text where one may be sent, else by e-mail, else say why somebody must call.

Offers, standby questions, reminders and cancellations all leave by here, so nobody is told by one
flow and forgotten by another. Which channel it is, is ruled in `rules/reach`; a text's words are
written now, a mail's when it leaves (`send_mail`), since its links hold secrets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shiftbell.rules.reach import SAID, Bar, Channel, Reach
from shiftbell.rules.sending import ASKING, Kind
from shiftbell.store import consent, mailboxes, outbox
from shiftbell.store.models import (
    Broadcast,
    Employee,
    Mail,
    MailLink,
    Message,
    Offer,
    PhoneNumber,
    Shift,
)

# What integrators call each kind; they find it in a message's metadata.
TYPES = {
    Kind.OFFER: "open_shift",
    Kind.STANDBY: "standby",
    Kind.CONFIRMATION: "shift_confirmed",
    Kind.REMINDER: "shift_reminder",
    Kind.CANCELLATION: "shift_cancelled",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """How a person is reached: the text or mail that was queued, and what bars a text."""

    channel: Channel
    bar: Bar | None = None
    text: Message | None = None
    mail: Mail | None = None

    @property
    def why_not(self) -> str:
        """Why somebody must call this person, in words; "" where they are reached."""
        return SAID[self.bar] if self.channel is Channel.NONE and self.bar else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What somebody is to hear about a shift, once an `intent`; `words` writes it as a text."""

    kind: Kind
    employee: Employee
    shift: Shift
    words: Callable[[PhoneNumber], str]
    intent: str
    expires_at: datetime
    due_at: datetime | None = None
    offer: Offer | None = None
    broadcast: Broadcast | None = None

    @property
    def metadata(self) -> dict[str, str]:
        """What travels with it, in integrators' words."""
        return {
            "type": TYPES[self.kind],
            "employeeId": self.employee.external_id,
            "shiftId": self.shift.external_id,
        }


def reach_person(notice: Notice, *, now: datetime, reach: Reach | None = None) -> Reached:
    """Queue one text or mail; what asks for work carries a question, or links to answer by.

    Call inside `write()`, with the person's number locked; `reach` where it is known already.
    """
    reach = reach or consent.reach(notice.employee)
    match reach.channel:
        case Channel.TEXT:
            return Reached(Channel.TEXT, text=_text(notice, now))
        case Channel.EMAIL:
            return Reached(Channel.EMAIL, reach.bar, mail=_mail(notice, reach.bar, now))
        case Channel.NONE:
            return Reached(Channel.NONE, reach.bar)


def _text(notice: Notice, now: datetime) -> Message | None:
    number = notice.employee.number
    assert number is not None, "rules/reach texts nobody without a number"
    return outbox.queue(
        notice.kind,
        number,
        notice.words(number),
        intent=notice.intent,
        now=now,
        due_at=notice.due_at,
        expires_at=notice.expires_at,
        employee=notice.employee,
        shift=notice.shift,
        offer=notice.offer,
        broadcast=notice.broadcast,
        question=notice.kind in ASKING,
        metadata=notice.metadata,
    )


def _mail(notice: Notice, bar: Bar | None, now: datetime) -> Mail | None:
    return mailboxes.queue(
        notice.kind,
        notice.employee,
        intent=notice.intent,
        now=now,
        bar=bar,
        due_at=notice.due_at,
        expires_at=notice.expires_at,
        shift=notice.shift,
        offer=notice.offer,
        broadcast=notice.broadcast,
        links=(MailLink.ACCEPT, MailLink.DECLINE) if notice.kind in ASKING else (),
        links_expire_at=notice.shift.starts_at,
        metadata=notice.metadata,
    )
