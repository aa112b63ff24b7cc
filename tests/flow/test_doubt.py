"""Doubt against the simulator: what may have left is found, surely absent, or nobody can tell."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest

from shiftbell.flow import send_messages
from shiftbell.rules.posting import End, Posted
from shiftbell.store.claiming import Leased, claim
from shiftbell.store.models import Attempt, Message
from shiftbell.store.settling import settle
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db


# Short enough that two dozen texts, and not a hundred, pass meanwhile.
QUICK: dict[str, Any] = {
    "http_timeout_seconds": 2,
    "lease_margin_seconds": 1,
    "doubt_wait_seconds": 15,
}


def carried(stage: Stage) -> list[str]:
    return [text.phone for text in stage.world.texts if text.direction == "Outbound"]


def offered(stage: Stage, people: int) -> list[Message]:
    return crew.offer(crew.shift(now=stage.now), crew.hire(people, stage.now), stage.now)


def leased(stage: Stage) -> Leased:
    found = claim(stage.now, stage.values)
    assert found is not None
    return found


def post(stage: Stage, lease: Leased) -> Posted:
    return send_messages.post(stage.board, lease, time.monotonic() + 5)


@pytest.mark.parametrize("fault", ["error_after_accept", "drop_after_accept"])
def test_a_text_accepted_without_an_answer_is_found_and_not_sent_again(fault: str) -> None:
    stage = Stage(webhooks=False, **QUICK)
    first, *_ = offered(stage, 3)
    stage.world.faults.set(fault, next=1)
    stage.run(60)
    first.refresh_from_db()
    assert first.state == "delivered"
    assert sorted(carried(stage)) == [crew.number(n) for n in range(3)]
    assert first.attempts.get().outcome == Attempt.FOUND


@pytest.mark.parametrize("fault", ["error_before_accept", "drop_before_accept"])
def test_a_text_surely_absent_is_sent_again_once(fault: str) -> None:
    stage = Stage(webhooks=False, **QUICK)
    first, *_ = offered(stage, 40)
    stage.world.faults.set(fault, next=1)
    stage.run(120)
    first.refresh_from_db()
    assert first.state == "delivered"
    assert sorted(carried(stage)) == sorted(crew.number(n) for n in range(40))
    assert [a.outcome for a in first.attempts.order_by("pk")] == ["absent", "accepted"]


def test_without_proof_that_the_store_is_fresh_nobody_can_tell() -> None:
    stage = Stage(webhooks=False, **QUICK)
    (only,) = offered(stage, 1)
    stage.world.faults.set("drop_before_accept", next=1)
    stage.run(12 * 60)
    only.refresh_from_db()
    assert (only.state, carried(stage)) == ("in_doubt", [])
    assert only.attempts.get().cannot_tell_at is not None


def test_a_worker_that_dies_after_the_post_leaves_one_text() -> None:
    stage = Stage(webhooks=False, **QUICK)
    first, *_ = offered(stage, 2)
    post(stage, leased(stage))  # and never settles
    stage.run(60)
    first.refresh_from_db()
    assert (first.state, sorted(carried(stage))) == ("delivered", [crew.number(0), crew.number(1)])


def test_a_worker_that_dies_before_the_post_loses_nothing() -> None:
    stage = Stage(webhooks=False, **QUICK)
    first, *_ = offered(stage, 40)
    leased(stage)  # and never posts
    stage.run(120)
    first.refresh_from_db()
    assert first.state == "delivered"
    assert sorted(carried(stage)) == sorted(crew.number(n) for n in range(40))


def test_a_frozen_worker_that_wakes_after_its_lease_writes_nothing() -> None:
    stage = Stage(webhooks=False, **QUICK)
    offered(stage, 1)
    lease = leased(stage)
    stage.clock.advance(stage.values.lease.total_seconds() + 1)
    posted = post(stage, lease)
    settle(lease, posted, stage.now)
    assert (posted.end, carried(stage)) == (End.WITHDRAWN, [])


def test_a_late_settle_is_still_knowledge() -> None:
    stage = Stage(webhooks=False, **QUICK)
    (message,) = offered(stage, 1)
    lease = leased(stage)
    posted = post(stage, lease)
    stage.clock.advance(stage.values.lease.total_seconds() + 1)
    stage.world.faults.set("error_before_accept", rate=1.0, path="*/message-store")
    stage.work()  # sweeps the lease into doubt; the look-up fails
    settle(lease, posted, stage.now)
    message.refresh_from_db()
    assert (message.state, message.ringcentral_id) == ("sent", posted.ringcentral_id)


def test_a_store_that_shows_texts_late_never_leads_to_a_second_one() -> None:
    stage = Stage(webhooks=False, **QUICK)
    first, *_ = offered(stage, 40)
    stage.world.faults.set("store_lag", seconds=10)
    stage.world.faults.set("drop_after_accept", next=1)
    stage.run(120)
    first.refresh_from_db()
    assert first.state in {"sent", "delivered"}
    assert sorted(carried(stage)) == sorted(crew.number(n) for n in range(40))


def test_only_one_post_of_unknown_outcome_per_pair() -> None:
    stage = Stage(webhooks=False, **QUICK)
    (ana,) = crew.hire(1, stage.now)
    for _ in range(2):
        crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    leased(stage)
    stage.clock.advance(timedelta(seconds=5).total_seconds())
    assert claim(stage.now, stage.values) is None


@pytest.mark.parametrize(
    ("meanwhile", "then"), [("queued", "sent"), ("cancelled", "cancelled"), ("in_doubt", "sent")]
)
def test_whatever_became_of_it_a_late_acceptance_gives_the_text_its_id(meanwhile: str, then: str):
    stage = Stage(webhooks=False, **QUICK)
    (message,) = offered(stage, 1)
    lease = leased(stage)
    Attempt.objects.update(outcome=Attempt.ABSENT)
    Message.objects.update(state=meanwhile, owner="", lease_until=None)
    settle(lease, Posted(End.ACCEPTED, ringcentral_id="77", status=200), stage.now)
    message.refresh_from_db()
    assert (message.state, message.ringcentral_id) == (then, "77")
