"""`/_simulator/consents`: how the two sides' lists of opt-outs come apart.

What RingCentral keeps can change without anybody hearing of it: support imports a list, an event is
lost, a record disappears. Here a tester does the same, to one record or to thousands at once, and
says whether subscribers are told. Nothing of it counts against a rate.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from .api.gate import json_body, world
from .consents import ACCOUNT, CAMPAIGN_TYPE, EVERY_NUMBER, NUMBER, Consent
from .refusals import invalid
from .wire import e164

blueprint = Blueprint("drift", __name__)

_SOURCES = ("Recipient", "Api", "Upstream", "Carrier")


@blueprint.get("/_simulator/consents")
def consents() -> Response:
    """List every present record, or those of the phone in `?to=`."""
    phone = request.args.get("to")
    with world().lock:
        return jsonify([c.record() for c in world().consents.all() if phone in (None, c.phone)])


@blueprint.post("/_simulator/consents")
def change_consents() -> Response:
    """Change records: {records: [{from, to, optStatus, source?, coverage?}], event?: true}.

    Without `event` nobody is told. An `optStatus` of null loses the record, and nobody is ever told
    of that. `from` may be `*`: a record for the whole account, or with the coverage CampaignType
    for a type of campaign. Nothing changes unless every record makes sense.
    """
    body = json_body()
    records, event = body.get("records"), body.get("event", False)
    if not isinstance(records, list) or not isinstance(event, bool):
        raise invalid("records" if isinstance(event, bool) else "event")
    wanted = [_wanted(record) for record in records]
    with world().lock:
        changed = sum(_change(consent, event) for consent in wanted)
    return jsonify({"changed": changed})


def _wanted(record: object) -> Consent:
    """Read one record; without a standing it is one to lose."""
    if not isinstance(record, dict):
        raise invalid("records")
    sender, phone, status = record.get("from"), e164(record.get("to")), record.get("optStatus", 0)
    if phone is None:
        raise invalid("to")
    if status not in ("OptOut", "OptIn", None):
        raise invalid("optStatus")
    source = record.get("source", "Recipient")
    if source not in _SOURCES:
        raise invalid("source")
    coverage = _coverage(record, sender)
    return Consent(str(sender), phone, status or "", source, world().clock.now(), coverage)


def _coverage(record: dict[str, Any], sender: object) -> str:
    """Read how far a record reaches; a wide one is for every number, and the others are not."""
    coverage = record.get("coverage", ACCOUNT if sender == EVERY_NUMBER else NUMBER)
    if coverage not in (NUMBER, ACCOUNT, CAMPAIGN_TYPE):
        raise invalid("coverage")
    known = [e.number.phone_number for e in world().account.senders()]
    if sender != EVERY_NUMBER and (sender not in known or coverage != NUMBER):
        raise invalid("from")
    return str(coverage)


def _change(consent: Consent, event: bool) -> bool:
    here = world()
    if not consent.opt_status:
        return here.consents.forget(consent.pair)
    return here.set_consent(consent) if event else here.consents.set(consent)
