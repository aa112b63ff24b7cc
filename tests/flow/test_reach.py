"""An outage of RingCentral's shows in /health until the first answer after it."""

from __future__ import annotations

import pytest

from shiftbell.simulator.world import Call
from shiftbell.store.models import Sender, TimelineEntry
from shiftbell.web.health import health
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def told() -> list[str]:
    about = TimelineEntry.objects.filter(what__in=["sender.down", "sender.up"]).order_by("pk")
    return list(about.values_list("what", flat=True))


def test_an_outage_is_told_once_and_over_with_the_first_answer() -> None:
    stage = Stage(webhooks=False)
    stage.world.faults.set("drop_before_accept", rate=1.0, path="*")
    stage.run(70)
    shown = health(stage.now)["ringcentral"]
    assert shown["reachable"] is False
    assert shown["detail"].startswith("Out of reach: ")
    assert shown["since"] is not None
    assert told() == ["sender.down"]

    stage.world.faults.clear()
    stage.run(40)
    assert health(stage.now)["ringcentral"]["reachable"] is True
    assert told() == ["sender.down", "sender.up"]


def test_an_outage_does_not_hide_a_weightier_trouble() -> None:
    stage = Stage(webhooks=False)
    Sender.objects.update(down_since=stage.now, down_reason="the campaign was suspended")
    stage.world.faults.set("drop_before_accept", rate=1.0, path="*")
    stage.run(40)
    stage.world.faults.clear()
    stage.run(40)
    assert Sender.objects.get().down_reason == "the campaign was suspended"
    assert told() == []


def syncs(stage: Stage) -> list[Call]:
    """Return the calls of message-sync, answered or not."""
    return [call for call in stage.world.calls if call.path.endswith("/message-sync")]


def test_a_sync_that_fails_does_not_pass_for_one_that_worked() -> None:
    stage = Stage(webhooks=False)
    stage.run(5)
    before = health(stage.now)["senders"][0]["last_sync"]
    stage.world.faults.set("drop_before_accept", rate=1.0, path="*")
    calls = len(syncs(stage))
    stage.run(365)  # the next sync is due after five minutes, and each half a minute from then
    assert before is not None
    assert health(stage.now)["senders"][0]["last_sync"] == before
    assert 0 < len(syncs(stage)) - calls <= 9

    stage.world.faults.clear()
    stage.run(40)
    assert health(stage.now)["senders"][0]["last_sync"] > before
