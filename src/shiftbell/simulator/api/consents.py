"""Consents: the v2 API, and the older opt-outs of High Volume SMS.

The search gives records both ways unless asked for one; the deprecated GET gives opt-outs alone,
and so does the old API, which an ordinary application may not call at all (permission A2PSMS).
Whether that one knows ordinary numbers is not documented; here it knows High Volume numbers only.
An opt-in through the API is believed: whoever sets it must hold the person's word.
"""

from __future__ import annotations

import base64
import binascii
import csv
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..consents import ACCOUNT, CAMPAIGN, CAMPAIGN_TYPE, EVERY_NUMBER, NUMBER, Consent
from ..refusals import Refusal, invalid
from ..wire import whole, written
from .gate import guarded, json_body, world

blueprint = Blueprint("consents", __name__, url_prefix="/restapi")

NUMBERS_MAX = 20
RECORDS_MAX = 1000
_V2 = "/v2/accounts/<account_id>/sms/consents"
_OLD = "/v1.0/account/<account_id>/a2p-sms"
_CHOICES = {
    "optStatus": ("OptOut", "OptIn"),
    "coverage": (NUMBER, ACCOUNT, CAMPAIGN_TYPE),
    "campaignType": ("Conversational", "Informational", "Promotional"),
}


@blueprint.post(f"{_V2}/search")
@guarded("light", "SMS")
def search() -> Response:
    """Search the records, both opt-outs and opt-ins unless `optStatus` says which."""
    body = json_body()
    status = body.get("optStatus")
    if status is not None and status not in _CHOICES["optStatus"]:
        raise invalid("optStatus")
    wanted = {name: _list(body, name) for name in ("from", "to", "coverage", "campaignType")}
    per_page, token = body.get("perPage", 100), body.get("pageToken", "")
    if not isinstance(per_page, int) or not isinstance(token, str):
        raise invalid("perPage" if isinstance(token, str) else "pageToken")
    found = _found(wanted, [status] if status else [])
    return _page([c.record() for c in found], str(per_page), token)


@blueprint.get(_V2)
@guarded("light", "SMS")
def list_records() -> Response:
    """List the records by query; deprecated, and opt-outs only by default."""
    names = ("from", "to", "coverage", "campaignType")
    wanted = {name: request.args.getlist(name) for name in names}
    statuses = request.args.getlist("optStatus") or ["OptOut"]
    if not set(statuses) <= set(_CHOICES["optStatus"]):
        raise invalid("optStatus")
    found = _found(wanted, statuses)
    args = request.args
    return _page([c.record() for c in found], args.get("perPage", "100"), args.get("pageToken", ""))


@blueprint.patch(_V2)
@guarded("light", "SMS")
def edit() -> Response:
    """Set records; those that cannot be set come back with their reasons."""
    records = json_body().get("records")
    if not isinstance(records, list) or not 1 <= len(records) <= RECORDS_MAX:
        raise invalid("records")
    if not all(isinstance(record, dict) for record in records):
        raise invalid("records")
    failed = [
        {"coverage": "PhoneNumber", **record, "error": error}
        for record in records
        if (error := _set(record))
    ]
    return jsonify({"failedRecords": failed} if failed else {})


@blueprint.get(f"{_V2}/export")
@guarded("light", "SMS")
def export() -> Response:
    """Return every record as CSV."""
    sheet = io.StringIO()
    rows = csv.writer(sheet)
    head = "External Party Number,Internal Party Number,Consent Status,Source,Coverage"
    rows.writerow([*head.split(","), "Campaign Type", "Notes", "Last Modified Time"])
    for c in world().consents.all():
        coverage = "Company" if c.coverage == ACCOUNT else c.coverage
        campaign = CAMPAIGN if c.coverage == CAMPAIGN_TYPE else ""
        row = (c.phone, c.sender, c.opt_status, c.source, coverage, campaign, "")
        rows.writerow([*row, written(c.modified_at)])
    return Response(sheet.getvalue(), content_type="text/csv; charset=UTF-8")


@blueprint.get(f"{_V2}/history")
@guarded("light", "SMS")
def history() -> Response:
    """Return everything that was ever recorded for one phone, oldest first."""
    phone = _unblanked(request.args.get("to", ""))
    if not _is_e164(phone):
        raise invalid("to")
    found = [c for c in world().consents.history if c.phone == phone]
    args = request.args
    rows = [c.record("createdAt") for c in found]
    return _page(rows, args.get("perPage", "100"), args.get("pageToken", ""))


@blueprint.get(f"{_OLD}/opt-outs")
@guarded("light", "A2PSMS")
def list_opt_outs() -> Response:
    """List the records in the old API's words; deprecated."""
    status = request.args.get("status", "optout").lower()
    statuses = {"optout": ["OptOut"], "optin": ["OptIn"], "all": []}.get(status)
    if statuses is None:
        raise invalid("status")
    senders = [n for n in request.args.getlist("from") if n != EVERY_NUMBER]
    wanted = {"from": senders, "to": request.args.getlist("to")}
    numbers = world().account.numbers
    rows = [
        _old(c)
        for c in _found(wanted, statuses)
        if c.sender in numbers and numbers[c.sender].is_high_volume
    ]
    return _page(rows, request.args.get("perPage", "1000"), request.args.get("pageToken", ""))


