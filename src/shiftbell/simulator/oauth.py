"""Who is logged in: sessions, access tokens, and the many ways in which they end.

A login with the JWT opens a session of an hour. At most five run side by side per application
and extension; the sixth pushes the oldest out, and whoever still held its token reads 401
OAU-213 from then on. Refresh tokens exist only where the application was switched to issue them.
RingCentral names no code for an expired or a deleted JWT credential; this gives `invalid_grant`
with the codes of an expired (OAU-210) and a revoked (OAU-211) grant.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from .account import Account, Extension, jwt_parts
from .refusals import OAuthRefusal, Refusal

SESSIONS_MAX = 5
REUSE_SECONDS = 10  # an exchanged refresh token still answers this long
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class Session:
    """One login of one extension."""

    id: str
    extension: Extension
    endpoint_id: str
    scope: str
    access_token: str
    access_until: datetime
    refresh_token: str = ""
    refresh_until: datetime | None = None
    old_refresh_token: str = ""
    refreshed_at: datetime | None = None


class Sessions:
    """Every session, found by any of its tokens. The world's lock guards it."""

    def __init__(self, dice: random.Random, account: Account) -> None:
        self._dice = dice
        self._account = account
        self._by_token: dict[str, Session] = {}
        self._by_extension: dict[str, list[Session]] = {}

    def who(self, assertion: str) -> Extension | None:
        """Return the extension an assertion belongs to, if any."""
        return next((e for e in self._account.senders() if e.jwt == assertion), None)

    def owner_of(self, token: str) -> str:
        """Return the id of the extension a token belongs to, or an empty text."""
        session = self._by_token.get(token)
        return session.extension.id if session else ""

    def log_in(self, assertion: str, scope: str, form: dict[str, str], now: datetime) -> Session:
        """Open a session for a JWT. Raises OAuthRefusal."""
        if not self._account.app.jwt_enabled:
            raise OAuthRefusal(
                400, "unauthorized_client", "OAU-251", "Unauthorized for this grant type"
            )
        extension = self._check_assertion(assertion, now)
        session = Session(
            id=self._token(24),
            extension=extension,
            endpoint_id=form.get("endpoint_id") or self._token(22),
            scope=scope,
            access_token="",
            access_until=now,
        )
        self._issue(session, form, now)
        running = self._by_extension.setdefault(extension.id, [])
        running.append(session)
        while len(running) > SESSIONS_MAX:
            self.end(running[0])
        return session

    def refresh(self, token: str, form: dict[str, str], now: datetime) -> Session:
        """Exchange a refresh token; the session's old access token dies at once."""
        session = self._by_token.get(token)
        if session is None or token == session.access_token:
            raise OAuthRefusal(400, "invalid_grant", "OAU-213", "Token not found")
        if token == session.old_refresh_token:
            reusable = timedelta(seconds=REUSE_SECONDS)
            if session.refreshed_at is None or now - session.refreshed_at > reusable:
                raise OAuthRefusal(400, "invalid_grant", "OAU-211", "Token revoked")
            return session
        if session.refresh_until is None or now >= session.refresh_until:
            raise OAuthRefusal(400, "invalid_grant", "OAU-210", "Token expired")
        self._forget(session)
        session.old_refresh_token, session.refreshed_at = token, now
        self._issue(session, form, now)
        return session

    def find(self, authorization: str | None, now: datetime) -> Session:
        """Return the session behind an Authorization header. Raises Refusal (401)."""
        if not authorization:
            raise Refusal(401, "AGW-401", "Authorization header is not specified")
        kind, _, token = authorization.partition(" ")
        if kind.lower() != "bearer" or not token.strip():
            raise Refusal(401, "AGW-402", "Invalid Authorization header")
        if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", token.strip()):
            raise Refusal(401, "OAU-149", "OAuth token is invalid")
        session = self._by_token.get(token.strip())
        if session is None or session.access_token != token.strip():
            raise Refusal(401, "OAU-213", "Token not found")
        if now >= session.access_until:
            raise Refusal(401, "OAU-128", "Access token expired")
        return session

    def end(self, session: Session) -> None:
        """End a session: none of its tokens is known any more."""
        self._forget(session)
        running = self._by_extension.get(session.extension.id, [])
        if session in running:
            running.remove(session)

    def revoke(self, token: str) -> None:
        """End the session a token belongs to; an unknown token changes nothing."""
        session = self._by_token.get(token)
        if session is not None:
            self.end(session)

    def end_all(self) -> None:
        """End every session, as when the account's password policy strikes."""
        self._by_token.clear()
        self._by_extension.clear()

    def _check_assertion(self, assertion: str, now: datetime) -> Extension:
        parts = jwt_parts(assertion)
        if parts is None:
            raise OAuthRefusal(400, "invalid_request", "OAU-345", "Invalid assertion")
        if parts[0].get("alg") != "RS256":
            message = "Assertion algorithm is not supported"
            raise OAuthRefusal(400, "invalid_request", "OAU-347", message)
        extension = self.who(assertion)
        if extension is None:
            message = "Invalid assertion signature"
            raise OAuthRefusal(400, "invalid_request", "OAU-345", message)
        if extension.jwt_deleted:
            raise OAuthRefusal(400, "invalid_grant", "OAU-211", "JWT credential is revoked")
        if now.timestamp() >= parts[1]["exp"]:
            raise OAuthRefusal(400, "invalid_grant", "OAU-210", "JWT credential is expired")
        return extension

    def _issue(self, session: Session, form: dict[str, str], now: datetime) -> None:
        lifetime = _lifetime(form, "access_token_ttl", 3600, 600, 3600)
        session.access_token = self._token(48)
        session.access_until = now + timedelta(seconds=lifetime)
        self._by_token[session.access_token] = session
        if self._account.app.refresh_tokens:
            lifetime = _lifetime(form, "refresh_token_ttl", 604800, 600, 2592000)
            session.refresh_token = self._token(48)
            session.refresh_until = now + timedelta(seconds=lifetime)
            self._by_token[session.refresh_token] = session
            if session.old_refresh_token:
                self._by_token[session.old_refresh_token] = session

    def _forget(self, session: Session) -> None:
        for token in (session.access_token, session.refresh_token, session.old_refresh_token):
            self._by_token.pop(token, None)

    def _token(self, length: int) -> str:
        return self._dice.randbytes(length).hex()[:length]


def _lifetime(form: dict[str, str], name: str, default: int, low: int, high: int) -> int:
    text = form.get(name, "")
    if not text:
        return default
    if not re.fullmatch(r"\d{1,9}", text) or not low <= int(text) <= high:
        raise OAuthRefusal(
            400, "invalid_request", "CMN-101", f"Parameter [{name}] value is invalid"
        )
    return int(text)
