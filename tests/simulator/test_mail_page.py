"""The letters on a page and as JSON: shown as they are, and never more than shown."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

import pytest
from flask.testing import FlaskClient

from shiftbell.simulator.clock import ManualClock
from shiftbell.simulator.mail import Mails
from shiftbell.simulator.server import create_app
from shiftbell.simulator.world import World
from tests.simulator.rig import NOON

EVIL = '<script>alert(1)</script><a href="https://example.com/m/1">take</a>'


@pytest.fixture
def mails() -> Mails:
    return Mails(ManualClock(NOON))


@pytest.fixture
def browser(mails: Mails) -> FlaskClient:
    return create_app(World(1, ManualClock(NOON)), mails).test_client()


def letter(text: str = "Take it: https://example.com/m/1\n", html: str = EVIL) -> bytes:
    mime = EmailMessage(policy=SMTP)
    mime["From"], mime["To"] = "Acme <a@example.com>", "ana@example.org"
    mime["Subject"] = "Turno libre mañana"
    mime.set_content(text)
    if html:
        mime.add_alternative(html, subtype="html")
    return mime.as_bytes()


def test_letters_are_listed_with_all_that_a_test_asks_for(browser: FlaskClient, mails: Mails):
    mails.take("a@example.com", "ana@example.org", letter())
    shown = browser.get("/_simulator/mails").get_json()
    [mail] = shown["mails"]
    assert (shown["newest"], shown["total"]) == (1, 1)
    assert {key: mail[key] for key in ("id", "at", "from", "sender", "to", "subject", "text")} == {
        "id": 1,
        "at": "2026-06-06T12:00:00.000Z",
        "from": "Acme <a@example.com>",
        "sender": "a@example.com",
        "to": "ana@example.org",
        "subject": "Turno libre mañana",
        "text": "Take it: https://example.com/m/1\n",
    }
    assert mail["headers"]["To"] == "ana@example.org"


def test_who_follows_gets_only_what_is_new(browser: FlaskClient, mails: Mails):
    for _ in range(3):
        mails.take("a@example.com", "ana@example.org", letter())
    answer = browser.get("/_simulator/mails?since=2")
    assert [mail["id"] for mail in answer.get_json()["mails"]] == [3]
    tag = {"If-None-Match": answer.headers["ETag"]}
    assert browser.get("/_simulator/mails?since=2", headers=tag).status_code == 304
    assert browser.delete("/_simulator/mails").status_code == 204
    assert browser.get("/_simulator/mails?since=2", headers=tag).get_json()["total"] == 0
    assert browser.get("/_simulator/mails?since=x").status_code == 400


def test_the_page_runs_its_own_script_and_nothing_else(browser: FlaskClient):
    answer = browser.get("/mail")
    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = answer.get_data(as_text=True)
    assert "mail.js" in page
    with browser.get("/_simulator/static/mail.js") as script:
        assert "innerHTML" not in script.get_data(as_text=True)
    with browser.get("/_simulator/static/mail.css") as style:
        assert style.status_code == 200


def test_a_letters_html_is_shown_where_it_can_do_nothing(browser: FlaskClient, mails: Mails):
    mails.take("a@example.com", "ana@example.org", letter())
    answer = browser.get("/mail/1/html")
    assert EVIL in answer.get_data(as_text=True)
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_letters_source_is_plain_text(browser: FlaskClient, mails: Mails):
    mails.take("a@example.com", "ana@example.org", letter())
    answer = browser.get("/mail/1/raw")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.data.startswith(b"From: Acme <a@example.com>\r\n")


@pytest.mark.parametrize("path", ["/mail/1/html", "/mail/0/raw", "/mail/x/html"])
def test_a_letter_that_is_not_there_is_not_found(browser: FlaskClient, path: str):
    assert browser.get(path).status_code == 404


def test_a_world_without_a_mail_server_shows_an_empty_page():
    browser = create_app(World(1, ManualClock(NOON))).test_client()
    assert browser.get("/_simulator/mails").get_json() == {"mails": [], "newest": 0, "total": 0}
