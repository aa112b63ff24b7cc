"""GET and POST /m/TOKEN: the page of a link in an e-mail, and its button.

Scanners, previews and prefetchers open every link in a letter, so GET and HEAD only read; a POST
that names the button acts, if its page is still so. No token against forged requests is needed
beside the one in the address: nothing here rests on a cookie or a login that a stranger's page
could borrow, and whoever knows the address holds the letter. Nobody can lay the page under another
one (`pages`: no frames).

The address is a secret, so it must not travel: no referrer, no copy in a cache, nothing loaded from
anywhere, no log line of ours (`cli/logs` hides what slips into one). A stranger's guess costs no
query, and its body is not read; nor is one larger than any button's. What a link may do is ruled in
`rules/link_pages`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from shiftbell import config
from shiftbell.flow import hear_link
from shiftbell.flow.hear_link import GONE, Pressed, View
from shiftbell.rules.link_pages import BUTTONS, PAGE_OF, Do, Page
from shiftbell.rules.spoken import language_of
from shiftbell.store.transactions import patience
from shiftbell.web import pages
from shiftbell.web.answers import said

PATIENCE_SECONDS = 5.0
ONE_CLICK = "List-Unsubscribe=One-Click"
# Mail programs may post theirs as a form in parts (RFC 8058), which Django would put on disk.
BODY_BYTES_MAX = 16 * 1024
_KEPT_CHARS = 300  # of what a browser says of itself


@csrf_exempt
@pages.at_our_host
def show(request: HttpRequest, token: str) -> HttpResponse:
    """Show what a link is about, or do what its button says."""
    if request.method not in {"GET", "HEAD", "POST"}:
        return said(405, "Only GET and POST are answered here.", Allow="GET, HEAD, POST")
    if not hear_link.is_ours(token):
        return _answer(request, GONE)
    now = datetime.now(UTC)
    if request.method != "POST":
        return _answer(request, hear_link.look(token, now, _asked_language(request)))
    if _length(request) > BODY_BYTES_MAX:
        return pages.unreadable(request)
    try:
        do = _button(request)
    except OSError:  # it ended before its end
        return pages.unreadable(request)
    return _press(request, token, do, now)


def _length(request: HttpRequest) -> int:
    """Return how long the body says it is; without a length none is read."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() else 0


def _press(request: HttpRequest, token: str, do: Do | None, now: datetime) -> HttpResponse:
    language = _asked_language(request)
    before = hear_link.look(token, now, language)
    if do is None:
        return _answer(request, before)
    pressed = Pressed(do, shown=_words_shown(request, before, do), evidence=_evidence(request))
    try:
        with patience(PATIENCE_SECONDS):
            return _answer(request, hear_link.press(token, pressed, now, language))
    except DatabaseError:
        return _answer(request, before, busy=True)


def _button(request: HttpRequest) -> Do | None:
    """Return which button a form came from; None for anything else that a machine may post."""
    if _is_one_click(request):
        return Do.STOP_MAIL
    try:
        return Do(request.POST.get("do", ""))
    except ValueError:
        return None


def _is_one_click(request: HttpRequest) -> bool:
    """Whether a mail program stops the list by itself, without a page (RFC 8058)."""
    name, _, value = ONE_CLICK.partition("=")
    return request.POST.get(name) == value


def _evidence(request: HttpRequest) -> dict[str, str]:
    """Return whence a button was pressed (K1). Behind a proxy, `ip` is the proxy's."""
    found = {
        "ip": request.META.get("REMOTE_ADDR", ""),
        "forwarded_for": request.headers.get("X-Forwarded-For", ""),
        "user_agent": request.headers.get("User-Agent", ""),
    }
    return {name: value[:_KEPT_CHARS] for name, value in found.items() if value}


def _words_shown(request: HttpRequest, view: View, do: Do) -> str:
    """Return what stands on a button's page beside it, and on it; or what a machine said.

    Not of the page that is so by now: what was pressed is what its reader had seen.
    """
    if _is_one_click(request):
        return ONE_CLICK
    words = _words(view, _language(request, view), PAGE_OF[do])
    label = words["buttons"][BUTTONS[PAGE_OF[do]].index(do)]
    parts = [words["heading"], view.shift, words["lead"], f"[{label}]", words.get("note", "")]
    return "\n".join(filter(None, parts))


def _answer(request: HttpRequest, view: View, *, busy: bool = False) -> HttpResponse:
    language, values = _language(request, view), config.settings()
    words = _words(view, language, "busy" if busy else view.page)
    labels = dict(zip(BUTTONS.get(view.page, ()), words.get("buttons", ()), strict=False))
    buttons = [(do, labels[do]) for do in view.buttons if do in labels]
    body = pages.html(
        "link.html",
        language,
        values,
        words=words | {"title": words["heading"]},
        shift=view.shift,
        buttons=buttons,
    )
    status = 503 if busy else 404 if view.page is Page.GONE else 200
    return pages.answer(body, language, status=status, private=True)


def _words(view: View, language: str, page: str = "") -> dict[str, str]:
    facts = {
        "brand": pages.brand_of(config.settings()),
        "other": view.other_shift,
        "place": str(view.place),
    }
    found: dict[str, str] = pages.words("link", language, **facts)[page or view.page]
    return found


def _asked_language(request: HttpRequest) -> str:
    """Return the language that the address asks for; "" leaves it to what the roster has."""
    return language_of(request.GET["lang"]) if "lang" in request.GET else ""


def _language(request: HttpRequest, view: View) -> str:
    """Return the page's language; a link that is nobody's speaks the browser's."""
    return language_of(view.language) if view.language else pages.language_for(request)
