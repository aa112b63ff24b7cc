"""people number: what is wrong with a number, and a word about it."""

from __future__ import annotations

import json

import pytest

from shiftbell.cli import main
from shiftbell.store.models import PhoneNumber
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ana() -> None:
    """Ana, whose number takes no texts."""
    crew.person("Ana", 42, external_id="A1")
    PhoneNumber.objects.update(
        unusable_as="landline", unusable_since=NOON, unusable_reason="It is a landline"
    )


def test_the_state_of_a_number_and_what_ends_it(capsys):
    assert main(["people", "number", "A1"]) == 0
    name, texts, trouble, ends = capsys.readouterr().out.splitlines()
    assert name.startswith("Ana (e")
    assert crew.number(42) not in name
    assert texts == "Texts:    the number cannot be texted (It is a landline)"
    assert trouble == "Trouble:  landline since Tue Nov 24 12:00"
    assert ends.startswith("Ends by:  A text from this number ends it")


def test_a_word_with_its_reason_ends_it(capsys):
    assert main(["people", "number", "A1", "--usable", "--because", "called", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["trouble"], shown["ended_by"], shown["texts"]) == (None, "", "may be texted")


def test_a_wrong_number_is_not_called_usable_but_theirs(capsys):
    PhoneNumber.objects.update(unusable_as="wrong_number")
    assert main(["people", "number", "A1", "--usable", "--because", "called"]) == 1
    assert "the wrong one. Correct it on the roster." in capsys.readouterr().err
    assert main(["people", "number", "A1", "--theirs", "--because", "called"]) == 0
    assert "Trouble:  recycled" in capsys.readouterr().out


@pytest.mark.parametrize(
    "word", [["--usable"], ["--theirs"], ["--because", "x"], ["--usable", "--theirs"]]
)
def test_a_word_needs_a_reason_and_a_reason_a_word(capsys, word):
    assert main(["people", "number", "A1", *word]) == 2
    assert PhoneNumber.objects.get().unusable_as == "landline"
