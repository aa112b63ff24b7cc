"""Hands one letter to the mail server, and tells apart what became of it.

A letter may be written again only when the server surely has not taken it, an address may be
given up only when it is the address that was refused, and an operator must hear when it is us.
Django's mail backend, and `smtplib.sendmail` below it, answer all of that with one exception;
so the steps of the conversation are taken one by one, over `smtplib.SMTP`, and each knows what a
broken connection means there: before the letter's own bytes nothing was taken, after them nobody
knows. Whose trouble a refusal is stands in `rules/mail_codes`.

* Every wait is for what is left of one deadline, so a server that drips is not too slow for ever.
  Only the resolver takes its own time, which nothing can cut short.
* A letter travels on a connection of its own; letters are few, and a kept one breaks unseen.
* TLS is as the address says (`config/mailing`), with the certificate and its name checked.
* No exception text holds an address, a link that works or a word of the login, whatever the server
  repeated: filters quote the address of the page they dislike.
"""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import httpx2

from shiftbell.config import MailSender, SmtpServer, Tls
from shiftbell.errors import (
    MailContentRefused,
    MailError,
    MailOutcomeUnknown,
    MailRefused,
    MailRejectedUs,
    MailUnavailable,
)
from shiftbell.mail.letter import Letter
from shiftbell.rules import mail_links
from shiftbell.rules.mail_address import mask, mask_text
from shiftbell.rules.mail_codes import Step, Whose, whose

TIMEOUT_SECONDS = 30.0
CONNECT_SECONDS_MAX = 10.0  # one dead address of several must not eat the whole deadline
_WORDS_CHARS_MAX = 200

_CHECK_SERVER = "Check SMTP_URL and this machine's network."
_CHECK_LOGIN = "Check the user and the password in SMTP_URL, and that it may send as MAIL_FROM."


class Smtp:
    """The way to one mail server, as one sender. Thread-safe; holds nothing open.

    `ssl_context` replaces the system's certificates.
    """

    def __init__(
        self, server: SmtpServer, sender: MailSender, *, ssl_context: ssl.SSLContext | None = None
    ) -> None:
        self._server, self._sender, self._context = server, sender, ssl_context
        if self._server.tls is not Tls.NEVER and ssl_context is None:
            self._context = httpx2.create_ssl_context()  # finds the authorities on every system

    def send(
        self,
        letter: Letter,
        *,
        now: datetime,
        timeout: float = TIMEOUT_SECONDS,
        last_check: Callable[[], None] = lambda: None,
    ) -> str:
        """Hand `letter` over within `timeout` seconds; return the server's words of acceptance.

        Those often hold its own number of the letter. `last_check` runs right before the letter
        itself, and what it raises ends the conversation. Raises MailRefused, MailContentRefused,
        MailRejectedUs, MailUnavailable (in all four nothing was taken) or MailOutcomeUnknown.
        """
        body = letter.written(self._sender, now).as_bytes()
        with self._conversation(time.monotonic() + timeout) as talk:
            with _step(Step.SENDER, letter.to):
                _expect(talk.mail(self._sender.address))
            with _step(Step.RECIPIENT, letter.to):
                _expect(talk.rcpt(letter.to))
            last_check()
            with _step(Step.CONTENT, letter.to):
                _expect(talk.docmd("data"), hundreds=3)
            with _step(Step.CONTENT, letter.to, left=True):
                words = _expect(talk.hand_over(body))
            talk.part()
        return _shown(words)

    @contextmanager
    def _conversation(self, deadline: float) -> Iterator[_Conversation]:
        """Connect, encrypt and log in; hang up at the end, whatever happened."""
        talk = _Conversation(self._server, self._sender.address.rpartition("@")[2], deadline)
        try:
            with _step(Step.GREETING):
                talk.open(self._context)
            if self._server.user:
                with _step(Step.LOGIN):
                    talk.login(self._server.user, self._server.password.get_secret_value())
            yield talk
        finally:
            talk.close()


