"""STOP, START, PAUSE and their kin: what someone allows us to text.

The number's row is locked, so an opt-out commits wholly before or after a claim. Decided here:

* RingCentral acts on its own words (STOP, CANCEL, END, QUIT, UNSUBSCRIBE): it blocks the pair and
  confirms. For those we say nothing; every other opt-out gets the one confirmation the law allows,
  within five minutes of the reply or not at all.
* RingCentral is not known to confirm START, so we do, whatever the word.
* Whoever answers "wrong number" gets that one confirmation too: it costs a stranger a second and
  ends their doubt. The number stays unusable even after a START from it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from shiftbell.flow.answer_reply import Reply, answer, needs_person
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import recipient_zone, shift_name
from shiftbell.rules.consent import How
from shiftbell.rules.reach import Channel
from shiftbell.rules.replies import Meaning
from shiftbell.rules.reply_pauses import Pause
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, inbox, openings, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, Message

CONFIRM_WITHIN = timedelta(minutes=5)
# Opt-out words at RingCentral that people also say about a shift.
_ABOUT_A_SHIFT = re.compile(r"\W*(cancel|end|quit)\W*", re.IGNORECASE)


def own_words(message: Message) -> Evidence:
    """Return what a person said in a reply, as evidence."""
    return Evidence(
        how=How.TEXT,
        actor=consent.THEMSELVES,
        words=message.text,
        detail={"reply": str(message), "ringcentral_id": message.ringcentral_id},
    )


def hear_opt_out(reply: Reply) -> None:
    """Take consent back for this number: nothing more is sent to it but one confirmation."""
    is_wrong_number = reply.reading.meaning is Meaning.WRONG_NUMBER
    is_new = consent.revoke(
        reply.number,
        reply.employee,
        own_words(reply.message),
        now=reply.now,
        at=reply.written_at,
        wrong_number=is_wrong_number,
    )
    if is_new and reply.employee is not None and not reply.reading.carrier_keyword:
        answer(
            reply,
            Wording.WRONG_NUMBER if is_wrong_number else Wording.STOPPED,
            kind=Kind.STOP,
            intent=f"stop:{reply.message.pk}",
            expires_at=reply.written_at + CONFIRM_WITHIN,
        )
    if reply.employee is not None:
        said = _said_about(reply, reply.employee)
        tell_opt_out(reply.employee, reply.now, said, holds=is_new, message=reply.message)


def _said_about(reply: Reply, employee: Employee) -> list[str]:
    """Return what the words of an opt-out leave the manager to find out."""
    said = []
    if reply.reading.meaning is Meaning.WRONG_NUMBER:
        said.append(f"The number on record for {employee.name} is someone else's; correct it.")
    elif _ABOUT_A_SHIFT.fullmatch(reply.message.text):
        word = reply.message.text.strip()
        said.append(
            f"{employee.name} wrote {word}, which opts out of all texts; "
            "they may have meant a shift. Ask them."
        )
    if any(
        each.meaning in (Meaning.START, Meaning.JOIN) for each in inbox.heard_since(reply.message)
    ):
        said.append("A later START or JOIN was heard before it; ask which one holds.")
    return said


def tell_opt_out(
    employee: Employee,
    now: datetime,
    said: Sequence[str] = (),
    *,
    holds: bool = True,
    message: Message | None = None,
) -> None:
    """Tell the manager about an opt-out: what was `said`, and with `holds` what they still hold."""
    held = [each for each in openings.held_by(employee) if each.shift.ends_at > now]
    words = list(said)
    if held and holds:
        shifts = ", ".join(shift_name(each.shift) for each in held)
        words = words or [f"{employee.name} opted out of texts."]
        by_mail = consent.reach(employee).channel is Channel.EMAIL
        then = "they are e-mailed" if by_mail else "reminders must reach them another way"
        words.append(f"They still hold {shifts}; {then}.")
    if words:
        tell_manager(
            now, " ".join(words), employee=employee, message=message, number=employee.number
        )


def tell_mail_opt_out(employee: Employee, now: datetime, *, by: Employee | None) -> None:
    """Tell the manager of somebody who holds a shift and whom no e-mail nor text reaches now.

    `by`: who wants no more e-mail at the address, where known; some people share one.
    """
    held = [each for each in openings.held_by(employee) if each.shift.ends_at > now]
    if not held or consent.reach(employee).channel is not Channel.NONE:
        return
    words = f"{employee.name} wants no more e-mail and gets no texts."
    if employee != by:
        words = (
            f"{employee.name} gets no texts, and no more e-mail: {by.name if by else 'somebody'}"
        )
        words += " at the same address wants none."
    tell_opt_out(employee, now, [words])


def hear_start(reply: Reply) -> None:
    """Allow texts again because the person asks for them; it is their own new consent (R9)."""
    if is_overtaken(reply, "START"):
        return
    number, employee = reply.number, reply.employee
    blocked = number.opted_out_at or number.paused_until or number.review_since
    if blocked or (employee is not None and not consent.has_consent(employee, number)):
        consent.resume(number, employee, own_words(reply.message), now=reply.now)
    if employee is None:
        needs_person(reply, "START from a number that nobody on the roster has")
    else:
        welcome(reply, "START")


def is_overtaken(reply: Reply, word: str) -> bool:
    """Whether a START or JOIN is older than an opt-out that came another way; then a person looks.

    It lifts nothing: the newest word stands (R9), and nothing is answered.
    """
    if not consent.stopped_since(reply.number, reply.written_at):
        return False
    needs_person(reply, f"{word} from before a newer opt-out")
    return True


def hear_earlier_holder(reply: Reply) -> None:
    """Hear what was written before the roster gave the number to whoever has it now.

    It is nobody's word who is on the roster (K3): it gives, takes and lifts nothing. An opt-out
    binds the number all the same (R6), and offers wait for what may be one (R2).
    """
    number, meaning = reply.number, reply.reading.meaning
    if meaning in (Meaning.OPT_OUT, Meaning.WRONG_NUMBER):
        hear_opt_out(reply)
    elif meaning is Meaning.REVIEW:
        number.review_since = number.review_since or reply.now
        number.save(update_fields=["review_since"])
        timeline.tell("number.in_review", at=reply.now, number=number, message=reply.message)
    needs_person(reply, "it was written before the roster gave this number to whoever has it now")


def welcome(reply: Reply, word: str) -> None:
    """Confirm to whoever wrote START or JOIN what they get from now on (K5)."""
    if reply.employee is None:
        needs_person(reply, f"{word} from a number that nobody on the roster has; add them with it")
    if reply.number.unusable_since is not None:
        reason = reply.number.unusable_reason
        needs_person(reply, f"{word} from a number that cannot be used: {reason}")
    else:
        answer(reply, Wording.STARTED, kind=Kind.START)


def hear_pause(reply: Reply) -> None:
    """Mute offers for some days; what they hold is still confirmed and reminded of."""
    pause = reply.reading.pause or Pause()
    until = pause.until(reply.now.astimezone(recipient_zone(reply.employee)))
    said = own_words(reply.message)
    consent.pause(reply.number, reply.employee, said, until=until, now=reply.now)
    answer(reply, Wording.PAUSED, until=until)


def hear_review(reply: Reply) -> None:
    """Let offers wait until a person has decided what was meant. Nothing is answered: whoever may
    have said "stop" must not get one text more than needed.
    """
    assert reply.employee is not None
    number = reply.number
    number.review_since = number.review_since or reply.now
    number.save(update_fields=["review_since"])
    about: dict[str, Any] = {"employee": reply.employee, "message": reply.message}
    timeline.tell("number.in_review", at=reply.now, number=number, **about)
    needs_person(reply, "it may be an opt-out")
    tell_manager(
        reply.now,
        f"{reply.employee.name} wrote something that may mean STOP; "
        "offers to them wait until you decide.",
        **about,
    )
