"""One login: the JWT of a user against an access token for an hour.

Refresh tokens are not used: an app has them off by default, and the JWT logs in again just as well.
A login is the dearest call there is (5 a minute for app and user together, and more than about
five sessions push the oldest out), so this module makes exactly one request and never repeats it.
Who logs in when, and that only one does, is left to the keeper of the tokens.

A refusal (4xx) is for good: the same credentials will be refused again.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shiftbell.errors import (
    LoginRefused,
    NotDelivered,
    OutcomeUnknown,
    RefusedByRingCentral,
    RingCentralUnavailable,
)
from shiftbell.ringcentral.answers import trouble_of
from shiftbell.ringcentral.ports import AppCredentials
from shiftbell.ringcentral.records import mapping, text_of, whole
from shiftbell.ringcentral.wire import Answer, Wire
from shiftbell.rules.pacing import Group

_PATH = "/restapi/oauth/token"
_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(frozen=True)
class AccessToken:
    """A token and what came with it. It may die before `expires_at`; its repr hides it."""

    value: str = field(repr=False)
    expires_at: datetime
    owner_id: str  # the extension that is logged in
    scopes: frozenset[str]


def login(wire: Wire, app: AppCredentials, jwt: str, now: datetime) -> AccessToken:
    """Return a new access token for the user of `jwt`.

    Raises LoginRefused, RateLimited (group "auth") or RingCentralUnavailable.
    """
    pair = f"{app.client_id}:{app.client_secret}"
    basic = base64.b64encode(pair.encode()).decode("ascii")
    form = {"grant_type": _GRANT, "assertion": jwt}
    try:
        answer = wire.exchange(wire.request("POST", _PATH, f"Basic {basic}", form=form))
    except (NotDelivered, OutcomeUnknown) as lost:
        raise RingCentralUnavailable(lost.message, hint=lost.hint) from None
    _refuse(answer, secrets=(jwt, basic, app.client_secret))
    return _token(answer, now)


def _refuse(answer: Answer, *, secrets: tuple[str, ...]) -> None:
    trouble = trouble_of(answer, Group.AUTH, *secrets)
    if isinstance(trouble, RefusedByRingCentral):
        raise LoginRefused(
            trouble.message,
            status=trouble.status,
            code=trouble.code,
            parameter=trouble.parameter,
            hint=trouble.hint,
            request_id=trouble.request_id,
        )
    if trouble is not None:
        raise trouble


def _token(answer: Answer, now: datetime) -> AccessToken:
    told: Mapping[str, object] = mapping(answer.json())
    value, seconds = text_of(told.get("access_token")), whole(told.get("expires_in"))
    if not value or not seconds:
        raise RingCentralUnavailable(
            "RingCentral's answer to the login holds no token.", request_id=answer.request_id
        )
    return AccessToken(
        value=value,
        # An hour is what RingCentral gives; a longer promise is not one to rely on.
        expires_at=now + timedelta(seconds=min(seconds, 3600)),
        owner_id=text_of(told.get("owner_id")),
        scopes=frozenset(text_of(told.get("scope")).split()),
    )
