"""YES: who gets the shift, and what everybody hears."""

from __future__ import annotations

from datetime import timedelta

from shiftbell.store.models import Message, Offer, Standby
from tests.flow.talk import Talk

WED = "Wed Nov 25 12pm-8pm, Dock 4"


def test_the_first_yes_gets_the_shift(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben")
    assert talk.says("Ben", "Yes!!") == [f"It is yours, Ben: {WED}."]
    assert talk.holders(shift) == ["Ben"]


def test_the_second_yes_is_thanked_and_waits_on_standby(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben", "Cara")
    talk.says("Ben", "yes")
    assert talk.says("Ana", "yes") == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]
    assert talk.says("Cara", "yes") == [
        "Thanks Cara, that shift was just filled. You are second on standby."
    ]
    assert talk.says("Ana", "yes please") == [
        "Thanks Ana, that shift was just filled. You are first on standby."
    ]
    assert talk.holders(shift) == ["Ben"]


def test_a_holder_who_says_yes_again_hears_so_again(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    assert talk.says("Ana", "yes") == [f"It is already yours, Ana: {WED}."]
    assert talk.facts("assignment.made") == 1


def test_three_openings_have_three_holders(talk: Talk):
    shift = talk.shift(openings=3)
    talk.offer(shift, "Ana", "Ben", "Cara", "Dan")
    for name in ("Dan", "Ana", "Cara", "Ben"):
        talk.says(name, "yes")
    assert talk.holders(shift) == ["Dan", "Ana", "Cara"]


def test_the_last_opening_withdraws_the_offers_that_have_not_left(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.offer(shift, "Ben", "Cara", leave=False)
    talk.drop_in("Ana", "yes")
    talk.hear()
    assert talk.texts("Ben") == talk.texts("Cara") == []
    reasons = Message.objects.filter(state="cancelled").values_list("reason", flat=True)
    assert list(reasons) == ["filled", "filled"]
    assert Offer.objects.filter(state="withdrawn").count() == 2


def test_whoever_was_never_texted_has_no_offer_to_accept(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana", leave=False)
    Message.objects.update(state="cancelled")
    assert talk.says("Ana", "YES 1") == [
        "Thanks Ana, but no open shift is waiting for your answer right now."
    ]


def test_yes_to_a_cancelled_shift_has_its_own_answer(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    shift.cancelled_at = talk.now
    shift.save()
    assert talk.says("Ana", "yes") == [f"Thanks Ana, but that shift was cancelled: {WED}."]


def test_yes_after_the_start_has_its_own_answer(talk: Talk):
    shift = talk.shift(starts_in=1)
    talk.offer(shift, "Ana")
    talk.now += timedelta(hours=1)
    assert talk.says("Ana", "yes") == [
        "Thanks Ana, but that shift has already started: Tue Nov 24 1pm-9pm, Dock 4."
    ]
    assert talk.holders(shift) == []


def test_nobody_holds_two_shifts_at_once(talk: Talk):
    early, late = talk.shift(), talk.shift(starts_in=30)
    talk.offer(early, "Ana")
    talk.says("Ana", "yes")
    talk.offer(late, "Ana")
    assert talk.says("Ana", "yes") == [f"Thanks Ana, but you already work then: {WED}."]
    assert talk.holders(late) == []


def test_a_shift_that_begins_when_another_ends_may_be_taken(talk: Talk):
    early, late = talk.shift(), talk.shift(starts_in=32)
    talk.offer(early, "Ana")
    talk.says("Ana", "yes")
    talk.offer(late, "Ana")
    talk.says("Ana", "yes")
    assert talk.holders(late) == ["Ana"]


def test_a_confirmation_lasts_until_the_shift_ends(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana")
    talk.says("Ana", "yes")
    confirmation = Message.objects.get(kind="confirmation")
    assert confirmation.expires_at == shift.ends_at
    assert confirmation.intent is not None
    assert confirmation.intent.startswith("confirmation:")


def test_a_yes_in_spanish_is_answered_in_spanish(talk: Talk):
    talk.employee("Ana", language="es")
    talk.offer(talk.shift(), "Ana")
    assert talk.says("Ana", "sí") == ["Es tuyo, Ana: mié 25 nov 12pm-8pm, Dock 4."]


def test_someone_asked_again_is_withdrawn_from_the_rest_of_the_round(talk: Talk):
    shift = talk.shift(openings=2)
    talk.offer(shift, "Ana")
    first = Offer.objects.get()
    again = Offer.objects.create(
        shift=shift,
        employee=first.employee,
        broadcast=first.broadcast,
        round=2,
        code=2,
        created_at=talk.now,
    )
    Message.objects.create(
        **{
            field: getattr(Message.objects.get(), field)
            for field in ("direction", "kind", "number", "sender", "employee", "shift", "text")
        },
        state="queued",
        intent="offer:again",
        offer=again,
        created_at=talk.now,
    )
    talk.drop_in("Ana", "yes")
    talk.hear()
    assert talk.holders(shift) == ["Ana"]
    assert Message.objects.get(intent="offer:again").state == "cancelled"


def test_standby_keeps_the_order_of_hearing(talk: Talk):
    shift = talk.shift()
    talk.offer(shift, "Ana", "Ben", "Cara")
    for name in ("Ana", "Cara", "Ben"):
        talk.says(name, "yes")
    waiting = Standby.objects.order_by("joined_at").values_list("employee__first_name", flat=True)
    assert list(waiting) == ["Cara", "Ben"]
