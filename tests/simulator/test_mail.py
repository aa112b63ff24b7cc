"""The simulated mail server takes letters over SMTP, keeps the last, and breaks when told to."""

from __future__ import annotations

import smtplib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from shiftbell.simulator.clock import ManualClock
from shiftbell.simulator.mail import KEPT, MAIL_BYTES_MAX, MailFault, Mails, MailServer

NOON = datetime(2026, 6, 6, 12, 0, tzinfo=UTC)
LETTER = "From: Acme <a@example.com>\r\nSubject: Open\r\n\r\nTake it: https://example.com/m/1\r\n"


@pytest.fixture
def server() -> Iterator[MailServer]:
    server = MailServer(clock=ManualClock(NOON))
    server.start()
    yield server
    server.stop()


def hand_in(server: MailServer, letter: str = LETTER, to: str = "ana@example.org") -> None:
    with smtplib.SMTP(server.host, server.port, local_hostname="here", timeout=10) as client:
        client.sendmail("a@example.com", [to], letter)


def test_a_letter_is_kept_with_its_time_and_both_ends(server: MailServer):
    hand_in(server)
    [mail] = server.mails.all()
    assert (mail.id, mail.at, mail.sender, mail.to) == (1, NOON, "a@example.com", "ana@example.org")
    assert (mail.subject, mail.text, mail.html) == (
        "Open",
        "Take it: https://example.com/m/1\n",
        "",
    )
    assert mail.raw.decode() == LETTER
    assert server.mails.find(1) == mail
    assert server.mails.find(2) is None


def test_who_waits_for_a_letter_gets_it(server: MailServer):
    found: list[str] = []
    waiting = threading.Thread(
        target=lambda: found.extend(mail.to for mail in server.mails.wait_for(2, 10))
    )
    waiting.start()
    hand_in(server)
    hand_in(server, to="ben@example.org")
    waiting.join(10)
    assert found == ["ana@example.org", "ben@example.org"]
    assert server.mails.wait_for(3, 0.01) == server.mails.all()


def test_only_the_last_letters_are_kept_and_no_huge_one(server: MailServer):
    mails = Mails(ManualClock(NOON))
    for _ in range(KEPT + 3):
        mails.take("a@example.com", "ana@example.org", LETTER.encode())
    kept = mails.all()
    assert (len(kept), kept[0].id, kept[-1].id) == (KEPT, 4, KEPT + 3)
    assert [mail.id for mail in mails.all(since=KEPT + 1)] == [KEPT + 2, KEPT + 3]
    mails.clear()
    assert mails.all() == []
    assert mails.take("a@example.com", "ana@example.org", LETTER.encode()).id == KEPT + 4
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        hand_in(server, "Subject: x\r\n\r\n" + ("y" * 70 + "\r\n") * (MAIL_BYTES_MAX // 72 + 1))
    assert refused.value.smtp_code == 552


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (MailFault.SENDER_REFUSED, smtplib.SMTPSenderRefused, 550),
        (MailFault.CONTENT_REFUSED, smtplib.SMTPDataError, 554),
    ],
)
def test_a_fault_strikes_as_often_as_it_was_told_to(server, fault, error, code):
    server.misbehave(fault, times=2)
    for _ in range(2):
        with pytest.raises(error) as refused:
            hand_in(server)
        assert refused.value.smtp_code == code
    hand_in(server)
    assert len(server.mails.all()) == 1


@pytest.mark.parametrize(
    ("fault", "code"), [(MailFault.RECIPIENT_REFUSED, 550), (MailFault.TRY_LATER, 451)]
)
def test_a_recipient_is_refused_for_good_or_for_now(server, fault, code):
    server.misbehave(fault)
    for _ in range(2):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            hand_in(server)
        assert refused.value.recipients["ana@example.org"][0] == code
    server.recover()
    hand_in(server)
    assert len(server.mails.all()) == 1


def test_a_login_is_asked_for_and_can_be_refused():
    server = MailServer(login=("ana", "secret"))
    server.start()
    try:
        with smtplib.SMTP(server.host, server.port, local_hostname="here", timeout=10) as client:
            client.ehlo()
            assert client.mail("a@example.com")[0] == 530
            with pytest.raises(smtplib.SMTPAuthenticationError):
                client.login("ana", "wrong")
            server.misbehave(MailFault.LOGIN_REFUSED, times=1)
            assert client.login("ana", "secret")[0] == 235  # the second way to log in
            assert client.mail("a@example.com")[0] == 250
    finally:
        server.stop()


def test_a_server_ends_while_somebody_still_waits():
    server = MailServer()
    server.start()
    server.misbehave(MailFault.HANG_AFTER_ACCEPT)
    with smtplib.SMTP(server.host, server.port, local_hostname="here", timeout=10) as client:
        client.ehlo()
        client.mail("a@example.com")
        client.rcpt("ana@example.org")
        client.docmd("data")
        client.send(b"Subject: x\r\n\r\ny\r\n.\r\n")
        assert len(server.mails.wait_for(1, 10)) == 1
        server.stop()
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.getreply()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(server.host, server.port, local_hostname="here", timeout=10)


def test_a_server_that_never_began_gives_its_port_back():
    server = MailServer()
    server.stop()
    server.stop()
    MailServer(server.host, server.port).stop()
    assert server.mails.all() == []


def test_a_port_that_is_taken_is_said_at_once(server: MailServer):
    with pytest.raises(OSError, match="in use"):
        MailServer(server.host, server.port)


def test_its_address_is_one_a_client_understands(server: MailServer):
    assert server.url == f"smtp://127.0.0.1:{server.port}"
