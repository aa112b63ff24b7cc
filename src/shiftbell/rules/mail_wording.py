"""What an e-mail says: one subject and body per kind and language, and a footer under each.

The templates live in `data/mail_wording.toml` and are filled as those of texts are (`templates`).
The kinds are those of texts that have a twin here; the facts are the same, and times are said as
`spoken` says them, so a person hears the same words by either channel. A letter has room, so names
keep their accents, and it says what a text cannot: that a link only opens a page with a button,
who writes and why by e-mail (R3, K4), and how to end it.

HTML is made from the finished text and decides nothing: every character is escaped, and the only
links are those that were handed in. It is well-formed XML too, so that any program reads it alike.
Whether a link works, and how long, is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from shiftbell.rules.data import read_data
from shiftbell.rules.reach import Bar
from shiftbell.rules.spoken import language_of
from shiftbell.rules.templates import filled
from shiftbell.rules.wording import Wording, WordingFacts

TEMPLATE_CHARS_MAX = 1500
FACT_CHARS_MAX = 200

MAILED = frozenset(
    {
        Wording.OPEN_SHIFT,
        Wording.STANDBY_ASK,
        Wording.CONFIRMATION,
        Wording.REMINDER,
        Wording.CANCELLATION,
        Wording.SHIFT_MOVED,
        Wording.SHIFT_WITHDRAWN,
        Wording.JUST_FILLED,
        Wording.STANDBY_TOO_LATE,
    }
)
"""The kinds that can be said by e-mail."""


@dataclass(frozen=True, kw_only=True)
class MailFacts:
    """What only a letter says: why it is none of our texts, and its links.

    A kind that asks for an answer needs `accept_url` and `decline_url`. `bar` is what keeps its
    reader from being texted.
    """

    bar: Bar
    unsubscribe_url: str
    accept_url: str | None = None
    decline_url: str | None = None
    postal_address: str = ""


@dataclass(frozen=True)
class Worded:
    """A letter's words: subject, plain text, and the same as HTML."""

    subject: str
    text: str
    html: str


def render_mail(kind: Wording, language: str, facts: WordingFacts, mail: MailFacts) -> Worded:
    """Return the letter of `kind` in `language` ("es", "es-MX"; English where we have no other).

    Raises BadTemplate when a fact is missing, like the links of an offer.
    """
    assert kind in MAILED, "this kind is said by text alone"
    language = language_of(language)
    words = _catalogue()[str(kind)][language]
    seen = _seen(facts, mail, language)
    subject = _filled(words["subject"], seen, f"{kind}, subject")
    body = _filled(words["body"], seen, str(kind))
    footer = _filled(_catalogue()["footer"][language]["body"], seen, "footer")
    links = [url for url in (mail.accept_url, mail.decline_url, mail.unsubscribe_url) if url]
    return Worded(
        subject=" ".join(subject.split()),
        text=f"{body}\n\n----\n{footer}\n",
        html=_html(body, footer, language=language, title=subject, links=links),
    )


def _seen(facts: WordingFacts, mail: MailFacts, language: str) -> dict[str, Any]:
    """Return the facts a template sees, each on one line; what is absent is not there."""
    there = {
        "shift": facts.shift,
        "other_shift": facts.other_shift,
        "accept_url": mail.accept_url,
        "decline_url": mail.decline_url,
    }
    return {name: value for name, value in there.items() if value is not None} | {
        "brand": _one_line(facts.brand),
        "name": _one_line(facts.name),
        "contact": _one_line(facts.contact),
        "postal_address": _one_line(mail.postal_address),
        "place": facts.place,
        "minutes": facts.minutes,
        "unsubscribe_url": mail.unsubscribe_url,
        "why": _catalogue()["why"][language][str(mail.bar)],
    }


def _filled(template: str, seen: dict[str, Any], name: str) -> str:
    text = filled(template, seen, name=name, chars_max=TEMPLATE_CHARS_MAX)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _one_line(text: str) -> str:
    """Return `text` on one line of characters that can be seen."""
    seen = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(seen.split())[:FACT_CHARS_MAX]


_PAGE = """\
<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"/><title>{title}</title></head>
<body style="margin:1.5em auto;padding:0 1em;max-width:34em;font:16px/1.5 sans-serif">
{body}
<hr style="margin:2em 0 1em;border:0;border-top:1px solid #ccc"/>
<div style="font-size:13px;color:#555">{footer}</div>
</body>
</html>
"""
_BUTTON = (
    "display:inline-block;margin:.3em 0;padding:.5em 1em;border:1px solid #2f56d0;"
    "border-radius:8px;color:#2f56d0;text-decoration:none"
)


def _html(body: str, footer: str, *, language: str, title: str, links: list[str]) -> str:
    return _PAGE.format(
        language=language,
        title=escape(title),
        body=_paragraphs(body, links, style=f' style="{_BUTTON}"'),
        footer=_paragraphs(footer, links),
    )


def _paragraphs(text: str, links: list[str], style: str = "") -> str:
    return "\n".join(
        f"<p>{'<br/>'.join(_line(line, links, style) for line in paragraph.splitlines())}</p>"
        for paragraph in text.split("\n\n")
    )


def _line(line: str, links: list[str], style: str) -> str:
    """Return a line as HTML; a link at its end becomes the words before it."""
    for url in links:
        if line.endswith(f": {url}"):
            words = line.removesuffix(f": {url}")
            return f'<a href="{escape(url)}" rel="noreferrer"{style}>{escape(words)}</a>'
    return escape(line)


@cache
def _catalogue() -> dict[str, dict[str, Any]]:
    return read_data("mail_wording.toml")
