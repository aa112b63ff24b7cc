"""K6: the registration says who, to whom and why, shows real texts, and promises nothing untrue."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shiftbell.rules.campaign import HELP, OPT_IN, OPT_OUT, Campaign, campaign, has_link
from shiftbell.rules.data import read_data
from shiftbell.rules.disclosure import disclosure
from shiftbell.rules.replies import Meaning, understand

NOW = datetime(2026, 11, 22, 18, tzinfo=UTC)
TEMPLATES = [text for texts in read_data("wording.toml").values() for text in texts.values()]


def made(contact: str = "help@example.com", **more: str) -> Campaign:
    return campaign("Acme", contact, now=NOW, **more)


def published() -> Campaign:
    return made(public_url="https://shifts.example.com", code="4821")


@pytest.mark.parametrize(
    ("element", "field", "said"),
    [
        ("who sends", "description", "Acme texts"),
        ("who receives", "description", "its own employees, and nobody else"),
        ("why", "description", "to offer open work shifts"),
        ("no marketing", "description", "There is no marketing."),
        ("how people agree", "opt_in", "text JOIN and a code from their own phone"),
        ("where it can be seen", "opt_in", "(for example https://shifts.example.com/join/4821)"),
        ("what they agree to", "opt_in", disclosure("Acme", "help@example.com").words),
        ("the opt-in page", "opt_in_page", "https://shifts.example.com/join/4821"),
        ("the privacy page", "privacy_page", "https://shifts.example.com/privacy"),
        ("the answer to an opt-in", "opt_in_answer", "Msg & data rates may apply."),
        ("the answer to STOP", "opt_out_answer", "Acme: you are opted out"),
        ("the answer to HELP", "help_answer", "help@example.com"),
    ],
)
def test_k6_the_registration_holds(element: str, field: str, said: str):
    assert said in getattr(published(), field), element


def test_k6_two_samples_and_more_carry_the_brand_and_stop():
    marked = [text for text in made().samples if text.startswith("Acme: ") and "STOP" in text]
    assert len(marked) >= 2
    assert "Reply HELP for help" in marked[0]


def test_samples_are_what_really_leaves():
    assert made().samples[1] == (
        "Acme: Sat Nov 28 7am-3pm, Main St. Reply YES to take it, STOP to opt out."
    )


def test_everything_fits_the_registrys_fields():
    answers = published()
    assert 40 <= len(answers.description) <= 4096
    assert 40 <= len(answers.opt_in) <= 2048
    said = (answers.opt_in_answer, answers.opt_out_answer, answers.help_answer)
    assert all(20 <= len(text) <= 320 for text in said)
    assert len(answers.samples) <= 5
    assert all(20 <= len(text) <= 1024 for text in answers.samples)


def test_before_pages_are_published_no_address_is_claimed():
    assert (made().opt_in_page, made().privacy_page) == ("", "")
    assert "http" not in made().opt_in


@pytest.mark.parametrize(
    ("words", "meanings"),
    [
        (OPT_IN, {Meaning.JOIN, Meaning.START}),
        (OPT_OUT, {Meaning.OPT_OUT}),
        (HELP, {Meaning.HELP}),
    ],
)
def test_every_word_that_is_registered_is_understood(words: tuple[str, ...], meanings: set[str]):
    assert {understand(word).meaning for word in words} == meanings


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_wording_contains_a_link(template: str):
    assert not has_link([template])


@pytest.mark.parametrize(
    ("text", "is_link"),
    [
        ("See https://example.com/x", True), ("see example.com", True),
        ("www.example.org now", True),
        ("write to help@example.com", False), ("write to a.b@mail.example.com.", False),
        ("Reply STOP to opt out. Reply YES", False), ("7.30am at St. Paul", False),
    ],
)  # fmt: skip
def test_what_a_phone_makes_a_link_of_is_known(text: str, is_link: bool):
    assert has_link([text]) is is_link


@pytest.mark.parametrize(
    ("contact", "links", "numbers"),
    [
        ("", False, False), ("help@example.com", False, False),
        ("(312) 555-0142", False, True), ("help.example.com", True, False),
    ],
)  # fmt: skip
def test_links_and_numbers_are_declared_where_the_contact_brings_them(
    contact: str, links: bool, numbers: bool
):
    answers = made(contact)
    assert (answers.has_links, answers.has_phone_numbers) == (links, numbers)
