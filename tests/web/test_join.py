"""The pages people sign up by: what they say, in both languages, and all that they do not do."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shiftbell import config
from shiftbell.rules.disclosure import disclosure
from shiftbell.store import invitations
from shiftbell.store.models import Invitation, Message, PhoneNumber
from shiftbell.store.transactions import write
from shiftbell.web import join
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db

PAGES = ("/join/4821", "/join/4821/sheet", "/privacy", "/join/9999")


@pytest.fixture(autouse=True)
def invitation() -> Invitation:
    crew.sender()
    with write():
        made = invitations.make(crew.place(), now=NOON, actor="Mia")
        made.code = "4821"
        made.save()
    return made


def asked(path: str, **headers: str) -> Any:
    return Client().get(path, headers=headers)


def said(path: str) -> str:
    """Return the words of a page as a reader has them."""
    body = re.sub(r"<(style|svg).*?</\1>", "", asked(path).content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def elements(path: str) -> list[tuple[str, dict[str, str]]]:
    """Return every element of a page with its attributes."""
    body = asked(path).content.decode()
    tags = re.findall(r"<([a-z]+)((?:\s[^>]*)?)>", body)
    return [(tag, dict(re.findall(r'([a-z-]+)="([^"]*)"', rest))) for tag, rest in tags]


@pytest.mark.parametrize(
    "words",
    [
        "Text JOIN 4821 to (650) 555-0100",
        "When a shift opens at Dock 4, Acme texts you.",
        "By texting it you agree to what is written below.",
        *disclosure("Acme", "help@example.com").parts.values(),
        "Version 2026-11 of these words",
        "SIMULATED: texts go to a simulator, not to phones.",
        "Privacy",
    ],
)
def test_the_invitation_says(words: str):
    assert words in said("/join/4821")


def test_the_button_writes_the_text_and_leaves_the_sending_to_its_reader():
    assert 'href="sms:+16505550100?&amp;body=JOIN%204821"' in asked("/join/4821").content.decode()


def test_the_example_is_what_an_offer_really_looks_like():
    example = r"Acme: Sat \w{3} \d+ 7am-3pm, Dock 4\. Reply YES to take it, STOP to opt out\."
    assert re.search(example, said("/join/4821"))


@pytest.mark.parametrize("path", PAGES)
def test_no_page_takes_a_number_runs_a_script_or_asks_anyone_else(path: str):
    found = elements(path)
    assert "html" in {tag for tag, _ in found}
    assert not {tag for tag, _ in found} & {
        "form",
        "input",
        "textarea",
        "script",
        "img",
        "iframe",
    }
    links = [attributes["href"] for _, attributes in found if "href" in attributes]
    assert all(link.startswith(("/", "?", "sms:", "data:")) for link in links)
    assert not any("src" in attributes or "style" in attributes for _, attributes in found)


@pytest.mark.parametrize("path", PAGES)
def test_reading_a_page_leaves_no_trace_and_texts_no_one(path: str):
    answer = asked(path)
    assert not answer.cookies
    assert not Message.objects.exists()
    assert not PhoneNumber.objects.exists()


@pytest.mark.parametrize("path", PAGES)
def test_reading_a_page_costs_a_handful_of_queries(path: str):
    with CaptureQueriesContext(connection) as queries:
        asked(path)
    assert len(queries.captured_queries) <= 3
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_pages_can_only_be_read(path: str, method: str):
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")
    assert Client().head(path).status_code in {200, 404}


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [
        ("/join/4821", "", "en"),
        ("/join/4821", "es-MX,es;q=0.9,en;q=0.8", "es"),
        ("/join/4821", "en-US,en;q=0.9,es;q=0.8", "en"),
        ("/join/4821", "vi,es;q=0.5", "es"),
        ("/join/4821", "vi", "en"),
        ("/join/4821", "es;q=wrong,;;,", "en"),
        ("/join/4821?lang=es", "en", "es"),
        ("/join/4821?lang=en", "es", "en"),
        ("/join/4821?lang=xx", "es", "es"),
        ("/join/4821/sheet?lang=es", "", "es"),
        ("/privacy?lang=es", "", "es"),
        ("/join/9999?lang=es", "", "es"),
    ],
)  # fmt: skip
def test_a_page_speaks_its_readers_language(path: str, accepts: str, language: str):
    answer = asked(path, accept_language=accepts)
    assert f'<html lang="{language}">' in answer.content.decode()
    assert answer["Content-Language"] == language
    assert "Accept-Language" in answer["Vary"]


def test_the_spanish_invitation_is_spanish_throughout():
    words = said("/join/4821?lang=es")
    for sentence in disclosure("Acme", "help@example.com", "es").parts.values():
        assert sentence in words
    assert "Envía JOIN 4821 al (650) 555-0100" in words
    assert "English" in words


@pytest.mark.parametrize("code", ["9999", "", "/", "0", "x", "JOIN%204821", "4821%27--", "9" * 40])
def test_an_unknown_code_gets_a_page_that_says_what_to_do(code: str):
    answer = asked(f"/join/{code}".rstrip("/"))
    assert answer.status_code == 404
    assert "Ask your manager for the code that is used now." in answer.content.decode()


def test_an_ended_invitation_is_gone_with_its_sheet(invitation: Invitation):
    with write():
        invitations.end("4821", now=NOON, actor="Mia")
    assert asked("/join/4821").status_code == 404
    assert asked("/join/4821/sheet").status_code == 404
    assert "There is no open invitation 4821." in said("/join/4821")


def test_a_page_never_repeats_a_strangers_words():
    for path in ("/join/Call-Eve-at-once", "/join/4821?lang=<b>", "/join/%3Cb%3E"):
        body = asked(path).content.decode()
        assert "Eve" not in body
        assert "<b>" not in body


def test_a_name_with_markup_is_shown_as_a_name(invitation: Invitation):
    assert invitation.location is not None
    invitation.location.name = "<b>Dock</b> & {place}"
    invitation.location.save()
    for path in ("/join/4821", "/join/4821/sheet"):
        body = asked(path).content.decode()
        assert "<b>" not in body
        assert "&lt;b&gt;Dock&lt;/b&gt; &amp; {place}" in body


def test_the_sheet_is_evidence_words_version_and_a_date_for_each_signature():
    words = said("/join/4821/sheet")
    assert disclosure("Acme", "help@example.com").words in words
    assert "Form JOIN 4821 · words 2026-11" in words
    assert "Name Mobile number Signature Date" in words
    body = asked("/join/4821/sheet").content.decode()
    assert body.count("<tr><td>") == join.SHEET_LINES


def test_a_sheet_needs_no_other_file_and_leads_nowhere_when_it_is_one(invitation: Invitation):
    alone = join.sheet(invitation, "+16505550100", "en", config.settings())
    assert "<nav><span>" in alone
    assert "<style>\n@page" in alone


@pytest.mark.parametrize(
    ("public_url", "held"),
    [
        ("https://shifts.example.com", "https://shifts.example.com/join/4821"),
        ("", "SMSTO:+16505550100:JOIN 4821"),
    ],
)
def test_the_code_of_a_sheet_leads_to_the_page_where_there_is_one(
    invitation: Invitation, public_url: str, held: str
):
    values = config.settings().model_copy(update={"public_url": public_url})
    assert join.to_scan(invitation, "+16505550100", values) == held


@pytest.mark.parametrize(
    "words",
    [
        "not shared with third parties or affiliates for marketing or promotion",
        "are not sold",
        "at least four years after the last text",
        "That a number opted out is kept for good",
        "Ask help@example.com to see what is kept about you",
        "no job depends on agreeing",
        "Acme texts its own people about open shifts",
    ],
)
def test_k6_the_privacy_page_says(words: str):
    assert words in said("/privacy")