@blueprint.post(f"{_OLD}/opt-outs/bulk-assign")
@guarded("light", "A2PSMS")
def assign_opt_outs() -> Response:
    """Set records for one number in the old API's words; deprecated."""
    body = json_body()
    sender = body.get("from")
    number = world().account.numbers.get(sender) if isinstance(sender, str) else None
    if number is None or not number.is_high_volume:
        raise invalid("from")
    if not body.get("optOuts") and not body.get("optIns"):
        raise invalid("optOuts")
    answer = {}
    for name, status in (("optOuts", "OptOut"), ("optIns", "OptIn")):
        phones = body.get(name) or []
        if not isinstance(phones, list):
            raise invalid(name)
        good = [phone for phone in phones if _is_e164(phone)]
        for phone in good:
            consent = Consent(number.phone_number, phone, status, "Api", world().clock.now())
            world().set_consent(consent)
        bad = [{"to": str(p), "errorMessage": "Invalid number"} for p in phones if p not in good]
        answer[name] = {"successful": good, "failed": bad}
    return jsonify(answer)


@blueprint.route(f"{_OLD}/<path:rest>", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
@guarded("light", "A2PSMS")
def high_volume(rest: str) -> Response:
    """Refuse the rest of High Volume SMS, which is not simulated."""
    raise Refusal(501, "CMN-202", f"Not supported here: a2p-sms/{rest}")


def _found(wanted: dict[str, list[str]], statuses: Sequence[str]) -> list[Consent]:
    senders = {_unblanked(number) for number in wanted.get("from", [])}
    phones = {_unblanked(number) for number in wanted.get("to", [])}
    for name, numbers in (("from", senders), ("to", phones)):
        if not all(_is_e164(number) for number in numbers):
            raise invalid(name)
    for name in ("coverage", "campaignType"):
        if not set(wanted.get(name, [])) <= set(_CHOICES[name]):
            raise invalid(name)
    coverage, campaigns = wanted.get("coverage"), wanted.get("campaignType")
    return [
        c
        for c in world().consents.all()
        if (not senders or c.sender in senders)
        and (not phones or c.phone in phones)
        and (not statuses or c.opt_status in statuses)
        and (not coverage or c.coverage in coverage)
        and (not campaigns or (c.coverage == CAMPAIGN_TYPE and CAMPAIGN in campaigns))
    ]


def _page(rows: list[dict[str, Any]], per_page: str, token: str) -> Response:
    size = min(whole(per_page, "perPage"), RECORDS_MAX)
    start = _token_place(token) if token else 0
    paging: dict[str, Any] = {"perPage": size, "firstPageToken": _page_token(0)}
    paging["pageToken"] = _page_token(start)
    if start + size < len(rows):
        paging["nextPageToken"] = _page_token(start + size)
    if start > 0:
        paging["previousPageToken"] = _page_token(max(0, start - size))
    return jsonify({"records": rows[start : start + size], "paging": paging})


def _page_token(start: int) -> str:
    return base64.urlsafe_b64encode(f"page:{start}".encode()).decode()


def _token_place(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError) as error:
        raise invalid("pageToken") from error
    if not re.fullmatch(r"page:\d{1,9}", text):
        raise invalid("pageToken")
    return int(text.removeprefix("page:"))


def _set(record: dict[str, Any]) -> dict[str, str] | None:
    """Set one record; return the error when it cannot be set."""
    here = world()
    sender, phone, status = record.get("from"), record.get("to"), record.get("optStatus")
    if not _is_e164(phone) or status not in _CHOICES["optStatus"] or record.get("source") != "Api":
        return {"errorCode": "CMN-101", "message": "Parameter value is invalid"}
    own = [e.number.phone_number for e in here.account.senders()]
    if sender != EVERY_NUMBER and sender not in own:
        return {"errorCode": "CMN-102", "message": "Resource for parameter [from] is not found"}
    now = here.clock.now()
    for number in own if sender == EVERY_NUMBER else [sender]:
        here.set_consent(Consent(number, str(phone), str(status), "Api", now))
    if sender == EVERY_NUMBER and status == "OptIn":
        for wide in here.consents.blocking(EVERY_NUMBER, str(phone)):
            here.set_consent(replace(wide, opt_status="OptIn", source="Api", modified_at=now))
    return None


def _list(body: dict[str, Any], name: str) -> list[str]:
    values = body.get(name, [])
    is_list = isinstance(values, list) and all(isinstance(value, str) for value in values)
    if not is_list or len(set(values)) < len(values) or len(values) > NUMBERS_MAX:
        raise invalid(name)
    if name in body and not values:
        raise invalid(name)
    return list(values)


def _old(consent: Consent) -> dict[str, str]:
    source = "Account" if consent.source == "Api" else consent.source
    pair = {"from": consent.sender, "to": consent.phone}
    return {**pair, "status": consent.opt_status, "source": source}


def _is_e164(number: object) -> bool:
    return isinstance(number, str) and re.fullmatch(r"\+[1-9]\d{1,14}", number) is not None


def _unblanked(number: str) -> str:
    """Undo what an unencoded + becomes in a query."""
    return re.sub(r"^ ", "+", number)
