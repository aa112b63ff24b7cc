"""`/_simulator/`: what a tester may see and do that no client of RingCentral can.

Everything is JSON without a login, counted against no rate: the carrier's log, the phones, texts
typed on a phone, faults, settings and, where it is a manual one, the clock. The phones page at `/`
shows the same to people and uses nothing but this.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request

from .account import Account, App, Extension
from .api.gate import world
from .clock import ManualClock
from .faults import CATALOGUE
from .people import TEMPERAMENTS, Person, Text
from .refusals import Refusal, invalid, not_found
from .wire import e164, written
from .world import World

blueprint = Blueprint("control", __name__)

_NUMBER = (int, float)
_FAULT_SETTINGS: dict[str, tuple[type, ...]] = {
    "rate": _NUMBER,
    "next": (int,),
    "seconds": _NUMBER,
    "status": (int,),
    "skip": (int,),
    "path": (str,),
}


def environment(here: World, url: str) -> str:
    """Return the RC_* variables that a client of this world needs, one a line, for a shell."""
    app, sender = here.account.app, here.account.senders()[0]
    values = {
        "RC_SERVER_URL": url,
        "RC_CLIENT_ID": app.client_id,
        "RC_CLIENT_SECRET": app.client_secret,
        "RC_JWT_TOKEN": sender.jwt,
        "RC_FROM_NUMBER": sender.number.phone_number,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


@blueprint.get("/")
@blueprint.get("/_simulator/")
def page() -> Response:
    """Show the phones."""
    answer = Response(render_template("phones.html", temperaments=list(TEMPERAMENTS)))
    answer.headers["Content-Security-Policy"] = "default-src 'self'; img-src 'self' data:"
    return answer


@blueprint.get("/_simulator/env")
def env() -> Response:
    """Return the RC_* variables in a form that a shell can source."""
    with world().lock:
        text = environment(world(), request.host_url.rstrip("/"))
    return Response(text, content_type="text/plain; charset=utf-8")


@blueprint.get("/_simulator/senders")
def senders() -> Response:
    """List the texting extensions with their credentials."""
    with world().lock:
        shown = [
            {"id": e.id, "name": e.name, "number": e.number.phone_number, "jwt": e.jwt}
            for e in world().account.senders()
        ]
    return jsonify(shown)


@blueprint.get("/_simulator/messages")
def messages() -> Response:
    """List every text as its carrier saw it, oldest first."""
    with world().lock:
        return jsonify([_carried(text) for text in world().texts])


@blueprint.get("/_simulator/calls")
def calls() -> Response:
    """List every request to the API, oldest first, and every 429 that was given."""
    with world().lock:
        made = [{**asdict(c), "at": written(c.at)} for c in world().calls]
        excesses = [{**asdict(x), "at": written(x.at)} for x in world().limiter.excesses]
    return jsonify({"calls": made, "excesses": excesses})


@blueprint.get("/_simulator/deliveries")
def deliveries() -> Response:
    """List every event that was brought to a receiver, oldest first."""
    with world().lock:
        shown = [
            {
                "at": written(d.at),
                "subscriptionId": d.subscription_id,
                "status": d.status,
                "event": json.loads(d.body),
            }
            for d in world().deliveries
        ]
    return jsonify(shown)


@blueprint.get("/_simulator/phones")
def phones() -> Response:
    """List the phones that changed after revision `since`, with an ETag of the whole."""
    since = request.args.get("since", "0")
    if not re.fullmatch(r"\d{1,15}", since):
        raise invalid("since")
    here = world()
    with here.lock:
        changed = [_phone(p) for p in here.people.values() if p.revision > int(since)]
        shown = {"revision": here.revision, "total": len(here.people), "phones": changed}
    answer = jsonify(shown)
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(f"{here.seed}-{shown['revision']}-{since}")
    return answer.make_conditional(request)  # type: ignore[return-value]


@blueprint.post("/_simulator/phones")
def describe_phones() -> Response:
    """Say who holds a phone: one object, or a list of them."""
    body = _json()
    for each in body if isinstance(body, list) else [body]:
        if not isinstance(each, dict):
            raise invalid("phones")
        _describe(each)
    return jsonify({"phones": len(world().people)})


@blueprint.post("/_simulator/reply")
def reply() -> Response:
    """Let a phone text the sender that texted it last, or the one in `to`."""
    body = _object()
    phone = e164(body.get("from") or body.get("phone"))
    words, to = body.get("text"), body.get("to")
    if phone is None:
        raise invalid("from")
    if not isinstance(words, str) or not words or len(words) > 5000:
        raise invalid("text")
    if any("\ud800" <= unit <= "\udfff" for unit in words):
        raise invalid("text")
    with world().lock:
        known = [e.number.phone_number for e in world().account.senders()]
        if to is not None and e164(to) not in known:
            raise not_found("to")
        text = world().say(phone, words, e164(to))
    return jsonify(_carried(text))


@blueprint.get("/_simulator/faults")
def faults() -> Response:
    """List every fault, what it means and how it is set."""
    with world().lock:
        return jsonify(world().faults.to_json())


@blueprint.post("/_simulator/faults")
def set_fault() -> Response:
    """Set a fault: {name, rate?, next?, skip?, seconds?, path?, status?}."""
    body = _object()
    name = body.pop("name", None)
    if name not in [fault.name for fault in CATALOGUE]:
        raise invalid("name")
    for key, value in body.items():
        kind = _FAULT_SETTINGS.get(key)
        if kind is None or isinstance(value, bool) or not isinstance(value, kind):
            raise invalid(key)
    with world().lock:
        try:
            return jsonify(asdict(world().faults.set(name, **body)))
        except ValueError as error:
            raise invalid(name, str(error)) from error


@blueprint.delete("/_simulator/faults")
def clear_faults() -> Response:
    """Switch off every fault, or the one in `?name=`."""
    name = request.args.get("name")
    if name is not None and name not in [fault.name for fault in CATALOGUE]:
        raise invalid("name")
    with world().lock:
        world().faults.clear(name)
    return Response(status=204)


@blueprint.get("/_simulator/clock")
def clock() -> Response:
    """Tell the time, and when something falls due next."""
    here = world()
    due = here.next_due()
    shown = {"now": written(here.clock.now()), "manual": isinstance(here.clock, ManualClock)}
    return jsonify({**shown, "nextDue": written(due) if due else None})


@blueprint.post("/_simulator/clock")
def advance_clock() -> Response:
    """Move a manual clock on: {advance: seconds}."""
    seconds = _object().get("advance")
    if not isinstance(world().clock, ManualClock):
        raise Refusal(409, "CLOCK", "This world runs on the machine's clock")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise invalid("advance")
    if not 0 <= seconds <= 1e9:
        raise invalid("advance")
    world().advance(seconds)
    return clock()


@blueprint.post("/_simulator/reset")
def reset() -> Response:
    """Start over: nothing was ever sent, nobody is logged in, no fault is set."""
    world().reset()
    return Response(status=204)


@blueprint.get("/_simulator/settings")
def settings() -> Response:
    """Tell how the account, the application and the limiter are set."""
    here = world()
    with here.lock:
        app = here.account.app
        shown = {
            "limits": here.limiter.limits,
            "permissions": sorted(app.permissions),
            "jwtEnabled": app.jwt_enabled,
            "refreshTokens": app.refresh_tokens,
            "campaignStatus": here.account.campaign_status,
        }
    return jsonify(shown)


@blueprint.post("/_simulator/settings")
def change_settings() -> Response:
    """Change limits, permissions, the campaign, or a user's JWT, permissions and number."""
    here, body = world(), _object()
    with here.lock:
        for group, limit in _part(body, "limits").items():
            if group not in here.limiter.limits or not isinstance(limit, int) or limit < 0:
                raise invalid("limits")
            here.limiter.limits[group] = limit
        _change_app(here.account.app, body)
        if isinstance(body.get("campaignStatus"), str):
            here.account.campaign_status = body["campaignStatus"]
        if body.get("endSessions") is True:
            here.sessions.end_all()
        for extension_id, change in _part(body, "extensions").items():
            if extension_id not in here.account.extensions or not isinstance(change, dict):
                raise invalid("extensions")
            _change_extension(here.account, here.account.extensions[extension_id], change)
    return settings()


