"""States by code and by name."""

from __future__ import annotations

import pytest

from shiftbell.errors import BadInput
from shiftbell.rules.data import read_data
from shiftbell.rules.states import STATES, state_named


@pytest.mark.parametrize(
    ("written", "code"),
    [("IL", "IL"), (" il ", "IL"), ("new  york", "NY"), ("Puerto Rico", "PR"), ("", "")],
)
def test_a_state_is_known_by_its_code_and_by_its_name(written, code):
    assert state_named(written) == code


@pytest.mark.parametrize("written", ["XX", "Illinoi", "Ontario", "USA"])
def test_what_is_no_state_is_refused_with_what_to_write(written):
    with pytest.raises(BadInput, match="There is no state") as trouble:
        state_named(written)
    assert "like IL" in trouble.value.hint


def test_every_state_with_hours_of_its_own_is_a_state():
    hours = read_data("state_hours.toml")
    assert set(hours) < set(STATES)
    assert {code: row["name"] for code, row in hours.items()} == {
        code: STATES[code] for code in hours
    }
