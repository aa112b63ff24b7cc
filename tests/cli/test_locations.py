"""locations: the zone, the state and the manager of a place."""

from __future__ import annotations

import json
import re

import pytest

from shiftbell.cli import main
from shiftbell.flow.fill_shift import fill
from shiftbell.store.models import Location, Shift, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db

SHIFT = ("--date", "+3 days", "--start", "7am", "--end", "3pm", "--location", "Dock 4")


@pytest.fixture
def type_in(capsys):
    """Type a command; return its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return run


@pytest.fixture
def dock(type_in) -> Shift:
    """A shift at seven at Dock 4, which is in the zone of Chicago."""
    type_in("shifts", "add", *SHIFT)
    return Shift.objects.get()


def test_what_is_known_of_a_location_is_set_and_told(dock, type_in):
    code, out, _ = type_in(
        "locations", "set", "dock 4", "--state", "illinois", "--manager-name", "Mia Ortiz",
        "--manager-email", "Mia@Example.com", "--manager-phone", "312 555 0142",
    )  # fmt: skip
    assert code == 0
    assert out.startswith("Dock 4: state, manager's name, manager's e-mail, manager's phone")
    place = Location.objects.get()
    assert (place.state, place.manager_name) == ("IL", "Mia Ortiz")
    assert (place.manager_email, place.manager_phone) == ("Mia@example.com", "+13125550142")
    fact = TimelineEntry.objects.get(what="location.changed")
    assert fact.detail["changes"].startswith("state none → IL, manager's name")
    assert "555" not in str(fact.detail)
    assert "so already" in type_in("locations", "set", "Dock 4", "--state", "IL")[1]
    assert TimelineEntry.objects.filter(what="location.changed").count() == 1
    (entry,) = json.loads(type_in("locations", "list", "--json")[1])
    assert (entry["zone"], entry["state"]) == ("America/Chicago", "IL")
    _, out, _ = type_in("locations", "list")
    assert out.splitlines()[1] == "Dock 4\tDock 4\tAmerica/Chicago\tIL\tMia Ortiz"


def test_shifts_keep_their_moment_when_the_zone_changes_and_it_is_said_how_they_read(dock, type_in):
    code, out, _ = type_in("locations", "set", "Dock 4", "--zone", "Mountain")
    assert code == 0
    assert "Shifts keep their moment, so they read differently now:" in out
    assert re.search(r"  s1  .* 7am-3pm, Dock 4 → .* 6am-2pm, Dock 4\n", out)
    assert Shift.objects.get().starts_at == dock.starts_at
    fact = TimelineEntry.objects.get(what="location.changed")
    assert fact.detail["changes"] == "time zone America/Chicago → America/Denver"


@pytest.mark.parametrize("how", ["asked", "holds it"])
def test_the_zone_stays_while_people_have_been_told_of_a_shift_ahead(dock, type_in, how):
    crew.sender()
    ana = crew.person("Ana", 1)
    if how == "asked":
        crew.offer(dock, [ana], NOON)
    else:
        with write():
            fill(dock, ana, None, NOON)
    code, out, err = type_in("locations", "set", "Dock 4", "--zone", "Mountain", "--state", "CO")
    assert (code, out) == (1, "")
    assert err.startswith("People have read in the zone America/Chicago when s1 is")
    place = Location.objects.get()
    assert (place.zone, place.state) == ("America/Chicago", "")
    assert type_in("locations", "set", "Dock 4", "--state", "CO")[0] == 0
    Shift.objects.update(cancelled_at=NOON)
    assert type_in("locations", "set", "Dock 4", "--zone", "Mountain")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Dock 4",), "Nothing is to be set."),
        (("Dock 9", "--state", "IL"), "There is no location 'Dock 9'. Known: Dock 4."),
        (("Dock 4", "--state", "XX"), "There is no state 'XX'. Write the two letters"),
        (("Dock 4", "--zone", "Mars"), "There is no time zone 'Mars'. Write it like"),
        (("Dock 4", "--zone", ""), "There is no time zone ''."),
        (("Dock 4", "--manager-email", "mia"), "This is not an e-mail address."),
        (("Dock 4", "--manager-phone", "12"), "This is too short"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(dock, type_in, arguments, said):
    code, out, err = type_in("locations", "set", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert not TimelineEntry.objects.filter(what="location.changed").exists()


def test_an_empty_value_forgets(dock, type_in):
    type_in("locations", "set", "Dock 4", "--state", "TX")
    type_in("locations", "set", "Dock 4", "--state", "")
    assert Location.objects.get().state == ""
