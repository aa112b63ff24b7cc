"""Bad weather around sending: what must not double, lose or silence a text."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from shiftbell.flow import send_messages
from shiftbell.flow.settle_doubt import look_up, settle_doubt
from shiftbell.flow.track_delivery import recheck
from shiftbell.rules.posting import End, Posted
from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.world import Setup
from shiftbell.store import openings
from shiftbell.store.claiming import Leased, claim
from shiftbell.store.models import AccessToken, Attempt, Message, RateBucket, Sender
from shiftbell.store.settling import settle
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db
QUICK: dict[str, Any] = {
    "http_timeout_seconds": 2,
    "lease_margin_seconds": 1,
    "doubt_wait_seconds": 15,
}
TOKEN_CALLS = "*/oauth/token"


def carried(stage: Stage, place: int | None = None) -> int:
    """How many texts of ours reached phones, or one phone."""
    phones = [text.phone for text in stage.world.texts if text.by == "account"]
    ours = [text for text in phones if place is None or text == crew.number(place)]
    return len(ours)


def offered(stage: Stage, count: int, first: int = 0) -> list[Message]:
    people = crew.hire(count, stage.now, first=first)
    return crew.offer(crew.shift(now=stage.now), people, stage.now)


def leased(stage: Stage) -> Leased:
    found = claim(stage.now, stage.values)
    assert found is not None
    return found


def post(stage: Stage, lease: Leased, seconds: float = 30) -> Posted:
    return send_messages.post(stage.board, lease, time.monotonic() + seconds)


def states() -> set[str]:
    return set(Message.objects.filter(direction="out").values_list("state", flat=True))


def settle_all_doubt(stage: Stage, rounds: int = 10) -> None:
    for _ in range(rounds):
        settle_doubt(stage.board)
        stage.world.advance(7)


# The login


def test_a_refused_login_fails_no_text() -> None:
    stage = Stage(webhooks=False)
    app = stage.world.account.app
    right, app.client_secret = app.client_secret, "changed"
    stage.run(2)
    offered(stage, 5)
    stage.run(20)
    assert states() == {"queued"}
    app.client_secret = right
    stage.run(6 * 60, tick=5)
    assert carried(stage) == 5


def test_a_token_that_is_still_good_sends_on_while_logins_fail() -> None:
    stage = Stage(webhooks=False)
    stage.run(2)
    AccessToken.objects.update(expires_at=stage.now + timedelta(minutes=4))
    stage.world.faults.set("error_before_accept", rate=1.0, path=TOKEN_CALLS)
    offered(stage, 20)
    stage.run(40)
    assert carried(stage) == 20


def test_a_worker_that_died_while_logging_in_costs_seconds() -> None:
    stage = Stage(webhooks=False)
    until = stage.now + timedelta(seconds=30)
    AccessToken.objects.update(login_owner="dead", login_until=until)
    offered(stage, 1)
    stage.run(75)
    assert carried(stage) == 1


def test_a_refused_login_is_no_word_about_a_status() -> None:
    stage = Stage(webhooks=False)
    (text,) = offered(stage, 1)
    assert send_messages.send_next(stage.board)
    stage.world.advance(660)
    stage.world.account.app.client_secret = "changed"
    stage.world.faults.set("token_death", next=1)
    recheck(stage.board)
    text.refresh_from_db()
    assert text.recheck_at is not None
    assert text.recheck_at <= stage.now + timedelta(minutes=1)


# Doubt


def test_a_first_worker_waking_late_does_not_free_the_seconds_doubt() -> None:
    stage = Stage(webhooks=False, **QUICK)
    (text,) = offered(stage, 1)
    frozen = leased(stage)
    offered(stage, 60, first=1)
    again = _until_leased_again(stage, text)
    stage.world.faults.set("drop_after_accept", next=1)
    settle(again, post(stage, again), stage.now)
    woken = post(stage, frozen, seconds=-1)
    assert woken.end is End.WITHDRAWN
    settle(frozen, woken, stage.now)
    text.refresh_from_db()
    assert text.state == "in_doubt"
    stage.run(60)
    assert carried(stage, 0) == 1


def _until_leased_again(stage: Stage, text: Message) -> Leased:
    """Go on until doubt has called the first attempt absent and the text is leased once more."""
    for _ in range(400):
        stage.world.advance(0.5)
        lease = claim(stage.now, stage.values)
        if lease is not None and lease.message_id == text.pk:
            return lease
        if lease is not None:
            settle(lease, post(stage, lease), stage.now)
        settle_doubt(stage.board)
    raise AssertionError("it was never leased again")


def test_a_row_that_a_colleague_deleted_is_no_proof_of_absence() -> None:
    stage = Stage(webhooks=False, **QUICK)
    offered(stage, 40)
    stage.world.faults.set("drop_after_accept", next=1)
    assert send_messages.send_next(stage.board)
    (extension,) = stage.world.account.senders()
    day = timedelta(days=1)
    for row in stage.world.mailbox(extension.id).between(stage.now - day, stage.now + day):
        row.availability = "Deleted"
    stage.run(90)
    assert carried(stage, 0) == 1


def test_a_colleagues_own_words_are_not_taken_for_our_text() -> None:
    stage = Stage(webhooks=False, **QUICK)
    text, *_ = offered(stage, 40)
    stage.world.faults.set("drop_before_accept", next=1)
    assert send_messages.send_next(stage.board)
    (extension,) = stage.world.account.senders()
    with stage.world.lock:
        number = extension.number.phone_number
        stage.world.texting.send(extension, number, [crew.number(0)], "did you find your keys?")
    stage.run(90)
    text.refresh_from_db()
    assert (text.state, text.ringcentral_id) == ("in_doubt", None)


def test_an_answer_written_down_late_teaches_no_skew() -> None:
    stage = Stage(webhooks=False)
    offered(stage, 1)
    stage.run(5)
    offered(stage, 1, first=1)
    lease = leased(stage)
    posted = post(stage, lease)
    stage.world.advance(200)  # the machine slept
    settle(lease, posted, stage.now)
    assert Sender.objects.get().skew_seconds == 0.0


@pytest.mark.parametrize("skew", [-40, 40])
def test_a_text_is_found_although_our_clock_is_wrong(skew: int) -> None:
    stage = Stage(webhooks=False, **QUICK)
    Sender.objects.update(skew_seconds=skew)
    board = stage.another_board(behind=timedelta(seconds=skew))
    ours = board.now()
    text, _ = crew.offer(crew.shift(now=ours), crew.hire(2, ours), ours)
    RateBucket.objects.update(next_slot=min(ours, stage.now))
    lease = claim(ours, stage.values)
    assert lease is not None
    Attempt.objects.update(outcome=Attempt.DOUBT)
    Message.objects.filter(pk=text.pk).update(state="in_doubt", owner="", lease_until=None)
    (extension,) = stage.world.account.senders()
    with stage.world.lock:
        stage.world.texting.send(extension, lease.sender_number, [lease.to], lease.text)
    evidence = look_up(board, Attempt.objects.get())
    assert evidence.found_id


def test_a_row_that_shows_just_in_time_is_found() -> None:
    stage = Stage(webhooks=False, **QUICK)
    offered(stage, 40)
    stage.world.faults.set("store_lag", next=1, seconds=14)
    stage.world.faults.set("drop_after_accept", next=1)
    stage.run(120)
    assert carried(stage, 0) == 1


def test_one_look_up_that_fails_holds_no_other_up() -> None:
    stage = Stage(webhooks=False, **QUICK)
    offered(stage, 2)
    leased(stage)
    stage.world.advance(1.6)
    second = leased(stage)
    post(stage, second)  # and neither is settled
    stage.clock.advance(6)
    stage.network.refusals[crew.number(0)[1:]] = "CMN-101"
    settle_all_doubt(stage)
    assert Message.objects.get(pk=second.message_id).state in {"sent", "delivered"}


def test_one_senders_trouble_holds_no_other_senders_doubt_up(tmp_path: Path) -> None:
    stage = Stage(setup=Setup(senders=2), senders_in=tmp_path, webhooks=False, **QUICK)
    offered(stage, 2)
    leases = [leased(stage), leased(stage)]
    for lease in leases:
        post(stage, lease)
    pause = stage.now + timedelta(hours=1)
    doubt = RateBucket.objects.filter(sender=leases[0].sender_id, group="doubt")
    doubt.update(paused_until=pause)
    stage.clock.advance(10)
    settle_all_doubt(stage)
    assert Message.objects.get(pk=leases[1].message_id).state in {"sent", "delivered"}


def test_a_sender_that_left_the_configuration_stops_nothing(tmp_path: Path) -> None:
    stage = Stage(setup=Setup(senders=2), senders_in=tmp_path, webhooks=False, **QUICK)
    offered(stage, 4)
    assert send_messages.send_next(stage.board)
    assert send_messages.send_next(stage.board)
    stage.world.advance(2)
    leases = [leased(stage), leased(stage)]
    for lease in leases:
        post(stage, lease)
    board = stage.another_board(stage.values.model_copy(update={"rc_senders_file": ""}))
    (kept,) = board.open()
    stage.clock.advance(11 * 60)
    for _ in range(6):
        recheck(board)
        settle_doubt(board)
        stage.world.advance(7)
    ours = Message.objects.filter(direction="out", sender=kept)
    assert {message.state for message in ours} <= {"sent", "delivered"}


def test_a_text_known_late_counts_as_asked() -> None:
    stage = Stage(webhooks=False, **QUICK)
    (text,) = offered(stage, 1)
    lease = leased(stage)
    posted = post(stage, lease)
    Attempt.objects.update(outcome=Attempt.ABSENT)
    Message.objects.update(state="queued", owner="", lease_until=None, left_at=None, tries=1)
    settle(lease, posted, stage.now)
    text.refresh_from_db()
    assert text.left_at == lease.started_at
    assert text.employee is not None
    assert openings.asked_offers(text.employee, stage.now, stage.now)


def test_one_unreadable_status_holds_no_other_up() -> None:
    stage = Stage(webhooks=False)
    first, second = offered(stage, 2)
    for _ in range(2):
        assert send_messages.send_next(stage.board)
        stage.world.advance(1.6)
    first.refresh_from_db()
    stage.world.advance(660)
    path = f"*/message-store/{first.ringcentral_id}"
    stage.world.faults.set("error_before_accept", rate=1.0, path=path)
    for _ in range(4):
        recheck(stage.board)
        stage.world.advance(30)
    second.refresh_from_db()
    assert second.state == "delivered"


# Silence


def test_nothing_starts_in_a_penalty_by_a_lease_from_before_it() -> None:
    stage = Stage(webhooks=False)
    offered(stage, 3)
    first = leased(stage)
    stage.clock.advance(1.6)
    second = leased(stage)
    stage.world.faults.set("rate_limited", next=1)
    settle(first, post(stage, first), stage.now)
    assert post(stage, second).end is End.WITHDRAWN
    assert not [excess for excess in stage.world.limiter.excesses if excess.in_penalty]


def test_a_text_written_late_takes_another_slot() -> None:
    stage = Stage(webhooks=False)
    offered(stage, 1)
    lease = leased(stage)
    before = RateBucket.objects.get(group="medium").next_slot
    stage.world.advance(1)
    settle(lease, post(stage, lease), stage.now)
    after = RateBucket.objects.get(group="medium").next_slot
    assert after - before == timedelta(seconds=1.5225)


def test_a_connection_refused_once_costs_seconds() -> None:
    stage = Stage(webhooks=False)
    stage.run(2)
    offered(stage, 2)
    stage.network.down = 1
    stage.run(30)
    assert carried(stage) == 2


def test_after_a_long_outage_texts_leave_within_minutes() -> None:
    stage = Stage(webhooks=False)
    stage.run(2)
    offered(stage, 3)
    stage.network.down = 10**6
    stage.run(20 * 60, tick=20)
    assert carried(stage) == 0
    stage.network.down = 0
    stage.run(120)
    assert carried(stage) == 3


@pytest.mark.parametrize("code", ["GatewayRejected", "CMN-406", "MSG-365"])
def test_one_text_refused_alone_holds_nobody_else_up(code: str) -> None:
    stage = Stage(webhooks=False)
    stage.run(2)
    offered(stage, 3)
    stage.network.refusals[crew.number(0)] = code
    stage.run(120)
    assert carried(stage) == 2


def test_one_incident_pauses_a_sender_once() -> None:
    stage = Stage(webhooks=False, setup=Setup(pace=Pace(leaves=(12, 12.5))))
    offered(stage, 30)
    stage.world.faults.set("campaign_suspended", rate=1.0)
    stage.run(60)
    until = RateBucket.objects.get(group="medium").paused_until
    assert until is not None
    assert until - stage.now <= timedelta(minutes=6)


def test_a_storm_of_errors_slows_down_instead_of_putting_everyone_in_doubt() -> None:
    stage = Stage(webhooks=False)
    stage.run(2)
    offered(stage, 40)
    stage.world.faults.set("error_before_accept", rate=1.0)
    stage.run(3 * 60, tick=3)
    assert Message.objects.filter(state="in_doubt").count() <= 15
    stage.world.faults.clear()
    stage.run(8 * 60, tick=3)
    assert carried(stage) == 40
