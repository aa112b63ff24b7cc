"""One healthy subscription a sender: made, renewed, and made again when it cannot be mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.keep_subscription import delete, ensure, read
from shiftbell.simulator.subscriptions import Subscription as Hook
from shiftbell.store.buckets import pause
from shiftbell.store.models import Subscription, WebhookEvent
from shiftbell.store.transactions import write
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def hooks(stage: Stage) -> list[str]:
    return [found.id for found in stage.board.client(stage.senders[0]).list_subscriptions()]


def started() -> Stage:
    stage = Stage()
    stage.run(5)
    assert hooks(stage) == [Subscription.objects.get().ringcentral_id]
    return stage


def the_hook(stage: Stage) -> Hook:
    (hook,) = stage.world.subscriptions.of(stage.world.account.senders()[0], stage.now)
    return hook


def test_a_healthy_subscription_is_left_alone() -> None:
    stage = started()
    before = hooks(stage)
    stage.run(30 * 60, tick=60)
    assert hooks(stage) == before
    assert not WebhookEvent.objects.filter(state="set_aside").exists()


def test_a_subscription_with_hours_left_is_renewed_not_replaced() -> None:
    stage = started()
    before = hooks(stage)
    the_hook(stage).expires_at = stage.now + timedelta(hours=12)
    ensure(stage.board, stage.senders[0])
    assert hooks(stage) == before
    found = Subscription.objects.get()
    assert found.expires_at is not None
    assert found.expires_at > stage.now + timedelta(days=300)


def test_a_blacklisted_subscription_is_replaced_and_the_old_one_deleted() -> None:
    stage = started()
    before = hooks(stage)
    the_hook(stage).blacklisted = {"reason": "Read timed out"}
    ensure(stage.board, stage.senders[0])
    assert len(hooks(stage)) == 1
    assert hooks(stage) != before


def test_a_subscription_that_vanished_is_made_again() -> None:
    stage = started()
    stage.board.client(stage.senders[0]).delete_subscription(hooks(stage)[0])
    stage.run(11 * 60, tick=30)
    assert hooks(stage) == [Subscription.objects.get().ringcentral_id]


def test_leftovers_of_a_crash_are_deleted() -> None:
    stage = started()
    Subscription.objects.all().delete()  # made, and died before writing it down
    ensure(stage.board, stage.senders[0])
    assert hooks(stage) == [Subscription.objects.get().ringcentral_id]


def test_that_the_pace_is_kept_hides_no_better_reason() -> None:
    stage = Stage()
    stage.network.down = 1000
    stage.run(5)
    unreachable = Subscription.objects.get()
    assert unreachable.reason

    with write():
        until = stage.now + timedelta(minutes=10)
        pause(stage.senders[0].pk, "auth", until=until, reason="", now=stage.now)
    stage.network.down = 0
    stage.run(3 * 60)
    again = Subscription.objects.get()
    assert again.checked_at > unreachable.checked_at
    assert again.reason == unreachable.reason

    stage.run(10 * 60)
    assert Subscription.objects.get().reason == ""


def test_a_deleted_subscription_is_gone_on_both_sides() -> None:
    stage = started()
    assert delete(stage.board, stage.senders[0])
    assert (hooks(stage), read(stage.board, stage.senders[0])) == ([], None)
    assert not Subscription.objects.exists()


def test_a_subscription_we_lost_sight_of_is_found_by_its_address() -> None:
    stage = started()
    Subscription.objects.all().delete()
    found = read(stage.board, stage.senders[0])
    assert found is not None
    assert [found.id] == hooks(stage)
