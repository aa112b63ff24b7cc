"""K7: a sender whose campaign is not confirmed sends nothing until it is, and people are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.check_senders import remarks
from shiftbell.store.models import Message, Sender, TimelineEntry
from shiftbell.web.health import health
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db
HOUR = 3600


def told() -> list[str]:
    facts = TimelineEntry.objects.filter(what="manager.told").order_by("pk")
    return [fact.detail["words"] for fact in facts]


def test_k7_nothing_leaves_under_a_suspended_campaign_and_all_of_it_once_it_is_confirmed():
    stage = Stage(webhooks=False)
    stage.world.account.campaign_status = "CampaignSuspended"
    stage.run(10)
    people = crew.hire(2, stage.now)
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(60)
    assert [text for text in stage.world.texts if text.direction == "Outbound"] == []
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}
    assert [words.split(":")[0] for words in told()] == ["No text leaves from sender 0"]
    shown = health(stage.now)["senders"][0]
    assert (shown["ok"], shown["campaign"]) == (False, "CampaignSuspended")
    stage.world.account.campaign_status = "Confirmed"
    stage.run(HOUR + 60, tick=30)
    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}
    assert len(told()) == 1


def test_k7_a_look_up_that_fails_leaves_a_sender_as_it_was():
    stage = Stage(webhooks=False)
    stage.run(5)
    stage.world.account.campaign_status = "CampaignSuspended"
    stage.world.faults.set("error_before_accept", rate=1.0, path="*/sms-configuration")
    stage.run(HOUR + 60, tick=30)
    assert Sender.objects.get().campaign_status == "Confirmed"
    stage.world.faults.clear()
    stage.run(15 * 60, tick=30)
    assert Sender.objects.get().campaign_status == "CampaignSuspended"


def test_k7_an_operator_is_warned_of_use_cases_and_a_daily_limit():
    stage = Stage(webhooks=False)
    stage.run(5)
    sender = Sender.objects.get()
    assert (sender.campaign_use_cases, remarks(sender, stage.now)) == (["AccountNotification"], [])
    sender.campaign_use_cases, sender.campaign_tier = ["Marketing"], "LowVolume"
    assert remarks(sender, stage.now + timedelta(days=1)) == [
        "The campaign is registered for Marketing; texts to your own crew want "
        "ConversationsInternal or AccountNotification."
    ]
