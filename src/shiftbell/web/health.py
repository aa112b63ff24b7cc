"""GET /health: how Shiftbell is, for a monitor and for a person with curl.

Always 200: it says that the web process answers, and `status` says how the rest is: "ok", or
"degraded" with the sentence of each trouble. Everything is read from the database in a handful of
small queries; RingCentral is not asked, since a health page that waits for someone else's outage
is down with them. Nothing here is private: it has no numbers, names or texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse

from shiftbell import __version__, config
from shiftbell.rules.registration import may_send
from shiftbell.store import beats, mail_leases, opt_outs
from shiftbell.store.models import (
    AccessToken,
    Attempt,
    Message,
    RateBucket,
    Sender,
    Subscription,
    WebhookEvent,
)
from shiftbell.store.transactions import patience
from shiftbell.web.answers import said
from shiftbell.web.webhook import rejected

PATIENCE_SECONDS = 1.0
COUNT_MAX = 10_000  # a count stops there: what matters beyond is that it is too many


def show(request: HttpRequest) -> HttpResponse:
    """Answer with the health of everything, as JSON."""
    if request.method not in {"GET", "HEAD"}:
        return said(405, "Only GET is answered here.", Allow="GET, HEAD")
    response = JsonResponse(health(datetime.now(UTC)), json_dumps_params={"indent": 2})
    response["Cache-Control"] = "no-store"
    return response


def health(now: datetime) -> dict[str, Any]:
    """Return what /health shows; a database that does not answer is part of it."""
    head: dict[str, Any] = {
        "status": "ok",
        "timestamp": _written(now),
        "version": __version__,
        "simulated": config.settings().simulated,
    }
    try:
        with patience(PATIENCE_SECONDS):
            facts = _facts(now)
    except DatabaseError as error:
        connection.close()  # a file that was missing or broken is opened afresh next time
        trouble = f"The database does not answer: {error}."
        return head | {"status": "degraded", "troubles": [trouble], "database": {"ok": False}}
    troubles = list(_troubles(facts))
    return head | {"status": "degraded" if troubles else "ok", "troubles": troubles} | facts


def _facts(now: datetime) -> dict[str, Any]:
    senders = [_sender(sender, now) for sender in Sender.objects.filter(active=True)[:100]]
    return {
        "database": {"ok": True},
        "worker": _worker(now),
        "ringcentral": _ringcentral(senders),
        "senders": senders,
        # Each selects a column of the partial index that makes the count cheap.
        "queue": {
            "queued": _count(Message.objects.filter(state="queued").values("lane")),
            "sending": _count(Message.objects.filter(state="sending").values("lease_until")),
            "in_doubt": _count(Attempt.objects.filter(outcome=Attempt.DOUBT).values("looked_at")),
        },
        "webhook": {
            "waiting": _count(WebhookEvent.objects.filter(state=WebhookEvent.NEW)),
            "set_aside": _count(WebhookEvent.objects.filter(state=WebhookEvent.SET_ASIDE)),
            "rejected": rejected.total(),
        },
        "opt_outs": {
            "compared_at": _written(opt_outs.compared_at()),
            "failing_since": _written(opt_outs.failing_since()),
        },
        "mail": {"ok": not mail_leases.is_down()},
    }


def _worker(now: datetime) -> dict[str, Any]:
    at = beats.last()
    age = None if at is None else max(0.0, round((now - at).total_seconds(), 1))
    return {"ok": beats.alive(at, now), "last_tick": _written(at), "last_tick_seconds": age}


def _sender(sender: Sender, now: datetime) -> dict[str, Any]:
    token = AccessToken.objects.filter(sender=sender).first()
    refused = token is not None and token.refused_until is not None
    paused = RateBucket.objects.filter(sender=sender, group="medium", paused_until__gt=now).first()
    hook = Subscription.objects.filter(sender=sender).first()
    detail = sender.down_reason
    if refused and token is not None:
        detail = f"RingCentral refused the login: {token.refused_reason}"
    registered = may_send(sender.campaign_status)
    if not registered:
        detail = f"its campaign is {sender.campaign_status}, so it sends nothing"
    return {
        "sender": str(sender),
        "ok": sender.down_since is None and not refused and registered,
        "campaign": sender.campaign_status or None,
        "detail": detail,
        "since": _written(sender.down_since),
        "logged_in": token is not None and token.expires_at is not None and token.expires_at > now,
        "last_sync": _written(sender.synced_at),
        "paused_until": _written(paused.paused_until if paused else None),
        "paused_reason": paused.paused_reason if paused else "",
        "webhook": {"status": hook.status, "detail": hook.reason} if hook else None,
    }


def _ringcentral(senders: list[dict[str, Any]]) -> dict[str, Any]:
    """Return whether RingCentral can be reached: null before anyone has tried."""
    down = [sender for sender in senders if not sender["ok"]]
    if down and len(down) == len(senders):
        since = min((sender["since"] for sender in down if sender["since"]), default=None)
        return {"reachable": False, "detail": down[0]["detail"], "since": since}
    known = any(sender["logged_in"] for sender in senders)
    return {"reachable": True if known else None, "detail": "", "since": None}


def _troubles(facts: dict[str, Any]) -> Iterator[str]:
    if not facts["worker"]["ok"]:
        yield "No worker is running, so nothing is sent or heard."
    for sender in facts["senders"]:
        if not sender["ok"]:
            yield f"{sender['sender'].capitalize()} is down: {sender['detail']}"
        if sender["webhook"] and sender["webhook"]["status"] != "Active":
            detail = sender["webhook"]["detail"]
            yield f"The webhook of {sender['sender']} does not work: {detail}".rstrip(": ")
    if since := facts["opt_outs"]["failing_since"]:
        yield f"Opt-outs cannot be compared with RingCentral's list since {since}."
    if not facts["mail"]["ok"]:
        yield "No e-mail leaves: the mail server refuses us."


def _count(rows: QuerySet[Any]) -> int:
    return rows.order_by()[:COUNT_MAX].count()


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment:%Y-%m-%dT%H:%M:%S}Z"
