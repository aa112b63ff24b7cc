"""The words of the timeline."""

from __future__ import annotations

from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from shiftbell.rules.telling import SENTENCES, plain, sentence, story_sentence

CHICAGO = ZoneInfo("America/Chicago")


@pytest.mark.parametrize("what", SENTENCES)
def test_every_sentence_reads_well_without_its_details(what):
    said = sentence(what, "cli", {})
    assert said == " ".join(said.split())
    assert "{" not in said


@pytest.mark.parametrize("what", SENTENCES)
def test_every_sentence_names_only_plain_details(what):
    fields = [name for _, name, spec, _ in Formatter().parse(SENTENCES[what]) if name]
    assert all(name.isidentifier() for name in fields)


@pytest.mark.parametrize(
    ("what", "actor", "detail", "said"),
    [
        (
            "message.held",
            "shiftbell",
            {"until": "2026-11-24T14:00:00+00:00", "reason": "quiet_hours"},
            "Waits until Tue Nov 24 08:00: quiet hours.",
        ),
        ("offer.made", "cli", {"code": 2}, "An offer was made (number 2). (cli)"),
        ("shift.cancelled", "cli", {}, "The shift was cancelled by cli."),
        ("reply.heard", "employee", {"meaning": "opt_out"}, "Replied; read as opt out."),
        ("offer.skipped", "shiftbell", {"reason": "no_consent"}, "Not asked: no consent."),
        # A detail is data: braces in it are shown, not filled in.
        ("manager.told", "shiftbell", {"words": "{reason}"}, "For the manager: {reason}"),
        # A date without a zone is no moment.
        ("offers.paused", "employee", {"until": "2026-11-30"}, "Offers pause until 2026-11-30."),
    ],
)
def test_a_story_is_in_local_time_and_in_words_for_people(what, actor, detail, said):
    assert story_sentence(what, actor, detail, CHICAGO) == said


@pytest.mark.parametrize(
    ("word", "said"),
    [("opted_out", "opted out"), ("filled", "filled"), ("S_101", "S_101"), ("a b_c", "a b_c")],
)
def test_only_words_for_machines_lose_their_underscores(word, said):
    assert plain(word) == said
