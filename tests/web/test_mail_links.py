"""The pages of links in e-mails, over HTTP: what opens, what acts, and what gives a link away."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from shiftbell import config
from shiftbell.flow.fill_shift import fill, release
from shiftbell.rules import mail_links
from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.reach import Bar
from shiftbell.rules.sending import Kind
from shiftbell.store import mailboxes, openings
from shiftbell.store.models import (
    Assignment,
    Broadcast,
    Consent,
    EmailAddress,
    Employee,
    MailLink,
    Offer,
    PhoneNumber,
)
from shiftbell.store.transactions import write
from tests import crew
from tests.cli.processes import Running, running

KEY = "a sample key that signs the links of these tests"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def ana(db: None) -> Employee:
    """Somebody who never agreed to texts, and was asked by mail."""
    now = datetime.now(UTC)
    crew.sender()
    row = crew.person("Ana", 1, now=now, consent=False, email="ana@example.com")
    work = crew.shift(now=now, hours=48)
    with write():
        asked = Broadcast.objects.create(shift=work, created_at=now, actor="Mia")
        offer = Offer.objects.create(
            shift=work, employee=row, broadcast=asked, code=1, created_at=now
        )
        mailboxes.queue(
            Kind.OFFER,
            row,
            intent="offer:1:1:1",
            now=now,
            bar=Bar.NO_CONSENT,
            expires_at=work.starts_at,
            shift=work,
            offer=offer,
            broadcast=asked,
            links=(MailLink.ACCEPT, MailLink.DECLINE),
            links_expire_at=work.starts_at,
        )
    return row


@pytest.fixture(params=["accept", "decline", "unsubscribe"])
def path(ana: Employee, request: pytest.FixtureRequest) -> str:
    return path_of(request.param)


def path_of(purpose: str) -> str:
    link = MailLink.objects.get(purpose=purpose)
    key = config.secret_key(config.settings())
    return "/m/" + mail_links.token(link.nonce, Purpose(purpose), key)


def press(path: str, do: str, **more: Any) -> str:
    answer = Client().post(path, {"do": do}, REMOTE_ADDR="203.0.113.7", **more)
    assert answer.status_code == 200
    return answer.content.decode()


def said(page: str) -> str:
    body = re.sub(r"<(style|svg).*?</\1>", "", page, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def untouched() -> bool:
    used = MailLink.objects.filter(used_at__isnull=False)
    return not (used.exists() or Assignment.objects.exists() or Consent.objects.exists())


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_opens_every_link_accepts_declines_and_stops_nothing(
    path: str, method: str
) -> None:
    with CaptureQueriesContext(connection) as queries:
        for _ in range(10):
            answer = getattr(Client(), method)(path, headers={"Sec-Purpose": "prefetch"})
            assert answer.status_code == 200
    assert all(query["sql"].startswith("SELECT") for query in queries.captured_queries)
    assert untouched()
    assert Offer.objects.get().state == "open"


@pytest.mark.parametrize(
    "sent", [{}, {"do": ""}, {"do": "accept "}, {"do": "everything"}, {"accept": "1"}]
)
def test_a_post_that_names_no_button_of_the_page_does_nothing(
    path: str, sent: dict[str, str]
) -> None:
    assert Client().post(path, sent).status_code == 200
    assert untouched()


def test_one_button_takes_the_shift_and_pressed_again_says_so_again(ana: Employee) -> None:
    page = Client().get(path_of("accept")).content.decode()
    assert '<button class="button" name="do" value="accept">Take this shift</button>' in page
    assert "Take this shift?" in said(page)
    for _ in range(2):
        assert "It is yours." in said(press(path_of("accept"), "accept"))
    assert Assignment.objects.count() == 1
    link = MailLink.objects.get(purpose="accept")
    assert link.shown.startswith("Take this shift?\n")
    assert "[Take this shift]" in link.shown
    assert link.evidence["ip"] == "203.0.113.7"


def test_k1_whence_a_button_was_pressed_is_kept(ana: Employee) -> None:
    headers = {"User-Agent": "Sample/1.0 " + "x" * 999, "X-Forwarded-For": "198.51.100.4"}
    press(path_of("decline"), "decline", headers=headers)
    kept = MailLink.objects.get(purpose="decline").evidence
    assert kept["forwarded_for"] == "198.51.100.4"
    assert kept["user_agent"].startswith("Sample/1.0")
    assert len(kept["user_agent"]) == 300


def test_a_mail_programs_one_click_stops_mail_at_once_and_texts_not(ana: Employee) -> None:
    answer = Client(enforce_csrf_checks=True).post(path_of("unsubscribe"), ONE_CLICK)
    assert answer.status_code == 200
    assert EmailAddress.objects.get().opted_out_at is not None
    assert PhoneNumber.objects.get(employee=ana).opted_out_at is None
    event = Consent.objects.get()
    assert event.words == "List-Unsubscribe=One-Click"
    assert event.detail["ip"] == "127.0.0.1"


@pytest.mark.parametrize("purpose", ["accept", "decline"])
def test_one_click_on_another_link_does_nothing(ana: Employee, purpose: str) -> None:
    assert Client().post(path_of(purpose), ONE_CLICK).status_code == 200
    assert untouched()


def test_the_page_to_unsubscribe_offers_to_stop_texts_too(ana: Employee) -> None:
    path = path_of("unsubscribe")
    assert "Stop e-mails and texts" in said(Client().get(path).content.decode())
    assert "Texts may still come" in said(press(path, "stop-mail"))
    assert "sends no more e-mail" in said(press(path, "stop-texts"))
    assert PhoneNumber.objects.get(employee=ana).opted_out_at is not None
    assert "E-mails come again." in said(press(path, "mail-again"))
    assert EmailAddress.objects.get().opted_out_at is None


@pytest.mark.parametrize(
    "path", ["/m/", "/m/x", "/m/a" + "b" * 52, "/m/" + "é" * 60, "/m/a?lang=es"]
)
def test_what_is_no_link_of_ours_gets_a_page_that_helps_and_costs_no_query(
    path: str, db: None
) -> None:
    for method in ("get", "post"):
        with CaptureQueriesContext(connection) as queries:
            answer = getattr(Client(), method)(path)
        assert answer.status_code == 404
        assert b"</html>" in answer.content
        assert queries.captured_queries == []


def test_nothing_gives_a_link_away(path: str) -> None:
    for answer in (Client().get(path), Client().post(path, {"do": "none"})):
        assert answer["Referrer-Policy"] == "no-referrer"
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex"
        assert answer["X-Frame-Options"] == "DENY"
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "form-action 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert not answer.cookies
        page = answer.content.decode()
        assert path.removeprefix("/m/") not in page
        assert not re.findall(r"<(?:script|img|iframe|input|link(?! rel=\"icon\"))", page)
        links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(link.startswith(("?", "/privacy", "data:")) for link in links)


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_pages_are_read_and_posted_to_only(path: str, method: str) -> None:
    answer = getattr(Client(), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD, POST")


def test_a_page_speaks_its_readers_language_or_the_one_they_ask_for(ana: Employee) -> None:
    path = path_of("accept")
    Employee.objects.update(language="es")
    answer = Client().get(path, headers={"Accept-Language": "en"})
    assert answer["Content-Language"] == "es"
    assert "¿Tomas este turno?" in answer.content.decode()
    assert "Take this shift?" in Client().get(path + "?lang=en").content.decode()
    answer = Client().post(path + "?lang=en", {"do": "accept"})
    assert "It is yours." in answer.content.decode()
    assert MailLink.objects.get(purpose="accept").shown.startswith("Take this shift?")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"do=" + b"a" * 5_000_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a%d=1" % place for place in range(1500)), "application/x-www-form-urlencoded"),
        (b"xx", "multipart/form-data; boundary="),
        (b"--x\r\n" + b"a" * 2_000_000, "multipart/form-data; boundary=x"),
    ],
)
def test_what_cannot_be_read_gets_a_page_and_does_nothing(
    ana: Employee, body: bytes, kind: str
) -> None:
    client = Client(raise_request_exception=False, headers={"Accept-Language": "es"})
    answer = client.generic("POST", path_of("accept"), body, kind)
    assert answer.status_code == 400
    assert "no cambió nada" in said(answer.content.decode())
    assert answer["Cache-Control"] == "no-store"
    assert untouched()


@pytest.mark.parametrize("path", ["/join", "/privacy", "/m/x", "/join/4821/sheet"])
def test_a_page_is_answered_at_our_own_host_only(path: str, db: None) -> None:
    client = Client(raise_request_exception=False)
    answer = client.get(path, headers={"host": "evil.example.com"})
    assert answer.status_code == 400
    assert b"</html>" in answer.content
    too_many = client.get(path + "?" + "&".join(f"a{place}=1" for place in range(1500)))
    assert too_many.status_code in {400, 404}


def test_f1_words_are_kept_of_the_page_that_was_read_and_a_page_that_changed_is_shown(
    ana: Employee,
) -> None:
    now = datetime.now(UTC)
    with write():
        shift = openings.locked_shift(Offer.objects.get().shift_id)
        held = fill(shift, crew.person("Ben", 2, now=now), None, now)
    page = Client().get(path_of("accept")).content.decode()
    assert 'value="stand-by">Put me on standby<' in page
    with write():
        release(held, openings.locked_shift(shift.pk), now, actor="Mia")
    assert "Take this shift?" in said(press(path_of("accept"), "stand-by"))
    assert not Assignment.objects.filter(employee=ana).exists()
    assert MailLink.objects.get(purpose="accept").shown == ""
    assert "It is yours." in said(press(path_of("accept"), "accept"))
    assert MailLink.objects.get(purpose="accept").shown.startswith("Take this shift?")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Path]]:
    folder = tmp_path_factory.mktemp("links")
    with running(folder, "web", "--port", "0", SHIFTBELL_SECRET_KEY=KEY) as process:
        yield process, folder


def test_no_line_of_ours_holds_a_link_even_where_its_page_breaks(
    server: tuple[Running, Path],
) -> None:
    process, folder = server
    good = mail_links.token("ab" * 16, Purpose.ACCEPT, KEY)
    with httpx2.Client(base_url=process.address(), timeout=10) as client:
        assert client.post(f"/m/{good}", data={"do": "accept"}).status_code == 404
        assert client.get(f"/m/{good}").status_code == 404
        assert client.get("/m/x", headers={"Host": "evil.example.com"}).status_code == 400
        assert process.written() == ""
        with sqlite3.connect(folder / "x.sqlite3") as database:
            database.execute("ALTER TABLE shiftbell_maillink RENAME TO elsewhere")
        assert client.get(f"/m/{good}").status_code == 500
    assert "/m/•••" in process.written()
    assert good not in process.written()
