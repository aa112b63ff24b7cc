"""POST /webhooks/ringcentral: RingCentral tells that something happened.

Decides who may speak here and whether what was said is JSON. What it means is decided later, from
the stored events (`flow/read_webhooks.py`): RingCentral wants its answer within 3 s and repeats
nothing, and a YES may wait for a lock. The facts it rests on: while a subscription is made
RingCentral asks with a `Validation-Token` header and wants it back in a header, in an answer of at
most 1,024 bytes; events are not signed, the one mark of a true one is the `Verification-Token` we
chose; after enough other answers than 200 the subscription is suspended for good.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import NoReturn

import structlog
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from shiftbell import config
from shiftbell.store import inbox
from shiftbell.store.transactions import patience
from shiftbell.web.answers import said
from shiftbell.web.tally import Tally

PATH = "/webhooks/ringcentral"
BODY_MAX = 64 * 1024
# The answer must fit 1,024 bytes, headers included; RingCentral's tokens are UUIDs.
VALIDATION_TOKEN_MAX = 256
# RingCentral gives up after 3 s; an answer in time may still say that we could not.
PATIENCE_SECONDS = 2.0

log = structlog.get_logger()
rejected = Tally("webhook.rejected")


@csrf_exempt
def receive(request: HttpRequest) -> HttpResponse:
    """Answer a handshake, or store one event and answer 200 before anyone thinks about it."""
    if request.method != "POST":
        return said(405, "Only RingCentral's POST is answered here.", Allow="POST")
    validation_token = request.headers.get("Validation-Token", "")
    if validation_token and not _has_body(request):
        return _shake_hands(validation_token)
    if not _is_from_ringcentral(request):
        # No log line and no row: a stranger must not be able to fill a disk.
        rejected.count()
        return said(401, "The Verification-Token is missing or wrong.")
    return _store(request)


def is_known(token: str, *known: str) -> bool:
    """Whether `token` is one of the `known` ones, in time that tells nothing about them.

    An empty one is no token: without a secret nobody is believed.
    """
    given = token.encode("utf-8", "surrogateescape")
    matches = [secrets.compare_digest(given, one.encode()) for one in known if one]
    return any(matches)


def is_json(text: str) -> bool:
    """Whether `text` is JSON as the standard has it: no NaN, no depth that would break a reader."""
    try:
        json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return False
    return True


def _shake_hands(validation_token: str) -> HttpResponse:
    if len(validation_token) > VALIDATION_TOKEN_MAX or not validation_token.isascii():
        return said(400, "This is not a Validation-Token of RingCentral's.")
    response = HttpResponse(content_type="application/json")
    response["Validation-Token"] = validation_token
    return response


def _is_from_ringcentral(request: HttpRequest) -> bool:
    values = config.settings()
    return is_known(
        request.headers.get("Verification-Token", ""),
        values.webhook_secret.get_secret_value(),
        values.webhook_secret_previous.get_secret_value(),
    )


def _store(request: HttpRequest) -> HttpResponse:
    try:
        raw = _read(request)
    except OSError:
        return said(400, "The event ended before its end.")
    if raw is None:
        return said(413, f"An event of more than {BODY_MAX} bytes is not read.")
    text = raw.decode(errors="replace")
    if not is_json(text) or text.encode() != raw:
        return said(400, "An event must be JSON in UTF-8.")
    try:
        with patience(PATIENCE_SECONDS):
            inbox.store_event(text, datetime.now(UTC))
    except DatabaseError as error:
        # Honest rather than 200: a hook that cannot be heard should show at RingCentral too.
        # Nothing is lost, message-sync finds what this event told of.
        log.error("webhook.not_stored", reason=str(error))
        return said(503, "The event could not be stored; try again.", Retry_After="5")
    return HttpResponse(content_type="application/json")


def _has_body(request: HttpRequest) -> bool:
    return _length(request) > 0 or _is_chunked(request)


def _length(request: HttpRequest) -> int:
    declared = request.META.get("CONTENT_LENGTH") or ""
    return int(declared) if declared.isdecimal() and len(declared) < 20 else 0


def _is_chunked(request: HttpRequest) -> bool:
    return "HTTP_TRANSFER_ENCODING" in request.META


def _read(request: HttpRequest) -> bytes | None:
    """Return the body, or None of one that is too long, which is read no further than that.

    Django takes a body without a declared length for empty; the server knows where it ends.
    """
    if not _is_chunked(request):
        return request.read(_length(request)) if _length(request) <= BODY_MAX else None
    stream, body = request.META["wsgi.input"], b""
    while len(body) <= BODY_MAX:
        part = stream.read(BODY_MAX + 1 - len(body))
        if not part:
            return body
        body += part
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
