"""`/mail`: the letters that the simulated mail server took, for people and for tests.

The page draws plain text, in which nothing but web addresses becomes a link. A letter's HTML stands
on a page of its own, where the browser runs no script and fetches nothing: a simulator shows what
anybody sent it. As for the phones, everything the page knows comes from the control interface.
"""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, render_template, request

from .mail import Mail, Mails
from .refusals import invalid, not_found
from .wire import written

blueprint = Blueprint("mail", __name__)

_PAGE_MAY = "default-src 'self'; img-src 'self' data:"
# `sandbox` also takes the letter's origin away, so that even a link opened from it is a stranger.
_LETTER_MAY = "sandbox; default-src 'none'; style-src 'unsafe-inline'"


def mails() -> Mails:
    """Return the letters that this application shows."""
    here = current_app.extensions["mails"]
    assert isinstance(here, Mails)
    return here


@blueprint.get("/mail")
def page() -> Response:
    """Show the letters."""
    answer = Response(render_template("mail.html"))
    answer.headers["Content-Security-Policy"] = _PAGE_MAY
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.get("/mail/<int:mail_id>/html")
def letter(mail_id: int) -> Response:
    """Show one letter as a mail program would."""
    answer = Response(_found(mail_id).html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _LETTER_MAY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@blueprint.get("/mail/<int:mail_id>/raw")
def source(mail_id: int) -> Response:
    """Return one letter as it came over the wire."""
    answer = Response(_found(mail_id).raw, content_type="text/plain; charset=utf-8")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@blueprint.get("/_simulator/mails")
def listed() -> Response:
    """List the letters with an id above `since`, oldest first, with an ETag of the whole."""
    since = request.args.get("since", "0")
    if not re.fullmatch(r"\d{1,15}", since):
        raise invalid("since")
    kept = mails().all()
    newest = kept[-1].id if kept else 0
    shown = [_shown(mail) for mail in kept if mail.id > int(since)]
    answer = jsonify({"newest": newest, "total": len(kept), "mails": shown})
    answer.headers["Cache-Control"] = "no-cache"
    answer.set_etag(f"mail-{newest}-{len(kept)}-{since}")
    return answer.make_conditional(request)  # type: ignore[return-value]


@blueprint.delete("/_simulator/mails")
def clear() -> Response:
    """Forget every letter."""
    mails().clear()
    return Response(status=204)


def _found(mail_id: int) -> Mail:
    mail = mails().find(mail_id)
    if mail is None:
        raise not_found("mail")
    return mail


def _shown(mail: Mail) -> dict[str, Any]:
    return {
        "id": mail.id,
        "at": written(mail.at),
        "from": str(mail.message.get("From", mail.sender)),
        "sender": mail.sender,
        "to": mail.to,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "headers": {name: str(value) for name, value in mail.message.items()},
    }
