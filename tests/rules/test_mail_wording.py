"""Every letter we write: what it says, in both languages, and that nothing sneaks into its HTML."""

import tomllib
from importlib.resources import files
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadTemplate
from shiftbell.rules.mail_wording import MAILED, MailFacts, render_mail
from shiftbell.rules.reach import Bar
from shiftbell.rules.wording import Wording, WordingFacts

SAT = "Sat Nov 28 7am-3pm, Dock 4"
SUN = "Sun Nov 29 9am-5pm, Dock 2"
TAKE = "https://shifts.example.com/m/take?t=1&u=2"
LEAVE = "https://shifts.example.com/m/leave"
END = "https://shifts.example.com/m/end"
KINDS = sorted(MAILED)
ASKING = [Wording.OPEN_SHIFT, Wording.STANDBY_ASK]


class Reader:
    """What a mail program would see: tags, links, and the words outside of tags."""

    def __init__(self, html: str) -> None:
        tree = ElementTree.fromstring(html)
        self.tags = [element.tag for element in tree.iter()]
        self.links = [element.get("href") for element in tree.iter("a")]
        self.words = "".join(tree.itertext())


def words(kind=Wording.OPEN_SHIFT, language="en", bar=Bar.OPTED_OUT, links=True, **facts):
    known: dict[str, Any] = {
        "brand": "Acme",
        "name": "María",
        "shift": SAT,
        "other_shift": SUN,
        "place": 1,
    }
    mail = MailFacts(
        bar=bar,
        unsubscribe_url=END,
        accept_url=TAKE if links else None,
        decline_url=LEAVE if links else None,
        postal_address="Acme, 1 Main St, Springfield",
    )
    return render_mail(kind, language, WordingFacts(**(known | facts)), mail)


def test_an_offer_says_what_it_is_how_to_answer_and_why_it_came_by_mail():
    letter = words(contact="(312) 555-0100")
    assert letter.subject == f"Open shift: {SAT}"
    assert letter.text == (
        f"Hello María,\n\nAcme has an open shift: {SAT}.\n\n"
        f"Take this shift: {TAKE}\nNot this one: {LEAVE}\n\n"
        "Each link opens a page with a button. Nothing happens until you press it. "
        "The first person to take the shift gets it.\n\n"
        "This is voluntary: saying no, or nothing at all, is not held against you.\n\n----\n"
        "Acme sent you this e-mail because you opted out of our texts, and this is the address we "
        "have for you. Getting these e-mails is voluntary and no condition of your work.\n"
        f"Stop these e-mails: {END}\nHelp: (312) 555-0100\nAcme, 1 Main St, Springfield\n"
    )


@pytest.mark.parametrize(
    ("kind", "subject", "said"),
    [
        (Wording.STANDBY_ASK, f"An opening came back: {SAT}", "within 10 minutes of this e-mail"),
        (Wording.CONFIRMATION, f"It is yours: {SAT}", f"It is yours: {SAT}."),
        (Wording.REMINDER, f"A reminder: you work {SAT}", f"you work {SAT}."),
        (Wording.CANCELLATION, f"Cancelled: {SAT}", "You are not needed for it."),
        (Wording.SHIFT_MOVED, f"Your shift moved: {SAT}", f"your shift {SUN}. It is now {SAT}."),
        (Wording.SHIFT_WITHDRAWN, f"No longer yours: {SAT}", "is no longer yours"),
        (Wording.JUST_FILLED, f"Just filled: {SAT}", "You are first on standby."),
        (Wording.STANDBY_TOO_LATE, f"That opening is gone: {SAT}", "somebody else was quicker"),
    ],
)
def test_a_letter_says(kind, subject, said):
    letter = words(kind)
    assert letter.subject == subject
    assert said in letter.text


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_letter_is_whole_and_can_be_ended(kind, language):
    for name in ("María", ""):
        letter = words(kind, language, name=name)
        assert END in letter.text
        assert "Acme" in letter.text
        for wrong in ("None", "  ", " ,", " :", "{{", "{%", "\n\n\n"):
            assert wrong not in letter.text
        assert "\n" not in letter.subject


@pytest.mark.parametrize(
    ("language", "button", "voluntary"),
    [
        ("en", "opens a page with a button. Nothing happens until", "This is voluntary"),
        ("es", "abre una página con un botón. Nada ocurre hasta", "Es voluntario"),
    ],
)
@pytest.mark.parametrize("kind", ASKING)
def test_a_letter_that_asks_says_that_a_link_decides_nothing(kind, language, button, voluntary):
    letter = words(kind, language)
    assert button in letter.text
    assert voluntary in letter.text
    assert TAKE in letter.text
    assert LEAVE in letter.text


@pytest.mark.parametrize("kind", ASKING)
def test_a_letter_that_asks_is_not_written_without_its_links(kind):
    with pytest.raises(BadTemplate, match="accept_url"):
        words(kind, links=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ASKING])
def test_other_letters_hold_one_link_only(kind):
    assert Reader(words(kind).html).links == [END]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("bar", Bar)
def test_everybody_is_told_why_they_are_written_to_and_not_texted(bar, language):
    others = {words(bar=other, language=language).text for other in Bar if other is not bar}
    assert words(bar=bar, language=language).text not in others


def test_without_a_place_in_line_nothing_is_said_about_standby():
    assert "standby" not in words(Wording.JUST_FILLED, place=None).text


def test_every_kind_has_both_languages_and_nothing_else_is_in_the_catalogue():
    text = files("shiftbell").joinpath("data/mail_wording.toml").read_text("utf-8")
    catalogue = tomllib.loads(text)
    assert set(catalogue) == {*map(str, MAILED), "footer", "why"}
    assert all(set(languages) == {"en", "es"} for languages in catalogue.values())
    assert all(set(whys) == set(map(str, Bar)) for whys in catalogue["why"].values())


def test_in_html_a_link_is_the_words_before_it():
    html = words().html
    assert Reader(html).links == [TAKE, LEAVE, END]
    assert ">Take this shift</a>" in html
    assert "https://" not in Reader(html).words
    assert '<html lang="es">' in words(language="es-MX").html


@given(st.text(max_size=60), st.text(max_size=40), st.sampled_from(KINDS))
def test_no_fact_can_break_a_letter(name, brand, kind):
    plain, letter = Reader(words(kind).html), words(kind, name=name, brand=brand)
    found = Reader(letter.html)
    assert (found.tags, found.links) == (plain.tags, plain.links)
    assert letter.text.count("\n") == words(kind).text.count("\n")


def test_a_name_full_of_markup_is_only_a_name():
    html = words(name='<img src=x onerror="a()"> & {{ brand }}').html
    assert "<img" not in html
    assert "&lt;img src=x onerror=&quot;a()&quot;&gt; &amp; {{ brand }}" in html
