"""One access token per sender, shared by all processes, encrypted, logged in single-flight.

RingCentral allows five logins a minute and pushes the oldest of about five sessions out, so a
login per process would end other processes' tokens. The row's login lease lets one worker log in
while the others wait; a login that RingCentral refused is not tried again for minutes, unless the
credential changed.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken

from shiftbell.errors import LoginRefused, PaceExceeded, RateLimited, RingCentralUnavailable
from shiftbell.store import timeline
from shiftbell.store.models import AccessToken, Sender
from shiftbell.store.transactions import write

AHEAD = timedelta(minutes=5)  # renewed so long before it expires
LOGIN_LEASE = timedelta(seconds=30)
LOGIN_WAIT = timedelta(seconds=20)
LOOK_AGAIN_SECONDS = 0.25
REFUSED_PAUSE = timedelta(minutes=5)
REFUSED_PAUSE_MAX = timedelta(hours=1)


class Granted(Protocol):
    """What a login gives."""

    @property
    def value(self) -> str: ...  # noqa: D102
    @property
    def expires_at(self) -> datetime: ...  # noqa: D102
    @property
    def owner_id(self) -> str: ...  # noqa: D102


class SharedTokens:
    """The tokens port of one sender."""

    def __init__(
        self,
        sender_id: int,
        login: Callable[[], Granted],
        *,
        key: str,
        credential: str,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._sender_id = sender_id
        self._login = login
        digest = hashlib.sha256(b"tokens:" + key.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))
        self._credential = hashlib.sha256(credential.encode()).hexdigest()
        self._clock = clock
        self._sleep = sleep

    def get(self) -> str:
        """Return a live access token, logging in if there is none.

        Raises LoginRefused while RingCentral refuses, RateLimited or RingCentralUnavailable when
        it cannot be had for now.
        """
        return self._token(rejected="")

    def renew(self, rejected: str) -> str:
        """Return another token than the one RingCentral just answered 401 to."""
        return self._token(rejected=rejected)

    def forget(self) -> None:
        """Drop the token, so that the next call logs in."""
        with write():
            AccessToken.objects.filter(sender=self._sender_id).update(secret=b"", expires_at=None)

    def _token(self, rejected: str) -> str:
        give_up_at = self._clock() + LOGIN_WAIT
        while True:
            now = self._clock()
            row = AccessToken.objects.get(sender=self._sender_id)
            held = self._usable(row, rejected, now)
            if held and row.expires_at is not None and row.expires_at - now > AHEAD:
                return held
            if owner := self._lease_login(now, rejected):
                return self._log_in(owner, fallback=held)
            if held:
                return held  # someone else is renewing it ahead of time
            if now >= give_up_at:
                raise RingCentralUnavailable("Another process is still logging in to RingCentral.")
            self._sleep(LOOK_AGAIN_SECONDS)

    def _usable(self, row: AccessToken, rejected: str, now: datetime) -> str:
        if row.credential != self._credential or row.expires_at is None or row.expires_at <= now:
            return ""
        try:
            value = self._fernet.decrypt(bytes(row.secret)).decode()
        except InvalidToken:
            return ""  # the secret key changed; log in again
        return "" if value == rejected else value

    def _lease_login(self, now: datetime, rejected: str) -> str:
        with write():
            row = AccessToken.objects.select_for_update().get(sender=self._sender_id)
            held = self._usable(row, rejected, now)
            if held and row.expires_at is not None and row.expires_at - now > AHEAD:
                return ""
            same = row.credential == self._credential
            if same and row.refused_until is not None and row.refused_until > now:
                if held:
                    return ""
                raise LoginRefused(
                    f"RingCentral refused the login: {row.refused_reason}",
                    status=400,
                    code="",
                    hint="Check RC_CLIENT_ID, RC_CLIENT_SECRET and RC_JWT_TOKEN.",
                )
            if row.login_until is not None and row.login_until > now:
                return ""
            row.login_owner, row.login_until = secrets.token_hex(8), now + LOGIN_LEASE
            row.save(update_fields=["login_owner", "login_until"])
            return row.login_owner

    def _log_in(self, owner: str, fallback: str) -> str:
        try:
            granted = self._login()
        except LoginRefused as error:
            self._refused(owner, error)
            if fallback:
                return fallback
            raise
        except (PaceExceeded, RateLimited, RingCentralUnavailable):
            self._release(owner)
            if fallback:
                return fallback
            raise
        except BaseException:
            self._release(owner)
            raise
        with write():
            AccessToken.objects.filter(sender=self._sender_id).update(
                secret=self._fernet.encrypt(granted.value.encode()),
                credential=self._credential,
                expires_at=granted.expires_at,
                refused_until=None,
                refused_reason="",
                refusals=0,
                login_owner="",
                login_until=None,
            )
            Sender.objects.filter(pk=self._sender_id).update(extension_id=granted.owner_id)
        return granted.value

    def _refused(self, owner: str, error: LoginRefused) -> None:
        now = self._clock()
        with write():
            row = AccessToken.objects.select_for_update().get(sender=self._sender_id)
            if row.credential != self._credential:
                row.credential, row.secret, row.expires_at = self._credential, b"", None
                row.refusals = 0
            length = min(REFUSED_PAUSE * 2 ** min(row.refusals, 10), REFUSED_PAUSE_MAX)
            row.refusals += 1
            row.refused_until, row.refused_reason = now + length, error.message[:300]
            if row.login_owner == owner:
                row.login_owner, row.login_until = "", None
            row.save()
            timeline.tell("login.refused", at=now, sender=self._sender_id, reason=error.message)

    def _release(self, owner: str) -> None:
        with write():
            AccessToken.objects.filter(sender=self._sender_id, login_owner=owner).update(
                login_owner="", login_until=None
            )
