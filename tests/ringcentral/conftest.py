"""A desk at a simulated RingCentral; retries without their pauses."""

from collections.abc import Iterator

import pytest
import stamina

from tests.ringcentral.desk import Desk


@pytest.fixture(autouse=True)
def retries_do_not_pause() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def desk() -> Desk:
    return Desk()
