"""Numbers in trouble, from the carrier's report to the manager: what is sent, and what no more."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from shiftbell import config
from shiftbell.flow.offer_shift import OfferReport, offer_shift
from shiftbell.store import consent, numbers, openings
from shiftbell.store.models import Employee, Mail, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

pytestmark = pytest.mark.django_db

PHONE = crew.number(0)
DAY = 24 * 3600.0
MAIL = {
    "SMTP_URL": "smtp://127.0.0.1:9",
    "MAIL_FROM": "Acme <shifts@example.com>",
    "PUBLIC_URL": "http://127.0.0.1:3000",
}


@pytest.fixture
def e_mail() -> Iterator[None]:
    """Let people be e-mailed."""
    os.environ.update(MAIL)
    config.settings.cache_clear()
    yield
    for name in MAIL:
        del os.environ[name]
    config.settings.cache_clear()


def stage_with(temperament: str, *, seed: int = 1) -> Stage:
    """Return a stage with Ana, whose phone is of that kind."""
    stage = Stage(seed=seed, webhooks=False)
    crew.person("Ana", 0, now=stage.now, email="ana@example.com")
    stage.world.describe(PHONE, temperament)
    return stage


def offer(stage: Stage) -> OfferReport:
    """Offer a shift in three days to the crew, and give the text time to fail."""
    report = offer_shift(crew.shift(now=stage.now, hours=72), now=stage.now, actor="Mia")
    stage.run(150, tick=15)
    return report


def reasons(report: OfferReport) -> list[str]:
    return [str(one.reason) for one in report.skipped]


def number() -> PhoneNumber:
    return PhoneNumber.objects.get(e164=PHONE)


def told() -> list[str]:
    facts = TimelineEntry.objects.filter(what="manager.told").order_by("pk")
    return [fact.detail["words"] for fact in facts]


def posted(stage: Stage) -> int:
    return sum(1 for call in stage.world.calls if call.path.endswith("/sms"))


def test_a_landline_is_found_by_its_first_text_and_gets_no_second_one():
    stage = stage_with("landline")
    assert len(offer(stage).offers) == 1
    assert number().unusable_as == "landline"
    assert reasons(offer(stage)) == ["unusable"]
    assert posted(stage) == 1
    (words,) = told()
    assert words.startswith(
        "Ana gets no texts: The number is invalid, unallocated or a landline. "
        "Somebody must call them meanwhile. A text from this number ends it"
    )


def test_e_mail_takes_over_for_who_cannot_be_texted(e_mail: None):
    stage = stage_with("landline")
    offer(stage)
    report = offer(stage)
    assert reasons(report) == []
    mail = Mail.objects.get()
    assert (mail.kind, mail.bar, posted(stage)) == ("offer", "unusable", 1)
    assert "They are e-mailed meanwhile." in told()[0]


def test_three_failures_on_two_days_stop_texts_and_the_manager_hears_it_once():
    stage = stage_with("unreachable")
    for _ in range(3):
        assert number().unusable_as == ""
        assert len(offer(stage).offers) == 1
        stage.world.advance(DAY)
    assert number().unusable_as == "unreachable"
    assert reasons(offer(stage)) == ["unusable"]
    stage.run(300, tick=60)
    assert posted(stage) == 3
    (words,) = told()
    assert words.startswith("Ana gets no texts: The recipient is unavailable at their carrier")
    assert "After 30 days one more text is tried." in words


def test_a_delivery_between_them_begins_the_count_anew():
    stage = stage_with("unreachable")
    for temperament in ("unreachable", "unreachable", "silent", "unreachable", "unreachable"):
        stage.world.describe(PHONE, temperament)
        offer(stage)
        stage.world.advance(DAY)
    assert (number().unusable_as, posted(stage), told()) == ("", 5, [])


def test_a_failed_text_that_is_on_the_phone_after_all_is_known_as_delivered():
    stage = stage_with("silent", seed=2)
    stage.world.faults.set("late_flip", next=1, seconds=600)
    offer(stage)
    message = Message.objects.get(kind="offer")
    assert (message.state, message.delivered_at) == ("failed", None)
    stage.run(900, tick=30)
    message.refresh_from_db()
    assert message.state == "failed"
    assert message.delivered_at is not None
    facts = TimelineEntry.objects.filter(message=message.pk, what="message.status")
    assert [fact.detail["status"] for fact in facts].count("Delivered") == 1


def test_a_text_from_the_phone_opens_the_way_again():
    stage = stage_with("landline")
    offer(stage)
    stage.world.describe(PHONE, "silent")
    stage.world.say(PHONE, "HELP")
    stage.run(60, tick=5)
    assert number().unusable_as == ""
    assert len(offer(stage).offers) == 1
    assert Message.objects.filter(kind="offer", state="delivered").count() == 1


def test_after_thirty_days_of_rest_one_more_text_is_tried():
    stage = stage_with("unreachable")
    for _ in range(3):
        offer(stage)
        stage.world.advance(DAY)
    stage.world.describe(PHONE, "silent")
    stage.world.advance(timedelta(days=30).total_seconds())
    stage.run(65, tick=15)
    assert number().unusable_as == ""
    assert len(offer(stage).offers) == 1
    assert Message.objects.filter(kind="offer", state="delivered").count() == 1


def test_an_opt_out_and_a_trouble_of_one_number_are_told_apart():
    stage = stage_with("landline")
    offer(stage)
    assert len(told()) == 1
    work = crew.shift(now=stage.now)
    with write():
        ana = Employee.objects.get()
        openings.assign(work, ana, None, stage.now)
        consent.revoke(numbers.locked_number(number().pk), ana, crew.ON_PAPER, now=stage.now)
    stage.run(65, tick=15)
    assert len(told()) == 2
    assert told()[1].startswith("Ana opted out of texts.")
