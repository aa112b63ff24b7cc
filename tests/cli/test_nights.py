"""people nights and offer --urgent: who is woken, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from shiftbell.cli import main
from shiftbell.store.models import Broadcast, Consent, Message

pytestmark = pytest.mark.django_db

HEAD = "Employee ID,First Name,Cell,Time Zone,SMS Consent,Consent Date,Consent Source"
REASON = "Nadia called out sick"


def zone_in_the_night() -> str:
    """Return a zone where it is two or three in the morning just now."""
    ahead = (2 - datetime.now(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}"


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
def crew(type_in, tmp_path: Path) -> None:
    """Ana and Ben, who are asleep now, and a shift in three days."""
    file = tmp_path / "crew.csv"
    rows = [
        f"{n},{name},312-555-014{n},{zone_in_the_night()},yes,2026-09-01,paper form"
        for n, name in enumerate(("Ana", "Ben"))
    ]
    file.write_text("\n".join([HEAD, *rows]))
    assert type_in("people", "import", str(file))[0] == 0
    when = ("--date", "+3 days", "--start", "noon", "--end", "8pm", "--location", "Dock 4")
    assert type_in("shifts", "add", *when, "--id", "S-9")[0] == 0


def test_q3_a_managers_record_says_how_somebody_agreed(crew, type_in):
    code, out, _ = type_in("people", "nights", "e1", "on", "--source", "told Ana on the phone")
    assert (code, out) == (0, "Ana (e1) takes urgent offers at night.\n")
    event = Consent.objects.get(kind="night_allowed")
    assert (event.how, event.actor, event.source) == ("manager", "cli", "told Ana on the phone")
    assert "Night offers: yes" in type_in("people", "show", "e1")[1]
    assert type_in("people", "nights", "e1", "on", "--source", "again")[1].endswith("as before.\n")
    assert type_in("people", "nights", "e1", "off")[1].startswith("Ana (e1) is not offered")
    assert json.loads(type_in("people", "show", "e1", "--json")[1])["night_offers"] is False
    assert "Urgent offers may come at night (told Ana on the phone)" in type_in("why", "e1")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("e1", "on"), "It must be said how they agreed. Write --source"),
        (("e1", "maybe"), "'maybe' is neither on nor off."),
        (("e9", "on", "--source", "x"), "There is no employee 'e9'."),
    ],
)
def test_a_record_without_its_source_is_refused(crew, type_in, arguments, said):
    code, out, err = type_in("people", "nights", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert not Consent.objects.filter(kind="night_allowed").exists()


def test_q3_the_preview_names_who_is_woken_and_who_waits_until_when(crew, type_in):
    type_in("people", "nights", "e1", "on", "--source", "told Ana on the phone")
    _, out, _ = type_in("offer", "S-9", "--urgent", REASON, "--dry-run")
    assert "1 in their quiet hours, as they agreed: Ana" in out
    assert ", when quiet hours end: Ben" in out
    plan = json.loads(type_in("offer", "S-9", "--urgent", REASON, "--dry-run", "--json")[1])
    assert plan["woken"] == ["e1"]
    assert [one["employee"] for one in plan["waiting"]] == ["e2"]
    patient = json.loads(type_in("offer", "S-9", "--dry-run", "--json")[1])
    assert (patient["woken"], len(patient["waiting"])) == ([], 2)
    assert not Message.objects.exists()


def test_q3_the_reason_is_stored_with_the_broadcast_and_told(crew, type_in):
    assert type_in("offer", "S-9", "--urgent", f" {REASON} ")[0] == 0
    assert Broadcast.objects.get().urgent_reason == REASON
    assert (
        f"It may wake those who agreed to urgent offers at night: {REASON}."
        in type_in("why", "b1")[1]
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [(" ", "--urgent gives no reason."), ("x" * 301, "The reason is too long to be kept.")],
)
def test_an_urgent_offer_without_a_reason_that_can_be_kept_texts_nobody(
    crew, type_in, reason, said
):
    code, out, err = type_in("offer", "S-9", "--urgent", reason)
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert not Message.objects.exists()


def test_k1_an_import_says_where_the_words_people_were_shown_are_missing(type_in, tmp_path):
    file = tmp_path / "crew.csv"
    row = "1,Ana,312-555-0142,,yes,2026-09-01,paper form"
    file.write_text(f"{HEAD}\n{row}\n")
    code, out, _ = type_in("people", "import", str(file))
    assert code == 0
    assert "Of 1 consents it is not recorded what people were shown." in out
    file.write_text(f"{HEAD},Consent Version\n{row},2026-03\n")
    assert "not recorded" not in type_in("people", "import", str(file))[1]
