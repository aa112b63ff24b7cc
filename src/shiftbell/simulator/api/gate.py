"""What stands before every REST call: faults, token, rate, permissions, whose resource it is.

The order is RingCentral's: who has no valid token costs nobody's rate, and who is over the rate
learns nothing else. Faults that strike *before* acceptance strike here; those that strike after
it wait until the view is done, so that the text has left while the caller reads an error.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Response, current_app, g, request

from ..account import ACCOUNT_ID, Extension
from ..oauth import Session
from ..refusals import Refusal, app_lacks, invalid, not_found, user_lacks
from ..world import World

View = TypeVar("View", bound=Callable[..., Any])
FATE = "simulator.fate"


@dataclass
class Fate:
    """What happens to an answer on its way: it comes late, or the connection closes instead."""

    delay_seconds: float = 0.0
    dropped: bool = False


def world() -> World:
    """Return the world that the current request talks to."""
    found: World = current_app.extensions["world"]
    return found


def caller() -> Extension:
    """Return the extension that the current request is logged in as."""
    session: Session = g.session
    return session.extension


def host() -> str:
    """Return the address that answers quote: the one the caller used."""
    return request.host_url.rstrip("/")


def guarded(
    group: str, app_permission: str = "", user_permission: str = "", *, locked: bool = True
) -> Callable[[View], View]:
    """Guard a view: `group` is its usage group, the permissions are those its call needs.

    A view that is not `locked` takes the world's lock itself, for it talks to receivers.
    """

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def run(**path: str) -> Any:
            with world().lock:
                _enter(group, app_permission, user_permission, path)
                if locked:
                    return _leave(view(**path))
            return _leave(view(**path))

        return run  # type: ignore[return-value]

    return wrap


def json_body() -> dict[str, Any]:
    """Return the request's JSON object. Raises Refusal (CMN-103)."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "CMN-103", "JSON cannot be parsed") from error
    if not isinstance(body, dict):
        raise Refusal(400, "CMN-103", "JSON cannot be parsed")
    return body


def query_pairs() -> list[tuple[str, str]]:
    """Return the query's pairs in order, repeated keys included."""
    return list(request.args.items(multi=True))


def strike_before(key: tuple[str, str, str] | None) -> None:
    """Let the faults strike that leave a call undone; `key` is its rate bucket, if it has one."""
    faults, path = world().faults, request.path
    if faults.strikes("drop_before_accept", path):
        fate().dropped = True
        raise Refusal(503, "CMN-201", "Service is temporarily unavailable")
    if key is not None and faults.strikes("rate_limited", path):
        raise world().limiter.penalise(key, world().clock.now())
    error = faults.strikes("error_before_accept", path)
    if error:
        raise _server_error(error.status)


def strike_after(answer: Response) -> Response:
    """Let the faults strike that spoil the answer to a call that was done."""
    faults, path = world().faults, request.path
    slow = faults.strikes("slow_answer", path)
    if slow:
        fate().delay_seconds = slow.seconds
    if answer.status_code >= 400:
        return answer
    if faults.strikes("drop_after_accept", path):
        fate().dropped = True
    error = faults.strikes("error_after_accept", path)
    if error:
        raise _server_error(error.status)
    if faults.strikes("answer_cut", path):
        whole = answer.get_data()
        answer.set_data(whole[: len(whole) // 2])
    return answer


def fate() -> Fate:
    """Return what is to happen to the current answer; the server reads it from the environ."""
    found: Fate = request.environ.setdefault(FATE, Fate())
    return found


def _enter(group: str, app_permission: str, user_permission: str, path: dict[str, str]) -> None:
    here = world()
    now = here.clock.now()
    session = here.sessions.find(request.headers.get("Authorization"), now)
    if here.faults.strikes("token_death", request.path):
        here.sessions.end(session)
        raise Refusal(401, "OAU-213", "Token not found")
    g.session, g.group, g.extension = session, group, session.extension.id
    key = (here.account.app.client_id, session.extension.id, group)
    g.rate_headers = here.limiter.count(key, now)
    strike_before(key)
    if app_permission and not here.account.app.may(app_permission):
        raise app_lacks(app_permission)
    if user_permission and user_permission not in session.extension.permissions:
        raise user_lacks(user_permission)
    _check_owner(here, session.extension, path)


def _check_owner(here: World, extension: Extension, path: dict[str, str]) -> None:
    if path.pop("account_id", "~") not in ("~", ACCOUNT_ID):
        raise not_found("accountId")
    asked = path.pop("extension_id", "~")
    if asked in ("~", extension.id):
        return
    if asked in here.account.extensions:
        message = "Access to other extensions is not allowed"
        raise Refusal(403, "CMN-404", message, parameterName="extensionId")
    if not asked.isdigit():
        raise invalid("extensionId")
    raise not_found("extensionId")


def _leave(answer: Any) -> Response:
    return strike_after(current_app.make_response(answer))


def _server_error(status: int) -> Refusal:
    if status == 503:
        return Refusal(503, "CMN-201", "Service is temporarily unavailable")
    return Refusal(status, "CMN-203", "Internal server error")
