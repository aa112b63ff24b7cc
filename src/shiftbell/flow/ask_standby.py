"""Ask those on standby about an opening that came back.

One at a time an opening, ten minutes each from the moment their text or mail leaves; all at once
when the shift starts within two hours; then the manager is told, once. Never assigned unasked. Who
is next is decided in `rules/shifts`; that the opening is kept for them was written when it came
back, by `fill_shift`. Here the questions are queued: numbers are locked before the shift is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from shiftbell.flow import fill_shift
from shiftbell.flow.reach_person import Notice, reach_person
from shiftbell.flow.write_text import write_text
from shiftbell.rules import shifts as rules
from shiftbell.rules.offering import Skip
from shiftbell.rules.reach import Channel
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, numbers, openings, timeline
from shiftbell.store.models import Mail, Message, Offer, PhoneNumber, Shift, Standby
from shiftbell.store.transactions import write

ASK_FOR = timedelta(minutes=rules.STANDBY_MINUTES)
Numbers = dict[int | None, PhoneNumber]  # by id, locked


def ask_standby(now: datetime) -> bool:
    """Ask the next on standby wherever an opening is free. Returns whether anyone was asked."""
    asked = [_ask_about(shift_id, now) for shift_id in openings.shifts_to_ask_about(now)]
    return any(asked)


def _ask_about(shift_id: int, now: datetime) -> bool:
    with write():
        locked = _locked_numbers(shift_id)
        shift = openings.locked_shift(shift_id)
        passed = _let_pass(shift, locked, now)
        asked = False
        while chosen := _chosen(shift, now):
            for standby in chosen:
                if reason := _cannot_be_asked(standby, locked, now):
                    fill_shift.leave_line(standby, Standby.PASSED, now, skipped=reason)
                    passed = True
                else:
                    _ask(standby, shift, now)
                    asked = True
        if passed:
            fill_shift.tell_if_short(shift, now)
        return asked


def _locked_numbers(shift_id: int) -> Numbers:
    """Lock the numbers of everyone in line: the order is numbers first, by id, then the shift."""
    in_line = Standby.objects.filter(shift_id=shift_id, state__in=openings.IN_LINE)
    ids = sorted(set(in_line.values_list("employee__number", flat=True)) - {None})
    return {pk: numbers.locked_number(pk) for pk in ids}


def _let_pass(shift: Shift, numbers: Numbers, now: datetime) -> bool:
    """Let those pass who were asked and can answer no more. Returns whether there were any."""
    passed = False
    for standby in openings.line(shift):
        if standby.state != Standby.ASKED or standby.asked_at is None:
            continue
        asked = _question(standby)
        skipped = _will_not_arrive(standby, asked, numbers, now)
        if skipped or (asked and asked.left_at and _is_over(standby, asked.left_at, now)):
            fill_shift.leave_line(standby, Standby.PASSED, now, skipped=skipped)
            passed = True
    return passed


def _question(standby: Standby) -> Message | Mail | None:
    """Return the text or the mail that asked them last."""
    intent = _intent(standby)
    texts = Message.objects.filter(intent=intent).order_by("-pk")
    return texts.first() or Mail.objects.filter(intent=intent).order_by("-pk").first()


def _will_not_arrive(
    standby: Standby, asked: Message | Mail | None, numbers: Numbers, now: datetime
) -> str:
    """Return why the question will not reach them; "" where it left or still may."""
    if asked is None or asked.state in {"cancelled", "failed"}:
        return (asked and asked.reason) or "the question was withdrawn"
    return "" if asked.left_at else _cannot_be_asked(standby, numbers, now)


def _is_over(standby: Standby, left_at: datetime, now: datetime) -> bool:
    """Whether an ask has run out: ten minutes after its text or mail left."""
    if standby.asked_until != left_at + ASK_FOR:
        standby.asked_until = left_at + ASK_FOR
        standby.save(update_fields=["asked_until"])
    return now >= standby.asked_until


def _chosen(shift: Shift, now: datetime) -> list[Standby]:
    """Return whom the free openings are kept for and who does not know it yet."""
    fill_shift.keep_for_line(shift, now)
    return [
        each
        for each in openings.line(shift)
        if each.state == Standby.ASKED and each.asked_at is None
    ]


def _cannot_be_asked(standby: Standby, numbers: Numbers, now: datetime) -> str:
    """Return why a text would be refused or in vain, so that the next one need not wait for it."""
    employee, number = standby.employee, numbers.get(standby.employee.number_id)
    if not employee.active:
        return Skip.INACTIVE
    reach = consent.reach(employee, number)
    if reach.bar is not None and reach.channel is Channel.NONE:
        return Skip(reach.bar)
    facts = openings.facts_of(standby.shift, now)
    reasons = {
        Skip.IN_REVIEW: number is not None and number.review_since is not None,
        Skip.PAUSED: number is not None and _is_paused(number, now),
        Skip.OVERLAP: rules.overlap(facts, openings.spans(openings.held_by(employee))) is not None,
    }
    return next((reason for reason, is_so in reasons.items() if is_so), "")


def _is_paused(number: PhoneNumber, now: datetime) -> bool:
    return number.paused_until is not None and now < number.paused_until


def _ask(standby: Standby, shift: Shift, now: datetime) -> None:
    standby.asks += 1
    standby.asked_at, standby.asked_until = now, now + ASK_FOR
    standby.save(update_fields=["asks", "asked_at", "asked_until"])
    others = Offer.objects.filter(
        employee=standby.employee, state=Offer.OPEN, shift__starts_at__gt=now
    ).exclude(shift=shift)
    code = standby.offer.code if others.exists() else None
    reach_person(
        Notice(
            kind=Kind.STANDBY,
            employee=standby.employee,
            shift=shift,
            words=lambda number: write_text(
                Wording.STANDBY_ASK, standby.employee, number, shift=shift, code=code
            ),
            intent=_intent(standby),
            expires_at=shift.starts_at,
            offer=standby.offer,
        ),
        now=now,
    )
    timeline.tell(
        "standby.asked",
        at=now,
        shift=shift,
        employee=standby.employee,
        offer=standby.offer,
    )


def _intent(standby: Standby) -> str:
    return f"standby:{standby.pk}:{standby.asks}"
