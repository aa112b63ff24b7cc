"""`play` performs a script and returns the theatre, to look behind the curtain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.stories.theatre import Theatre


@pytest.fixture
def play(db: None) -> Callable[..., Theatre]:
    def perform(script: str, **setting: Any) -> Theatre:
        theatre = Theatre(**setting)
        theatre.play(script)
        return theatre

    return perform
