"""`message-store` and `message-sync`: reading, marking and deleting records.

Without `dateFrom` a list goes back 24 hours and no further, and the answer's `uri` shows the
window it used. Several ids in one path answer 207, as JSON or multipart by the Accept header. An
ISync repeats the last five seconds on purpose: two changes in one moment would else lose one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from ..account import ACCOUNT_ID
from ..mailbox import OVERLAP_SECONDS, Mailbox, make_sync_token, read_sync_token
from ..message import Message
from ..refusals import Refusal, invalid, not_found
from ..wire import e164, moment, page_of, whole, written
from .gate import caller, guarded, host, json_body, query_pairs, world

blueprint = Blueprint("message_store", __name__, url_prefix="/restapi/v1.0")

DAY = timedelta(hours=24)
IDS_MAX = 30
JSON_PARTS = "application/vnd.ringcentral.multipart+json"
_EXTENSION = "/account/<account_id>/extension/<extension_id>"
_CHOICES = {
    "availability": {"Alive", "Deleted", "Purged"},
    "direction": {"Inbound", "Outbound"},
    "messageType": {"Fax", "SMS", "VoiceMail", "Pager", "Text"},
    "readStatus": {"Read", "Unread"},
}

Pairs = Sequence[tuple[str, str]]


@blueprint.get(f"{_EXTENSION}/message-store")
@guarded("light", "ReadMessages", "ReadMessages")
def list_messages() -> Response:
    """List records by creation time, newest first."""
    query = query_pairs()
    start, end = _window(query)
    records = list(_matching(query, start, end))
    kept = [(n, v) for n, v in query if n not in ("dateFrom", "dateTo")]
    shown = [*kept, ("dateFrom", written(start)), ("dateTo", written(end))]
    part, page = page_of(records, _address("message-store"), shown)
    return jsonify({**page, "records": [m.record(host()) for m in part]})


@blueprint.get(f"{_EXTENSION}/message-store/<ids>")
@guarded("light", "ReadMessages", "ReadMessages")
def read_messages(ids: str) -> Response:
    """Read one record, or several as 207."""
    if "," not in ids:
        return jsonify(_find(ids).record(host()))
    return _several(ids, lambda message: message.record(host()))


@blueprint.put(f"{_EXTENSION}/message-store/<ids>")
@blueprint.patch(f"{_EXTENSION}/message-store/<ids>")
@guarded("medium", "EditMessages", "EditMessages")
def update_messages(ids: str) -> Response:
    """Mark records read or unread, or (PATCH) bring deleted ones back."""
    body = json_body()
    read = body.get("readStatus")
    availability = body.get("availability") if request.method == "PATCH" else None
    if read not in ("Read", "Unread", None) or (read is None and availability is None):
        raise invalid("readStatus")
    if availability not in ("Alive", "Deleted", "Purged", None):
        raise invalid("availability")

    def change(message: Message) -> dict[str, Any]:
        if read is not None:
            message.is_read = read == "Read"
        message.availability = availability or message.availability
        _mailbox().touch(message, world().clock.now())
        return message.record(host())

    if "," not in ids:
        return jsonify(change(_find(ids)))
    return _several(ids, change)


@blueprint.delete(f"{_EXTENSION}/message-store/<ids>")
@guarded("medium", "EditMessages", "EditMessages")
def delete_messages(ids: str) -> Response:
    """Delete records, for good with `purge=true`."""
    messages = [_find(one) for one in ids.split(",")]
    _delete(messages)
    return Response(status=204)


@blueprint.delete(f"{_EXTENSION}/message-store")
@guarded("medium", "EditMessages", "EditMessages")
def delete_conversations() -> Response:
    """Delete the records of conversations, up to `dateTo`."""
    query = query_pairs()
    wanted = [value for name, value in query if name == "conversationId"]
    if not wanted:
        raise invalid("conversationId")
    now = world().clock.now()
    end = moment(dict(query).get("dateTo", written(now)), "dateTo")
    oldest = datetime.min.replace(tzinfo=now.tzinfo)
    _delete([m for m in _mailbox().between(oldest, end) if str(m.conversation_id) in wanted])
    return Response(status=204)


@blueprint.get(f"{_EXTENSION}/message-store/<message_id>/content/<attachment_id>")
@guarded("medium", "ReadMessages")
def read_content(message_id: str, attachment_id: str) -> Response:
    """Return a text as a file."""
    message = _find(message_id)
    if attachment_id != str(message.id):
        raise not_found("attachmentId")
    return Response(message.text.encode("utf-8"), content_type="text/plain; charset=UTF-8")


@blueprint.get(f"{_EXTENSION}/message-sync")
@guarded("light", "ReadMessages", "ReadMessages")
def sync_messages() -> Response:
    """Answer a full synchronisation, or what has changed since a token."""
    query = query_pairs()
    kind = dict(query).get("syncType", "FSync")
    if kind not in ("FSync", "ISync"):
        raise invalid("syncType")
    now, extension = world().clock.now(), caller()
    if kind == "ISync":
        filters, messages, older = _changes(dict(query).get("syncToken", ""), now)
    else:
        filters, messages, older = _everything(query)
    token = make_sync_token(extension.id, now, list(filters))
    info: dict[str, Any] = {"syncType": kind, "syncToken": token, "syncTime": written(now)}
    if kind == "FSync":
        info["olderRecordsExist"] = older
    records = [m.record(host()) for m in messages]
    uri = _address("message-sync") + (f"?{urlencode(query)}" if query else "")
    return jsonify({"uri": uri, "records": records, "syncInfo": info})


def _everything(query: Pairs) -> tuple[Pairs, list[Message], bool]:
    start, end = _window(query)
    asked = dict(query)
    count = whole(asked["recordCount"], "recordCount") if "recordCount" in asked else None
    matching = _matching(query, start, end)
    messages = list(islice(matching, count))
    older = next(matching, None) or next(_mailbox().between(_long_before(start), start), None)
    kept = [(n, v) for n, v in query if n in (*_CHOICES, "conversationId")]
    return kept, messages, older is not None


def _changes(token: str, now: datetime) -> tuple[Pairs, list[Message], bool]:
    if world().faults.strikes("sync_token_lost"):
        message = "Sync token is not valid, full synchronization is required"
        raise Refusal(400, "MSG-333", message)
    since, filters = read_sync_token(token, caller().id, now)
    changed = _mailbox().changed_since(since - timedelta(seconds=OVERLAP_SECONDS))
    shown = [m for m in changed if m.availability != "Alive" or _fits(m, _wanted(filters))]
    return filters, shown, False


def _window(query: Pairs) -> tuple[datetime, datetime]:
    asked = dict(query)
    end = moment(asked["dateTo"], "dateTo") if "dateTo" in asked else world().clock.now()
    start = moment(asked["dateFrom"], "dateFrom") if "dateFrom" in asked else _long_before(end, DAY)
    if start > end:
        raise invalid("dateFrom")
    return start, end


def _long_before(end: datetime, span: timedelta = timedelta(days=36500)) -> datetime:
    try:
        return end - span
    except OverflowError:
        return datetime.min.replace(tzinfo=end.tzinfo)


def _matching(query: Pairs, start: datetime, end: datetime) -> Iterator[Message]:
    phone = dict(query).get("phoneNumber")
    if phone is not None:
        phone = e164(phone.strip()) or ""
    wanted = _wanted(query)
    if "availability" not in wanted:
        wanted["availability"] = {"Alive"}
    found = (m for m in _mailbox().between(start, end, phone) if _fits(m, wanted))
    is_distinct = dict(query).get("distinctConversations", "").lower() == "true"
    return iter(list(_first_of_each(found))) if is_distinct else found


def _first_of_each(messages: Iterable[Message]) -> Iterable[Message]:
    seen: set[int] = set()
    for message in messages:
        if message.conversation_id not in seen:
            seen.add(message.conversation_id)
            yield message


def _wanted(query: Pairs) -> dict[str, set[str]]:
    wanted: dict[str, set[str]] = {}
    for name, value in query:
        if name in _CHOICES and value not in _CHOICES[name]:
            raise invalid(name)
        if name in _CHOICES or name == "conversationId":
            wanted.setdefault(name, set()).add(value)
    return wanted


def _fits(message: Message, wanted: dict[str, set[str]]) -> bool:
    values = {
        "availability": message.availability,
        "direction": message.direction,
        "messageType": "SMS",
        "readStatus": "Read" if message.is_read else "Unread",
        "conversationId": str(message.conversation_id),
    }
    return all(values[name] in choices for name, choices in wanted.items())


def _several(ids: str, show: Any) -> Response:
    asked = ids.split(",")
    if len(asked) > IDS_MAX:
        raise Refusal(400, "CMN-106", "Bulk request limit exceeded")
    parts: list[tuple[str, int, dict[str, Any]]] = []
    for one in asked:
        try:
            parts.append((one, 200, show(_find(one))))
        except Refusal as refusal:
            parts.append((one, refusal.status, refusal.body()))
    if JSON_PARTS in request.headers.get("Accept", ""):
        rows = [{"resourceId": i, "status": s, "body": b} for i, s, b in parts]
        return Response(json.dumps(rows), 207, content_type=JSON_PARTS)
    return _multipart(parts)


def _multipart(parts: list[tuple[str, int, dict[str, Any]]]) -> Response:
    boundary = f"Boundary_{world().new_request_id().replace('-', '')}"
    address = _address("message-store")
    head = {
        "response": [
            {
                "href": f"{address}/{one}",
                "status": status,
                "responseDescription": "OK" if status == 200 else "Not Found",
            }
            for one, status, _ in parts
        ]
    }
    bodies = [head, *(body for _, _, body in parts)]
    lines = [
        f"--{boundary}\r\nContent-Type: application/json\r\n\r\n{json.dumps(body)}\r\n"
        for body in bodies
    ]
    text = "".join(lines) + f"--{boundary}--\r\n"
    return Response(text, 207, content_type=f'multipart/mixed; boundary="{boundary}"')


def _delete(messages: Iterable[Message]) -> None:
    purge = request.args.get("purge", "").lower() == "true"
    for message in messages:
        message.availability = "Purged" if purge else "Deleted"
        _mailbox().touch(message, world().clock.now())


def _find(message_id: str) -> Message:
    if not (message_id.isascii() and message_id.isdigit() and len(message_id) <= 19):
        raise invalid("messageId")
    message = _mailbox().find(int(message_id))
    if message is None:
        raise not_found("messageId")
    return message


def _mailbox() -> Mailbox:
    return world().mailbox(caller().id)


def _address(resource: str) -> str:
    return f"{host()}/restapi/v1.0/account/{ACCOUNT_ID}/extension/{caller().id}/{resource}"
