"""Offering a shift, against a real database."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q

from shiftbell import config
from shiftbell.errors import ConfigError, Conflict, NotFound
from shiftbell.flow.import_people import import_people
from shiftbell.flow.offer_shift import OfferReport, offer_shift
from shiftbell.flow.plan_offer import plan_offer
from shiftbell.rules.sending import Kind
from shiftbell.store import openings, outbox
from shiftbell.store.chunks import CHUNK
from shiftbell.store.models import (
    Broadcast,
    Employee,
    Message,
    Offer,
    Sender,
    Shift,
    Standby,
    TimelineEntry,
)
from shiftbell.store.transactions import write
from tests.crew import person, sender, shift
from tests.moments import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_sender")]


def offer(about: Shift, **more) -> OfferReport:
    return offer_shift(about, now=NOON, actor="cli", **more)


def names(report: OfferReport) -> list[str]:
    return [one.employee.first_name for one in report.offers]


def reasons(report: OfferReport) -> dict[str, str]:
    return {one.employee.first_name: str(one.reason) for one in report.skipped}


def texts(about: Shift) -> dict[str, str]:
    queued = Message.objects.filter(shift=about, state="queued").select_related("employee")
    return {message.employee.first_name: message.text for message in queued if message.employee}


def sample_crew() -> None:
    raw = files("shiftbell").joinpath("data", "sample_crew.csv").read_bytes()
    zone = ZoneInfo("America/Chicago")
    import_people(raw, now=NOON, actor="test", region="US", zone=zone)


def test_everyone_eligible_is_asked_once_and_a_second_call_texts_nobody():
    sample_crew()
    work = shift()
    first, second = offer(work), offer(work)
    assert len(first.offers) == Message.objects.count() > 40
    assert first.broadcast is not None
    assert second.broadcast is None
    assert second.offers == ()
    assert Message.objects.count() == len(first.offers)
    again = {one.employee.pk for one in second.skipped if one.reason == "already_offered"}
    assert again == {one.employee_id for one in first.offers}


def test_an_offer_is_queued_as_a_question_that_expires_when_the_shift_starts():
    ana, work = person("Ana", "01"), shift()
    report = offer(work)
    message = Message.objects.get()
    assert message.kind == Kind.OFFER
    assert message.question
    assert message.intent == f"offer:{work.pk}:{ana.pk}:1"
    assert message.expires_at == work.starts_at
    assert (message.offer, message.broadcast) == (report.offers[0], report.broadcast)
    assert message.text.startswith("Acme: Wed Nov 25 9am-5pm, Dock 4. Reply YES to take it")
    assert message.metadata["type"] == "open_shift"


def test_each_person_who_is_not_asked_has_a_reason():
    work = shift(role="Picker")
    person("Ana", "01", roles=["picker"])
    person("Ben", "02", at=("Dock 7",))
    person("Cy", "03", roles=["Loader"])
    person("Dee")
    person("Eve", "05", consent=False)
    fay, gil, hal, ida = (
        person(name, f"1{n}") for n, name in enumerate(("Fay", "Gil", "Hal", "Ida"))
    )
    for one, fields in (
        (fay, {"opted_out_at": NOON}),
        (gil, {"unusable_since": NOON, "unusable_reason": "landline"}),
        (hal, {"paused_until": NOON + timedelta(days=1)}),
        (ida, {"review_since": NOON}),
    ):
        assert one.number is not None
        type(one.number).objects.filter(pk=one.number.pk).update(**fields)
    jo = person("Jo", "20")
    openings.assign(shift(hours=20), jo, None, NOON)
    report = offer(work)
    assert names(report) == ["Ana"]
    assert reasons(report) == {
        "Dee": "no_number",
        "Eve": "no_consent",
        "Fay": "opted_out",
        "Gil": "unusable",
        "Hal": "paused",
        "Ida": "in_review",
        "Jo": "overlap",
    }
    assert dict(report.plan.counted) == {"elsewhere": 1, "other_role": 1}
    told = TimelineEntry.objects.filter(what="offer.skipped").values_list("employee", "detail")
    assert dict(told)[fay.pk] == {"reason": "opted_out"}
    assert len(told) == 7


def test_a_manager_may_name_people_from_elsewhere_but_not_those_who_left():
    ben = person("Ben", "02", at=("Dock 7",))
    cy = person("Cy", "03", active=False)
    report = offer(shift(), to=[ben.pk, cy.pk])
    assert names(report) == ["Ben"]
    assert reasons(report) == {"Cy": "inactive"}


def test_naming_someone_who_does_not_exist_texts_nobody():
    ana = person("Ana", "01")
    with pytest.raises(NotFound):
        offer(shift(), to=[ana.pk, 999])
    assert not Message.objects.exists()


@pytest.mark.parametrize("state", ["cancelled", "started", "filled"])
def test_a_shift_that_takes_nobody_is_not_offered(state):
    person("Ana", "01")
    work = shift(hours=-1 if state == "started" else 21)
    if state == "cancelled":
        Shift.objects.filter(pk=work.pk).update(cancelled_at=NOON)
        work.refresh_from_db()
    if state == "filled":
        openings.assign(work, person("Ben", "02"), None, NOON)
    with pytest.raises(Conflict, match=state):
        offer(work)
    assert not Message.objects.exists()


def test_whom_the_brake_withdrew_is_asked_again_when_the_shift_is_open():
    person("Ana", "01")
    work = shift()
    offer(work)
    with write():
        outbox.withdraw(Q(shift=work), reason="filled", now=NOON)
    assert Offer.objects.get().state == Offer.WITHDRAWN
    report = offer(work)
    assert names(report) == ["Ana"]
    assert Offer.objects.get().round == 1
    assert [m.state for m in Message.objects.order_by("pk")] == ["cancelled", "queued"]


def test_a_manager_may_ask_again_but_never_who_said_no_or_waits_on_standby():
    ana, ben, cy, dee = (person(n, f"0{i}") for i, n in enumerate(("Ana", "Ben", "Cy", "Dee")))
    work = shift()
    offer(work, to=[ana.pk, ben.pk, cy.pk])
    Message.objects.update(state="sent")
    Offer.objects.filter(employee=ben).update(state=Offer.DECLINED)
    late = Offer.objects.get(employee=cy)
    Offer.objects.filter(pk=late.pk).update(state=Offer.LATE)
    Standby.objects.create(shift=work, employee=cy, offer=late, joined_at=NOON)
    report = offer(work, again=True)
    assert names(report) == ["Ana", "Dee"]
    assert reasons(report) == {"Ben": "declined", "Cy": "on_standby"}
    assert Offer.objects.get(employee=ana).round == 2
    assert {m.intent for m in Message.objects.filter(state="queued")} == {
        f"offer:{work.pk}:{ana.pk}:2",
        f"offer:{work.pk}:{dee.pk}:1",
    }


def test_asking_again_before_the_first_text_left_asks_nobody_twice():
    person("Ana", "01")
    work = shift()
    offer(work)
    assert offer(work, again=True).offers == ()


def test_a_code_is_shown_from_the_second_live_offer_on_and_rests_for_two_days():
    ana = person("Ana", "01")
    first, second = shift(hours=24), shift(hours=48)
    offer(first)
    offer(second)
    assert "Reply YES to take it" in texts(first)["Ana"]
    assert "Reply YES 2 to take it" in texts(second)["Ana"]
    Shift.objects.filter(pk=first.pk).update(cancelled_at=NOON)
    third = shift(hours=72)
    offer(third)
    assert Offer.objects.get(employee=ana, shift=third).code == 3
    later = first.ends_at + timedelta(hours=49)
    fourth = shift(hours=24 * 14)
    offer_shift(fourth, now=later, actor="cli")
    assert Offer.objects.get(employee=ana, shift=fourth).code == 1


def test_quiet_hours_are_those_of_the_recipient():
    person("Ana", "01")
    person("Kei", "02", zone="Pacific/Honolulu")
    at = NOON + timedelta(hours=21.5)  # 9:30 in Chicago, 5:30 in Honolulu
    plan = plan_offer(shift(hours=48), now=at)
    reachable = {one.employee.first_name: one.reachable_at for one in plan.people}
    assert reachable == {"Ana": at, "Kei": NOON + timedelta(hours=24)}
    assert plan.last_leaves_at == NOON + timedelta(hours=24)


def test_who_can_only_be_reached_after_the_start_is_not_asked():
    person("Ana", "01")
    person("Kei", "02", zone="Pacific/Honolulu")
    at = NOON - timedelta(hours=2.5)
    report = offer_shift(shift(hours=-1), now=at, actor="cli")
    assert names(report) == ["Ana"]
    assert reasons(report) == {"Kei": "quiet_hours"}


def test_the_plan_says_what_it_costs_and_when_the_last_text_leaves_and_writes_nothing():
    for n in range(10):
        person("Ana", f"{n:02}")
    work = shift()
    plan = plan_offer(work, now=NOON)
    assert plan.segments == 20  # a first text says what carriers require, in a second segment
    assert plan.cost_usd == Decimal("0.2380")
    assert plan.last_leaves_at == NOON + timedelta(seconds=9 * 1.5225)
    assert not Offer.objects.exists()
    offer(work)
    assert plan_offer(shift(hours=48), now=NOON).last_leaves_at == NOON + timedelta(
        seconds=19 * 1.5225
    )


def test_two_senders_share_the_crew_and_halve_the_time():
    sender("+16505550101")
    for n in range(10):
        person("Ana", f"{n:02}")
    work = shift()
    plan = plan_offer(work, now=NOON)
    assert (plan.senders, plan.last_leaves_at) == (2, NOON + timedelta(seconds=4 * 1.5225))
    offer(work)
    per_sender = [Message.objects.filter(sender=row).count() for row in Sender.objects.all()]
    assert per_sender == [5, 5]


def test_without_a_brand_real_people_are_not_texted():
    person("Ana", "01")
    real = config.read_settings({}).model_copy(
        update={"rc_server_url": "https://platform.ringcentral.com", "brand_name": ""}
    )
    with pytest.raises(ConfigError, match="BRAND_NAME"):
        offer(shift(), values=real)
    assert not Message.objects.exists()


def test_a_call_cut_short_is_completed_by_repeating_it():
    for n in range(CHUNK + 10):
        person("Ana", f"{n:02}")
    work = shift()

    def crash(done: int, total: int) -> None:
        raise RuntimeError("the power went out")

    with pytest.raises(RuntimeError):
        offer(work, progress=crash)
    assert Message.objects.count() == CHUNK
    offer(work)
    assert Message.objects.count() == Employee.objects.count() == CHUNK + 10
    assert Broadcast.objects.count() == 2


def test_a_shift_filled_while_people_are_being_asked_is_offered_no_further():
    for n in range(CHUNK + 10):
        person("Ana", f"{n:02}")
    work = shift()

    def say_yes(done: int, total: int) -> None:
        if not openings.holders(work).exists():
            first = Offer.objects.order_by("pk").first()
            assert first is not None
            openings.assign(work, first.employee, first, NOON)

    report = offer(work, progress=say_yes)
    assert len(report.offers) == CHUNK
    assert [one.reason for one in report.skipped] == ["filled"] * 10


def test_one_broadcast_is_told_with_its_numbers_and_each_offer_with_its_code():
    person("Ana", "01")
    person("Eve", "05", consent=False)
    report = offer(shift())
    assert report.broadcast is not None
    started = TimelineEntry.objects.get(what="broadcast.started")
    assert (started.broadcast, started.actor) == (report.broadcast.pk, "cli")
    assert started.detail == {"asked": 1, "skipped": 1}
    assert TimelineEntry.objects.get(what="offer.made").detail == {"code": 1}
