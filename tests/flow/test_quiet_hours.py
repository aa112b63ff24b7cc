"""Quiet hours on the real road: what waits for the morning, by whose clock, and what drops.

Each test names the statement of docs/reference/law.md that it shows. What may break the night is
shown in test_breaking_quiet.py.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.fill_shift import fill
from shiftbell.rules.consent import How
from shiftbell.store import consent, numbers
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, Location
from shiftbell.store.models import TimelineEntry as Fact
from shiftbell.store.transactions import write
from tests import crew
from tests.flow.night import (
    CHICAGO,
    EVENING,
    MORNING,
    bring,
    clock,
    left,
    offer,
    person,
    shift,
    states,
    until,
)
from tests.stage import Stage

pytestmark = pytest.mark.django_db


def test_q1_an_offer_made_in_the_evening_leaves_at_eight_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    person(stage, "Ana", 1)
    report = offer(stage, shift(stage, "2026-11-25 14:00"))
    assert [one.waits for one in report.plan.people] == [True]
    until(stage, MORNING)
    assert left(stage) == []
    stage.run(5)
    assert left(stage) == ["Ana"]
    held = Fact.objects.filter(what="message.held").values_list("detail", flat=True)
    assert list(held) == [{"until": MORNING.isoformat(), "reason": "quiet_hours"}]


def test_q1_what_the_evening_did_not_finish_waits_and_what_would_be_stale_never_leaves() -> None:
    stage = Stage(at=clock("2026-11-24 20:59:45"), webhooks=False)
    for position in range(20):
        person(stage, f"Emp{position}", position)
    at_seven = shift(stage, "2026-11-25 07:00")
    at_noon = shift(stage, "2026-11-25 12:00", hours=4, at="Dock 5")
    Employee.objects.get(external_id="crew-1").locations.set([crew.place("Dock 5")])
    offer(stage, at_seven)
    offer(stage, at_noon, to=[1])
    stage.run(60)
    assert len(left(stage)) == 10  # one each 1.5 s until nine
    dropped = ("cancelled", "expires_in_quiet_hours")
    assert states(shift=at_seven).count(dropped) == 19 - 10
    assert states(shift=at_noon) == [("queued", "quiet_hours")]
    until(stage, MORNING, look=5)
    assert left(stage)[10:] == ["Emp0"]


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        ("2026-10-31 22:00", "2026-11-01 14:00"),  # eleven hours: the clocks go back
        ("2027-03-13 22:00", "2027-03-14 13:00"),  # nine: they go forward
    ],
)
def test_q1_eight_is_eight_in_the_night_in_which_the_clocks_change(
    evening: str, morning: str
) -> None:
    stage = Stage(at=clock(evening))
    person(stage, "Ana", 1)
    day_after = (clock(evening) + timedelta(days=1)).astimezone(ZoneInfo(CHICAGO))
    offer(stage, shift(stage, f"{day_after:%Y-%m-%d} 18:00"))
    until(stage, clock(morning, "UTC"))
    assert left(stage) == []
    stage.run(5)
    assert left(stage) == ["Ana"]


@pytest.mark.parametrize(
    ("state", "asked", "leaves"),
    [
        ("TX", "2026-11-29 09:30", "2026-11-29 12:00"),  # a Sunday: not before noon
        ("TX", "2026-11-28 08:30", "2026-11-28 09:00"),
        ("FL", "2026-11-24 20:15", "2026-11-25 08:00"),
        ("MS", "2026-11-28 20:15", "2026-11-30 08:00"),  # nothing on a Sunday
    ],
)
def test_q1_the_stricter_hours_of_a_state_are_kept(state: str, asked: str, leaves: str) -> None:
    stage = Stage(at=clock(asked))
    person(stage, "Ana", 1)
    Location.objects.update(state=state)
    offer(stage, shift(stage, "2026-12-01 14:00"))
    until(stage, clock(leaves))
    assert left(stage) == []
    stage.run(5)
    assert left(stage) == ["Ana"]


def test_q1_an_operator_may_leave_the_hours_of_states_aside() -> None:
    stage = Stage(at=clock("2026-11-24 20:15"), quiet_hours_by_state=False)
    person(stage, "Ana", 1)
    Location.objects.update(state="FL")
    offer(stage, shift(stage, "2026-12-01 14:00"))
    stage.run(5)
    assert left(stage) == ["Ana"]


def test_q2_each_person_is_asked_at_eight_by_their_own_clock() -> None:
    stage = Stage(at=clock("2026-11-24 03:00"))
    crew.place("Home NY", "America/New_York")
    crew.place("Home AZ", "America/Phoenix")
    person(stage, "Nia", 1, at=("Home NY",))
    person(stage, "Paz", 2, at=("Home AZ",))  # Arizona never sets its clocks
    person(stage, "Hal", 3, zone="Pacific/Honolulu")  # says so, though at home in Chicago
    person(stage, "Cy", 4, at=())  # no home: the site's clock
    everyone = list(Employee.objects.values_list("pk", flat=True))
    offer(stage, shift(stage, "2026-11-26 14:00"), to=everyone)
    seen: list[str] = []
    for name, zone in (
        ("Nia", "America/New_York"),
        ("Cy", CHICAGO),
        ("Paz", "America/Phoenix"),
        ("Hal", "Pacific/Honolulu"),
    ):
        until(stage, clock("2026-11-24 08:00", zone))
        assert left(stage) == seen
        stage.run(5)
        seen.append(name)
        assert left(stage) == seen


def test_q2_an_area_code_says_nothing() -> None:
    # A number of New York, at ten in the evening there and nine in Chicago.
    stage = Stage(at=clock("2026-11-24 20:30"))
    ana = person(stage, "Ana", 101)
    assert ana.number is not None
    assert ana.number.e164.startswith("+1212")
    offer(stage, shift(stage, "2026-11-26 14:00"))
    stage.run(5)
    assert left(stage) == ["Ana"]


def test_q4_a_shift_that_filled_in_the_night_is_offered_to_nobody_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    person(stage, "Ana", 1)
    work = shift(stage, "2026-11-25 14:00")
    offer(stage, work)
    with write():
        fill(work, person(stage, "Ben", 2), None, stage.now)
    until(stage, MORNING, look=10)
    assert left(stage) == []
    assert states(kind="offer") == [("cancelled", "filled")]


def test_q4_a_stop_of_the_night_is_answered_and_nothing_follows_in_the_morning() -> None:
    stage = Stage(at=clock("2026-11-24 20:59"))
    ana = person(stage, "Ana", 1)
    assert ana.number is not None
    offer(stage, shift(stage, "2026-11-26 14:00"))
    stage.run(10)
    until(stage, clock("2026-11-24 23:00"))
    offer(stage, shift(stage, "2026-11-25 14:00"))
    stage.world.say(ana.number.e164, "please stop texting me")
    stage.run(20)
    assert states(kind="offer")[1] == ("cancelled", "opted_out")
    until(stage, MORNING, look=10)
    assert left(stage) == ["Ana", "Ana"]  # the offer of the evening, and the one confirmation
    assert states(kind="stop")[0][0] in {"sent", "delivered"}


def test_q4_a_number_that_changed_in_the_night_is_not_texted_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    person(stage, "Ana", 1)
    offer(stage, shift(stage, "2026-11-25 14:00"))
    bring(stage, "Employee ID,First Name,Cell", "crew-1,Ana,312-555-0199")
    until(stage, MORNING, look=10)
    assert left(stage) == []
    assert states() == [("cancelled", "number_changed")]


def test_q4_a_revocation_a_manager_recorded_in_the_night_holds_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    ana = person(stage, "Ana", 1)
    assert ana.number is not None
    offer(stage, shift(stage, "2026-11-25 14:00"))
    with write():
        number = numbers.locked_number(ana.number.pk)
        consent.revoke(number, ana, Evidence(how=How.MANAGER, actor="Mia"), now=stage.now)
    until(stage, MORNING, look=10)
    assert left(stage) == []


def test_q4_hours_that_grew_stricter_in_the_night_are_kept_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    person(stage, "Ana", 1)
    offer(stage, shift(stage, "2026-11-25 14:00"))
    Location.objects.update(state="TX")  # not before nine
    until(stage, MORNING, look=60)
    assert (left(stage), states()) == ([], [("queued", "quiet_hours")])
    until(stage, clock("2026-11-25 09:00"), look=5)
    assert left(stage) == ["Ana"]


def test_q4_a_shift_cancelled_in_the_night_is_not_offered_in_the_morning() -> None:
    stage = Stage(at=EVENING)
    person(stage, "Ana", 1)
    work = shift(stage, "2026-11-25 14:00")
    offer(stage, work)
    cancel_shift(work.pk, now=stage.now, actor="cli")
    until(stage, MORNING, look=10)
    assert (left(stage), states()) == ([], [("cancelled", "cancelled")])


@pytest.mark.parametrize(
    ("state", "starts", "leaves"),
    [
        ("", "2026-11-25 05:00", "2026-11-24 18:00"),
        ("RI", "2026-11-25 05:00", "2026-11-24 17:30"),  # its hours end at six
        ("RI", "2026-11-30 05:00", "2026-11-28 16:30"),  # a Monday: the last hour is Saturday's
    ],
)
def test_q4_a_reminder_moves_earlier_and_never_past_the_start(
    state: str, starts: str, leaves: str
) -> None:
    stage = Stage(at=clock("2026-11-23 12:00"))
    ana = person(stage, "Ana", 1)
    Location.objects.update(state=state)
    with write():
        fill(shift(stage, starts), ana, None, stage.now)
    until(stage, clock(leaves) - timedelta(seconds=70))
    assert left(stage) == []
    stage.run(140, tick=10)
    assert left(stage) == ["Ana"]
    until(stage, clock(starts) + timedelta(hours=4))
    assert left(stage) == ["Ana"]


def test_q4_a_reminder_that_an_outage_made_late_leaves_before_the_start_or_not_at_all() -> None:
    stage = Stage(at=clock("2026-11-23 12:00"))
    ana, ben = person(stage, "Ana", 1), person(stage, "Ben", 2)
    with write():
        fill(shift(stage, "2026-11-25 07:00"), ana, None, stage.now)
        fill(shift(stage, "2026-11-25 09:00", at="Dock 5"), ben, None, stage.now)
    until(stage, EVENING, look=70)  # nothing ran at six in the evening
    until(stage, MORNING, look=70)
    assert left(stage) == ["Ben"]
