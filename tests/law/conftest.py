"""`talk`: a crew and a conversation without the wire; `one_sender`: what texts leave from."""

import pytest

from shiftbell.store.models import Sender
from tests import crew
from tests.flow.talk import Talk


@pytest.fixture
def talk(db: None) -> Talk:
    return Talk()


@pytest.fixture
def one_sender(db: None) -> Sender:
    return crew.sender()
