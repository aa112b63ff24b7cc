"""`talk`: a crew and a conversation without the wire."""

import pytest

from tests.flow.talk import Talk


@pytest.fixture
def talk(db: None) -> Talk:
    return Talk()
