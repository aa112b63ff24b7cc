"""`/restapi/oauth`: the token endpoint, and revocation.

Both count against the group Auth, five calls a minute per application and user: a client that
logs in before every text is stopped at the sixth.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response, g, jsonify, request

from ..oauth import JWT_GRANT, Session
from ..refusals import OAuthRefusal, Refusal
from .gate import strike_after, strike_before, world

blueprint = Blueprint("login", __name__, url_prefix="/restapi/oauth")


@blueprint.post("/token")
def token() -> Response:
    """Answer a login or a refresh."""
    here = world()
    if request.mimetype != "application/x-www-form-urlencoded":
        raise Refusal(415, "CMN-104", "Unsupported media type")
    with here.lock:
        form = request.form.to_dict()
        grant = form.get("grant_type", "")
        g.group, g.extension = "auth", _user(form)
        key = (here.account.app.client_id, g.extension, "auth")
        _check_client(form)
        g.rate_headers = here.limiter.count(key, here.clock.now())
        strike_before(key)
        if grant == JWT_GRANT:
            session = _log_in(form)
        elif grant == "refresh_token" and here.account.app.refresh_tokens:
            session = here.sessions.refresh(form.get("refresh_token", ""), form, here.clock.now())
        else:
            message = "Grant type is not supported" if grant else "Grant type is not specified"
            error = "unsupported_grant_type" if grant else "invalid_request"
            raise OAuthRefusal(400, error, "OAU-250", message)
        return strike_after(jsonify(_token_info(session)))


@blueprint.post("/revoke")
def revoke() -> Response:
    """End the session of a token, whichever of its tokens it is."""
    here = world()
    with here.lock:
        revoked = request.form.get("token") or request.args.get("token", "")
        g.group, g.extension = "auth", here.sessions.owner_of(revoked)
        _check_client(request.form.to_dict())
        key = (here.account.app.client_id, g.extension, "auth")
        g.rate_headers = here.limiter.count(key, here.clock.now())
        here.sessions.revoke(revoked)
        return Response(status=200)


def _log_in(form: dict[str, str]) -> Session:
    here = world()
    granted = here.account.app.permissions
    scope = form.get("scope", "").split()
    if not set(scope) <= granted:
        raise OAuthRefusal(400, "invalid_scope", "OAU-152", "Requested scope is not allowed")
    words = " ".join(sorted(scope or granted))
    return here.sessions.log_in(form.get("assertion", ""), words, form, here.clock.now())


def _user(form: dict[str, str]) -> str:
    here = world()
    extension = here.sessions.who(form.get("assertion", ""))
    return extension.id if extension else here.sessions.owner_of(form.get("refresh_token", ""))


def _check_client(form: dict[str, str]) -> None:
    app = world().account.app
    header = request.headers.get("Authorization", "")
    if not header:
        code = "OAU-123" if "client_id" not in form else "OAU-146"
        raise OAuthRefusal(401, "invalid_client", code, "Client authentication is required")
    kind, _, packed = header.partition(" ")
    try:
        name, _, secret = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        kind = name = secret = ""
    if kind.lower() != "basic":
        message = "Authorization header is not valid"
        raise OAuthRefusal(401, "invalid_client", "OAU-123", message)
    if name != app.client_id:
        raise OAuthRefusal(400, "invalid_client", "OAU-153", "Client id is invalid")
    if secret != app.client_secret:
        message = "Client credentials are invalid"
        raise OAuthRefusal(401, "invalid_client", "OAU-146", message)


def _token_info(session: Session) -> dict[str, Any]:
    now = world().clock.now()
    info: dict[str, Any] = {
        "access_token": session.access_token,
        "token_type": "bearer",
        "expires_in": int((session.access_until - now).total_seconds()),
        "scope": session.scope,
        "owner_id": session.extension.id,
        "endpoint_id": session.endpoint_id,
        "session_id": session.id,
    }
    if session.refresh_token and session.refresh_until is not None:
        left = int((session.refresh_until - now).total_seconds())
        info |= {"refresh_token": session.refresh_token, "refresh_token_expires_in": left}
    return info
