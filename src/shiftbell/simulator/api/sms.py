"""`POST …/sms`: what RingCentral refuses at once, and what it accepts.

An answer of 200 says that the text was accepted, nothing more: opt-outs, landlines and unregistered
campaigns show up later as a status. The same text twice is two texts; there is no idempotency key.
Several recipients make one group message that everybody sees.
"""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..account import Extension
from ..refusals import Refusal, invalid
from ..segments import utf16_units
from ..wire import e164, is_domestic
from .gate import caller, guarded, host, json_body, world

blueprint = Blueprint("sms", __name__, url_prefix="/restapi/v1.0")

TEXT_UNITS_MAX = 1000
RECIPIENTS_MAX = 10
_EXTENSION_PATH = "/account/<account_id>/extension/<extension_id>"


@blueprint.post(f"{_EXTENSION_PATH}/sms")
@blueprint.post(f"{_EXTENSION_PATH}/mms")
@guarded("medium", "SMS", "OutboundSMS")
def send() -> Response:
    """Accept a text, or say why not."""
    body = _body()
    region = _region(body.get("country"))
    extension = caller()
    sender = _sender(extension, body.get("from"), region)
    recipients = _recipients(body.get("to"), region)
    text = body.get("text")
    if not isinstance(text, str) or not text or utf16_units(text) > TEXT_UNITS_MAX:
        raise invalid("text")
    if any("\ud800" <= unit <= "\udfff" for unit in text):
        raise invalid("text")
    message = world().texting.send(extension, sender, recipients, text)
    return jsonify(message.accepted(host()))


def _body() -> dict[str, Any]:
    """Read JSON, or the part of a multipart form that holds it; attachments need MMS."""
    if request.mimetype != "multipart/form-data":
        return json_body()
    part = request.files.get("json") or request.files.get("request.json")
    attached = [f for name, f in request.files.items(multi=True) if f is not part]
    if attached:
        message = "Feature [MMS] is not available for current account"
        raise Refusal(403, "BIL-103", message)
    try:
        body = json.loads(part.read() if part else request.form.get("json", ""))
    except (ValueError, RecursionError) as error:
        raise Refusal(400, "CMN-104", "Request cannot be parsed") from error
    if not isinstance(body, dict):
        raise Refusal(400, "CMN-104", "Request cannot be parsed")
    return body


def _region(country: object) -> str:
    if country is None:
        return "US"
    if not isinstance(country, dict):
        raise invalid("country")
    if "id" in country and "isoCode" in country:
        message = "Parameters [country.id] and [country.isoCode] cannot be used together"
        raise Refusal(400, "MSG-365", message)
    code = country.get("isoCode", "US")
    if not isinstance(code, str) or len(code) != 2:
        raise invalid("country.isoCode")
    return code.upper()


def _phone(party: object, parameter: str) -> str:
    if not isinstance(party, dict):
        raise invalid(parameter)
    number = party.get("phoneNumber")
    if number is None and "extensionNumber" in party:
        message = "Sending SMS from/to extension numbers is not available"
        raise Refusal(400, "MSG-246", message)
    if not isinstance(number, str):
        raise invalid(f"{parameter}.phoneNumber")
    return number


def _sender(extension: Extension, party: object, region: str) -> str:
    """Check whose number a text is sent from."""
    number = e164(_phone(party, "from"), region)
    if number is None:
        raise invalid("from.phoneNumber")
    known = world().account.numbers.get(number)
    if known is None:
        message = "Phone number specified in [from] is not found among user's phone numbers"
        raise Refusal(400, "MSG-245", message)
    if known.extension_id not in ("", extension.id):
        raise Refusal(403, "MSG-304", "Phone number doesn't belong to extension")
    if "SmsSender" not in known.features:
        raise Refusal(403, "MSG-367", "Phone number in [from] doesn't support SMS sending")
    return number


def _recipients(to: object, region: str) -> list[str]:
    """Check who a text is sent to."""
    if not isinstance(to, list) or not to:
        raise invalid("to")
    if len(to) > RECIPIENTS_MAX:
        message = f"Group message recipients limit exceeded. Maximum is {RECIPIENTS_MAX}"
        raise Refusal(400, "MSG-381", message)
    numbers = [_recipient(party, region) for party in to]
    if len(set(numbers)) < len(numbers):
        message = "Parameter [to] contains duplicate values"
        raise Refusal(400, "CMN-406", message, parameterName="to")
    return numbers


def _recipient(party: object, region: str) -> str:
    text = _phone(party, "to")
    digits = "".join(character for character in text if character.isdigit())
    if 0 < len(digits) <= 6:
        raise Refusal(400, "MSG-247", "Sending SMS to short numbers is not available")
    number = e164(text, region)
    if number is None:
        raise invalid("to.phoneNumber")
    if not is_domestic(number):
        raise Refusal(403, "MSG-240", "International SMS is not available")
    if world().person(number).temperament.name == "blocked":
        raise Refusal(400, "MSG-243", "Phone number specified in [to] is blocked")
    return number
