"""Which page a link shows, and that each has its words and its buttons in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.data import read_data
from shiftbell.rules.link_pages import (
    BUTTONS,
    MAIL_AGAIN,
    PAGE_OF,
    Do,
    OfferLink,
    Page,
    acts,
    offer_page,
    unsubscribe_page,
)
from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.shifts import Verdict

ACCEPT, DECLINE = Purpose.ACCEPT, Purpose.DECLINE


@pytest.mark.parametrize(
    ("purpose", "verdict", "facts", "page"),
    [
        (ACCEPT, Verdict.ACCEPTED, {}, Page.TAKE),
        (ACCEPT, Verdict.ACCEPTED, {"declined": True}, Page.TAKE_AFTER_ALL),
        (ACCEPT, Verdict.ACCEPTED, {"used": True}, Page.USED),
        (ACCEPT, Verdict.ACCEPTED, {"expired": True}, Page.EXPIRED),
        (ACCEPT, Verdict.ACCEPTED, {"used": True, "expired": True}, Page.USED),
        (ACCEPT, Verdict.FILLED, {}, Page.STAND_BY),
        (ACCEPT, Verdict.FILLED, {"used": True, "in_line": True}, Page.WAITING),
        (ACCEPT, Verdict.FILLED, {"in_line": True}, Page.WAITING),
        (ACCEPT, Verdict.FILLED, {"expired": True}, Page.EXPIRED),
        (ACCEPT, Verdict.OVERLAP, {}, Page.OVERLAP),
        (ACCEPT, Verdict.ALREADY_YOURS, {"used": True}, Page.YOURS),
        (ACCEPT, Verdict.ALREADY_YOURS, {"expired": True}, Page.YOURS),
        (ACCEPT, Verdict.CANCELLED, {"used": True}, Page.CANCELLED),
        (ACCEPT, Verdict.STARTED, {}, Page.STARTED),
        (DECLINE, Verdict.ACCEPTED, {}, Page.DECLINE),
        (DECLINE, Verdict.FILLED, {}, Page.DECLINE),
        (DECLINE, Verdict.FILLED, {"in_line": True}, Page.DECLINE),
        (DECLINE, Verdict.OVERLAP, {}, Page.DECLINE),
        (DECLINE, Verdict.ACCEPTED, {"declined": True, "used": True}, Page.DECLINED),
        (DECLINE, Verdict.ACCEPTED, {"used": True}, Page.USED),
        (DECLINE, Verdict.ACCEPTED, {"expired": True}, Page.EXPIRED),
        (DECLINE, Verdict.ALREADY_YOURS, {}, Page.HOLDS),
        (DECLINE, Verdict.CANCELLED, {}, Page.CANCELLED),
        (DECLINE, Verdict.STARTED, {"declined": True}, Page.STARTED),
    ],
)
def test_a_link_about_an_offer_shows(
    purpose: Purpose, verdict: Verdict, facts: dict[str, bool], page: Page
) -> None:
    assert offer_page(OfferLink(purpose=purpose, verdict=verdict, **facts)) is page


@given(st.sampled_from(Verdict), st.booleans(), st.booleans(), st.booleans(), st.booleans())
@pytest.mark.parametrize("purpose", [ACCEPT, DECLINE])
def test_a_link_that_acted_or_expired_has_no_button(
    purpose: Purpose, verdict: Verdict, used: bool, expired: bool, declined: bool, in_line: bool
) -> None:
    link = OfferLink(
        purpose=purpose,
        verdict=verdict,
        used=used,
        expired=expired,
        declined=declined,
        in_line=in_line,
    )
    buttons = set(BUTTONS.get(offer_page(link), ()))
    takes = {Do.ACCEPT, Do.ACCEPT_AFTER_ALL, Do.STAND_BY}
    assert buttons <= (takes if purpose is ACCEPT else {Do.DECLINE})
    assert not (buttons and (used or expired))


@pytest.mark.parametrize(
    ("mail_stopped", "texts_may_come", "page"),
    [
        (False, True, Page.STOP),
        (False, False, Page.STOP_MAIL),
        (True, True, Page.MAIL_STOPPED),
        (True, False, Page.STOPPED),
    ],
)
def test_a_link_to_unsubscribe_shows(mail_stopped: bool, texts_may_come: bool, page: Page) -> None:
    shown = unsubscribe_page(mail_stopped=mail_stopped, texts_may_come=texts_may_come)
    assert shown is page


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("page", Page)
def test_every_page_has_its_words_and_a_label_for_each_button(language: str, page: Page) -> None:
    words: dict[str, Any] = read_data("pages.toml")[language]["link"][page]
    assert words["heading"]
    assert words["lead"]
    assert len(words.get("buttons", [])) == len(BUTTONS.get(page, ()))


@pytest.mark.parametrize("language", ["en", "es"])
def test_no_words_stand_there_for_a_page_that_is_none(language: str) -> None:
    assert set(read_data("pages.toml")[language]["link"]) == {*Page, "busy"}


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_button_names_the_words_that_it_stands_beside(language: str) -> None:
    words: dict[str, Any] = read_data("pages.toml")[language]["link"]
    for page, buttons in BUTTONS.items():
        for place, do in enumerate(buttons):
            beside, named = words[page], words[PAGE_OF[do]]
            label = named["buttons"][BUTTONS[PAGE_OF[do]].index(do)]
            assert beside["buttons"][place] == label
            assert [beside.get(each) for each in ("heading", "lead", "note")] == [
                named.get(each) for each in ("heading", "lead", "note")
            ]


@pytest.mark.parametrize(
    ("do", "pages"),
    [
        (Do.ACCEPT, {Page.TAKE}),
        (Do.ACCEPT_AFTER_ALL, {Page.TAKE_AFTER_ALL}),
        (Do.STAND_BY, {Page.STAND_BY}),
        (Do.DECLINE, {Page.DECLINE}),
        (Do.STOP_MAIL, {Page.STOP, Page.STOP_MAIL}),
        (Do.STOP_ALL, {Page.STOP, Page.STOP_MAIL, Page.MAIL_STOPPED}),
        (Do.STOP_TEXTS, {Page.STOP, Page.MAIL_STOPPED}),
        (Do.MAIL_TOO, {Page.MAIL_STOPPED}),
        (Do.MAIL_AGAIN, {Page.STOPPED}),
    ],
)
def test_a_yes_counts_on_its_own_page_and_a_stop_wherever_something_is_left(
    do: Do, pages: set[Page]
) -> None:
    assert {page for page in Page if acts(do, page)} == pages
    assert not (do in MAIL_AGAIN and any(acts(do, page, theirs=False) for page in Page))
