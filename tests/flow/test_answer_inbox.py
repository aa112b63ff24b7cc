"""What a person does about replies: takes care of them, or says what they meant."""

from __future__ import annotations

import pytest

from shiftbell.errors import BadInput, Conflict, NotFound
from shiftbell.flow.answer_inbox import Meant, put_aside, read_reply, waiting
from shiftbell.flow.tell_story import why
from shiftbell.store.models import Consent, Message
from tests.flow.talk import Talk

WED = "Wed Nov 25 12pm-8pm, Dock 4"
RIDDLE, MAYBE, MAYBE_TOO = "purple monkey", "stop texting me today", "stop texting me at work"


def in_the_inbox(talk: Talk, text: str) -> str:
    """Let Ana say something that needs a person; return its id."""
    talk.says("Ana", text)
    assert talk.in_the_inbox()[-1] == text
    return str(Message.objects.filter(direction="in").latest("pk"))


def read(talk: Talk, reply: str, meant: Meant) -> list[str]:
    """Say what a reply meant; return the replies that are still unread."""
    result = read_reply(reply, meant, actor="Mia", now=talk.now)
    return [str(each) for each in result.unread]


def test_a_reply_is_listed_with_why_it_waits_and_which_shift_it_is_about(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    reply = in_the_inbox(talk, RIDDLE)
    (only,) = waiting()
    assert (str(only.reply), only.reason, only.shift) == (reply, "not understood", shift)
    assert only.in_review is False


def test_replies_are_listed_in_the_order_in_which_they_were_written(talk: Talk):
    talk.employee("Ana")
    talk.drop_in("Ana", RIDDLE)
    talk.drop_in("+12125550177", "who is this", ago=60)
    talk.hear()
    assert [(one.reply.text, one.reason, one.shift) for one in waiting()] == [
        ("who is this", "nobody on the roster has this number", None),
        (RIDDLE, "not understood", None),
    ]


def test_a_reply_that_was_taken_care_of_leaves_the_inbox_once(talk: Talk):
    talk.employee("Ana")
    reply = in_the_inbox(talk, RIDDLE)
    put_aside(reply, actor="Mia", now=talk.now)
    assert waiting() == []
    assert why(reply).lines[-1].words == "Mia took care of this reply."
    with pytest.raises(Conflict, match="does not wait for a person"):
        put_aside(reply, actor="Mia", now=talk.now)


def test_a_reply_that_may_be_an_opt_out_cannot_be_put_aside_undecided(talk: Talk):
    talk.employee("Ana")
    reply = in_the_inbox(talk, MAYBE)
    with pytest.raises(Conflict, match="may be an opt-out") as caught:
        put_aside(reply, actor="Mia", now=talk.now)
    assert f"shiftbell inbox read {reply} opt_out" in caught.value.hint
    assert waiting()[0].in_review is True


def test_a_reply_read_as_an_opt_out_binds_the_number_and_withdraws_what_waits(talk: Talk):
    held = talk.shift()
    talk.offer(held, "Ana")
    talk.says("Ana", "yes")
    talk.offer(talk.shift(starts_in=72), "Ana", leave=False)
    reply = in_the_inbox(talk, MAYBE)
    before = talk.texts("Ana")
    assert read(talk, reply, Meant.OPT_OUT) == []
    number = talk.number("Ana")
    assert (number.opted_out_at, number.review_since) == (talk.now, None)
    consent = Consent.objects.get(kind="revoked")
    assert (consent.actor, consent.words) == ("Mia", MAYBE)
    assert talk.texts("Ana") == before  # nothing is confirmed
    assert talk.told()[-1] == (
        f"Ana opted out of texts. They still hold {WED}; reminders must reach them another way."
    )
    assert waiting() == []
    said = [line.words for line in why(reply).lines]
    assert "Mia decided what the reply meant: an opt-out." in said


def test_an_offer_that_waits_is_withdrawn_when_its_reader_opted_out(talk: Talk):
    talk.employee("Ana")
    reply = in_the_inbox(talk, MAYBE)
    talk.offer(talk.shift(), "Ana", leave=False)
    read(talk, reply, Meant.OPT_OUT)
    assert talk.texts("Ana") == []


def test_offers_go_on_when_each_doubtful_reply_was_read_as_no_opt_out(talk: Talk):
    talk.employee("Ana")
    first, second = in_the_inbox(talk, MAYBE), in_the_inbox(talk, MAYBE_TOO)
    assert read(talk, first, Meant.OK) == [second]
    assert talk.number("Ana").review_since is not None
    assert read(talk, second, Meant.OK) == []
    assert talk.number("Ana").review_since is None
    assert why(second).lines[-1].words == "Mia decided what the reply meant: not an opt-out."


def test_an_opt_out_may_be_read_into_any_reply(talk: Talk):
    talk.employee("Ana")
    reply = in_the_inbox(talk, RIDDLE)
    put_aside(reply, actor="Mia", now=talk.now)
    read(talk, reply, Meant.OPT_OUT)
    assert talk.number("Ana").opted_out_at == talk.now


def test_a_stranger_can_be_read_as_opted_out(talk: Talk):
    talk.says("+12125550177", "who is this")
    (only,) = waiting()
    read(talk, str(only.reply), Meant.OPT_OUT)
    only.reply.number.refresh_from_db()
    assert only.reply.number.opted_out_at == talk.now


def test_ok_is_said_about_a_number_in_review_only(talk: Talk):
    talk.employee("Ana")
    reply = in_the_inbox(talk, RIDDLE)
    with pytest.raises(Conflict, match="Nothing waits"):
        read(talk, reply, Meant.OK)
    assert talk.in_the_inbox() == [RIDDLE]


def test_only_replies_can_be_answered(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    ours = str(Message.objects.get())
    for act in (put_aside, lambda which, **by: read_reply(which, Meant.OK, **by)):
        with pytest.raises(BadInput, match="a text of ours"):
            act(ours, actor="Mia", now=talk.now)
        with pytest.raises(NotFound):
            act("m999", actor="Mia", now=talk.now)
