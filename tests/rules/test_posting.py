"""What follows from the end of one POST."""

from __future__ import annotations

import pytest

from shiftbell.rules.delivery import State, may_move
from shiftbell.rules.posting import End, Posted, after_post


@pytest.mark.parametrize(
    ("posted", "state", "pauses", "holds"),
    [
        (Posted(End.ACCEPTED, ringcentral_id="1"), State.SENT, False, False),
        (Posted(End.UNKNOWN, detail="timeout"), State.IN_DOUBT, False, False),
        (Posted(End.LIMITED, status=429), State.QUEUED, False, False),
        (Posted(End.NOT_SENT, detail="refused"), State.QUEUED, False, False),
        (Posted(End.WITHDRAWN), State.QUEUED, False, False),
        # The code says whose the trouble is.
        (Posted(End.REFUSED, status=400, code="MSG-243"), State.FAILED, False, False),
        (Posted(End.REFUSED, status=403, code="CMN-401"), State.QUEUED, True, False),
        (Posted(End.REFUSED, status=400, code="invalid_grant"), State.QUEUED, True, False),
        (
            Posted(End.REFUSED, status=400, code="CMN-101", parameter="to.phoneNumber"),
            State.FAILED,
            False,
            False,
        ),
        (
            Posted(End.REFUSED, status=400, code="CMN-101", parameter="text"),
            State.FAILED,
            False,
            True,
        ),
        (
            Posted(End.REFUSED, status=400, code="CMN-101", parameter="from.phoneNumber"),
            State.QUEUED,
            True,
            False,
        ),
    ],
)
def test_where_a_text_goes_after_its_post(
    posted: Posted, state: State, pauses: bool, holds: bool
) -> None:
    following = after_post(posted)
    assert (following.state, following.pause_for_fault, following.hold_broadcast) == (
        state,
        pauses,
        holds,
    )
    assert may_move(State.SENDING, following.state)


@pytest.mark.parametrize("end", list(End))
def test_a_bucket_backs_off_from_what_is_hard_to_reach(end: End) -> None:
    following = after_post(Posted(end, status=400, code="MSG-243"))
    assert following.back_off == (end in {End.NOT_SENT, End.UNKNOWN})


def test_a_text_refused_alone_waits_alone() -> None:
    following = after_post(Posted(End.REFUSED, status=400, code="GatewayRejected"))
    assert (following.postpone, following.pause_for_fault) == (True, False)


@pytest.mark.parametrize("end", list(End))
def test_only_an_accepted_text_counts_as_sent(end: End) -> None:
    following = after_post(Posted(end, status=400, code="unheard-of"))
    assert (following.state is State.SENT) == (end is End.ACCEPTED)
