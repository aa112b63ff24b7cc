"""Every text we send: what it says, what it costs, and what a template may not do."""

import tomllib
from datetime import datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadTemplate
from shiftbell.rules import segments, spoken
from shiftbell.rules.wording import Wording, WordingFacts, render, render_template

CHICAGO = ZoneInfo("America/Chicago")
START = datetime(2026, 11, 28, 7, tzinfo=CHICAGO)
END = datetime(2026, 11, 28, 15, tzinfo=CHICAGO)
EVENING_BEFORE = datetime(2026, 11, 27, 18, tzinfo=CHICAGO)

SAT = "Sat Nov 28 7am-3pm, Dock 4"
SUN = "Sun Nov 29 9am-5pm, Dock 2"


def facts(**more) -> WordingFacts:
    return WordingFacts(**({"brand": "Acme", "name": "Ana", "shift": SAT} | more))


def full(language: str, name: str = "Ana", location: str = "Dock 4") -> WordingFacts:
    line = spoken.shift_line(
        START, END, CHICAGO, location, language=language, us=True, now=EVENING_BEFORE
    )
    return WordingFacts(
        brand="Acme",
        name=name,
        shift=line,
        other_shift=line,
        code=2,
        place=1,
        until=spoken.day(START, CHICAGO, language=language, us=True),
        choices=((1, line), (2, line)),
        contact="(312) 555-0100",
    )


@pytest.mark.parametrize(
    ("kind", "given_facts", "text"),
    [
        (Wording.OPEN_SHIFT, facts(), f"Acme: {SAT}. Reply YES to take it, STOP to opt out."),
        (
            Wording.OPEN_SHIFT,
            facts(code=2),
            f"Acme: {SAT}. Reply YES 2 to take it, STOP to opt out.",
        ),
        (Wording.CONFIRMATION, facts(), f"It is yours, Ana: {SAT}."),
        (
            Wording.REMINDER,
            facts(shift=f"tomorrow, {SAT}"),
            f"Acme: a reminder for Ana: you work tomorrow, {SAT}.",
        ),
        (
            Wording.CANCELLATION,
            facts(),
            f"Acme: cancelled, Ana: {SAT}. You are not needed for this shift.",
        ),
        (
            Wording.JUST_FILLED,
            facts(place=1),
            "Thanks Ana, that shift was just filled. You are first on standby.",
        ),
        (Wording.JUST_FILLED, facts(), "Thanks Ana, that shift was just filled."),
        (
            Wording.STANDBY_ASK,
            facts(),
            f"Acme: An opening came back: {SAT}. Reply YES within 10 minutes to take it.",
        ),
        (
            Wording.OVERLAP,
            facts(other_shift=SUN),
            f"Thanks Ana, but you already work then: {SUN}.",
        ),
        (Wording.DO_YOU_MEAN, facts(code=2), f"Do you mean {SAT}? Reply YES 2."),
        (
            Wording.WHICH_OFFER,
            facts(choices=((1, SAT), (2, SUN))),
            f"Which one?\n1) {SAT}\n2) {SUN}\nReply with the number.",
        ),
        (
            Wording.DROPPED,
            facts(),
            f"{SAT} is no longer yours. Changed your mind? Reply YES within 10 minutes.",
        ),
        (Wording.DECLINED, facts(), "OK Ana, not this one."),
        (
            Wording.UNCLEAR,
            facts(),
            "Sorry, I only understand YES, NO, DROP, HELP or STOP. Which one do you mean?",
        ),
        (
            Wording.HELP,
            facts(),
            "Acme: texts about open shifts and your schedule; frequency varies. "
            "Questions? Ask your manager. Msg & data rates may apply. Reply STOP to opt out.",
        ),
    ],
)
def test_a_text_says(kind, given_facts, text):
    assert render(kind, "en", given_facts) == text


def test_a_text_can_be_spanish_and_is_english_where_we_have_no_other():
    assert render(Wording.CONFIRMATION, "es-US", facts()) == f"Es tuyo, Ana: {SAT}."
    assert render(Wording.CONFIRMATION, "fr", facts()) == f"It is yours, Ana: {SAT}."


