"""A mail server to run on a desk and to break: what it takes is kept, nothing leaves the machine.

It speaks real SMTP (aiosmtpd) on a thread of its own, with STARTTLS or TLS where it is given a
certificate, and asks for a login where it is given one. A fault makes it behave badly at one step,
for the next so many letters or until it is well again. The last 500 letters are kept, each of at
most 128 KiB; who shows them is `mail_page`.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections import deque
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from socket import create_server
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP, Envelope, Session
from werkzeug.serving import select_address_family

from .clock import Clock, RealClock

KEPT = 500
MAIL_BYTES_MAX = 128 * 1024
SILENCE_SECONDS = 3600.0
PATIENCE_SECONDS = 5.0


class MailFault(StrEnum):
    """One way to behave badly."""

    LOGIN_REFUSED = "login_refused"  # 535, whatever the password
    SENDER_REFUSED = "sender_refused"  # 550 to MAIL FROM
    RECIPIENT_REFUSED = "recipient_refused"  # 550 5.1.1 to RCPT TO
    TRY_LATER = "try_later"  # 451 to RCPT TO
    CONTENT_REFUSED = "content_refused"  # 554 5.7.1 after the letter
    DROP_BEFORE_ACCEPT = "drop_before_accept"  # closed at RCPT TO
    DROP_AFTER_ACCEPT = "drop_after_accept"  # the letter is kept, then the connection is closed
    HANG_BEFORE_ACCEPT = "hang_before_accept"  # no answer to RCPT TO
    HANG_AFTER_ACCEPT = "hang_after_accept"  # the letter is kept, and no answer comes


_SAID = {
    MailFault.SENDER_REFUSED: "550 5.7.1 you may not send as this address",
    MailFault.RECIPIENT_REFUSED: "550 5.1.1 <{to}>: no such mailbox here",
    MailFault.TRY_LATER: "451 4.3.0 please try again later",
    MailFault.CONTENT_REFUSED: "554 5.7.1 this looks like spam",
}
_SILENT = {MailFault.HANG_BEFORE_ACCEPT, MailFault.HANG_AFTER_ACCEPT}
_DROPPED = {MailFault.DROP_BEFORE_ACCEPT, MailFault.DROP_AFTER_ACCEPT}


@dataclass(frozen=True)
class Mail:
    """One letter as it was handed in, for one recipient. `id` counts from 1."""

    id: int
    at: datetime
    sender: str
    to: str
    raw: bytes = field(repr=False)
    message: EmailMessage = field(repr=False)

    @property
    def subject(self) -> str:
        """The subject, decoded."""
        return str(self.message.get("Subject", ""))

    @property
    def text(self) -> str:
        """The plain text, or nothing."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML, or nothing."""
        return self._part("html")

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return "" if part is None else str(part.get_content()).replace("\r\n", "\n")


class Mails:
    """The letters that were taken, oldest first; safe for several threads."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or RealClock()
        self._kept: deque[Mail] = deque(maxlen=KEPT)
        self._lock = threading.Condition()
        self._count = 0

    def take(self, sender: str, to: str, raw: bytes) -> Mail:
        """Keep one letter; raises what Python's parser does for one that cannot be read."""
        message = message_from_bytes(raw, policy=policy.default)
        assert isinstance(message, EmailMessage), "what this policy makes"
        with self._lock:
            self._count += 1
            mail = Mail(self._count, self._clock.now(), sender, to, raw, message)
            _ = (mail.subject, mail.text, mail.html)  # unreadable now rather than on the page
            self._kept.append(mail)
            self._lock.notify_all()
        return mail

    def all(self, since: int = 0) -> list[Mail]:
        """Return the letters with an id above `since`."""
        with self._lock:
            return [mail for mail in self._kept if mail.id > since]

    def find(self, mail_id: int) -> Mail | None:
        """Return one letter, or None where it is not kept (any more)."""
        return next((mail for mail in self.all() if mail.id == mail_id), None)

    def wait_for(self, count: int, seconds: float) -> list[Mail]:
        """Return the letters once `count` were taken since the start, or `seconds` are over."""
        with self._lock:
            self._lock.wait_for(lambda: self._count >= count, seconds)
        return self.all()

    def clear(self) -> None:
        """Forget every letter; ids go on."""
        with self._lock:
            self._kept.clear()


