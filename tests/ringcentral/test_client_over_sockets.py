"""The client and a served simulator, with real HTTP between them."""

from collections.abc import Iterator

import pytest

from shiftbell.errors import NotDelivered, OutcomeUnknown
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.wire import Wire
from shiftbell.simulator.server import Server
from tests.ringcentral.desk import ANA, NOON, TEXT, Desk


@pytest.fixture
def served() -> Iterator[Desk]:
    """A desk whose wire leads over sockets to its simulator, which stops in the end."""
    desk = Desk()
    server = Server(desk.world)
    server.start()
    with Wire(server.url, timeout_seconds=5) as desk.wire:
        desk.client = Client(desk.wire, desk.tokens, desk.pace)
        yield desk
    server.stop()


def test_a_text_an_answer_and_a_status(served):
    served.world.describe(ANA, "says_yes", reply_seconds=(5, 5))
    sent = served.send()
    assert served.carried()[0] == (ANA, TEXT)
    heard = {m.direction: m for m in served.client.list_messages(date_from=NOON)}
    assert heard["Outbound"].id == sent.id
    assert heard["Inbound"].from_number == ANA
    assert sent.server_time is not None


@pytest.mark.parametrize(
    ("fault", "carried"), [("drop_before_accept", []), ("drop_after_accept", [(ANA, TEXT)])]
)
def test_a_dropped_connection_is_in_doubt_whichever_way_it_went(served, fault, carried):
    served.tokens.get()
    served.world.faults.set(fault, next=1)
    with pytest.raises(OutcomeUnknown):
        served.send()
    assert served.carried() == carried


def test_nobody_at_home_is_no_doubt():
    desk = Desk()
    server = Server(desk.world)
    server.start()
    server.stop()
    with Wire(server.url) as wire:
        desk.tokens.get()
        desk.client = Client(wire, desk.tokens, desk.pace)
        with pytest.raises(NotDelivered):
            desk.send()
    assert desk.carried() == []
