"""DROP: someone gives a shift back.

Only a shift that has not started is given back by text; after that an empty post may be a danger,
so the manager hears it and decides. Which shift is meant is decided in `rules/shifts`.
"""

from __future__ import annotations

from shiftbell.flow import fill_shift
from shiftbell.flow.answer_reply import Reply, answer, counts
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import shift_words
from shiftbell.rules.shifts import DropVerdict, HeldFacts, answer_drop
from shiftbell.rules.wording import Wording
from shiftbell.store import openings
from shiftbell.store.models import Assignment


def hear_drop(reply: Reply) -> None:
    """Hear DROP, with or without a number."""
    assert reply.employee is not None
    held = openings.held_by(reply.employee)
    verdict, assignment = answer_drop(
        [_facts(each) for each in held], reply.reading.number, reply.now
    )
    match verdict:
        case DropVerdict.DROP:
            _drop(reply, next(each for each in held if each.pk == assignment))
        case DropVerdict.WHICH:
            coming = [each for each in held if each.shift.starts_at > reply.now]
            choices = [(each.offer.code, each.shift) for each in coming if each.offer]
            answer(reply, Wording.WHICH_TO_DROP, choices=choices)
        case DropVerdict.AFTER_START:
            answer(reply, Wording.DROP_AFTER_START)
            tell_manager(
                reply.now,
                f"{reply.employee.name} wants to give back a shift that has started: "
                f"{', '.join(_running(reply, held))}.",
                employee=reply.employee,
                message=reply.message,
            )
        case DropVerdict.NOTHING:
            answer(reply, Wording.NOTHING_TO_DROP)


def _facts(held: Assignment) -> HeldFacts:
    code = held.offer.code if held.offer else None
    return HeldFacts(held.pk, code, held.shift.starts_at, held.shift.ends_at)


def _running(reply: Reply, held: list[Assignment]) -> list[str]:
    return [
        shift_words(each.shift)
        for each in held
        if each.shift.starts_at <= reply.now < each.shift.ends_at
    ]


def _drop(reply: Reply, assignment: Assignment) -> None:
    reply.message.shift, reply.message.offer = assignment.shift, assignment.offer
    if not counts(reply):
        return
    shift = openings.locked_shift(assignment.shift_id)
    fill_shift.release(assignment, shift, reply.now, actor="employee")
    # A question: YES within ten minutes takes it back, if nobody else did meanwhile.
    answer(reply, Wording.DROPPED, offer=assignment.offer, shift=shift, question=True)