class MailServer:
    """A mail server on a port. Start it with `start`, end it with `stop`.

    `login` is the user and password it asks for, `tls` a server's certificate, for STARTTLS or,
    with `tls_at_once`, from the first byte. Raises OSError where it cannot listen.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        clock: Clock | None = None,
        login: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
        tls_at_once: bool = False,
    ) -> None:
        self.mails = Mails(clock)
        self._login, self._tls, self._tls_at_once = login, tls, tls_at_once
        self._fault: MailFault | None = None
        self._times = 0
        self._lock = threading.Lock()
        # Listening from here on: who connects before `start` waits.
        self._socket = create_server((host, port), family=select_address_family(host, port))
        self.host, self.port = host, int(self._socket.getsockname()[1])
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._answering = threading.Event()

    @property
    def url(self) -> str:
        """The address a client is given, without a login."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"smtp{'s' * self._tls_at_once}://{host}:{self.port}"

    def start(self) -> None:
        """Begin to answer."""
        # aiosmtpd logs every line of a conversation, addresses included.
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._run, args=(self._loop,), name="simulator-mail", daemon=True
        )
        self._thread.start()
        self._answering.wait(PATIENCE_SECONDS)  # a loop is stopped in its run, never before it

    def stop(self) -> None:
        """Close the port and every connection; the letters stay."""
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(PATIENCE_SECONDS)
            self._loop = self._thread = None
        self._socket.close()

    def misbehave(self, fault: MailFault, times: int = 0) -> None:
        """Strike the next `times` letters with `fault`; 0: all, until `recover`."""
        with self._lock:
            self._fault, self._times = fault, times

    def recover(self) -> None:
        """Behave well again."""
        with self._lock:
            self._fault = None

    def _strikes(self, *faults: MailFault) -> MailFault | None:
        """Return the fault that is on, if it is one of `faults`, and count it."""
        with self._lock:
            fault = self._fault
            if fault not in faults:
                return None
            self._times -= 1
            if self._times == 0:
                self._fault = None
            return fault

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        at_once = self._tls if self._tls_at_once else None
        served = loop.run_until_complete(
            loop.create_server(lambda: self._protocol(loop), sock=self._socket, ssl=at_once)
        )
        loop.call_soon(self._answering.set)
        loop.run_forever()
        served.close()
        talks = asyncio.all_tasks(loop)
        for talk in talks:
            talk.cancel()
        if talks:
            loop.run_until_complete(asyncio.wait(talks, timeout=PATIENCE_SECONDS))
        loop.run_until_complete(asyncio.sleep(0))  # what was closed says so in the next round
        loop.close()

    def _protocol(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        # aiosmtpd looks for hooks by these names; it awaits what they return.
        hooks = SimpleNamespace(
            handle_MAIL=self._mail_from, handle_RCPT=self._rcpt_to, handle_DATA=self._letter
        )
        return SMTP(
            hooks,
            loop=loop,
            hostname="mail.example.com",
            ident="simulated",
            data_size_limit=MAIL_BYTES_MAX,
            tls_context=None if self._tls_at_once else self._tls,
            auth_require_tls=False,  # plain on loopback is what a simulator is for
            auth_callback=self._knows,
        )

    def _knows(self, _mechanism: str, user: bytes, password: bytes) -> bool:
        if self._strikes(MailFault.LOGIN_REFUSED):
            return False
        return self._login is None or (user.decode(), password.decode()) == self._login

    def _mail_from(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Awaitable[str]:
        if self._login and not session.authenticated:
            return _answer("530 5.7.0 Authentication required")
        if fault := self._strikes(MailFault.SENDER_REFUSED):
            return _answer(_SAID[fault])
        envelope.mail_from = address
        return _answer("250 2.1.0 OK")

    def _rcpt_to(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> Awaitable[str]:
        fault = self._strikes(
            MailFault.RECIPIENT_REFUSED,
            MailFault.TRY_LATER,
            MailFault.DROP_BEFORE_ACCEPT,
            MailFault.HANG_BEFORE_ACCEPT,
        )
        if fault:
            return _misbehaved(fault, server, address)
        envelope.rcpt_tos.append(address)
        return _answer("250 2.1.5 OK")

    def _letter(self, server: SMTP, session: Session, envelope: Envelope) -> Awaitable[str]:
        fault = self._strikes(
            MailFault.CONTENT_REFUSED, MailFault.DROP_AFTER_ACCEPT, MailFault.HANG_AFTER_ACCEPT
        )
        if fault is MailFault.CONTENT_REFUSED:
            return _misbehaved(fault, server)
        raw = envelope.original_content or b""
        taken = [self.mails.take(envelope.mail_from or "", to, raw) for to in envelope.rcpt_tos]
        if fault:
            return _misbehaved(fault, server)
        return _answer(f"250 2.0.0 OK queued as {taken[-1].id}")


def _answer(words: str) -> Awaitable[str]:
    return asyncio.sleep(0, words)


def _misbehaved(fault: MailFault, server: SMTP, to: str = "") -> Awaitable[str]:
    if fault in _DROPPED:
        assert isinstance(server.transport, asyncio.Transport), "it is connected"
        server.transport.abort()
    if fault in _DROPPED | _SILENT:
        return asyncio.sleep(SILENCE_SECONDS, "421 4.3.0 that took long")
    return _answer(_SAID[fault].format(to=to))
