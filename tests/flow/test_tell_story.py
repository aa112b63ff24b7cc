"""Stories in plain words, against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.errors import BadInput, NotFound
from shiftbell.flow.fill_shift import fill
from shiftbell.flow.hear_reply import hear_next
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.tell_story import Story, standing, why
from shiftbell.store import inbox, numbers, outbox, timeline
from shiftbell.store.models import Employee, Message, Offer
from shiftbell.store.transactions import write
from tests.crew import person, shift
from tests.moments import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_sender")]


def words(story: Story) -> list[str]:
    return [line.words for line in story.lines]


def reply(employee: Employee, text: str, meaning: str, about: Offer | None = None) -> Message:
    """Store a text in, as hearing it would leave it."""
    assert employee.number is not None
    message = Message.objects.create(
        direction="in", kind="reply", state="heard", number=employee.number, employee=employee,
        sender=numbers.sender_for(employee.number), text=text, created_at=NOON, meaning=meaning,
        ringcentral_id=f"rc-{Message.objects.count()}", offer=about,
    )  # fmt: skip
    timeline.tell(
        "reply.heard",
        at=NOON + timedelta(seconds=1),
        actor="employee",
        message=message,
        employee=employee,
        meaning=meaning,
    )
    return message


def offered() -> Offer:
    person("Ana", "42", last_name="Garcia", external_id="1001")
    offer_shift(shift(external_id="S-1"), now=NOON, actor="cli")
    return Offer.objects.get()


def test_a_texts_story_begins_when_it_is_written_and_names_no_whole_number():
    text = Message.objects.get(offer=offered())
    numbers.sender_for(text.number)
    with write():
        outbox.cancel(text, reason="opted_out", now=NOON + timedelta(minutes=1))
    story = why(f"m{text.pk}")
    assert words(story) == ["Written and queued: offer.", "It never left: opted out."]
    assert story.zone == "America/Chicago"
    assert f"{story.lines[1].at:%H:%M}" == "12:01"
    summary = dict(story.summary)
    assert summary["To"] == "Ana Garcia, +1•••••0142"
    assert summary["State"] == "cancelled: opted out"
    assert "5550142" not in str(story)


def test_a_pause_of_its_sender_is_part_of_why_a_text_waited():
    text = Message.objects.get(offer=offered())
    timeline.tell(
        "bucket.paused",
        at=NOON + timedelta(seconds=5),
        sender=text.sender_id,
        group="medium",
        until=(NOON + timedelta(seconds=65)).isoformat(),
        reason="rate_limit",
    )
    assert words(why(f"m{text.pk}"))[-1] == (
        "RingCentral's limit: nothing is sent until Tue Nov 24 12:01 (rate limit)."
    )


def test_an_offers_story_holds_its_texts_and_the_replies():
    offer = offered()
    answer = reply(offer.employee, "call me at 312-555-0142", "unclear", offer)
    story = why(str(offer))
    assert words(story) == [
        "An offer was made (number 1). (cli)",
        "Written and queued: offer.",
        "Replied; read as unclear.",
    ]
    summary = dict(story.summary)
    assert summary[f"{answer}, in"] == "call me at •••••0142 (heard)"
    assert [line.about for line in story.lines] == ["", str(Message.objects.first()), str(answer)]


def test_a_reply_is_told_before_what_it_caused(one_sender):
    offer, soon = offered(), NOON + timedelta(minutes=1)
    Message.objects.update(state="sent", left_at=NOON, sent_at=NOON)
    assert offer.employee.number is not None
    inbox.receive(
        one_sender,
        ringcentral_id="9001",
        from_number=offer.employee.number.e164,
        text="YES",
        received_at=soon,
        now=soon,
    )
    assert hear_next(soon)
    told = words(why(str(offer)))
    heard, caused = "Replied; read as accept.", "Said YES in time and holds the shift."
    assert told.index(heard) < told.index(caused)


def test_a_persons_story_tells_all_that_was_said_and_how_they_stand():
    offer = offered()
    reply(offer.employee, "stop", "opt_out")
    story = why("1001")
    assert (story.id, story.kind, story.title) == (str(offer.employee), "employee", "Ana Garcia")
    assert words(story)[0] == "Consent to be texted was recorded (paper form). (test)"
    assert words(story)[-1] == "Replied; read as opt out."
    assert dict(story.summary)["Standing"] == "may be texted"


def test_the_stories_of_a_shift_and_a_broadcast_name_the_people():
    offer = offered()
    with write():
        fill(offer.shift, offer.employee, offer, NOON)
    story = why("S-1")
    assert story.title == "Wed Nov 25 9am-5pm, Dock 4"
    summary = dict(story.summary)
    assert summary["Openings"] == "1 of 1 taken"
    assert summary["Held by"] == "Ana Garcia"
    assert ("Ana Garcia", "Said YES in time and holds the shift.") in [
        (line.about, line.words) for line in story.lines
    ]
    broadcast = why(str(offer.broadcast))
    assert words(broadcast)[0] == "The shift was offered to 1 people; 0 were skipped. (cli)"
    assert dict(broadcast.summary)["Took it"] == "Ana Garcia"


def test_a_bare_number_is_a_message_unless_someone_else_goes_by_it():
    text = Message.objects.get(offer=offered())
    assert why(str(text.pk)).id == str(text)
    person("Ben", "43", external_id=str(text.pk))
    with pytest.raises(BadInput, match="more than one thing") as caught:
        why(str(text.pk))
    assert f"m{text.pk} (message) or e" in caught.value.hint


def test_an_id_of_ours_that_is_someone_elses_own_is_refused():
    ana = person("Ana", "42")
    person("Ben", "43", external_id=str(ana))
    with pytest.raises(BadInput, match="the own id of"):
        why(str(ana))
    cy = person("Cy", "44", external_id="e99999999")
    assert why("e99999999").id == str(cy)


@pytest.mark.parametrize("nothing", ["m999", "zebra", "", "12345678901234567890", "o0", "+x"])
def test_what_nothing_goes_by_is_said_so(nothing):
    with pytest.raises(NotFound):
        why(nothing)


def test_a_phone_number_that_was_typed_is_not_repeated():
    with pytest.raises(NotFound) as caught:
        why("+13125550142")
    assert "0142'" in caught.value.message
    assert "5550142" not in caught.value.sentence()


@pytest.mark.parametrize(
    ("fields", "more", "said"),
    [
        ({}, {}, "may be texted"),
        ({"opted_out_at": NOON}, {}, "opted out of texts"),
        (
            {"unusable_since": NOON, "unusable_reason": "landline"},
            {},
            "the number cannot be texted (landline)",
        ),
        ({"review_since": NOON}, {}, "a reply waits for a person"),
        ({}, {"consent": False}, "no recorded consent to be texted"),
        ({}, {"position": None}, "no phone number"),
        ({}, {"active": False}, "no longer on the crew"),
    ],
)
def test_how_a_person_stands(fields, more, said):
    ana = person("Ana", **({"position": "42"} | more))
    if ana.number is not None:
        type(ana.number).objects.filter(pk=ana.number.pk).update(**fields)
        ana.number.refresh_from_db()
    assert standing(ana) == said
