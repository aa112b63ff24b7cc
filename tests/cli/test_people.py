"""people: the way to consent, and an import that is interrupted."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from shiftbell.cli import main
from shiftbell.store.chunks import CHUNK
from shiftbell.store.models import Employee

pytestmark = pytest.mark.django_db

CREW = Path(str(files("shiftbell"))) / "data" / "sample_crew.csv"
TOMORROW = ["--date", "+2 days", "--start", "noon", "--end", "8pm", "--location", "Dock 4"]
COLUMNS = "SMS Consent, Consent Date and Consent Source"


@pytest.fixture
def no_consent(tmp_path: Path) -> str:
    file = tmp_path / "crew.csv"
    file.write_text("Employee ID,First Name,Cell\n1,Ana,312-555-0142\n")
    return str(file)


def test_a_file_without_consent_says_which_columns_to_add(capsys, no_consent):
    assert main(["people", "import", no_consent]) == 0
    assert f"Add {COLUMNS}." in capsys.readouterr().out
    assert main(["people", "import", str(CREW)]) == 0
    assert COLUMNS not in capsys.readouterr().out


@pytest.mark.parametrize("how", [(), ("--dry-run",)])
def test_an_offer_says_how_to_record_the_consent_it_misses(capsys, no_consent, how):
    main(["people", "import", no_consent])
    main(["shifts", "add", *TOMORROW, "--id", "S-9"])
    capsys.readouterr()
    assert main(["offer", "S-9", *how]) == 0
    _, reason, hint, *_ = capsys.readouterr().out.splitlines()
    assert reason == "  1 without recorded consent to be texted: Ana"
    assert hint.strip() == f"To record it, import {COLUMNS}."


def test_the_help_of_import_names_the_columns_of_consent_and_a_sample(capsys):
    assert main(["people", "import", "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    for words in ("SMS Consent", "Consent Date", "Consent Source", "data/sample_crew.csv"):
        assert words in said


def test_an_interrupted_import_says_how_far_it_came(capsys):
    added = 0

    def ctrl_c(execute: Any, sql: str, *rest: Any) -> Any:
        nonlocal added
        if sql.startswith('INSERT INTO "shiftbell_employee" '):
            added += 1
            if added == CHUNK + 5:
                raise KeyboardInterrupt
        return execute(sql, *rest)

    with connection.execute_wrapper(ctrl_c):
        code = main(["people", "import", str(CREW)])
    said = capsys.readouterr()
    assert (code, said.out) == (130, "")
    assert said.err == (
        f"Interrupted: {CHUNK} of 60 rows were taken in. "
        "Import the file again: nobody is doubled.\n"
    )
    assert Employee.objects.count() == CHUNK
    assert main(["people", "import", str(CREW)]) == 0
    assert Employee.objects.count() == 60
