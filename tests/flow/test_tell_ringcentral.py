"""Telling RingCentral of opt-outs and of START: in which order, to whom, and in bad weather."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shiftbell.flow import check_senders
from shiftbell.flow.tell_ringcentral import LEASE, tell_ringcentral
from shiftbell.rules.consent import CONFIRMED_FIRST
from shiftbell.simulator.account import APP_PERMISSIONS
from shiftbell.simulator.world import Setup
from shiftbell.store import consent, numbers, turns
from shiftbell.store.models import Consent, Message, PhoneNumber, Sender
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.listing import (
    BACK,
    BY_HAND,
    OWN_WORDS,
    STOPPED,
    Crash,
    blocked,
    calls,
    desks,
    facts,
    hire,
    listening,
    number,
    phone_shows,
    stop,
    two,
)
from tests.stage import Stage

pytestmark = pytest.mark.django_db
PATCHED = "*/sms/consents"


def test_the_confirmation_leaves_before_the_block_and_the_block_follows(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    stage.world.say(crew.number(0), OWN_WORDS)
    stage.run(180)
    assert phone_shows(stage) == [STOPPED]
    confirmation = Message.objects.get(kind="stop")
    (told_at,) = calls(stage)
    assert confirmation.state == "delivered"
    assert confirmation.left_at is not None
    assert told_at >= confirmation.left_at + CONFIRMED_FIRST
    assert blocked(stage) == [True, True]
    assert number().ringcentral_due_at is None
    assert number().ringcentral_told_at == told_at


def test_the_confirmation_leaves_before_the_block_even_when_the_sender_is_silenced():
    stage = Stage()
    hire(stage)
    stage.world.faults.set("rate_limited", next=1)
    stage.world.say(crew.number(0), OWN_WORDS)
    stage.run(50)
    assert (phone_shows(stage), calls(stage)) == ([], [])
    stage.run(180)
    assert phone_shows(stage) == [STOPPED]
    assert blocked(stage) == [True]


def test_the_block_comes_without_a_confirmation_that_could_not_leave_in_time():
    stage = Stage()
    hire(stage)
    stage.world.account.campaign_status = "CampaignSuspended"
    Sender.objects.update(campaign_status="CampaignSuspended")
    stage.world.say(crew.number(0), OWN_WORDS)
    stage.run(290, tick=5)
    assert calls(stage) == []
    stage.run(60, tick=5)
    assert (phone_shows(stage), blocked(stage)) == ([], [True])


def test_r7_ringcentrals_own_word_is_carried_to_our_other_senders(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    stage.world.say(crew.number(0), "STOP", sender=desks(stage)[1])
    assert blocked(stage) == [False, True]
    stage.run(20)
    assert blocked(stage) == [True, True]
    assert phone_shows(stage) == []
    assert len(calls(stage)) == 1


@pytest.mark.parametrize(("scope", "froms"), [("senders", None), ("account", {"*"})])
def test_r7_the_whole_account_is_blocked_only_by_choice(tmp_path: Path, scope: str, froms):
    stage = two(tmp_path, opt_out_scope=scope)
    tap = listening(stage)
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), BACK)
    stage.run(5)
    out = {ours for ours, _, status in tap.records() if status == "OptOut"}
    back = {ours for ours, _, status in tap.records() if status == "OptIn"}
    assert out == (froms or set(desks(stage)))
    assert back == set(desks(stage))


def test_start_is_told_before_our_answer_leaves_so_that_it_arrives(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    assert blocked(stage) == [True, True]
    stage.world.say(crew.number(0), BACK)
    stage.run(40)
    assert blocked(stage) == [False, False]
    (answer,) = Message.objects.filter(direction="out")
    assert (answer.kind, answer.state, answer.error_code) == ("start", "delivered", "")
    paths = [call.path.rpartition("/")[2] for call in stage.world.calls if call.method != "GET"]
    assert [path for path in paths if path in ("consents", "sms")] == ["consents"] * 2 + ["sms"]
    assert number().opted_out_at is None


def test_an_opt_in_is_told_only_where_the_ledger_proves_a_start():
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    PhoneNumber.objects.update(ringcentral_due_at=stage.now)
    stage.run(5)
    assert tap.records() == []
    assert number().ringcentral_due_at is None


def test_a_stop_while_the_start_is_being_told_is_told_too(tmp_path: Path):
    stage = two(tmp_path)
    tap = listening(stage)
    hire(stage)
    stage.run(15)  # the first comparison is over
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), BACK)
    tap.after.append(lambda: stop(0, now=stage.now))
    stage.run(5)
    assert [status for _, _, status in tap.records()][-4:] == ["OptIn"] * 2 + ["OptOut"] * 2
    assert blocked(stage) == [True, True]
    assert number().opted_out_at is not None
    assert number().ringcentral_due_at is None


def test_a_keyword_stop_in_the_middle_of_telling_the_start_wins(tmp_path: Path):
    stage = two(tmp_path)
    tap = listening(stage)
    hire(stage)
    stage.run(15)  # the first comparison is over
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), BACK)
    tap.before.append(lambda: stage.world.say(crew.number(0), "STOP"))
    stage.run(10)
    assert number().opted_out_at is not None
    assert blocked(stage) == [True, True]


@pytest.mark.parametrize(
    "fault", ["rate_limited", "error_before_accept", "error_after_accept", "drop_before_accept",
              "drop_after_accept", "answer_cut"],
)  # fmt: skip
def test_what_could_not_be_told_stays_due_until_it_is(fault: str):
    stage = Stage()
    hire(stage)
    stage.run(5)
    stage.world.faults.set(fault, path=PATCHED, next=2)
    stop(0, now=stage.now)
    stage.run(3)
    assert number().ringcentral_due_at is not None
    assert number().ringcentral_told_at is None
    stage.run(240, tick=5)
    assert (number().ringcentral_due_at, blocked(stage)) == (None, [True])
    injected = 2 if fault == "rate_limited" else 0
    assert len(stage.world.limiter.excesses) == injected


def test_a_network_that_is_down_is_not_hammered():
    stage = Stage()
    hire(stage)
    stage.run(5)
    stop(0, now=stage.now)
    stage.network.down = 10**6
    before = stage.network.down
    stage.run(120, tick=2)
    pushes = before - stage.network.down
    assert pushes < 60
    stage.network.down = 0
    stage.run(200, tick=5)
    assert blocked(stage) == [True]


def test_a_crash_before_it_is_written_down_repeats_the_call_and_harms_nothing():
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    stop(0, now=stage.now)

    def die() -> None:
        raise Crash

    tap.after.append(die)
    with pytest.raises(Crash):
        tell_ringcentral(stage.board)
    assert (number().ringcentral_due_at is not None, blocked(stage)) == (True, [True])
    stage.run(LEASE.total_seconds() + 5)
    assert number().ringcentral_due_at is None
    assert len(tap.written) == 2
    assert Consent.objects.filter(kind="revoked").count() == 1


def test_two_workers_tell_it_once():
    stage = Stage()
    tap = listening(stage)
    hire(stage)
    stop(0, now=stage.now)
    second: list[bool] = []
    tap.before.append(lambda: second.append(tell_ringcentral(stage.another_board())))
    assert tell_ringcentral(stage.board) is True
    assert (second, len(calls(stage))) == ([False], 1)
    assert number().ringcentral_due_at is None


def test_a_refused_entry_is_tried_again_later_and_told_once(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    hire(stage, "Ben", 1)
    stage.run(5)
    # RingCentral gave another number to that extension: it refuses each entry of the old one.
    other = stage.world.account.senders()[1]
    kept, other.number = other.number, replace(other.number, phone_number="+16505550177")
    stop(0, 1, now=stage.now)
    stage.run(3)
    due_at = number().ringcentral_due_at
    assert due_at is not None
    assert due_at > stage.now
    assert blocked(stage) == [True, False]
    stage.run(600, tick=5)
    assert len(facts("consent.not_taken")) == 2
    assert "CMN-102" in facts("consent.not_taken")[0]["reason"]
    assert 2 < len(calls(stage)) < 10
    other.number = kept
    stage.run(1200, tick=10)
    assert not PhoneNumber.objects.filter(ringcentral_due_at__isnull=False).exists()


def test_a_number_that_spoils_a_whole_batch_is_found_and_holds_up_nobody():
    stage = Stage()
    hire(stage, "Ben", 1)
    stop(*range(5), now=stage.now)
    stage.network.refusals[crew.number(2)] = "CMN-101"
    stage.run(180)
    due = PhoneNumber.objects.filter(ringcentral_due_at__isnull=False)
    assert [row.e164 for row in due] == [crew.number(2)]
    assert [blocked(stage, place) for place in (0, 1, 3, 4)] == [[True]] * 4
    assert len(facts("consent.not_taken")) == 1


def test_a_refused_start_holds_no_text_back(tmp_path: Path):
    stage = Stage()
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    stage.network.refusals['"OptIn"'] = "CMN-101"
    stage.world.say(crew.number(0), BACK)
    stage.run(5)
    assert number().ringcentral_due_at is None
    assert "CMN-101" in facts("consent.not_taken")[0]["reason"]


def test_short_codes_and_withheld_numbers_are_never_told():
    stage = Stage()
    tap = listening(stage)
    with write():
        for e164 in ("72345", "unknown"):
            row = numbers.locked_number(numbers.number_row(e164).pk)
            consent.revoke(row, None, BY_HAND, now=stage.now)
    stage.run(3)
    assert tap.written == []
    assert not PhoneNumber.objects.filter(ringcentral_due_at__isnull=False).exists()


def test_a_thousand_entries_go_into_one_call_and_no_more(tmp_path: Path):
    stage = two(tmp_path)
    tap = listening(stage)
    with write():
        for position in range(501):
            row = numbers.number_row(crew.number(position))
            PhoneNumber.objects.filter(pk=row.pk).update(
                opted_out_at=stage.now, ringcentral_due_at=stage.now
            )
    while tell_ringcentral(stage.board):
        pass
    assert [len(body["records"]) for body in tap.written] == [1000, 2]


def test_the_old_api_is_used_for_high_volume_senders_alone(tmp_path: Path):
    setup = Setup(senders=2, permissions=APP_PERMISSIONS | {"A2PSMS"})
    stage = Stage(setup=setup, senders_in=tmp_path)
    tap = listening(stage)
    hire(stage)
    stop(0, now=stage.now)
    stage.run(30)
    assert not [call for call in stage.world.calls if "a2p-sms" in call.path]
    stage.world.account.make_high_volume(stage.world.account.senders()[1])
    turns.hasten(check_senders.TURN, stage.now)
    stage.run(10)
    assert Sender.objects.get(position=1).high_volume
    stop(1, now=stage.now)
    stage.run(10)
    assert blocked(stage, 1) == [True, True]
    old = [call for call in stage.world.calls if call.path.endswith("bulk-assign")]
    assert [call.status for call in old] == [200]
    told = [ours for ours, phone, _ in tap.records() if phone == crew.number(1)]
    assert told == desks(stage)[:1]


def test_a_sender_that_ringcentral_turns_away_keeps_no_other_out_of_step(tmp_path: Path):
    stage = two(tmp_path)
    hire(stage)
    stage.world.account.senders()[0].jwt_deleted = True
    stop(0, now=stage.now)
    stage.run(30)
    assert blocked(stage) == [True, True]
