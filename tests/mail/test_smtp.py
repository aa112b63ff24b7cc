"""What became of a letter, told apart against a real mail server that misbehaves."""

import smtplib
import socket

import pytest

from shiftbell.errors import (
    MailContentRefused,
    MailError,
    MailOutcomeUnknown,
    MailRefused,
    MailRejectedUs,
    MailUnavailable,
)
from shiftbell.simulator.mail import MailFault, MailServer
from tests.mail.desk import ID, NOW, letter, smtp
from tests.ringcentral.peer import Guest, Peer


@pytest.fixture
def server():
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def guarded():
    """A server that asks for a login."""
    server = MailServer(login=("ana@example.com", "p/w:@"))
    server.start()
    yield server
    server.stop()


def send(url, timeout=10.0, **changes):
    return smtp(url).send(letter(**changes), now=NOW, timeout=timeout)


def test_a_letter_arrives_as_it_was_written_and_the_server_says_its_number(server):
    words = send(server.url, text=".\r\n.dots\n..\nend without a line", name="María")
    [mail] = server.mails.all()
    assert words == "2.0.0 OK queued as 1"
    assert (mail.sender, mail.to) == ("shifts@example.com", "ana@example.org")
    assert mail.subject == "Open shift: Sat Nov 28 7am-3pm, Dock 4"
    assert mail.text == ".\n.dots\n..\nend without a line\n"
    assert mail.html == "<p>Hello Ana</p>\n"
    assert mail.message["Message-ID"] == ID


@pytest.mark.parametrize(
    ("fault", "error", "taken"),
    [
        (MailFault.SENDER_REFUSED, MailRejectedUs, 0),
        (MailFault.RECIPIENT_REFUSED, MailRefused, 0),
        (MailFault.TRY_LATER, MailUnavailable, 0),
        (MailFault.CONTENT_REFUSED, MailContentRefused, 0),
        (MailFault.DROP_BEFORE_ACCEPT, MailUnavailable, 0),
        (MailFault.DROP_AFTER_ACCEPT, MailOutcomeUnknown, 1),
        (MailFault.HANG_BEFORE_ACCEPT, MailUnavailable, 0),
        (MailFault.HANG_AFTER_ACCEPT, MailOutcomeUnknown, 1),
    ],
)
def test_what_goes_wrong_is_told_apart(server, fault, error, taken):
    server.misbehave(fault)
    with pytest.raises(MailError) as told:
        send(server.url, timeout=0.4 if "hang" in fault else 10.0)
    assert type(told.value) is error
    assert len(server.mails.all()) == taken
    assert "ana@" not in str(told.value)
    server.recover()
    send(server.url)
    assert len(server.mails.all()) == taken + 1


def test_a_refusal_names_its_code_and_only_the_first_letter_of_the_address(server):
    server.misbehave(MailFault.RECIPIENT_REFUSED)
    with pytest.raises(MailRefused) as told:
        send(server.url)
    assert told.value.message == (
        "The mail server takes no mail for a•••@example.org: "
        "550 5.1.1 <a•••@example.org>: no such mailbox here"
    )
    assert told.value.code == 550
    assert told.value.hint


def test_a_login_is_used_where_there_is_one(guarded):
    url = guarded.url.replace("//", "//ana%40example.com:p%2Fw%3A%40@")
    assert send(url).startswith("2.0.0 OK")
    with pytest.raises(MailRejectedUs, match="at the sender: 530"):
        send(guarded.url)


def test_a_refused_login_is_ours_to_mend_and_is_not_repeated_in_words(guarded):
    with pytest.raises(MailRejectedUs) as told:
        send(guarded.url.replace("//", "//user-one:wrong-one@"))
    assert told.value.sentence() == (
        "The mail server refused us at the login: 535. "
        "Check the user and the password in SMTP_URL, and that it may send as MAIL_FROM."
    )


def test_nobody_there_is_trouble_that_passes():
    with socket.create_server(("127.0.0.1", 0)) as bound:
        port = bound.getsockname()[1]
    with pytest.raises(MailUnavailable, match="ConnectionRefusedError at the greeting"):
        send(f"smtp://127.0.0.1:{port}")


