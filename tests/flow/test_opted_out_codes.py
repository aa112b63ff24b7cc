"""What RingCentral and the carriers say of a text to someone who opted out (SMS-…-413)."""

from __future__ import annotations

import pytest

from shiftbell.simulator.consents import EVERY_NUMBER
from shiftbell.store.models import Consent, Message, PhoneNumber, RateBucket, Sender
from tests import crew
from tests.flow.listing import BACK, OWN_WORDS, blocked, entry, facts, hire, number, stop, two
from tests.stage import Stage

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "how"),
    [("SMS-RC-413", "ringcentral"), ("SMS-UP-413", "ringcentral"), ("SMS-CAR-413", "carrier")],
)
def test_each_code_for_opted_out_is_an_opt_out_and_is_told(tmp_path, code: str, how: str):
    stage = two(tmp_path)
    ana = hire(stage)
    stage.world.describe(crew.number(0), "silent", failure=code)
    first, later = crew.shift(now=stage.now), crew.shift(now=stage.now)
    crew.offer(first, [ana], stage.now)
    stage.run(30)
    assert number().opted_out_at is not None
    event = Consent.objects.get(kind="revoked")
    assert (event.how, event.source) == (how, f"RingCentral {code}")
    assert blocked(stage) == [True, True]
    (second,) = crew.offer(later, [ana], stage.now)
    stage.run(10)
    second.refresh_from_db()
    assert (second.state, second.reason) == ("cancelled", "opted_out")


def is_unharmed(stage: Stage) -> bool:
    """Whether a bounce counted for nothing but itself."""
    bucket = RateBucket.objects.filter(group="medium").first()
    assert bucket is not None
    sound = bucket.pauses == 0 and bucket.paused_until is None
    return sound and not Sender.objects.filter(down_since__isnull=False).exists()


@pytest.mark.parametrize("code", ["SMS-RC-413", "SMS-UP-413", "SMS-CAR-413"])
def test_the_bounce_of_a_confirmation_is_no_failure_of_ours_and_no_second_stop(code: str):
    stage = Stage()
    hire(stage)
    stage.world.describe(crew.number(0), "silent", failure=code)
    stage.world.say(crew.number(0), OWN_WORDS)
    stage.run(120)
    assert Message.objects.get(kind="stop").error_code == code
    assert Consent.objects.filter(kind="revoked").count() == 1
    assert number().unusable_since is None
    assert is_unharmed(stage)
    assert blocked(stage) == [True]


def test_the_bounce_of_an_answer_to_help_is_no_failure_of_ours_and_no_second_stop():
    stage = Stage()
    hire(stage)
    stop(0, now=stage.now)
    stage.run(5)
    stage.world.say(crew.number(0), "HELP")
    stage.run(30)
    help_text = Message.objects.get(kind="help")
    assert (help_text.state, help_text.error_code) == ("failed", "SMS-RC-413")
    assert Consent.objects.filter(kind="revoked").count() == 1
    assert len(facts("consent.revoked")) == 1
    assert is_unharmed(stage)


def test_help_from_a_stranger_whom_ringcentral_blocks_is_one_opt_out_however_often():
    stage = Stage()
    stage.run(10)
    stage.world.consents.set(entry(stage))
    for _ in range(2):
        stage.world.say(crew.number(0), "HELP")
        stage.run(60)
    assert Message.objects.filter(kind="help", error_code="SMS-RC-413").count() == 2
    assert Consent.objects.filter(kind="revoked").count() == 1
    assert PhoneNumber.objects.get(e164=crew.number(0)).opted_out_at is not None


def test_a_block_of_the_whole_account_outlives_a_start_in_other_words():
    stage = Stage()
    hire(stage)
    stage.world.consents.set(entry(stage, sender=EVERY_NUMBER, coverage="Account", ago=60))
    stage.run(10)
    assert number().opted_out_at is not None
    stage.world.say(crew.number(0), BACK)
    stage.run(60)
    # Only RingCentral's own word lifts what its administrator widened: it blocks on, and so do we.
    assert Message.objects.get(kind="start").error_code == "SMS-RC-413"
    assert number().opted_out_at is not None
    stage.world.say(crew.number(0), "START")
    stage.run(60)
    assert (number().opted_out_at, blocked(stage)) == (None, [False])
