"""inbox and decide: what a person settles, in one process."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from shiftbell import config
from shiftbell.cli import application, main
from shiftbell.errors import BadInput
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.store import doubt
from shiftbell.store.claiming import claim
from shiftbell.store.models import Message, PhoneNumber
from tests.crew import person, sender, shift
from tests.flow.talk import Talk
from tests.moments import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def type_in(capsys):
    """Type a command; return its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def doubtful() -> Message:
    """An offer to Ana whose worker died."""
    sender()
    person("Ana", "42", last_name="Garcia")
    offer_shift(shift(), now=NOON, actor="cli")
    lease = claim(NOON, config.settings())
    assert lease is not None
    assert doubt.sweep(lease.lease_until)
    return Message.objects.get()


@pytest.fixture
def reply() -> Message:
    """A reply of Ana's that may be an opt-out."""
    talk = Talk()
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "stop texting me today at 312-555-0142")
    return Message.objects.get(direction="in")


def doubt_is(text: Message) -> str:
    """Return the state a text is in by now."""
    text.refresh_from_db()
    return text.state


def test_an_empty_inbox_says_so(type_in):
    assert type_in("inbox") == (0, "", "The inbox is empty: no reply needs a person.\n")
    assert json.loads(type_in("inbox", "--json")[1]) == []


def test_the_inbox_shows_who_when_what_why_and_about_what(reply, type_in):
    code, out, err = type_in("inbox")
    assert code == 0
    heading, line = out.splitlines()
    assert heading.split("\t") == ["Id", "When", "Who", "Number", "Wrote", "Why", "About"]
    assert line.split("\t") == [
        str(reply),
        "Tue Nov 24 12:00",
        "Ana",
        "+1•••••0100",
        "stop texting me today at •••••0142",
        "it may be an opt-out",
        f"Wed Nov 25 12pm-8pm, Dock 4 ({reply.number.messages.earliest('pk').shift})",
    ]
    assert f"shiftbell inbox read {reply} opt_out (or ok)" in err
    (entry,) = json.loads(type_in("inbox", "--json", "--show-numbers")[1])
    assert (entry["number"], entry["in_review"]) == ("+13125550100", True)


def test_a_reply_in_review_is_read_and_leaves_the_inbox(reply, type_in):
    assert type_in("inbox", "done", str(reply))[0] == 1
    code, out, _ = type_in("inbox", "read", str(reply), "ok")
    assert (code, out) == (0, f"{reply} is no opt-out. Offers to this number go on.\n")
    assert PhoneNumber.objects.get().review_since is None
    assert type_in("inbox", "read", str(reply), "ok")[0] == 1
    read = type_in("inbox", "read", str(reply), "opt_out", "--json")
    assert json.loads(read[1]) == {"id": str(reply), "meaning": "opt_out", "unread": []}
    assert PhoneNumber.objects.get().opted_out_at is not None


def test_a_reply_is_marked_as_taken_care_of(reply, type_in):
    Message.objects.filter(pk=reply.pk).update(meaning="unclear")
    code, out, _ = type_in("inbox", "done", str(reply))
    assert (code, out) == (0, f"{reply} is taken care of.\n")
    assert json.loads(type_in("inbox", "--json")[1]) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("inbox", "done", "m999"), "There is no text 'm999'. See `shiftbell inbox`."),
        (("inbox", "read", "m1", "maybe"), "A reply is read as opt_out or ok."),
        (("decide", "m1"), "Say which text, and whether it left."),
        (("decide", "m1", "maybe"), "Say which text, and whether it left."),
        (("decide", "m999", "left"), "There is no text 'm999'."),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, said, type_in):
    code, out, err = type_in(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)


def test_texts_in_doubt_are_listed(doubtful, type_in):
    code, out, _ = type_in("decide")
    assert code == 0
    assert out.splitlines()[1].startswith(f"{doubtful}\tTue Nov 24 12:00\tAna Garcia\t+1•••••0142")
    (entry,) = json.loads(type_in("decide", "--json")[1])
    assert (entry["look_ups"], entry["given_up"]) == (0, False)
    type_in("decide", str(doubtful), "left", "--yes")
    assert type_in("decide") == (0, "", "No text is in doubt.\n")


@pytest.mark.parametrize(
    ("answer", "code", "state", "said"),
    [
        ("y\n", 0, "cancelled", "did not leave: it is cancelled now."),
        ("n\n", 1, "in_doubt", "Nothing was decided."),
    ],
)
def test_a_decision_is_asked_about_first(answer, code, state, said, doubtful):
    command = ["decide", str(doubtful), "not-left"]
    ended = CliRunner().invoke(application(command), command, input=answer)
    assert ended.exit_code == code
    assert said in ended.output
    assert "It is dropped." in ended.stderr
    assert doubt_is(doubtful) == state


def test_where_nobody_answers_nothing_is_decided(doubtful):
    command = ["decide", str(doubtful), "left"]
    ended = CliRunner().invoke(application(command), command, input="")
    assert isinstance(ended.exception, BadInput)
    assert "--yes" in ended.exception.hint
    assert doubt_is(doubtful) == "in_doubt"


def test_what_is_not_in_doubt_cannot_be_decided(doubtful, type_in):
    code, out, _ = type_in("decide", str(doubtful), "left", "--yes", "--json")
    assert (code, json.loads(out)["state"]) == (0, "sent")
    code, _, err = type_in("decide", str(doubtful), "left", "--yes")
    assert code == 1
    assert err.startswith(f"{doubtful} is not in doubt, so there is nothing to decide.")