def spoken(*said: bytes):
    """Return the manners of a server that says these lines, and hears one after each but the last.

    After a 354 it hears a whole letter.
    """

    def manners(guest: Guest) -> None:
        with guest.conn.makefile("rb") as reader:
            for words in said[:-1]:
                guest.conn.sendall(words)
                while words.startswith(b"354") and reader.readline() not in (b".\r\n", b""):
                    continue
                if not words.startswith(b"354"):
                    reader.readline()
            guest.conn.sendall(said[-1])

    return manners


HELLO = (b"220 hello\r\n", b"250 mail.example.com\r\n")


TO_THE_LETTER = (*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ((b"421 busy\r\n",), MailUnavailable),
        ((b"554 no service\r\n",), MailRejectedUs),
        ((b"SSH-2.0-OpenSSH\r\n",), MailUnavailable),
        ((b"2" * 20000,), MailUnavailable),
        ((b"",), MailUnavailable),
        ((*HELLO, b"451 later\r\n"), MailUnavailable),
        ((*HELLO, b"250 ok\r\n", b"250 ok\r\n", b"250 not 354\r\n"), MailUnavailable),
        ((*TO_THE_LETTER, b"451 4.3.0 later\r\n"), MailUnavailable),
        ((*TO_THE_LETTER, b"550 5.1.1 nobody\r\n"), MailRefused),
        ((*TO_THE_LETTER, b"what?\r\n"), MailOutcomeUnknown),
        ((*TO_THE_LETTER, b"2" * 20000), MailOutcomeUnknown),
        ((*TO_THE_LETTER, b"25"), MailOutcomeUnknown),
        ((*TO_THE_LETTER, b""), MailOutcomeUnknown),
    ],
)
def test_a_server_that_talks_nonsense_has_taken_only_what_it_may_have(said, error):
    with Peer(spoken(*said)) as peer, pytest.raises(MailError) as told:
        send(peer.url.replace("http:", "smtp:"), timeout=2.0)
    assert type(told.value) is error


LINK = "https://shifts.example.com/m/a" + "b2" * 26


@pytest.mark.parametrize(
    "quoted",
    [
        f"554 5.7.1 Blocked URL {LINK} by policy\r\n",
        f"554-5.7.1 Blocked URL {LINK[:40]}\r\n554 {LINK[40:]} by policy\r\n",
        f"554-5.7.1 Blocked URL {LINK[:34]}\r\n554 {LINK[34:]}\r\n",
        f"554 5.7.1 Blocked https%3A%2F%2Fshifts.example.com%2Fm%2F{LINK[-53:]}\r\n",
        f"554 5.7.1 {'x' * 150} {LINK}\r\n",
    ],
)
def test_a_link_that_a_server_quotes_is_in_no_word_of_ours(quoted):
    with Peer(spoken(*TO_THE_LETTER, quoted.encode())) as peer, pytest.raises(MailError) as told:
        send(peer.url.replace("http:", "smtp:"), timeout=2.0)
    assert "b2b2" not in told.value.sentence()
    assert "554 5.7.1" in told.value.sentence()


def test_a_server_that_drips_is_not_waited_for_longer_than_was_said():
    def manners(guest: Guest) -> None:
        guest.drip(b"220-" + b"x" * 400)

    with Peer(manners) as peer, pytest.raises(MailUnavailable):
        send(peer.url.replace("http:", "smtp:"), timeout=0.3)
    assert not peer.guests[0].said


def test_a_server_without_a_login_is_told_none():
    with Peer(spoken(*HELLO, b"")) as peer, pytest.raises(MailRejectedUs) as told:
        send(peer.url.replace("http://", "smtp://user:hidden-one@"))
    assert "offers no login" in told.value.message
    assert "hidden" not in told.value.sentence()


def test_no_library_error_hides_behind_ours(server):
    server.misbehave(MailFault.RECIPIENT_REFUSED)
    with pytest.raises(MailRefused) as told:
        send(server.url)
    assert told.value.__cause__ is None
    assert told.value.__suppress_context__
    assert isinstance(told.value.__context__, smtplib.SMTPResponseException)
