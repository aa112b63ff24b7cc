"""Troubles of numbers in the store: what codes, replies and the roster make of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shiftbell.rules.sending import Kind
from shiftbell.store import consent, delivery, hygiene, numbers, outbox
from shiftbell.store.buckets import open_buckets
from shiftbell.store.models import Consent, Employee, Message, PhoneNumber, TimelineEntry
from tests import crew
from tests.flow.talk import Talk
from tests.flow.test_number_changed_hands import bring

DAY = timedelta(days=1)


@pytest.fixture
def talk(db: None) -> Talk:
    talk = Talk()
    open_buckets(talk.sender, talk.now)
    return talk


def fail(talk: Talk, code: str = "SMS-CAR-412", *, status: str = "DeliveryFailed") -> Message:
    """Offer Ana a shift; the text leaves, and that becomes of it."""
    talk.offer(talk.shift(), "Ana")
    message = Message.objects.filter(kind="offer").latest("pk")
    delivery.record(message.pk, status, code, talk.now)
    talk.now += DAY
    return message


def trouble(talk: Talk, name: str = "Ana") -> str:
    return talk.number(name).unusable_as


@pytest.mark.parametrize("code", ["SMS-RC-410", "SMS-CAR-411", "SMS-UP-410", "SMS-CAR-400"])
def test_one_code_that_says_so_makes_a_landline(talk: Talk, code: str):
    fail(talk, code)
    ana = talk.number("Ana")
    assert (ana.unusable_as, ana.unusable_since) == ("landline", talk.now - DAY)
    assert not ana.unusable_reason.endswith(".")


@pytest.mark.parametrize("code", ["SMS-CAR-412", "SMS-UP-412"])
def test_three_failures_over_two_days_make_a_number_unreachable(talk: Talk, code: str):
    for expected in ("", "", "unreachable"):
        fail(talk, code)
        assert trouble(talk) == expected


@pytest.mark.parametrize(
    "code", ["", "SMS-CAR-430", "SMS-CAR-450", "SMS-CAR-500", "SMS-CAR-410", "SMS-CAR-104"]
)
def test_failures_that_are_not_the_phones_never_count(talk: Talk, code: str):
    for _ in range(5):
        fail(talk, code)
    assert trouble(talk) == ""


def test_a_delivery_between_begins_the_count_anew(talk: Talk):
    fail(talk)
    fail(talk)
    fail(talk, "", status="Delivered")
    fail(talk)
    fail(talk)
    assert trouble(talk) == ""


def test_sent_without_a_report_neither_counts_nor_resets(talk: Talk):
    fail(talk)
    fail(talk, "", status="Sent")
    fail(talk)
    fail(talk)
    assert trouble(talk) == "unreachable"


def test_a_failed_text_that_arrives_late_counts_as_delivered_and_ends_it(talk: Talk):
    last = [fail(talk), fail(talk), fail(talk)][-1]
    delivery.record(last.pk, "Delivered", "", talk.now)
    assert trouble(talk) == ""
    assert Message.objects.get(pk=last.pk).state == "failed"
    fail(talk)
    fail(talk)
    assert trouble(talk) == ""


def test_an_early_text_that_arrives_late_proves_nothing_against_later_failures(talk: Talk):
    first = [fail(talk), fail(talk), fail(talk), fail(talk)][0]
    delivery.record(first.pk, "Delivered", "", talk.now)
    assert trouble(talk) == "unreachable"


@pytest.mark.parametrize("code", ["SMS-CAR-411", "SMS-CAR-412"])
def test_what_waits_is_withdrawn_and_its_offer_counts_as_not_asked(talk: Talk, code: str):
    fail(talk)
    fail(talk)
    talk.offer(talk.shift(starts_in=90), "Ana")
    last = Message.objects.latest("pk")
    talk.offer(talk.shift(starts_in=120), "Ana", leave=False)
    waiting = Message.objects.latest("pk")
    delivery.record(last.pk, "DeliveryFailed", code, talk.now)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert waiting.reason == talk.number("Ana").unusable_reason
    assert waiting.offer is not None
    assert waiting.offer.state == "withdrawn"


def test_a_text_that_would_be_tried_again_is_not_tried_at_a_number_given_up(talk: Talk):
    fail(talk)
    fail(talk)
    work = talk.shift()
    talk.offer(work, "Ana")
    talk.says("Ana", "yes")
    confirmation = Message.objects.get(kind="confirmation")
    PhoneNumber.objects.update(unusable_as="unreachable", unusable_since=talk.now)
    delivery.record(confirmation.pk, "DeliveryFailed", "SMS-CAR-412", talk.now)
    assert Message.objects.filter(intent=confirmation.intent).count() == 1


@pytest.mark.parametrize("name", ["landline", "unreachable"])
def test_a_text_from_the_number_ends_what_is_of_the_phone(talk: Talk, name: str):
    talk.employee("Ana")
    PhoneNumber.objects.update(unusable_as=name, unusable_since=talk.now)
    (answer,) = talk.says("Ana", "HELP")
    assert "help@example.com" in answer
    assert trouble(talk) == ""
    (fact,) = TimelineEntry.objects.filter(what="number.usable")
    assert fact.detail["reason"] == "a text came from it"


def test_a_code_about_a_text_older_than_the_last_reply_is_stale(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    message = Message.objects.get()
    talk.says("Ana", "who is this?")
    delivery.record(message.pk, "DeliveryFailed", "SMS-CAR-411", talk.now)
    assert trouble(talk) == ""


def test_failures_before_a_reply_are_forgotten(talk: Talk):
    fail(talk)
    fail(talk)
    talk.says("Ana", "HELP")
    fail(talk)
    assert trouble(talk) == ""


def test_an_unreachable_number_rests_thirty_days_then_one_failure_begins_it_again(talk: Talk):
    for _ in range(3):
        fail(talk)
    hygiene.end_rests(talk.now + timedelta(days=28))
    assert trouble(talk) == "unreachable"
    talk.now += timedelta(days=30)
    hygiene.end_rests(talk.now)
    assert trouble(talk) == ""
    fail(talk)
    assert trouble(talk) == "unreachable"


def test_a_late_code_about_who_had_the_number_before_says_nothing_of_the_new_holder(talk: Talk):
    talk.offer(talk.shift(), "Ana")
    message = Message.objects.get()
    e164 = talk.number("Ana").e164
    bring(talk.now, "Ana,Ana,(312) 555-0177,Active,,,")
    bring(talk.now, f"Zed,Zed,{e164},Active,yes,2026-11-20,form")
    delivery.record(message.pk, "DeliveryFailed", "SMS-CAR-411", talk.now)
    assert trouble(talk, "Zed") == ""


def test_a_wrong_number_outweighs_what_was_known_before(talk: Talk):
    talk.employee("Ana")
    PhoneNumber.objects.update(unusable_as="landline", unusable_since=talk.now)
    talk.says("Ana", "wrong number")
    assert (trouble(talk), talk.number("Ana").unusable_reason) == ("wrong_number", "wrong_number")


def may_be_texted(name: str) -> bool:
    employee = Employee.objects.select_related("number").get(external_id=name)
    return consent.reach(employee).bar is None


def test_a_number_that_changed_hands_waits_for_its_new_holders_own_consent(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    bring(talk.now, "Ana,Ana,(312) 555-0177,Active,,,", f"Zed,Zed,{e164},Active,,,")
    assert (trouble(talk, "Zed"), may_be_texted("Zed")) == ("recycled", False)
    bring(talk.now, f"Zed,Zed,{e164},Active,yes,2026-11-20,form")
    assert (trouble(talk, "Zed"), may_be_texted("Zed")) == ("", True)


def test_who_comes_back_to_a_number_that_was_anothers_meanwhile_must_agree_again(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    bring(talk.now, f"Ana,Ana,{e164},Inactive,,,")
    bring(talk.now, f"Zed,Zed,{e164},Active,yes,2026-11-20,form")
    bring(talk.now, f"Zed,Zed,{e164},Inactive,,,")
    bring(talk.now, f"Ana,Ana,{e164},Active,,,")
    assert PhoneNumber.objects.get(e164=e164).unusable_as == "recycled"
    assert not may_be_texted("Ana")
    talk.says(e164, "START")
    assert PhoneNumber.objects.get(e164=e164).unusable_as == ""
    assert may_be_texted("Ana")


def test_who_comes_back_to_a_number_nobody_had_meanwhile_keeps_their_consent(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    bring(talk.now, f"Ana,Ana,{e164},Inactive,,,")
    bring(talk.now, f"Ana,Ana,{e164},Active,,,")
    assert may_be_texted("Ana")


def test_who_signed_up_from_the_phone_before_they_were_on_the_roster_agreed_themselves(talk: Talk):
    e164 = "+13125550177"
    talk.says(e164, "stop")
    talk.says(e164, "START")
    bring(talk.now, f"Zed,Zed,{e164},Active,,,")
    zed = Employee.objects.select_related("number").get(external_id="Zed")
    assert zed.number is not None
    assert (zed.number.unusable_as, may_be_texted("Zed")) == ("", True)


def test_a_former_holders_paper_is_no_word_of_the_new_one(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    bring(talk.now, f"Ana,Ana,{e164},Inactive,,,", f"Zed,Zed,{e164},Active,,,")
    bring(talk.now, f"Ana,Ana,{e164},Inactive,yes,2026-09-01,form")
    zed = Employee.objects.select_related("number").get(external_id="Zed")
    assert zed.number is not None
    assert (zed.number.unusable_as, may_be_texted("Zed")) == ("recycled", False)


def test_a_former_holders_opt_out_stays_until_a_start_from_the_phone(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    talk.says("Ana", "stop")
    bring(talk.now, "Ana,Ana,(312) 555-0177,Active,,,")
    bring(talk.now, f"Zed,Zed,{e164},Active,yes,2026-11-20,form")
    assert not may_be_texted("Zed")
    talk.says(e164, "START")
    assert may_be_texted("Zed")


def test_start_from_a_wrong_number_lifts_nothing_and_needs_a_person(talk: Talk):
    talk.employee("Ana")
    talk.says("Ana", "wrong number")
    assert talk.says("Ana", "START") == []
    ana = talk.number("Ana")
    assert ana.unusable_as == "wrong_number"
    assert ana.opted_out_at is not None
    assert not Consent.objects.filter(kind="resumed").exists()
    assert talk.in_the_inbox() == ["START"]


def test_start_of_the_new_holder_of_a_wrong_number_lifts_it(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    talk.says("Ana", "wrong number")
    bring(talk.now, "Ana,Ana,(312) 555-0177,Active,,,")
    bring(talk.now, f"Zed,Zed,{e164},Active,yes,2026-11-20,form")
    assert not may_be_texted("Zed")
    (answer,) = talk.says(e164, "START")
    assert answer.startswith("Acme: you will get texts")
    assert (trouble(talk, "Zed"), may_be_texted("Zed")) == ("", True)


def test_a_row_that_comes_back_to_life_is_no_word_about_a_wrong_number(talk: Talk):
    talk.employee("Ana")
    e164 = talk.number("Ana").e164
    talk.says("Ana", "wrong number")
    for status in ("Inactive", "Active"):
        bring(talk.now, f"Ana,Ana,{e164},{status},,,")
    assert trouble(talk) == "wrong_number"


DEEDS = (
    "wrong number",
    "START",
    "START",
    "hello",
    "stop",
    "Zed",
    "Zed agrees",
    "Ana",
    "Ana agrees",
    "nobody",
    "landline",
    "unreachable",
    "delivered",
    "usable",
    "rested",
)


@pytest.mark.django_db
@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(DEEDS), min_size=3, max_size=14))
def test_no_sequence_makes_a_wrong_number_textable_without_its_new_holders_word(deeds: list[str]):
    with transaction.atomic():
        talk = Talk()
        open_buckets(talk.sender, talk.now)
        talk.employee("Ana")
        e164 = crew.number(0)
        talk.says(e164, "wrong number")
        given_since = start_since = False
        for deed in deeds:
            before = numbers.holder(numbers.number_row(e164))
            perform(talk, e164, deed)
            number = PhoneNumber.objects.get(e164=e164)
            holder = numbers.holder(number)
            if deed == "wrong number":
                given_since = start_since = False
            given_since |= holder is not None and holder != before
            start_since |= given_since and deed == "START"
            if holder is not None and may_be_texted(holder.external_id):
                assert start_since, deeds
                assert number.unusable_as == ""
            if number.unusable_as == "recycled" and holder is not None:
                assert not consent.has_consent(holder, number), deeds
        transaction.set_rollback(True)


def perform(talk: Talk, e164: str, deed: str) -> None:
    """Let one thing happen to the number that Ana had at first."""
    talk.now += timedelta(hours=1)
    ana, zed = "Ana,Ana,{},Active,{}", "Zed,Zed,{},Active,{}"
    free, agreed = ",,", "yes,2026-11-20,form"
    rows = {
        "Zed": [ana.format("(312) 555-0177", free), zed.format(e164, free)],
        "Zed agrees": [ana.format("(312) 555-0177", free), zed.format(e164, agreed)],
        "Ana": [zed.format("(312) 555-0178", free), ana.format(e164, free)],
        "Ana agrees": [zed.format("(312) 555-0178", free), ana.format(e164, agreed)],
        "nobody": [ana.format("(312) 555-0177", free), zed.format("(312) 555-0178", free)],
    }
    if deed in rows:
        bring(talk.now, *rows[deed])
    elif deed in ("landline", "unreachable", "delivered"):
        report(talk, e164, deed)
    elif deed == "usable":
        number = numbers.number_row(e164)
        hygiene.call_usable(number, because="called", actor="cli", now=talk.now)
    elif deed == "rested":
        talk.now += timedelta(days=31)
        hygiene.end_rests(talk.now)
    else:
        talk.says(e164, deed)


def report(talk: Talk, e164: str, deed: str) -> None:
    """Let the carrier report on a test text, whoever has the phone."""
    number = numbers.number_row(e164)
    text = outbox.queue(Kind.TEST, number, "Hello", intent=f"test:{talk.now}", now=talk.now)
    assert text is not None
    talk.send()
    codes = {"landline": "SMS-CAR-411", "unreachable": "SMS-CAR-412", "delivered": ""}
    status = "DeliveryFailed" if codes[deed] else "Delivered"
    delivery.record(text.pk, status, codes[deed], talk.now)