def _change_app(app: App, body: dict[str, Any]) -> None:
    if "permissions" in body:
        app.permissions = _words(body["permissions"], "permissions")
    if isinstance(body.get("jwtEnabled"), bool):
        app.jwt_enabled = body["jwtEnabled"]
    if isinstance(body.get("refreshTokens"), bool):
        app.refresh_tokens = body["refreshTokens"]


def _change_extension(account: Account, extension: Extension, change: dict[str, Any]) -> None:
    if "permissions" in change:
        extension.permissions = _words(change["permissions"], "extensions")
    if isinstance(change.get("jwtDeleted"), bool):
        extension.jwt_deleted = change["jwtDeleted"]
    if isinstance(change.get("highVolume"), bool):
        account.make_high_volume(extension, change["highVolume"])


def _describe(each: dict[str, Any]) -> None:
    number = e164(each.get("number"))
    if number is None:
        raise invalid("number", "number is not a telephone number")
    kind, name = each.get("temperament", "silent"), each.get("name", "")
    if not isinstance(kind, str) or kind not in TEMPERAMENTS:
        raise invalid("temperament", f"temperament is one of: {', '.join(TEMPERAMENTS)}")
    if not isinstance(name, str) or len(name) > 100:
        raise invalid("name")
    failure = each.get("failure", "")
    if not isinstance(failure, str) or not re.fullmatch(r"(SMS-(RC|UP|CAR)-\d{3})?", failure):
        raise invalid("failure")
    world().describe(number, kind, name, _delay(each.get("delay")), failure)


def _delay(asked: object) -> tuple[float, float] | None:
    """Read a delay in seconds: nothing, one number, or the two ends of a range."""
    if asked is None:
        return None
    ends = asked if isinstance(asked, list) else [asked, asked]
    if len(ends) == 2 and all(isinstance(e, int | float) and 0 <= e <= 1e7 for e in ends):
        return float(min(ends)), float(max(ends))
    raise invalid("delay")


def _carried(text: Text) -> dict[str, Any]:
    ends = (text.sender, text.phone)
    start, end = ends if text.direction == "Outbound" else reversed(ends)
    return {
        "id": text.id,
        "from": start,
        "to": end,
        "text": text.text,
        "direction": text.direction,
        "at": written(text.at),
        "status": text.status,
        "code": text.code,
        "by": text.by,
    }


def _phone(person: Person) -> dict[str, Any]:
    return {
        "number": person.number,
        "name": person.name,
        "temperament": person.temperament.name,
        "revision": person.revision,
        "texts": [_carried(text) for text in person.texts],
    }


def _json() -> Any:
    try:
        return json.loads(request.get_data())
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "CMN-103", "JSON cannot be parsed") from error


def _object() -> dict[str, Any]:
    body = _json()
    if not isinstance(body, dict):
        raise Refusal(400, "CMN-103", "JSON cannot be parsed")
    return body


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name, {})
    if not isinstance(part, dict):
        raise invalid(name)
    return part


def _words(asked: object, name: str) -> frozenset[str]:
    if not isinstance(asked, list) or not all(isinstance(word, str) for word in asked):
        raise invalid(name)
    return frozenset(asked)
