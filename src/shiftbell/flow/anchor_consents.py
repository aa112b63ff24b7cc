"""Once a day, tie everything in the consent ledger together, and tell the log.

Whoever keeps logs elsewhere keeps the anchors with them: no change to the database alone can agree
with a copy that is out of its reach (`rules/ledger`).
"""

from __future__ import annotations

from datetime import datetime

import structlog

from shiftbell.rules.ledger import kept
from shiftbell.store import ledger

log = structlog.get_logger(__name__)


def anchor_consents(now: datetime) -> bool:
    """Anchor what was added since the last anchor. Returns that nothing more is to be done."""
    if made := ledger.anchor(now):
        log.info("consents.anchored", anchor=kept(made.day, made.count, made.head))
    return False