class _Conversation(smtplib.SMTP):
    """One connection whose every wait ends at one deadline, a `time.monotonic()`."""

    def __init__(self, server: SmtpServer, our_name: str, deadline: float) -> None:
        super().__init__(local_hostname=our_name)
        self._server = server
        self._deadline = deadline
        self._host = server.host  # the name that starttls checks the certificate for

    def open(self, context: ssl.SSLContext | None) -> None:
        """Connect and greet, in TLS where the address asks for it.

        Raises what smtplib does, OSError, or ssl's errors.
        """
        self.sock = self._connected()
        if self._server.tls is Tls.AT_ONCE:
            assert context is not None, "made where the address asks for TLS"
            self.sock = context.wrap_socket(self.sock, server_hostname=self._host)
        _expect(self.getreply())
        self.ehlo_or_helo_if_needed()
        if self._server.tls is Tls.STARTTLS:
            self.starttls(context=context)
            self.ehlo_or_helo_if_needed()

    def hand_over(self, body: bytes) -> tuple[int, bytes]:
        """Write the letter, with a dot doubled where a line begins with one; return the reply."""
        assert body.endswith(b"\r\n"), "the policy writes whole lines"
        dotted = (b"\r\n" + body).replace(b"\r\n.", b"\r\n..")[2:]
        self.send(dotted + b".\r\n")
        return self.getreply()

    def part(self) -> None:
        """Say goodbye; the letter is taken, so nothing that happens now matters."""
        try:
            self.docmd("quit")
        except (smtplib.SMTPException, OSError):
            return

    def send(self, s: Any) -> None:
        """Write, as smtplib asks; what is left of the deadline is the longest wait."""
        self._limit()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply, as smtplib asks, within what is left of the deadline."""
        if self.file is None:
            self.file = io.BufferedReader(_Punctual(self))
        try:
            return super().getreply()
        except smtplib.SMTPResponseException:  # smtplib's own, for a line without an end
            raise smtplib.SMTPServerDisconnected("no reply") from None

    def read_into(self, room: memoryview) -> int:
        """Read what comes next into `room`; raises TimeoutError once the deadline has passed."""
        self._limit()
        assert self.sock is not None, "only a reply is waited for"
        return self.sock.recv_into(room)

    def _limit(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(self._left())

    def _left(self) -> float:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time left")
        return left

    def _connected(self) -> socket.socket:
        """Return a connection to the first address that answers."""
        trouble: OSError = OSError("the name has no address")
        found = socket.getaddrinfo(self._host, self._server.port, type=socket.SOCK_STREAM)
        for *_, address in found:
            try:
                wait = min(self._left(), CONNECT_SECONDS_MAX)
                connected = socket.create_connection((str(address[0]), int(address[1])), wait)
                connected.settimeout(self._left())
                return connected
            except OSError as failed:
                trouble = failed
        raise trouble


class _Punctual(io.RawIOBase):
    """The reading end of a conversation, which waits only until its deadline."""

    def __init__(self, talk: _Conversation) -> None:
        self._talk = talk

    def readable(self) -> bool:
        return True

    def readinto(self, room: memoryview) -> int:  # type: ignore[override]
        return self._talk.read_into(room)


@contextmanager
def _step(step: Step, to: str = "", *, left: bool = False) -> Iterator[None]:
    """Turn trouble at `step` into the error it means; `left` once the letter is being written."""
    try:
        yield
    except smtplib.SMTPResponseException as refusal:
        # After the letter only a refusal says that it was not taken; anything else says nothing.
        if left and not 400 <= refusal.smtp_code <= 599:
            raise _unknown("an answer that is none") from None
        raise _refused(step, refusal, to) from None
    except (smtplib.SMTPException, OSError, ValueError) as trouble:
        if left:
            raise _unknown(type(trouble).__name__) from None
        raise _unavailable(step, trouble) from None


def _refused(step: Step, refusal: smtplib.SMTPResponseException, to: str) -> MailError:
    code, words = refusal.smtp_code, _shown(refusal.smtp_error)
    # What a server says of a login may repeat it.
    said = str(code) if step is Step.LOGIN else f"{code} {words}".strip()
    match whose(step, code, words):
        case Whose.ADDRESS:
            return MailRefused(
                f"The mail server takes no mail for {mask(to)}: {said}",
                code=code,
                hint="Ask the person for another address.",
            )
        case Whose.OURS if step is Step.CONTENT:
            return MailContentRefused(f"The mail server refused the letter: {said}", code=code)
        case Whose.OURS:
            return MailRejectedUs(
                f"The mail server refused us at the {step}: {said}", code=code, hint=_CHECK_LOGIN
            )
        case Whose.LATER:
            return MailUnavailable(
                f"The mail server takes no letter now, at the {step}: {said}", code=code
            )


def _unknown(said: str) -> MailError:
    return MailOutcomeUnknown(f"The mail server did not say whether it took the letter ({said}).")


def _unavailable(step: Step, trouble: Exception) -> MailError:
    """Return what a conversation means that broke before the letter."""
    lacks = type(trouble) in (smtplib.SMTPNotSupportedError, smtplib.SMTPException)
    if lacks and step is Step.LOGIN:
        return MailRejectedUs("The mail server offers no login that we know.", hint=_CHECK_LOGIN)
    if lacks:
        return MailUnavailable(
            "The mail server offers no STARTTLS, and a letter is not sent in the clear.",
            hint="Use smtps:// in SMTP_URL, or a server that offers STARTTLS.",
        )
    said = f"{type(trouble).__name__} at the {step}"
    if isinstance(trouble, ssl.SSLCertVerificationError):
        said += f": {trouble.verify_message}"
    return MailUnavailable(f"The mail server could not be reached ({said}).", hint=_CHECK_SERVER)


def _expect(reply: tuple[int, bytes], *, hundreds: int = 2) -> bytes:
    """Return a reply's words; raise smtplib's error unless its code begins as it should."""
    code, words = reply
    if code // 100 != hundreds:
        raise smtplib.SMTPResponseException(code, words)
    return words


def _shown(words: bytes | str) -> str:
    """Return a server's words on one line, without addresses and links, fit for a log.

    What follows a link is left out: a long one may go on in the next line of the reply.
    """
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    before, link, _ = mail_links.hide(line).partition(mail_links.PATH)
    shown = f"{before}{link}{mail_links.HIDDEN}" if link else before
    return mask_text(shown)[:_WORDS_CHARS_MAX]
