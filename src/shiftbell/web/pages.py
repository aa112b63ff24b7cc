"""What the pages for people share: their words, their language, their look and their headers.

A page is one answer without scripts, cookies or anything from elsewhere, and its policy tells the
browser so: nothing may load but the one style sheet, known by its digest, and only a page that is
`private` to one reader has a form, with nothing to fill in. It is answered at our own host names
only (ALLOWED_HOSTS), and what cannot be read gets a page too. It reads well on a phone, in light
and dark. The words are data (`data/pages.toml`); which facts go in, and what is shown when, each
page decides.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from shiftbell import config
from shiftbell.rules import mail_links
from shiftbell.rules.data import read_data
from shiftbell.rules.spoken import language_of
from shiftbell.web.answers import bad_request, said

NO_BRAND = "Shiftbell"  # where BRAND_NAME is not set; nobody real is texted then
CACHE_SECONDS = 60
_TEMPLATES = Path(__file__).with_name("templates")
_FOR_PEOPLE = (mail_links.PATH, "/join", "/privacy")
_OTHER = {"en": "es", "es": "en"}

Page = Callable[..., HttpResponse]


def at_our_host(page: Page) -> Page:
    """Answer at our own host names only; Django makes a 400 of any other."""

    @wraps(page)
    def here(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        request.get_host()
        return page(request, *args, **more)

    return here


def only_read(page: Page) -> Page:
    """Let a page be read with GET and HEAD, at our host, and answer 405 to all else."""

    @wraps(page)
    @at_our_host
    def reading(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if request.method not in {"GET", "HEAD"}:
            return said(405, "Only GET is answered here.", Allow="GET, HEAD")
        return page(request, *args, **more)

    return reading


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer 400: a page to a person, JSON to a machine. Reads nothing that may be what is bad."""
    if not request.path.startswith(_FOR_PEOPLE):
        return bad_request(request, exception)
    language = _preferred(request, "")
    said = words("unreadable", language)
    body = html("link.html", language, config.settings(), words=said | {"title": said["heading"]})
    return answer(body, language, status=400, private=True)


def language_for(request: HttpRequest) -> str:
    """Return "es" or "en": what `?lang=` asks for, else what the browser prefers of the two."""
    return _preferred(request, request.GET.get("lang", "")[:10].lower())


def _preferred(request: HttpRequest, asked: str) -> str:
    wished = [asked, *(tag for tag, _ in parse_accept_lang_header(_accepted(request)))]
    ours = (language_of(tag) for tag in wished if tag[:2] in _OTHER)
    return next(ours, "en")


def brand_of(values: config.Settings) -> str:
    """Return whom the texts come from, as a page says it."""
    return values.brand_name or NO_BRAND


def words(section: str, language: str, **facts: str) -> dict[str, Any]:
    """Return the words of a page, with facts in place of the braces."""
    filled: dict[str, Any] = _filled(_catalogue()[language][section], facts)
    return filled


def html(template: str, language: str, values: config.Settings, **shown: Any) -> str:
    """Return a page as text: its template, what it shows, and what every page shows."""
    common = {name: text for name, text in _catalogue()[language].items() if isinstance(text, str)}
    return render_to_string(
        template,
        {
            "language": language,
            "other": _OTHER[language],
            "brand": brand_of(values),
            "simulated": values.simulated,
            "common": common,
            **shown,
        },
    )


def answer(
    body: str, language: str, *, style: str = "page.css", status: int = 200, private: bool = False
) -> HttpResponse:
    """Return a page as an answer, with the headers that keep it harmless.

    `private`: nobody keeps a copy, and its buttons may post to us.
    """
    forms = "'self'" if private else "'none'"
    response = HttpResponse(body, status=status)
    response["Content-Language"] = language
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src '{_digest(style)}'; img-src data:; "
        f"base-uri 'none'; form-action {forms}; frame-ancestors 'none'"
    )
    response["Referrer-Policy"] = "no-referrer"
    response["X-Content-Type-Options"] = "nosniff"
    response["X-Frame-Options"] = "DENY"
    response["X-Robots-Tag"] = "noindex"
    keeps = status < 500 and not private
    response["Cache-Control"] = f"max-age={CACHE_SECONDS}" if keeps else "no-store"
    patch_vary_headers(response, ["Accept-Language"])
    return response


def qr_code(content: str, *, alone: bool = False) -> str:
    """Return a QR code as an SVG element that takes the width it is given; `alone` as a file.

    A quarter of it may be creased or stained: it will hang in a break room.
    """
    code = segno.make(content, error="q", micro=False, boost_error=False)
    svg = io.BytesIO()
    code.save(svg, kind="svg", border=4, omitsize=True, light="#fff", xmldecl=alone, svgns=alone)
    return svg.getvalue().decode()


def _accepted(request: HttpRequest) -> str:
    return request.headers.get("Accept-Language", "")[:500].lower()


def _filled(said: Any, facts: Mapping[str, str]) -> Any:
    if isinstance(said, str):
        return said.format_map(facts)
    if isinstance(said, list):
        return [_filled(each, facts) for each in said]
    return {name: _filled(each, facts) for name, each in said.items()}


@cache
def _catalogue() -> dict[str, Any]:
    return read_data("pages.toml")


@cache
def _digest(style: str) -> str:
    """Return the digest of a style sheet, which stands in the page between its tags as it is."""
    raw = (_TEMPLATES / style).read_text(encoding="utf-8").encode()
    return f"sha256-{base64.b64encode(hashlib.sha256(raw).digest()).decode()}"