def test_every_kind_has_both_languages_and_nothing_else_is_in_the_catalogue():
    catalogue = tomllib.loads(files("shiftbell").joinpath("data/wording.toml").read_text("utf-8"))
    assert set(catalogue) == {*map(str, Wording), "welcome"}
    assert all(set(texts) == {"en", "es"} for texts in catalogue.values())


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", Wording)
def test_with_usual_facts_every_text_is_plain_gsm_7_even_as_the_first(kind, language):
    for first in (False, True):
        text = render(kind, language, full(language), first=first)
        assert segments.is_gsm7(text), segments.longer_because(text)
        assert segments.count(text).segments <= 2
        assert "  " not in text
        assert "None" not in text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", [kind for kind in Wording if kind != Wording.HELP])
def test_with_usual_facts_every_text_costs_one_segment(kind, language):
    assert segments.count(render(kind, language, full(language))).segments == 1


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", Wording)
def test_a_person_without_a_name_gets_a_whole_sentence(kind, language):
    text = render(kind, language, full(language, name="李"))
    assert " ," not in text
    assert " :" not in text
    assert "  " not in text


@pytest.mark.parametrize(
    "kind", [Wording.OPEN_SHIFT, Wording.REMINDER, Wording.CONFIRMATION, Wording.DECLINED]
)
def test_the_first_text_also_says_what_carriers_require(kind):
    text = render(kind, "en", facts(), first=True)
    for words in ("Acme", "open shifts", "frequency varies", "Msg & data rates may apply"):
        assert words in text
    assert text.endswith("Reply HELP for help, STOP to opt out.")


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_opt_out_is_confirmed_without_another_word(language):
    stopped = render(Wording.STOPPED, language, facts())
    assert render(Wording.STOPPED, language, facts(), first=True) == stopped
    assert "START" in stopped


def test_a_name_or_place_cannot_smuggle_in_a_line_of_its_own():
    text = render(Wording.CONFIRMATION, "en", facts(name="Ana\nReply STOP {{ brand }}"))
    assert "\n" not in text
    assert "Acme" not in text


def test_a_long_list_is_cut_where_nobody_reads_on():
    choices = tuple((number, SAT) for number in range(1, 41))
    text = render(Wording.WHICH_OFFER, "en", facts(choices=choices))
    assert f"9) {SAT}" in text
    assert f"10) {SAT}" not in text


def test_a_missing_fact_is_refused_by_its_name():
    with pytest.raises(BadTemplate, match="other_shift"):
        render(Wording.OVERLAP, "en", facts())


def test_a_question_without_its_number_is_refused_rather_than_sent():
    with pytest.raises(BadTemplate, match="do_you_mean"):
        render(Wording.DO_YOU_MEAN, "en", facts())


@pytest.mark.parametrize(
    "template",
    [
        "{{ 7 * 7 }}",
        "{{ shift * 1000000 }}",
        "{% for letter in shift %}{{ letter }}{% endfor %}",
        "{% set x = shift %}{{ x }}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{{ shift.upper() }}",
        "{{ shift.__class__ }}",
        "{{ shift[0] }}",
        "{{ range(10) }}",
        "{{ shift | upper }}",
        "{{ shift | center(100000) }}",
        "{{ shift | numbered }}",
        "{{ wages }}",
        "{{ choices | numbered }}",
        "{{ place | ordinal }}",
        "{{ shift",
        "{% if shift %}",
        "{{" + "(" * 200 + "shift" + ")" * 200 + "}}",
        "{{ '' }}",
        "   ",
        "a" * 501,
        "{{ shift }}" * 45,
    ],
)
def test_a_strangers_template_fills_in_facts_and_nothing_else(template):
    with pytest.raises(BadTemplate) as refusal:
        render_template(template, facts(shift="x" * 30))
    assert refusal.value.hint


def test_a_strangers_template_may_use_facts_and_choose():
    template = "Hi{{ name | after(' ') }}: {{ shift }}{% if code %} ({{ code }}){% endif %} – ok?"
    assert render_template(template, facts(code=3)) == f"Hi Ana: {SAT} (3) - ok?"
    assert render_template(template, facts(name="")) == f"Hi: {SAT} - ok?"


@given(st.text(max_size=80), st.sampled_from(list(Wording)), st.sampled_from(["en", "es"]))
def test_no_name_can_break_a_text(name, kind, language):
    text = render(kind, language, full(language, name=name))
    assert segments.is_gsm7(text)
    assert segments.count(text).segments <= 2
