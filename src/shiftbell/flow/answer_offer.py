"""YES and NO by text: which offer is meant, and what each person hears.

Which offer a reply means is decided in `rules/shifts`; here the facts are read under the locks of
number and employee. What becomes of the answer is `take_offer`'s to carry out: the shift is locked
only once it is known which one is meant, and judged again under the lock.
"""

from __future__ import annotations

from shiftbell.flow import take_offer
from shiftbell.flow.answer_reply import Reply, answer, counts, is_wording
from shiftbell.flow.ask_back import ask_what_was_meant
from shiftbell.rules import shifts as rules
from shiftbell.rules.sending import Kind
from shiftbell.rules.shifts import Aim, Verdict
from shiftbell.rules.wording import Wording
from shiftbell.store import openings
from shiftbell.store.models import Message, Offer, Shift

_REFUSED: dict[Verdict, Wording] = {
    Verdict.CANCELLED: Wording.CANCELLED_ALREADY,
    Verdict.ALREADY_YOURS: Wording.ALREADY_YOURS,
    Verdict.STARTED: Wording.ALREADY_STARTED,
    Verdict.OVERLAP: Wording.OVERLAP,
}


class _Desk:
    """What one person has been asked and holds, as facts for the rules."""

    def __init__(self, reply: Reply) -> None:
        assert reply.employee is not None
        self.reply = reply
        self.who = take_offer.answerer(reply.employee, now=reply.now, said_at=reply.written_at)
        self.asked = openings.asked_offers(reply.employee, reply.now, reply.written_at)
        self.offers = {offer.pk: offer for offer in self.asked}
        self.facts = [self._facts(offer) for offer in self.asked]

    def last(self) -> rules.LastText | None:
        """Return our last text, as far as it decides what a reply means."""
        text = self.reply.last
        return None if text is None else self._last(text)

    def choices(self) -> list[tuple[int, Shift]]:
        """Return the live offers as a list to choose from, the soonest first."""
        live = [self.offers[each.offer] for each in self.facts if each.live]
        live.sort(key=lambda offer: (offer.shift.starts_at, offer.pk))
        return [(offer.code, offer.shift) for offer in live]

    def _facts(self, offer: Offer) -> rules.OfferFacts:
        verdict = take_offer.verdict(self.who, offer.shift)
        holds = any(each.shift_id == offer.shift_id for each in self.who.held)
        gave_back = offer.state == Offer.ACCEPTED and not holds
        return rules.OfferFacts(
            offer=offer.pk,
            shift=offer.shift_id,
            code=offer.code,
            asked_at=self.asked[offer],
            state="accepted" if holds else "given_back" if gave_back else offer.state,
            takeable=verdict is Verdict.ACCEPTED,
            undo=gave_back and take_offer.undoes(self.who, offer.shift),
        )

    def _last(self, text: Message) -> rules.LastText:
        # "Reply YES within 10 minutes" is a question for ten minutes.
        late = is_wording(text, Wording.DROPPED) and not any(
            each.undo for each in self.facts if each.offer == text.offer_id
        )
        return rules.LastText(
            offer=text.offer_id,
            shift=text.shift_id,
            question=text.question and not late,
            first_ask=text.kind == Kind.OFFER,
            after_no=text.metadata.get("after") == "no",
        )


def hear_yes(reply: Reply) -> None:
    """Hear YES, with or without a number."""
    desk = _Desk(reply)
    target = rules.aim_yes(desk.facts, reply.reading.number, desk.last())
    if target.offer is None:
        _list(desk, target.aim)
        return
    offer = desk.offers[target.offer]
    if not _counts_about(reply, offer):
        return
    if target.aim is Aim.CONFIRM:
        answer(reply, Wording.DO_YOU_MEAN, offer=offer, question=True, code=offer.code)
    else:
        _take(desk, offer)


def hear_no(reply: Reply) -> None:
    """Hear NO, with or without a number: asked no more about that shift, held against nobody."""
    desk = _Desk(reply)
    target = rules.aim_no(desk.facts, reply.reading.number, desk.last())
    if target.offer is None:
        _list(desk, target.aim, after="no")
        return
    offer = desk.offers[target.offer]
    if not _counts_about(reply, offer):
        return
    if target.aim is Aim.UNCLEAR:
        ask_what_was_meant(reply, "a NO that may be about a shift they hold")
    else:
        _decline(desk, offer)


def _counts_about(reply: Reply, offer: Offer) -> bool:
    """Note which offer a reply means, and return whether it counts about that one."""
    reply.message.offer, reply.message.shift = offer, offer.shift
    return counts(reply)


def _list(desk: _Desk, aim: Aim, after: str = "yes") -> None:
    reply, choices = desk.reply, desk.choices()
    if aim is Aim.NOTHING:
        answer(reply, Wording.NO_LIVE_OFFER)
    elif aim is Aim.UNKNOWN_NUMBER:
        answer(
            reply,
            Wording.UNKNOWN_NUMBER,
            code=reply.reading.number,
            choices=choices,
            notes={"after": after},
        )
    else:
        answer(reply, Wording.WHICH_OFFER, choices=choices)


def _take(desk: _Desk, offer: Offer) -> None:
    """Carry out a YES to this offer, and say what became of it."""
    reply, taken = desk.reply, take_offer.take(desk.who, offer)
    if taken.assignment is not None:
        _confirm(reply, offer, taken)
    elif taken.verdict is Verdict.FILLED:
        wording = Wording.STANDBY_TOO_LATE if taken.was_asked else Wording.JUST_FILLED
        answer(reply, wording, offer=offer, place=taken.place)
    else:
        answer(reply, _REFUSED[taken.verdict], offer=offer, other_shift=taken.other)


def _confirm(reply: Reply, offer: Offer, taken: take_offer.Taken) -> None:
    assert reply.employee is not None
    assert taken.assignment is not None
    answer(
        reply,
        Wording.DROP_UNDONE if taken.restored else Wording.CONFIRMATION,
        kind=Kind.CONFIRMATION,
        intent=f"confirmation:{taken.assignment.pk}",
        offer=offer,
        expires_at=taken.shift.ends_at,
        notes={
            "type": "shift_confirmed",
            "employeeId": reply.employee.external_id,
            "shiftId": taken.shift.external_id,
        },
    )


def _decline(desk: _Desk, offer: Offer) -> None:
    take_offer.decline(desk.who, offer)
    # A question, so that NO and then YES takes it after all while it is open.
    answer(desk.reply, Wording.DECLINED, offer=offer, question=True)
