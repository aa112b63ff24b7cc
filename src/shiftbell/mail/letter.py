"""One letter to one person, as mail programs expect it of a machine.

* List-Unsubscribe with List-Unsubscribe-Post (RFC 8058): mail programs show a button that ends
  these letters with one POST to that link, without opening a page.
* Auto-Submitted (RFC 3834) and X-Auto-Response-Suppress, which Exchange obeys: an absence notice
  in answer to an offer would be read by nobody.
* Message-ID is the caller's, so a letter sent again after a crash is no second one to a mail
  program.
* Everything leaves as ASCII (quoted-printable, encoded words), since a server need take no more.

A name or a subject with a line break in it would be a header of its own; here it is a space. "=?"
would begin an encoded word, and what that hides be read as a second address; here it is parted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from hashlib import blake2b
from typing import Any

from shiftbell.config import MailSender
from shiftbell.rules.mail_address import normalised

NAME_CHARS_MAX = 60
SUBJECT_CHARS_MAX = 150
URL_CHARS_MAX = 900  # a line holds 998, and this one is never folded

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9_.-]+@[A-Za-z0-9.-]+>")
_URL = re.compile(r"https?://[!-;=?-~]+", re.ASCII)


def message_id(unique: str, sender: MailSender) -> str:
    """Return the Message-ID of what `unique` names, the same for the same words.

    `unique` must name one letter for ever: mail programs drop a second with an id they know, so a
    row's number alone, which a new database counts again, would lose somebody's letter.
    """
    digest = blake2b(unique.encode(), digest_size=16).hexdigest()
    return f"<{digest}@{_domain(sender)}>"


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What one person is written. Raises BadAddress for a `to` or `reply_to` that is none.

    `message_id` comes from `message_id`; `unsubscribe_url`, where there is one, takes a POST.
    """

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    message_id: str
    name: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    unsubscribe_url: str = field(default="", repr=False)
    reply_to: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", normalised(self.to))
        if self.reply_to:
            object.__setattr__(self, "reply_to", normalised(self.reply_to))
        assert _MESSAGE_ID.fullmatch(self.message_id), "message_id() makes them"
        assert not self.unsubscribe_url or _URL.fullmatch(self.unsubscribe_url), "a web address"
        assert len(self.unsubscribe_url) <= URL_CHARS_MAX, "a header line holds no more"

    def written(self, sender: MailSender, now: datetime) -> EmailMessage:
        """Return the letter in MIME, dated `now`."""
        mime = EmailMessage(policy=_POLICY)
        mime["From"] = _mailbox(sender.name, sender.address)
        mime["To"] = _mailbox(self.name, self.to)
        mime["Subject"] = _one_line(self.subject, SUBJECT_CHARS_MAX)
        mime["Date"] = now
        mime["Message-ID"] = self.message_id
        if self.reply_to:
            mime["Reply-To"] = _mailbox("", self.reply_to)
        mime["Auto-Submitted"] = "auto-generated"
        mime["X-Auto-Response-Suppress"] = "All"
        if self.unsubscribe_url:
            mime["List-Unsubscribe"] = f"<{self.unsubscribe_url}>"
            mime["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        mime.set_content(self.text, cte="quoted-printable")
        if self.html:
            mime.add_alternative(self.html, subtype="html", cte="quoted-printable")
        return mime


class _Unfolded:
    """A header that stays in one piece; the registry joins it to its own base class.

    Python folds a long word by encoding it, and a mail program that meets an encoded address there
    shows no way to unsubscribe.
    """

    max_count = 1

    @staticmethod
    def parse(value: str, parts: dict[str, Any]) -> None:
        parts["decoded"], parts["parse_tree"] = value, None

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"List-Unsubscribe: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Unfolded)  # type: ignore[arg-type]
_POLICY = SMTP.clone(header_factory=_HEADERS)


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(_one_line(name, NAME_CHARS_MAX), local, domain)


def _domain(sender: MailSender) -> str:
    return sender.address.rpartition("@")[2].lower()


def _one_line(text: str, chars_max: int) -> str:
    """Return `text` on one line of characters that can be seen, cut where it is too long."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(seen.split()).replace("=?", "= ?")[:chars_max].strip()
