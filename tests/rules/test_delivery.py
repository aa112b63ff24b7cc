"""Which moves a message may make, and what RingCentral's statuses change."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import delivery
from shiftbell.rules.delivery import FINAL, MOVES, State, follow, may_move

STATUSES = ["Queued", "Sent", "Delivered", "DeliveryFailed", "SendingFailed", "Received"]
ERROR_CODES = ["", "SMS-RC-413", "SMS-CAR-104", "SMS-CAR-199", "SMS-CAR-450", "SMS-CAR-999"]


def test_every_state_is_in_the_table_of_moves():
    assert set(MOVES) == set(State)
    assert set().union(*MOVES.values()) <= set(State)


def test_every_state_can_be_reached_from_queued():
    reached, new = set(), {State.QUEUED}
    while new:
        reached |= new
        new = {onward for state in new for onward in MOVES[state]} - reached
    assert reached == set(State)


def test_what_is_final():
    assert {State.DELIVERED, State.FAILED, State.CANCELLED} == FINAL


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("queued", "sending"),
        ("queued", "cancelled"),
        ("sending", "sent"),
        ("sending", "failed"),
        ("sending", "queued"),
        ("sending", "in_doubt"),
        ("in_doubt", "sent"),
        ("in_doubt", "delivered"),
        ("in_doubt", "failed"),
        ("in_doubt", "queued"),
        ("in_doubt", "cancelled"),
        ("sent", "delivered"),
        ("sent", "failed"),
    ],
)
def test_legal_moves(old, new):
    assert may_move(State(old), State(new))


def test_no_other_move_is_legal():
    legal = sum(may_move(old, new) for old in State for new in State)
    assert legal == 14


@pytest.mark.parametrize(
    ("state", "status", "code", "becomes"),
    [
        ("sent", "Queued", "", None),
        ("sent", "Sent", "", None),
        ("sent", "Delivered", "", "delivered"),
        ("sent", "SendingFailed", "SMS-RC-413", "failed"),
        ("sent", "DeliveryFailed", "SMS-CAR-411", "failed"),
        ("sent", "DeliveryFailed", "", "failed"),
        ("sent", "DeliveryFailed", "SMS-CAR-999", "failed"),
        ("sent", "DeliveryFailed", "SMS-CAR-104", None),
        ("sent", "DeliveryFailed", "SMS-CAR-199", None),
        ("sent", "Received", "", None),
        ("sent", "Evaporated", "", None),
        ("in_doubt", "Queued", "", "sent"),
        ("in_doubt", "Sent", "", "sent"),
        ("in_doubt", "Delivered", "", "delivered"),
        ("in_doubt", "SendingFailed", "SMS-RC-413", "failed"),
        ("in_doubt", "DeliveryFailed", "SMS-CAR-104", "sent"),
        ("sending", "Delivered", "", None),
        ("sending", "SendingFailed", "SMS-RC-413", None),
        ("queued", "Delivered", "", None),
        ("cancelled", "Delivered", "", None),
        ("delivered", "DeliveryFailed", "SMS-CAR-430", None),
        ("delivered", "Sent", "", None),
        ("failed", "Delivered", "", None),
    ],
)
def test_what_a_status_makes_of_a_message(state, status, code, becomes):
    assert follow(State(state), status, code).state == becomes


@pytest.mark.parametrize("state", State)
def test_an_opt_out_is_heard_however_late_it_comes(state):
    verdict = follow(state, "SendingFailed", "SMS-RC-413")
    assert verdict.code is not None and verdict.code.opts_out


@pytest.mark.parametrize("code", ["SMS-CAR-104", "SMS-CAR-199"])
def test_a_text_of_which_nobody_knows_is_looked_at_again_in_an_hour(code):
    verdict = follow(State.SENT, "DeliveryFailed", code)
    assert verdict.check_again == timedelta(hours=1)
    assert verdict.code is not None and verdict.code.never_resend


def test_a_final_message_is_not_looked_at_again():
    assert follow(State.DELIVERED, "DeliveryFailed", "SMS-CAR-104").check_again is None


def test_the_reason_names_status_and_code_for_people():
    why = follow(State.SENT, "SendingFailed", "SMS-RC-413").why
    assert why.startswith("RingCentral says SendingFailed (SMS-RC-413): The recipient opted out")


@given(
    state=st.sampled_from(State),
    heard=st.lists(st.tuples(st.sampled_from(STATUSES), st.sampled_from(ERROR_CODES))),
)
def test_any_order_of_statuses_makes_legal_moves_only(state, heard):
    for status, code in heard:
        verdict = follow(state, status, code)
        if verdict.state is not None:
            assert may_move(state, verdict.state)
            state = verdict.state


def test_words_are_the_states_the_database_holds():
    assert [str(state) for state in delivery.State] == [
        "queued",
        "sending",
        "sent",
        "delivered",
        "failed",
        "in_doubt",
        "cancelled",
    ]
