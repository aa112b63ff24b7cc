"""Hear: read the next reply and do what it asks for, wholly or not at all.

One reply is one transaction: who gets the shift, what is withdrawn, what is answered and the mark
"heard" commit together, so a crash at any line loses nothing and doubles nothing. The locks are
taken in the order of `store/__init__`: the number, so that STOP and a claim never overlap; the
employee, so that nobody holds two shifts at once; the shift, so that an opening has one winner.

Replies are heard in RingCentral's order. One that a sync finds late is read against what the person
had been texted by then, and only counts where nothing newer speaks against it; who was first is
decided when heard and never taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import DatabaseError, IntegrityError

from shiftbell.flow.answer_offer import hear_no, hear_yes
from shiftbell.flow.answer_reply import Reply, answer, counts, needs_person
from shiftbell.flow.ask_back import ask_what_was_meant
from shiftbell.flow.give_back import hear_drop
from shiftbell.flow.hear_consent import (
    hear_earlier_holder,
    hear_opt_out,
    hear_pause,
    hear_review,
    hear_start,
    own_words,
)
from shiftbell.flow.hear_join import hear_join
from shiftbell.rules.replies import Meaning, understand
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, hygiene, inbox, numbers, openings, timeline
from shiftbell.store.models import Message, PhoneNumber
from shiftbell.store.transactions import write

log = structlog.get_logger(__name__)
TRIES = 3
LOOK_BACK = 20  # texts of ours that a reply is read against


def hear_next(now: datetime) -> bool:
    """Hear the next unheard reply. Returns whether there was one."""
    waiting = inbox.next_unheard()
    if waiting is None:
        return False
    for _ in range(TRIES):
        try:
            _hear_one(waiting.number_id, now)
            return True
        except IntegrityError:
            continue  # someone else's commit came between: judge again by what is so now
        except DatabaseError:
            raise  # the database's trouble, not this reply's: the pump tries again
        except Exception:
            # One reply that breaks us must not keep all those behind it unheard.
            log.exception("reply.broken", message=str(waiting))
            break
    _leave_to_a_person(waiting, now)
    return True


def _hear_one(number_id: int, now: datetime) -> None:
    with write():
        number = numbers.locked_number(number_id)
        message = inbox.next_unheard(number)
        if message is None:
            return  # another worker heard it while we waited for the lock
        hygiene.hear_text(number, now)
        reply = _read(message, number, now)
        message.employee, message.meaning = reply.employee, reply.reading.meaning
        if counts(reply):
            _obey(reply)
        _mark_heard(reply)


def _read(message: Message, number: PhoneNumber, now: datetime) -> Reply:
    written_at = inbox.our_time(message)
    holder = None if numbers.is_from_before(number, written_at) else numbers.holder(number)
    texts = numbers.last_texts(number, limit=LOOK_BACK)
    return Reply(
        message=message,
        number=number,
        employee=openings.locked_employee(holder.pk) if holder else None,
        reading=understand(message.text, [text.text for text in texts]),
        written_at=written_at,
        now=now,
        before=[text for text in texts if text.left_at and text.left_at <= written_at],
    )


def _obey(reply: Reply) -> None:
    """Do what a reply asks for.

    The order matters: what an earlier holder wrote is none of the present one's; opt-outs, HELP and
    START are heard from every number; whoever opted out gets no other answer; and what nobody
    expects an answer to, a tapback, gets none.
    """
    meaning = reply.reading.meaning
    is_earlier = numbers.is_from_before(reply.number, reply.written_at)
    if is_earlier and reply.reading.answerable and meaning is not Meaning.HELP:
        hear_earlier_holder(reply)
    elif meaning in _FROM_ANYONE:
        _FROM_ANYONE[meaning](reply)
    elif not reply.reading.answerable:
        return
    elif reply.employee is None:
        timeline.tell(
            "reply.unknown_number", at=reply.now, message=reply.message, number=reply.number
        )
        needs_person(reply, "nobody on the roster has this number")
    elif reply.number.opted_out_at is not None:
        needs_person(reply, "from someone who opted out of texts")
    else:
        _FROM_EMPLOYEES[meaning](reply)


def _hear_help(reply: Reply) -> None:
    answer(reply, Wording.HELP, kind=Kind.HELP)


def _hear_riddle(reply: Reply) -> None:
    ask_what_was_meant(reply, "not understood")


_FROM_ANYONE: dict[Meaning, Callable[[Reply], None]] = {
    Meaning.OPT_OUT: hear_opt_out,
    Meaning.WRONG_NUMBER: hear_opt_out,
    Meaning.HELP: _hear_help,
    Meaning.START: hear_start,
    Meaning.JOIN: hear_join,
}
_FROM_EMPLOYEES: dict[Meaning, Callable[[Reply], None]] = {
    Meaning.REVIEW: hear_review,
    Meaning.PAUSE: hear_pause,
    Meaning.DROP: hear_drop,
    Meaning.DECLINE: hear_no,
    Meaning.ACCEPT: hear_yes,
    Meaning.UNCLEAR: _hear_riddle,
}


def _mark_heard(reply: Reply) -> None:
    message, number = reply.message, reply.number
    assert message.received_at is not None
    message.state, message.heard_at = "heard", reply.now
    message.save()
    number.heard_until = max(message.received_at, number.heard_until or message.received_at)
    number.save(update_fields=["heard_until"])
    timeline.tell(
        "reply.heard",
        at=reply.now,
        actor="employee",
        message=message,
        employee=reply.employee,
        offer=message.offer_id,
        shift=message.shift_id,
        number=number,
        meaning=str(message.meaning),
    )


def _leave_to_a_person(message: Message, now: datetime) -> None:
    """Set a reply aside that no try could hear, so that those behind it are heard.

    What broke us may be anything around it; that it says STOP is obeyed all the same.
    """
    with write():
        number = numbers.locked_number(message.number_id)
        waiting = Message.objects.filter(pk=message.pk, state="received")
        if not waiting.update(state="heard", heard_at=now, needs_person_since=now):
            return  # another worker heard it after all
        meaning = _obey_opt_out(message, number, now)
        Message.objects.filter(pk=message.pk).update(meaning=meaning)
        timeline.tell("reply.needs_person", at=now, message=message, reason="it could not be heard")


def _obey_opt_out(message: Message, number: PhoneNumber, now: datetime) -> str:
    """Stop texts to a locked number if the reply asks for it. Returns the meaning, if obeyed."""
    texts = numbers.last_texts(number, limit=LOOK_BACK)
    meaning = understand(message.text, [text.text for text in texts]).meaning
    if meaning in (Meaning.OPT_OUT, Meaning.WRONG_NUMBER):
        consent.revoke(
            number,
            numbers.holder(number),
            own_words(message),
            now=now,
            wrong_number=meaning is Meaning.WRONG_NUMBER,
        )
    elif meaning is Meaning.REVIEW:
        number.review_since = number.review_since or now
        number.save(update_fields=["review_since"])
    else:
        return ""
    return meaning
