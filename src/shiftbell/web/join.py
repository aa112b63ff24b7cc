"""GET /join/CODE, its sign-up sheet, and /privacy: how someone comes to be texted by themselves.

The page asks its reader to text JOIN and the code to our number. It has no field for a number on
purpose: a form that texts whatever number is typed into it is soon used to pester strangers, and
proves nothing about who holds that number. A text from the phone itself proves it, so Shiftbell
never texts first. Everyone may read these pages; they show nothing about anyone, and reading them
costs a few small queries.

What a reader agrees to is `rules/disclosure`; what the JOIN then does is decided when it is heard.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse

from shiftbell import config
from shiftbell.rules import joining
from shiftbell.rules.disclosure import disclosure
from shiftbell.store import invitations
from shiftbell.store.models import Invitation
from shiftbell.web import pages

SHEET_LINES = 11  # as many as fit on one page, Letter and A4 alike
_AT = {"en": "at", "es": "en"}


@pages.only_read
def show(request: HttpRequest, code: str | None = None) -> HttpResponse:
    """Show an invitation: what texts it is about, what is agreed to, and how to text JOIN."""
    language, values = pages.language_for(request), config.settings()
    invitation = invitations.find_live(code) if code else None
    if invitation is None:
        return _gone(code or "", language, values)
    number = number_for(invitation, values)
    if number is None:
        return _not_ready(language, values)
    body = _invitation(invitation, number, language, values, datetime.now(UTC))
    return pages.answer(body, language)


@pages.only_read
def show_sheet(request: HttpRequest, code: str) -> HttpResponse:
    """Show the sign-up sheet of an invitation, to print."""
    language, values = pages.language_for(request), config.settings()
    invitation = invitations.find_live(code)
    if invitation is None:
        return _gone(code, language, values)
    number = number_for(invitation, values)
    if number is None:
        return _not_ready(language, values)
    body = sheet(invitation, number, language, values, page=f"/join/{code}")
    return pages.answer(body, language, style="sheet.css")


@pages.only_read
def show_privacy(request: HttpRequest) -> HttpResponse:
    """Show what is kept about people who are texted, and what is never done with it (K6)."""
    language, values = pages.language_for(request), config.settings()
    facts = {"brand": pages.brand_of(values), "contact": values.help_contact}
    words = pages.words("privacy", language, **facts)
    if not values.help_contact:
        facts["contact"] = words["nobody_named"]
        words = pages.words("privacy", language, **facts)
    return pages.answer(pages.html("privacy.html", language, values, words=words), language)


def number_for(invitation: Invitation, values: config.Settings) -> str | None:
    """Return the number of ours to text, in E.164; None where none is configured yet."""
    return invitations.number_to_text(invitation) or values.rc_from_number or None


def sheet(
    invitation: Invitation,
    number: str,
    language: str,
    values: config.Settings,
    *,
    page: str = "",
) -> str:
    """Return the sign-up sheet as one file that needs nothing else; `page` is where it links back.

    The paper itself is evidence (K1): it has the words, their version, and a date with each name.
    """
    brand, place = pages.brand_of(values), _place(invitation)
    agreed = disclosure(brand, values.help_contact, language)
    facts = _facts(invitation, number, values) | {"version": agreed.version}
    return pages.html(
        "sheet.html",
        language,
        values,
        words=pages.words("sheet", language, **facts),
        place=place,
        page=page,
        qr=pages.qr_code(to_scan(invitation, number, values)),
        disclosure=agreed.words,
        lines=range(SHEET_LINES),
    )


def to_scan(invitation: Invitation, number: str, values: config.Settings) -> str:
    """Return what the QR code of a sheet or poster holds: the page, or else the text itself."""
    page = joining.page_address(values.public_url, invitation.code)
    return page or joining.scanned(number, invitation.code)


def _invitation(
    invitation: Invitation, number: str, language: str, values: config.Settings, now: datetime
) -> str:
    brand, place, code = pages.brand_of(values), _place(invitation), invitation.code
    agreed = disclosure(brand, values.help_contact, language)
    at_place = f" {_AT[language]} {place}" if place else ""
    facts = _facts(invitation, number, values) | {"version": agreed.version, "at_place": at_place}
    words = pages.words("join", language, **facts)
    zone = ZoneInfo(invitation.location.zone if invitation.location else values.time_zone)
    us = values.default_region == "US"
    return pages.html(
        "join.html",
        language,
        values,
        words=words,
        join=joining.join_text(code),
        sms=joining.sms_link(number, code),
        qr=pages.qr_code(joining.scanned(number, code)),
        sheet=f"/join/{code}/sheet?lang={language}",
        example=joining.sample_offer(brand, place, zone, now=now, language=language, us=us),
        agreed=[(words["labels"][part], sentence) for part, sentence in agreed.parts.items()],
    )


def _gone(code: str, language: str, values: config.Settings) -> HttpResponse:
    # Only what may be a code is repeated: an address must not put a stranger's words on our page.
    shown = code if code.isascii() and code.isdigit() and len(code) <= 5 else ""
    words = pages.words("gone", language, code=shown)
    lead = words["lead_code"] if shown else words["lead"]
    body = pages.html("gone.html", language, values, words=words, lead=lead)
    return pages.answer(body, language, status=404)


def _not_ready(language: str, values: config.Settings) -> HttpResponse:
    words = pages.words("not_ready", language)
    body = pages.html("gone.html", language, values, words=words, lead=words["lead"])
    return pages.answer(body, language, status=503)


def _place(invitation: Invitation) -> str:
    return invitation.location.name if invitation.location else ""


def _facts(invitation: Invitation, number: str, values: config.Settings) -> dict[str, str]:
    return {
        "brand": pages.brand_of(values),
        "place": _place(invitation),
        "code": invitation.code,
        "join": joining.join_text(invitation.code),
        "number": joining.readable(number, values.default_region),
    }
