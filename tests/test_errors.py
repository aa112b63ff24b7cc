"""An error is told in whole sentences."""

from __future__ import annotations

import pytest

from shiftbell.errors import RefusedByRingCentral, ShiftbellError


@pytest.mark.parametrize(
    ("message", "hint", "told"),
    [
        ("It is late.", "", "It is late."),
        ("It is late", "", "It is late."),
        ("It is late", "Go home.", "It is late. Go home."),
        ("It is late.", "Go home.", "It is late. Go home."),
        ("Is it late?", "Go home.", "Is it late? Go home."),
        ("It is late…", "Go home.", "It is late… Go home."),
        ("It is late! ", "Go home.", "It is late! Go home."),
        ("", "Go home.", "Go home."),
    ],
)
def test_the_message_ends_before_the_hint_begins(message: str, hint: str, told: str) -> None:
    assert ShiftbellError(message, hint=hint).sentence() == told


def test_what_ringcentral_says_without_a_full_stop_does_not_run_on() -> None:
    error = RefusedByRingCentral(
        "RingCentral answered 400 OAU-345: Invalid assertion",
        status=400,
        code="OAU-345",
        hint="Copy the JWT again.",
    )
    assert "Invalid assertion. Copy the JWT again." in error.sentence()
