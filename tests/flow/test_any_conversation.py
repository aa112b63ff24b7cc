"""Whatever a crew says in whatever order: the promises about shifts and opt-outs hold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shiftbell.flow.ask_standby import ask_standby
from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.store.models import Assignment, Message, Offer, Shift, Standby
from tests.flow.talk import Talk

CREW = ("Ana", "Ben", "Cara", "Dan")
WORDS = ("yes", "yes", "YES 1", "YES 2", "no", "NO 1", "drop", "DROP 2", "stop", "start", "huh?")

Deed = tuple[str, object, str | None]

deeds = st.one_of(
    st.tuples(st.just("says"), st.sampled_from(CREW), st.sampled_from(WORDS)),
    st.tuples(st.just("says"), st.sampled_from(CREW), st.just("yes")),
    st.tuples(st.just("wait"), st.integers(1, 700), st.none()),
    st.tuples(st.just("late"), st.sampled_from(CREW), st.sampled_from(WORDS)),
    st.tuples(st.just("unsent"), st.sampled_from(CREW), st.sampled_from(WORDS)),
    st.tuples(st.just("cancel"), st.integers(0, 2), st.none()),
)


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(openings=st.integers(1, 2), script=st.lists(deeds, min_size=5, max_size=25))
def test_the_promises_hold_after_every_word(
    openings: int, script: list[tuple[str, object, str | None]]
):
    with transaction.atomic():
        talk = Talk()
        # The second overlaps the first, the third does not.
        shifts = [talk.shift(openings=openings, starts_in=hours) for hours in (3, 6, 24)]
        for shift in shifts:
            talk.offer(shift, *CREW)
        for deed in script:
            perform(talk, shifts, *deed)
            check(talk)
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.one_of(st.text(), st.text("yesnodrp 0123456789#!?.,👍", max_size=30)))
def test_any_text_at_all_is_heard_and_answered_once_at_most(text: str):
    with transaction.atomic():
        talk = Talk()
        talk.offer(talk.shift(), "Ana")
        assert len(talk.says("Ana", text)) <= 1
        assert not Message.objects.filter(state="received").exists()
        assert "it could not be heard" not in str(talk.reasons())
        transaction.set_rollback(True)


def perform(talk: Talk, shifts: list[Shift], deed: str, who: object, words: str | None) -> None:
    if deed == "wait":
        talk.now += timedelta(minutes=int(str(who)))
        ask_standby(talk.now)
        talk.send()
    elif deed == "cancel":
        if shifts[int(str(who))].ends_at > talk.now:
            cancel_shift(shifts[int(str(who))].pk, now=talk.now, actor="Mia")
    elif deed == "says":
        talk.says(str(who), words or "", ago=1)
    elif deed == "late":
        talk.says(str(who), words or "", ago=300)
    else:
        talk.now += timedelta(seconds=5)
        talk.drop_in(str(who), words or "")
        talk.hear()


def check(talk: Talk) -> None:
    held = list(Assignment.objects.filter(state="held").select_related("shift", "employee"))
    for shift, count in Counter(each.shift for each in held).items():
        assert count <= shift.openings
    for one in held:
        for other in held:
            if one.pk < other.pk and one.employee_id == other.employee_id:
                assert one.shift.ends_at <= other.shift.starts_at or (
                    other.shift.ends_at <= one.shift.starts_at
                )
    answers = Message.objects.filter(kind="answer").values_list("intent", flat=True)
    assert len(answers) == len(set(answers))
    unwanted = Message.objects.filter(
        direction="out", state="queued", number__opted_out_at__isnull=False
    )
    assert set(unwanted.values_list("kind", flat=True)) <= {"stop", "help"}
    check_the_line()


def check_the_line() -> None:
    """An offer is open again exactly while its person is asked from standby."""
    for standby in Standby.objects.select_related("offer", "shift"):
        holds = Assignment.objects.filter(
            shift=standby.shift_id, employee=standby.employee_id, state="held"
        ).exists()
        if standby.shift.cancelled_at is not None:
            continue
        if standby.state == Standby.ASKED:
            assert standby.offer.state == Offer.OPEN
        if standby.state == Standby.WAITING:
            assert standby.offer.state == Offer.LATE
        if standby.state in (Standby.ASKED, Standby.WAITING):
            assert not holds
