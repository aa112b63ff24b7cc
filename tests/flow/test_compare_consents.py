"""Drift between RingCentral's list and ours: found and mended within a cycle, or left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shiftbell.errors import PaceExceeded, RateLimited, RingCentralError
from shiftbell.flow.compare_consents import EVERY, compare, compare_if_due
from shiftbell.flow.hear_ringcentral import by_phone, hear_entries
from shiftbell.ringcentral.records import consent_record
from shiftbell.rules.drift import Mend
from shiftbell.rules.reach import Bar
from shiftbell.simulator.account import APP_PERMISSIONS
from shiftbell.simulator.consents import EVERY_NUMBER
from shiftbell.simulator.world import Setup
from shiftbell.store import audit, consent, inbox, numbers, opt_outs
from shiftbell.store.models import Consent, Message, PhoneNumber, Sender, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.listing import (
    BACK,
    BY_HAND,
    blocked,
    calls,
    desks,
    entry,
    facts,
    hire,
    listening,
    number,
    stop,
    two,
)
from tests.simulator.rig import CROWD
from tests.stage import Stage

pytestmark = pytest.mark.django_db
SEARCH = "*/consents/search"
HOUR = EVERY.total_seconds()


def first_hour(stage: Stage) -> None:
    """Let the first comparison pass, and what follows from it."""
    stage.run(10)


def next_hour(stage: Stage) -> None:
    """Let a cycle pass."""
    stage.run(HOUR - 30, tick=60)
    stage.run(60)


def test_r7_an_opt_out_that_only_ringcentral_has_is_found_within_the_hour():
    stage = Stage()
    ana = hire(stage)
    first_hour(stage)
    drifted = entry(stage, ago=5)
    stage.world.consents.set(drifted)
    (queued,) = crew.offer(crew.shift(now=stage.now, hours=30), [ana], stage.now)
    Message.objects.update(due_at=stage.now + timedelta(days=1))
    next_hour(stage)
    assert number().opted_out_at is not None
    queued.refresh_from_db()
    assert (queued.state, queued.reason) == ("cancelled", "opted_out")
    event = Consent.objects.get(kind="revoked")
    assert (event.how, event.source, event.at) == (
        "ringcentral", "RingCentral: Recipient", drifted.modified_at,
    )  # fmt: skip
    (told,) = facts("consents.reconciled")
    assert (told["missing_here"], told["missing_there"]) == (1, 0)


@pytest.mark.parametrize(
    ("source", "how"),
    [("Recipient", "ringcentral"), ("Api", "ringcentral"), ("Upstream", "carrier"),
     ("Carrier", "carrier")],
)  # fmt: skip
def test_the_ledger_says_whether_ringcentral_or_a_carrier_said_so(source: str, how: str):
    stage = Stage()
    hire(stage)
    stage.world.consents.set(entry(stage, source=source))
    compare(stage.board)
    assert Consent.objects.get(kind="revoked").how == how


def test_r7_an_opt_out_that_ringcentral_lost_is_told_again_within_the_hour(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    first_hour(stage)
    stop(0, now=stage.now)
    stage.run(5)
    assert blocked(stage) == [True, True]
    stage.world.consents.forget(entry(stage, desk=1).pair)
    next_hour(stage)
    assert blocked(stage) == [True, True]
    assert [told["missing_there"] for told in facts("consents.reconciled")] == [1]


def test_an_opt_in_at_ringcentral_lifts_nothing_and_is_noted_once():
    stage = Stage()
    hire(stage)
    first_hour(stage)
    stop(0, now=stage.now)
    stage.run(5)
    for _ in range(2):
        stage.world.consents.set(entry(stage, opt_status="OptIn", source="Api"))
        next_hour(stage)
        assert number().opted_out_at is not None
        assert blocked(stage) == [True]
    assert len(facts("consent.opt_in_noted")) == 1


def test_a_new_sender_gets_every_opt_out(tmp_path: Path):
    stage = two(tmp_path)
    first_hour(stage)
    stage.world.consents.set(entry(stage))
    compare(stage.board)
    stage.run(5)
    assert blocked(stage) == [True, True]
    # As if the second had only now been configured.
    stage.world.consents.forget(entry(stage, desk=1).pair)
    compare(stage.board)
    stage.run(5)
    assert blocked(stage) == [True, True]


def test_a_start_newer_than_ringcentrals_entry_is_told_and_not_taken_back(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), BACK)
    stage.run(10)
    assert blocked(stage) == [False, False]
    stage.world.consents.set(entry(stage, ago=60, desk=1))
    stage.run(5)
    assert compare(stage.board).lifted_here == 1
    stage.run(5)
    assert number().opted_out_at is None
    assert blocked(stage) == [False, False]


def test_an_opt_out_newer_than_the_start_counts():
    stage = Stage()
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), BACK)
    stage.run(60)
    stage.world.consents.set(entry(stage))
    assert compare(stage.board).missing_here == 1
    assert number().opted_out_at is not None


@pytest.mark.parametrize(
    ("skew", "expected"), [(-600.0, Mend.STOP_HERE), (0.0, Mend.NOTHING), (600.0, Mend.NOTHING)]
)
def test_our_own_push_is_told_apart_by_ringcentrals_clock(skew: float, expected: Mend):
    """The opt-out is 8 minutes newer than the START, by the clock that both entries are of."""
    stage = Stage()
    ana = hire(stage)
    Sender.objects.update(skew_seconds=skew)
    heard_at = stage.now
    written_at = heard_at + timedelta(seconds=skew)
    inbox.receive(
        Sender.objects.get(),
        ringcentral_id="1",
        from_number=crew.number(0),
        text="START",
        received_at=written_at,
        now=heard_at,
    )
    reply = Message.objects.get()
    with write():
        row = numbers.locked_number(number().pk)
        consent.resume(row, ana, replace(BY_HAND, detail={"reply": str(reply)}), now=heard_at)
    later = written_at + timedelta(minutes=8 if skew < 0 else 0)
    at = later.isoformat()
    told = record(stage, optStatus="OptOut", source="Api", lastModifiedTime=at)
    assert hear(stage, None, told) == [expected]


def test_a_colleagues_opt_out_is_not_ours_and_one_for_the_whole_account_is():
    stage = Stage()
    hire(stage)
    hire(stage, "Ben", 1)
    stage.world.consents.set(entry(stage, sender="+16505550177"))
    stage.world.consents.set(entry(stage, 1, sender=EVERY_NUMBER, coverage="Account"))
    found = compare(stage.board)
    assert (found.entries, found.missing_here) == (1, 1)
    assert number(0).opted_out_at is None
    assert number(1).opted_out_at is not None


def test_an_opt_out_of_a_stranger_is_kept_for_whoever_is_imported_later():
    stage = Stage()
    stage.world.consents.set(entry(stage))
    compare(stage.board)
    assert not TimelineEntry.objects.filter(what="consent.revoked").exists()
    ana = hire(stage)
    assert consent.reach(ana).bar is Bar.OPTED_OUT
    assert audit.verify().flaws == ()


def test_r7_five_thousand_opt_outs_over_many_pages_are_pulled_completely():
    stage = Stage()
    for phone in CROWD:
        stage.world.consents.set(entry(stage, phone=phone))
    seen: list[int] = []
    found = compare(stage.board, progress=lambda done, total: seen.append(done))
    assert len(calls(stage, "POST")) == 5
    assert (found.entries, found.missing_here, seen[-1]) == (5000, 5000, 5000)
    out = PhoneNumber.objects.filter(opted_out_at__isnull=False)
    assert set(out.values_list("e164", flat=True)) == set(CROWD)
    assert Consent.objects.filter(kind="revoked").count() == 5000
    assert TimelineEntry.objects.count() < 10
    # RingCentral has them all, so nothing is told back, and the next look finds no difference.
    assert not opt_outs.any_due(stage.now)
    assert not compare(stage.board).differs


@pytest.mark.parametrize("fault", ["error_before_accept", "rate_limited"])
def test_a_page_that_fails_in_the_middle_changes_nothing_and_the_next_try_completes(fault: str):
    stage = Stage()
    hire(stage)
    first_hour(stage)
    before = opt_outs.compared_at()
    for phone in CROWD[:1001]:
        stage.world.consents.set(entry(stage, phone=phone))
    stage.world.faults.set(fault, path=SEARCH, skip=1, rate=1)
    with pytest.raises((RingCentralError, PaceExceeded)):
        compare(stage.board)
    next_hour(stage)
    assert not PhoneNumber.objects.filter(opted_out_at__isnull=False).exists()
    assert opt_outs.compared_at() == before
    assert len(facts("consents.not_reconciled")) == 1
    assert opt_outs.failing_since() is not None
    stage.world.faults.clear(fault)
    stage.run(1200, tick=30)
    assert PhoneNumber.objects.filter(opted_out_at__isnull=False).count() == 1001
    assert opt_outs.failing_since() is None
    assert [told["missing_here"] for told in facts("consents.reconciled")] == [1001]


def test_a_failed_look_up_is_tried_again_soon_and_no_429_is_answered_with_more():
    stage = Stage()
    stage.world.faults.set("rate_limited", path=SEARCH, next=1)
    stage.run(300, tick=5)
    assert len(calls(stage, "POST")) == 2
    assert opt_outs.compared_at() is not None


def test_nothing_is_told_where_nothing_differs_and_the_next_look_is_an_hour_later():
    stage = Stage()
    hire(stage)
    first_hour(stage)
    stage.run(HOUR - 60, tick=60)
    assert len(calls(stage, "POST")) == 1
    stage.run(120, tick=60)
    assert len(calls(stage, "POST")) == 2
    assert facts("consents.reconciled") == []


def test_two_workers_compare_once_and_two_comparisons_record_once():
    stage = Stage()
    hire(stage)
    stage.world.consents.set(entry(stage))
    compare_if_due(stage.board)
    compare_if_due(stage.another_board())
    assert len(calls(stage, "POST")) == 1
    compare(stage.another_board())
    assert Consent.objects.filter(kind="revoked").count() == 1


def test_a_list_older_than_what_was_told_proves_nothing():
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    stop(0, now=stage.now)
    read_at = stage.now
    stage.run(5)
    with write():
        row = numbers.locked_number(number().pk)
        assert hear_entries(row, [], desks(stage), now=stage.now, read_at=read_at) is Mend.NOTHING
    assert len(tap.written) == 1


def record(stage: Stage, **told: Any) -> dict[str, Any]:
    return {"from": desks(stage)[0], "to": crew.number(0), "source": "Recipient"} | told


def hear(stage: Stage, at: datetime | None, *told: dict[str, Any]) -> list[Mend]:
    """Hear records as RingCentral writes them; `at`: of a whole list, else of an event."""
    theirs = by_phone(map(consent_record, told), desks(stage))
    with write():
        return [
            hear_entries(row, theirs.by_phone[row.e164], desks(stage), now=stage.now, read_at=at)
            for row, _ in opt_outs.locked(theirs.by_phone)
        ]


@pytest.mark.parametrize("whole", [True, False])
def test_an_entry_that_cannot_be_read_is_no_consent_and_waits_for_a_person(whole: bool):
    stage = Stage()
    ana = hire(stage)
    riddle = record(stage, optStatus="Perhaps")
    at = stage.now if whole else None
    assert [hear(stage, at, riddle) for _ in range(2)] == [[Mend.REVIEW], [Mend.NOTHING]]
    assert (number().review_since, number().opted_out_at) == (stage.now, None)
    assert len(facts("number.doubted")) == 1
    assert "START from their phone" in facts("manager.told")[0]["words"]
    crew.offer(crew.shift(now=stage.now), [ana], stage.now)
    stage.run(30)
    assert Message.objects.get().reason == "in_review"
    stage.world.say(crew.number(0), "START")
    stage.run(10)
    assert number().review_since is None
    hear(stage, stage.now, riddle)
    assert number().review_since is None


def test_an_unreadable_entry_of_no_number_is_counted():
    stage = Stage()
    theirs = by_phone([consent_record({"from": desks(stage)[0], "optStatus": "OptOut"})],
                      desks(stage))  # fmt: skip
    assert (theirs.by_phone, theirs.unreadable) == ({}, 1)


def test_an_opt_out_that_comes_back_from_our_own_push_is_no_news():
    stage = Stage()
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    with write():
        row = numbers.locked_number(number().pk)
        asked = replace(BY_HAND, detail={})
        consent.resume(row, numbers.holder(row), asked, now=stage.now)
    echo = record(stage, optStatus="OptOut", source="Api", lastModifiedTime=stage.now.isoformat())
    assert hear(stage, None, echo) == [Mend.NOTHING]
    assert number().opted_out_at is None


def test_high_volume_senders_are_read_from_the_old_api_alone(tmp_path: Path):
    setup = Setup(senders=2, permissions=APP_PERMISSIONS | {"A2PSMS"})
    stage = Stage(setup=setup, senders_in=tmp_path)
    stage.world.account.make_high_volume(stage.world.account.senders()[1])
    stage.world.consents.set(entry(stage, desk=1))
    stage.run(10)
    old = [call for call in stage.world.calls if call.path.endswith("a2p-sms/opt-outs")]
    assert [call.status for call in old] == [200]
    assert number().opted_out_at is not None
    assert blocked(stage) == [True, True]


def test_an_app_without_high_volume_never_calls_the_old_api(tmp_path: Path):
    stage = two(tmp_path)
    stage.world.consents.set(entry(stage))
    stage.run(30)
    assert not [call for call in stage.world.calls if "a2p-sms" in call.path]


def test_a_limited_search_raises_and_marks_nothing():
    stage = Stage()
    stage.world.faults.set("rate_limited", path=SEARCH, next=1)
    with pytest.raises(RateLimited):
        compare(stage.board)
    assert opt_outs.compared_at() is None


def test_a_dry_run_counts_and_changes_nothing():
    stage = Stage()
    hire(stage)
    stage.world.consents.set(entry(stage))
    found = compare(stage.board, mend=False)
    assert (found.missing_here, found.mended) == (1, False)
    assert number().opted_out_at is None
    assert opt_outs.compared_at() is None
