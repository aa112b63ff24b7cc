"""What the tests of mail hold in their hands: a letter, and the way to a server.

The moment is one at which nothing else happens, and every address is fictional.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shiftbell.config import MailSender, read_settings
from shiftbell.mail.letter import Letter, message_id
from shiftbell.mail.smtp import Smtp

NOW = datetime(2026, 11, 27, 18, 30, tzinfo=UTC)
SENDER = MailSender("Acme Shifts", "shifts@example.com")
ID = message_id("mail 12, first try", SENDER)
END = "https://shifts.example.com/m/end?t=abc"


def letter(**changes: Any) -> Letter:
    """Return a good letter, with parts replaced."""
    parts: dict[str, Any] = {
        "to": "ana@example.org",
        "name": "Ana",
        "subject": "Open shift: Sat Nov 28 7am-3pm, Dock 4",
        "text": "Hello Ana,\n\nTake this shift: https://shifts.example.com/m/take\n",
        "html": "<p>Hello Ana</p>",
        "message_id": ID,
        "unsubscribe_url": END,
    }
    return Letter(**(parts | changes))


def smtp(url: str) -> Smtp:
    """Return the way to the mail server at `url`, as its settings make it."""
    given = {"SMTP_URL": url, "MAIL_FROM": "Acme Shifts <shifts@example.com>"}
    values = read_settings(given, Path("no-such-folder/.env"))
    assert values.smtp is not None
    return Smtp(values.smtp, values.mail_sender)
