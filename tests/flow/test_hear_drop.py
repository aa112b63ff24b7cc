"""DROP, its undo, and standby."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.ask_standby import ask_standby
from shiftbell.store.models import Message, Shift, Standby
from tests.flow.talk import Talk

WED, THU = "Wed Nov 25 12pm-8pm, Dock 4", "Thu Nov 26 12pm-8pm, Dock 4"
ASK = f"Acme: An opening came back: {WED}. Reply YES within 10 minutes to take it."
DROPPED = f"{WED} is no longer yours. Changed your mind? Reply YES within 10 minutes."


@pytest.fixture
def wed(talk: Talk) -> Shift:
    """A shift that Ana holds, with Ben and Cara on standby."""
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben", "Cara", "Dan")
    for name in ("Ana", "Ben", "Cara"):
        talk.says(name, "yes")
    return shift


def test_a_drop_frees_the_opening_and_asks_the_first_on_standby(talk: Talk, wed: Shift):
    assert talk.says("Ana", "DROP") == [DROPPED]
    talk.wait(1)
    assert talk.texts("Ben")[-1] == ASK
    assert talk.texts("Cara")[-1] != ASK
    assert talk.says("Ben", "yes") == [f"It is yours, Ben: {WED}."]
    assert talk.holders(wed) == ["Ben"]
    assert talk.told() == [
        f"Ana gave back {WED}. 2 on standby.",
        f"{WED} is filled again: Ben took it.",
    ]


def test_standby_is_asked_one_after_another_ten_minutes_each(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(9)
    assert talk.texts("Cara")[-1] != ASK
    talk.wait(3)
    assert talk.texts("Cara")[-1] == ASK
    assert talk.says("Cara", "yes") == [f"It is yours, Cara: {WED}."]


def test_the_manager_is_told_once_when_nobody_on_standby_answers(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(40)
    assert talk.told()[1:] == [f"Nobody on standby took {WED}; 1 of 1 still open."]
    assert talk.facts("standby.exhausted") == 1


def test_the_manager_is_told_at_once_when_nobody_is_on_standby(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    talk.says("Ana", "yes")
    talk.says("Ana", "drop")
    talk.wait(30)
    assert talk.told() == [f"Ana gave back {WED}. Nobody is on standby."]


def test_the_opening_is_kept_for_whom_standby_asked(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    assert talk.says("Dan", "yes") == [
        "Thanks Dan, that shift was just filled. You are third on standby."
    ]
    talk.wait(1)
    assert talk.says("Ben", "yes") == [f"It is yours, Ben: {WED}."]


def test_someone_whose_ten_minutes_are_over_may_still_take_it(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(40)
    assert talk.says("Ben", "yes") == [f"It is yours, Ben: {WED}."]


def test_asked_and_too_late_keeps_the_place(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert talk.says("Ana", "yes") == [f"It is yours again, Ana: {WED}."]
    assert talk.says("Ben", "yes") == ["Thanks Ben, but that opening is gone by now."]
    assert talk.says("Ben", "yes")[0].endswith("You are first on standby.")
    assert talk.holders(wed) == ["Ana"]


def test_who_was_asked_when_it_was_taken_back_is_asked_again(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(1)
    talk.says("Ana", "yes")
    asked = talk.texts("Ben").count(ASK)
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert (asked, talk.texts("Ben").count(ASK)) == (1, 2)
    assert talk.says("Ben", "yes") == [f"It is yours, Ben: {WED}."]


def test_whoever_let_their_turn_pass_waits_behind_the_others(talk: Talk, wed: Shift):
    talk.says("Dan", "yes")
    talk.says("Ana", "DROP")
    talk.wait(12)
    talk.says("Cara", "yes")
    assert talk.says("Ben", "yes")[0].endswith("You are second on standby.")


def test_a_no_keeps_the_opening_for_the_next_in_line_at_once(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(1)
    talk.says("Ben", "no")
    assert talk.says("Dan", "yes")[0].endswith("You are second on standby.")


def test_no_to_a_standby_ask_asks_the_next_at_once(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert talk.says("Ben", "no") == ["OK Ben, not this one."]
    talk.wait(1)
    assert talk.texts("Cara")[-1] == ASK


def test_the_last_no_on_standby_tells_the_manager(talk: Talk, wed: Shift):
    talk.says("Cara", "no")
    talk.says("Ana", "DROP")
    talk.wait(1)
    talk.says("Ben", "no")
    assert talk.told()[1:] == [f"Nobody on standby took {WED}; 1 of 1 still open."]


def test_close_to_the_start_all_are_asked_at_once_and_the_first_yes_wins(talk: Talk, wed: Shift):
    talk.now = wed.starts_at - timedelta(minutes=90)
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert talk.texts("Ben")[-1] == talk.texts("Cara")[-1] == ASK
    assert talk.says("Cara", "yes") == [f"It is yours, Cara: {WED}."]
    assert talk.says("Ben", "yes") == ["Thanks Ben, but that opening is gone by now."]


def test_standby_passes_over_whom_it_may_not_ask(talk: Talk, wed: Shift):
    talk.says("Ben", "stop")
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert talk.texts("Cara")[-1] == ASK
    assert Standby.objects.get(employee__first_name="Ben").state == "passed"


def test_standby_passes_over_whom_another_shift_keeps_busy(talk: Talk, wed: Shift):
    other = talk.shift(starts_in=25)
    talk.offer(other, "Ben")
    talk.says("Ben", "yes")
    talk.says("Ana", "DROP")
    talk.wait(1)
    assert talk.texts("Cara")[-1] == ASK


def test_two_openings_that_come_back_are_offered_to_two(talk: Talk):
    shift = talk.shift(openings=2)
    talk.offer(shift, "Ana", "Ben", "Cara", "Dan")
    for name in ("Ana", "Ben", "Cara", "Dan"):
        talk.says(name, "yes")
    talk.says("Ana", "drop")
    talk.says("Ben", "drop")
    talk.wait(1)
    assert talk.says("Dan", "yes") == [f"It is yours, Dan: {WED}."]
    assert talk.says("Cara", "yes") == [f"It is yours, Cara: {WED}."]


def test_an_ask_held_back_for_the_night_does_not_lock_the_opening(talk: Talk, wed: Shift):
    talk.says("Ana", "DROP")
    talk.says("Ana", "no")
    for _ in range(12):  # asked, but the text waits for the morning
        talk.now += timedelta(minutes=1)
        ask_standby(talk.now)
    assert Message.objects.get(kind="standby").state == "queued"
    talk.drop_in("Dan", "yes")
    talk.hear()
    assert talk.holders(wed) == ["Dan"]
    assert Message.objects.get(kind="standby").state == "cancelled"


def test_undo_takes_the_shift_back_within_ten_minutes(talk: Talk, wed: Shift):
    talk.says("Ana", "drop it")
    talk.now += timedelta(minutes=9)
    assert talk.says("Ana", "yes") == [f"It is yours again, Ana: {WED}."]
    assert talk.holders(wed) == ["Ana"]
    assert talk.facts("assignment.restored") == 1
    assert talk.told()[1:] == [f"Ana took back {WED}."]


def test_undo_after_ten_minutes_is_asked_about(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    talk.says("Ana", "drop")
    talk.now += timedelta(minutes=11)
    assert talk.says("Ana", "yes") == [f"Do you mean {WED}? Reply YES 1."]
    assert talk.says("Ana", "yes") == [f"It is yours, Ana: {WED}."]


def test_undo_of_what_somebody_else_has_leads_to_standby(talk: Talk, wed: Shift):
    talk.says("Ana", "drop")
    talk.wait(1)
    talk.says("Ben", "yes")
    assert talk.says("Ana", "yes") == [
        "Thanks Ana, that shift was just filled. You are second on standby."
    ]


def test_a_drop_and_a_yes_heard_together_leave_all_as_it_was(talk: Talk, wed: Shift):
    talk.now += timedelta(minutes=1)
    talk.drop_in("Ana", "DROP", ago=20)
    talk.drop_in("Ana", "yes", ago=10)
    talk.hear()
    assert talk.holders(wed) == ["Ana"]


def test_with_several_shifts_drop_gets_a_list(talk: Talk, wed: Shift):
    thu = talk.shift(starts_in=48)
    talk.offer(thu, "Ana")
    talk.says("Ana", "yes")
    assert talk.says("Ana", "drop") == [
        f"Which one do you want to drop?\n1) {WED}\n2) {THU}\nReply DROP and the number."
    ]
    assert talk.says("Ana", "DROP 2")[0].startswith(THU)
    assert talk.holders(wed) == ["Ana"]
    assert talk.holders(thu) == []


def test_a_drop_that_names_no_shift_of_theirs_gets_the_list(talk: Talk, wed: Shift):
    assert talk.says("Ana", "DROP 7")[0].startswith("Which one do you want to drop?")
    assert talk.holders(wed) == ["Ana"]


def test_with_nothing_held_drop_says_so(talk: Talk, wed: Shift):
    assert talk.says("Dan", "drop") == ["You have no coming shift to drop, Dan."]


def test_after_the_start_only_the_manager_can_drop(talk: Talk, wed: Shift):
    talk.now = wed.starts_at + timedelta(minutes=5)
    assert talk.says("Ana", "drop") == [
        "That shift has already started, so only your manager can change it, Ana. Please tell them."
    ]
    assert talk.holders(wed) == ["Ana"]
    assert talk.told() == [f"Ana wants to give back a shift that has started: {WED}."]


def test_a_drop_withdraws_the_confirmation_and_the_reminder(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.drop_in("Ana", "yes")
    talk.hear()
    talk.now += timedelta(seconds=1)
    talk.drop_in("Ana", "drop")
    talk.hear()
    assert Message.objects.get(kind="confirmation").state == "cancelled"
    assert talk.texts("Ana")[-1] == DROPPED
