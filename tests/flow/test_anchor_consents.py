"""The daily anchor: once a day, and in the log as it is kept elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from shiftbell.flow.anchor_consents import anchor_consents
from shiftbell.rules.ledger import read_kept
from shiftbell.store import audit
from shiftbell.store.models import Consent, ConsentAnchor
from tests.crew import hire
from tests.moments import NOON

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_an_anchor_is_made_once_a_day_over_what_is_new():
    hire(3, NOON)
    with capture_logs() as logs:
        for now in (NOON, NOON + timedelta(hours=1), NOON + DAY):
            assert anchor_consents(now) is False
        hire(2, NOON, first=10)
        anchor_consents(NOON + 2 * DAY)
    anchors = ConsentAnchor.objects.order_by("pk").values_list("day", "added", "count")
    assert list(anchors) == [("2026-11-24", 3, 3), ("2026-11-26", 2, 5)]
    assert not Consent.objects.filter(anchor=None).exists()
    assert [one["event"] for one in logs] == ["consents.anchored"] * 2
    kept = [read_kept(one["anchor"]) for one in logs]
    assert all(each is not None and audit.anchor_is_there(*each) for each in kept)
    assert audit.verify().flaws == ()


def test_there_is_nothing_to_anchor_in_an_empty_ledger():
    assert anchor_consents(NOON) is False
    assert audit.verify().newest is None
