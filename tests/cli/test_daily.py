"""people, shifts, offer and why: the commands of a working day, in one process."""

from __future__ import annotations

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from shiftbell import config
from shiftbell.cli import main
from shiftbell.flow.fill_shift import fill
from shiftbell.store import find
from shiftbell.store.models import Employee, Mail, Message, Sender, Shift
from shiftbell.store.transactions import write
from tests.mailing import FROM, PUBLIC
from tests.moments import NOON

pytestmark = pytest.mark.django_db

DATA = Path(str(files("shiftbell"))) / "data"
CREW, SHIFTS = str(DATA / "sample_crew.csv"), str(DATA / "sample_shifts.csv")
TILL_EIGHT = ["--date", "+3 days", "--start", "noon", "--end", "8pm", "--location", "Dock 4"]


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
def json_of(type_in):
    """Type a command with --json that must succeed; return its document."""

    def run(*arguments: str) -> Any:
        code, out, err = type_in(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


@pytest.fixture
def post():
    """A mail server in the settings; nothing is handed to it, for no worker runs."""
    given = {"SMTP_URL": "smtp://127.0.0.1:9", "MAIL_FROM": FROM, "PUBLIC_URL": PUBLIC}
    os.environ.update(given)
    config.settings.cache_clear()
    yield
    for name in given:
        del os.environ[name]
    config.settings.cache_clear()


@pytest.fixture
def crew(json_of):
    """The sample crew on the roster, and one shift."""
    json_of("people", "import", CREW)
    return json_of("shifts", "add", *TILL_EIGHT, "--id", "S-9")


def test_a_crew_is_imported_listed_and_shown_with_masked_numbers(type_in, json_of):
    foretold = json_of("people", "import", CREW, "--dry-run")
    assert (foretold["added"], foretold["dry_run"], Employee.objects.count()) == (60, True, 0)
    imported = json_of("people", "import", CREW)
    assert imported["rows"] == [
        row | {"external_id": imported["rows"][n]["external_id"]}
        for n, row in enumerate(foretold["rows"])
    ]
    code, out, _ = type_in("people", "list")
    assert (code, len(out.splitlines())) == (0, 61)
    assert "+1•••••0100" in out
    assert "5550100" not in out
    ana = json_of("people", "show", "1001", "--show-numbers")
    assert ana["number"] == "+13125550100"
    assert [event["kind"] for event in ana["consent_events"]] == ["granted"]
    assert len(json_of("people", "list", "--location", "cold store")) < 60


def test_bad_rows_are_shown_with_line_value_and_what_to_do(type_in, tmp_path):
    file = tmp_path / "crew.csv"
    file.write_text("Employee ID,First Name,Cell\n1,Ana,312-555-0142\n2,Ben,312\n")
    code, out, _ = type_in("people", "import", str(file))
    assert code == 0
    assert "2 rows: 1 added, 0 changed, 0 unchanged, 1 refused." in out
    assert "line 3, Cell '312': This is too short" in out
    file.write_text("Employee ID,First Name,Cell\n2,Ben,312\n")
    assert type_in("people", "import", str(file))[0] == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("people", "import", "missing.csv"), "missing.csv cannot be read"),
        (("people", "show", "e999"), "There is no employee 'e999'. See `shiftbell people list`."),
        (("shifts", "show", "nope"), "There is no shift 'nope'. See `shiftbell shifts list`."),
        (("shifts", "add"), "The shift has no location."),
        (("shifts", "add", *TILL_EIGHT, "--file", "x.csv"), "Give either one shift or --file."),
        (("shifts", "add", *TILL_EIGHT, "--openings", "0"), "This is no number of people."),
        (("shifts", "add", *TILL_EIGHT, "--id", "s4"), "Ids like e12 or s4 are Shiftbell's own."),
        (("shifts", "add", *TILL_EIGHT, "--start", "25"), "--start 25: There is no such time"),
        (("shifts", "add", *TILL_EIGHT, "--date", "yesterday"), "--date yesterday: This date"),
        (("shifts", "add", *TILL_EIGHT, "--end", ""), "--end: There is no time. Write it as 7am"),
        (("offer", "nope"), "There is no shift 'nope'."),
        (("why", "nope"), "Nothing goes by 'nope'."),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, said, type_in):
    code, out, err = type_in(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert len(err.splitlines()) == 1


def test_shifts_are_added_from_a_file_and_listed(type_in, json_of):
    assert json_of("shifts", "add", "--file", SHIFTS, "--dry-run")["usable"] == 6
    assert not Shift.objects.exists()
    assert len(json_of("shifts", "add", "--file", SHIFTS)["added"]) == 6
    assert json_of("shifts", "add", "--file", SHIFTS)["added"] == []
    assert [one["external_id"] for one in json_of("shifts", "list")] == [
        f"S-10{n}" for n in range(1, 7)
    ]
    _, out, _ = type_in("shifts", "list")
    assert out.splitlines()[0] == "Id\tExternal id\tShift\tRole\tTaken\tState"


def test_a_shift_is_offered_once_and_a_dry_run_texts_nobody(crew, json_of, type_in):
    plan = json_of("offer", "S-9", "--dry-run")
    assert (plan["asked"], plan["broadcast"], plan["dry_run"]) == (57, None, True)
    assert (plan["segments"], plan["cost_usd"]) == (114, "1.3566")
    reasons = [one["reason"] for one in plan["skipped"]]
    assert reasons == ["opted_out", "no_consent", "no_consent"]
    assert not Message.objects.exists()
    done = json_of("offer", "S-9")
    assert (done["asked"], done["broadcast"]) == (57, "b1")
    assert Sender.objects.get().e164 == "+16505550100"
    code, out, _ = type_in("offer", "S-9")
    assert code == 0
    assert "0 asked, 60 not." in out
    assert "57 already asked: Ana García, " in out
    assert "and 49 more" in out
    assert "3 of these gave e-mail addresses and are asked there once SMTP_URL is set." in out
    assert Message.objects.count() == 57


def test_who_may_not_be_texted_is_shown_as_e_mailed_and_why(post, crew, json_of, type_in):
    code, out, _ = type_in("offer", "S-9", "--dry-run")
    assert code == 0
    first, *then = out.splitlines()
    assert first.endswith("(s1): 60 to ask, 0 not.")
    assert then[:2] == [
        "  1 by e-mail (opted out of texts): Teresa Núñez",
        "  2 by e-mail (no recorded consent to be texted): Derek Kowalski, Wesley Hughes",
    ]
    assert "SMTP_URL" not in out
    done = json_of("offer", "S-9", "--to", "1020,1030")
    assert done["people"] == ["e20", "e30"]
    assert done["emailed"] == [
        {"employee": "e20", "reason": "opted_out"},
        {"employee": "e30", "reason": "no_consent"},
    ]
    assert (Mail.objects.count(), Message.objects.count(), done["segments"]) == (2, 0, 0)


def test_nobody_is_shown_a_text_where_all_are_e_mailed(post, crew, type_in):
    code, out, _ = type_in("offer", "S-9", "--to", "1020")
    assert code == 0
    assert ": 1 asked, 0 not." in out
    assert not [line for line in out.splitlines() if line.startswith(("Text:", "Cost:"))]


def test_only_the_people_listed_are_asked(crew, json_of):
    done = json_of("offer", crew["id"], "--to", "1001, e2", "--to", "1003")
    assert done["people"] == ["e1", "e2", "e3"]


@pytest.mark.parametrize("nobody", ["", ",", " , "])
def test_an_empty_list_of_people_is_no_way_to_ask_everyone(crew, type_in, nobody):
    code, out, err = type_in("offer", "S-9", "--to", nobody)
    assert (code, out) == (2, "")
    assert err.startswith("--to names nobody.")


def test_a_shift_that_is_filled_is_not_offered_and_the_exit_code_is_1(crew, type_in):
    with write():
        fill(find.shift("S-9"), find.employee("1001"), None, NOON)
    code, _, err = type_in("offer", "S-9")
    assert code == 1
    assert "is filled. If someone gives it back, standby is asked first." in err


def test_cancelling_says_who_is_told_and_who_must_be_called(crew, json_of, type_in):
    with write():
        fill(find.shift("S-9"), find.employee("1001"), None, NOON)
    foretold = json_of("shifts", "cancel", "S-9", "--dry-run")
    assert (foretold["told"], foretold["already"]) == (["e1"], False)
    assert not Message.objects.exists()
    code, out, _ = type_in("shifts", "cancel", "S-9")
    assert code == 0
    assert "Told by text: Ana García." in out
    assert json_of("shifts", "cancel", "S-9")["already"] is True
    assert Message.objects.count() == 1
    assert json_of("shifts", "list") == []
    assert [one["state"] for one in json_of("shifts", "list", "--all")] == ["cancelled"]


def test_cancelling_says_who_is_told_by_e_mail(post, crew, json_of, type_in):
    json_of("shifts", "add", *TILL_EIGHT, "--id", "S-10", "--openings", "2")
    json_of("offer", "S-10", "--to", "1002,1030")
    with write():
        fill(find.shift("S-10"), find.employee("1020"), None, NOON)
    foretold = json_of("shifts", "cancel", "S-10", "--dry-run")
    assert (foretold["told"], foretold["emailed"], foretold["untold"]) == ([], ["e20"], [])
    out = type_in("shifts", "cancel", "S-10")[1]
    assert "Told by e-mail: Teresa Núñez." in out
    assert foretold["withdrawn"] == 2
    assert "Texts and e-mails withdrawn before they left: 2." in out


def test_a_shift_shows_who_holds_it_and_how_its_offers_stand(crew, json_of, type_in):
    json_of("offer", "S-9", "--to", "1001,1002")
    with write():
        fill(find.shift("S-9"), find.employee("1002"), None, NOON)
    shown = json_of("shifts", "show", "S-9")
    assert (shown["held_by"], shown["taken"]) == (["Ben Carter"], 1)
    assert shown["offers"] == {"withdrawn": 2}
    assert "Held by: Ben Carter" in type_in("shifts", "show", "S-9")[1]


def test_why_tells_a_story_as_text_and_as_json(crew, json_of, type_in):
    json_of("offer", "S-9", "--to", "1001")
    code, out, _ = type_in("why", "m1")
    assert code == 0
    assert out.startswith("m1: offer to Ana García\n")
    assert "Written and queued: offer." in out
    story = json_of("why", "S-9")
    assert (story["kind"], story["summary"]["Offers"]) == ("shift", "1 open")
    assert story["lines"][0]["what"] == "shift.added"
