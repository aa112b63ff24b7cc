"""Where letters are handed in, how safely, and whom they come from."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from shiftbell.config import MailSender, SmtpServer, Tls, read_settings
from shiftbell.config.mailing import mail_sender, smtp_server
from shiftbell.errors import ConfigError
from tests.config.samples import NOWHERE


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", SmtpServer("mail.example.com", 587, Tls.STARTTLS)),
        ("smtp://mail.example.com:25", SmtpServer("mail.example.com", 25, Tls.STARTTLS)),
        ("SMTPS://Mail.example.com", SmtpServer("mail.example.com", 465, Tls.AT_ONCE)),
        ("smtps://localhost:4650", SmtpServer("localhost", 4650, Tls.AT_ONCE)),
        ("smtp://127.0.0.1:8025", SmtpServer("127.0.0.1", 8025, Tls.NEVER)),
        ("smtp://[::1]:8025/", SmtpServer("::1", 8025, Tls.NEVER)),
        ("smtp://10.0.0.5:25", SmtpServer("10.0.0.5", 25, Tls.STARTTLS)),
        (
            "smtp://ana%40example.com:p%2Fw%3A%40@mail.example.com",
            SmtpServer(
                "mail.example.com", 587, Tls.STARTTLS, "ana@example.com", SecretStr("p/w:@")
            ),
        ),
    ],
)
def test_a_letter_leaves_this_machine_in_tls_only(url: str, server: SmtpServer) -> None:
    assert smtp_server(url) == server


@pytest.mark.parametrize(
    "url", ["smtp://user:hidden-one@a b", "smtp://hidden-one@x", "smtp://u:hidden-oné@x"]
)
def test_no_complaint_repeats_a_password(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_settings({"SMTP_URL": url}, NOWHERE)
    assert "hidden" not in str(refused.value)
    assert refused.value.message.startswith("SMTP_URL ")


def test_the_password_does_not_show_in_a_printed_server() -> None:
    assert "hidden" not in repr(smtp_server("smtp://user:hidden@mail.example.com"))


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        ("shifts@example.com", MailSender("", "shifts@example.com")),
        ("<shifts@example.com>", MailSender("", "shifts@example.com")),
        ("Acme Shifts <shifts@example.com>", MailSender("Acme Shifts", "shifts@example.com")),
        ('"Acme, Inc." <shifts@example.com>', MailSender("Acme, Inc.", "shifts@example.com")),
        ("Café Á <shifts@example.com>", MailSender("Café Á", "shifts@example.com")),
    ],
)
def test_a_sender_is_a_name_and_an_address(written: str, sender: MailSender) -> None:
    assert mail_sender(written) == sender


def test_without_a_server_nobody_is_mailed() -> None:
    assert read_settings({}, NOWHERE).smtp is None
