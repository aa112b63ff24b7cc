"""YES and NO: which offer is meant, who gets the shift, and what each person hears.

Which offer a reply means and what becomes of a YES are decided in `rules/shifts`; here the facts
are read under the locks of number, employee and shift, in that order, and the verdict is carried
out. The shift is locked only once it is known which one is meant, and judged again under the lock.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shiftbell.flow import fill_shift
from shiftbell.flow.answer_reply import Reply, answer, counts, is_wording
from shiftbell.flow.ask_back import ask_what_was_meant
from shiftbell.rules import shifts as rules
from shiftbell.rules.sending import Kind
from shiftbell.rules.shifts import Aim, Verdict
from shiftbell.rules.wording import Wording
from shiftbell.store import openings, timeline
from shiftbell.store.models import Message, Offer, Shift, Standby

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
        self.reply, self.employee = reply, reply.employee
        self.held = openings.held_by(reply.employee)
        self.asked = openings.asked_offers(reply.employee, reply.now, reply.written_at)
        self.offers = {offer.pk: offer for offer in self.asked}
        self.facts = [self._facts(offer) for offer in self.asked]

    def verdict(self, shift: Shift) -> Verdict:
        """Return what a YES to this shift would be answered now."""
        return rules.answer_yes(
            openings.facts_of(shift, self.reply.now),
            self.employee.pk,
            openings.spans(self.held),
            self.reply.now,
            undoing=self.undoes(shift),
        )

    def undoes(self, shift: Shift) -> bool:
        """Whether a YES comes in time to take back a DROP of this shift."""
        dropped = openings.dropped_at(self.employee, shift)
        undo = timedelta(minutes=rules.UNDO_MINUTES)
        return dropped is not None and self.reply.written_at - dropped <= undo

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
        verdict = self.verdict(offer.shift)
        holds = any(each.shift_id == offer.shift_id for each in self.held)
        gave_back = offer.state == Offer.ACCEPTED and not holds
        return rules.OfferFacts(
            offer=offer.pk,
            shift=offer.shift_id,
            code=offer.code,
            asked_at=self.asked[offer],
            state="accepted" if holds else "given_back" if gave_back else offer.state,
            takeable=verdict is Verdict.ACCEPTED,
            undo=gave_back and self.undoes(offer.shift),
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
        _decline(reply, offer)


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
    """Carry out a YES to this offer, under the lock of its shift."""
    shift = openings.locked_shift(offer.shift_id)
    offer.shift = shift
    verdict = desk.verdict(shift)
    if verdict is Verdict.ACCEPTED:
        _assign(desk, offer, shift)
    elif verdict is Verdict.FILLED:
        _stand_by(desk, offer, shift)
    else:
        _refuse(desk, offer, shift, verdict)


def _assign(desk: _Desk, offer: Offer, shift: Shift) -> None:
    restored = desk.undoes(shift)
    assignment = fill_shift.fill(shift, desk.employee, offer, desk.reply.now, restored=restored)
    answer(
        desk.reply,
        Wording.DROP_UNDONE if restored else Wording.CONFIRMATION,
        kind=Kind.CONFIRMATION,
        intent=f"confirmation:{assignment.pk}",
        offer=offer,
        expires_at=shift.ends_at,
        notes={
            "type": "shift_confirmed",
            "employeeId": desk.employee.external_id,
            "shiftId": shift.external_id,
        },
    )


def _refuse(desk: _Desk, offer: Offer, shift: Shift, verdict: Verdict) -> None:
    reply, other = desk.reply, None
    if verdict is Verdict.OVERLAP:
        facts = openings.facts_of(shift, reply.now)
        span = rules.overlap(facts, openings.spans(desk.held))
        other = next(each.shift for each in desk.held if span and each.shift_id == span.shift)
    if verdict is not Verdict.ALREADY_YOURS:
        timeline.tell(
            "offer.refused",
            at=reply.now,
            offer=offer,
            shift=shift,
            employee=desk.employee,
            reason=str(verdict),
        )
    answer(reply, _REFUSED[verdict], offer=offer, other_shift=other)


def _stand_by(desk: _Desk, offer: Offer, shift: Shift) -> None:
    """A YES that came too late: a place in line, the same one however often it is said."""
    reply, now = desk.reply, desk.reply.now
    standby, joined = Standby.objects.get_or_create(
        shift=shift,
        employee=desk.employee,
        defaults={"offer": offer, "joined_at": now},
    )
    if not joined and standby.state not in openings.IN_LINE:
        standby.joined_at, standby.offer, joined = now, offer, True
    # They were asked from standby, and somebody was quicker: that is what they must hear.
    was_asked = standby.asked_at is not None and not joined
    standby.state, standby.asked_at, standby.asked_until = Standby.WAITING, None, None
    standby.save()
    offer.state, offer.answered_at = Offer.LATE, now
    offer.save(update_fields=["state", "answered_at"])
    place = openings.place_in_line(standby)
    about: dict[str, Any] = {"offer": offer, "shift": shift, "employee": desk.employee}
    if joined or was_asked:
        timeline.tell("offer.late", at=now, actor="employee", place=place, **about)
    if joined:
        timeline.tell("standby.joined", at=now, place=place, **about)
    wording = Wording.STANDBY_TOO_LATE if was_asked else Wording.JUST_FILLED
    answer(reply, wording, offer=offer, place=place)


def _decline(reply: Reply, offer: Offer) -> None:
    assert reply.employee is not None
    shift = openings.locked_shift(offer.shift_id)
    offer.shift = shift
    offer.state, offer.answered_at = Offer.DECLINED, reply.now
    offer.save(update_fields=["state", "answered_at"])
    timeline.tell(
        "offer.declined",
        at=reply.now,
        actor="employee",
        offer=offer,
        shift=shift,
        employee=reply.employee,
    )
    fill_shift.stop_asking(shift, reply.employee, reason="declined", now=reply.now)
    for standby in openings.line(shift):
        if standby.employee_id == reply.employee.pk:
            fill_shift.leave_line(standby, Standby.LEFT, reply.now)
            fill_shift.keep_for_line(shift, reply.now)
            fill_shift.tell_if_short(shift, reply.now)
    # A question, so that NO and then YES takes it after all while it is open.
    answer(reply, Wording.DECLINED, offer=offer, question=True)
