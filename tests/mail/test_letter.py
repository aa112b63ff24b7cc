"""A letter in the form mail programs expect, whatever the facts in it are."""

from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.config import MailSender
from shiftbell.errors import BadAddress
from shiftbell.mail.letter import message_id
from tests.mail.desk import END, ID, NOW, SENDER, letter

HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type"),
}


def wire(**changes):
    return letter(**changes).written(SENDER, NOW).as_bytes()


def read(**changes):
    return message_from_bytes(wire(**changes), policy=policy.default)


def test_a_letter_says_who_writes_when_and_that_a_machine_did():
    mime = read(reply_to="help@example.com")
    assert set(mime.keys()) == HEADERS | {"Reply-To"}
    assert mime["From"] == "Acme Shifts <shifts@example.com>"
    assert mime["To"] == "Ana <ana@example.org>"
    assert mime["Subject"] == "Open shift: Sat Nov 28 7am-3pm, Dock 4"
    assert mime["Reply-To"] == "help@example.com"
    assert mime["Date"].datetime == NOW
    assert mime["Auto-Submitted"] == "auto-generated"
    assert mime["X-Auto-Response-Suppress"] == "All"


def test_a_mail_program_can_unsubscribe_with_one_post():
    long = "https://shifts.example.com/m/" + "Ab-_9" * 40
    for url in (END, long):
        lines = wire(unsubscribe_url=url).decode("ascii").split("\r\n")
        assert f"List-Unsubscribe: <{url}>" in lines
        assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert "List-Unsubscribe" not in read(unsubscribe_url="")


def test_a_letter_holds_plain_text_and_the_same_in_html():
    mime = read(text="Hola María,\n" + "x" * 200 + "\n", html="<p>Hola María</p>")
    assert mime.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mime.iter_parts()] == ["text/plain", "text/html"]
    assert mime.get_body(("plain",)).get_content() == "Hola María,\r\n" + "x" * 200 + "\r\n"
    assert mime.get_body(("html",)).get_content() == "<p>Hola María</p>\r\n"
    assert read(html="").get_content_type() == "text/plain"


def test_a_letter_travels_as_short_lines_of_ascii():
    body = wire(name="María José " * 9, subject="Turno libre mañana, ñandú: " * 9, text="á" * 500)
    body.decode("ascii")
    assert body.endswith(b"\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 78


@pytest.mark.parametrize(
    "name", ["María José", "O'Neil, Ana", 'Ana "A" <x@example.com>', "李", "é" * 20]
)
def test_a_name_arrives_as_it_is_written(name):
    [person] = read(name=name)["To"].addresses
    assert (person.display_name, person.addr_spec) == (name, "ana@example.org")


@pytest.mark.parametrize(
    "words",
    [
        "Ana\r\nBcc: ben@example.org",
        "Ana\nBcc: ben@example.org",
        "Ana\rBcc: ben@example.org",
        "Ana\u2028Bcc: ben@example.org",
        "Ana\x85Bcc: ben@example.org\x00",
        "Ana\r\n\r\nAnother body",
    ],
)
def test_no_name_or_subject_becomes_a_header_of_its_own(words):
    for changes in ({"name": words}, {"subject": words}):
        mime = read(**changes)
        assert set(mime.keys()) == HEADERS
        assert "Another body" not in mime.get_body(("plain",)).get_content()
        assert [person.addr_spec for person in mime["To"].addresses] == ["ana@example.org"]


@given(st.text(max_size=90), st.text(max_size=200), st.text(st.characters(codec="utf-8")))
def test_whatever_is_said_the_letter_stays_one_letter_to_one_person(name, subject, text):
    mime = read(name=name, subject=subject, text=text)
    assert set(mime.keys()) == HEADERS
    assert [person.addr_spec for person in mime["To"].addresses] == ["ana@example.org"]
    assert mime["Message-ID"] == ID
    assert len(list(mime.iter_parts())) == 2


ENCODED = st.lists(
    st.sampled_from(
        ["=?utf-8?b?", "ZXZpbEBldmlsLmNvbSwg", "?=", "=?", "==??", "?q?=2C_e=40x.com", "é", " "]
    ),
    max_size=12,
).map("".join)


@given(ENCODED, ENCODED)
def test_no_encoded_word_in_a_name_is_read_as_one(name, subject):
    mime = read(name=name, subject=subject)
    assert [person.addr_spec for person in mime["To"].addresses] == ["ana@example.org"]
    assert set(mime.keys()) == HEADERS


@pytest.mark.parametrize("name", ["=?utf-8?b?ZXZpbEBldmlsLmNvbSwg?= é", "=?utf-8?q?x?= y"])
def test_a_name_made_of_encoded_words_adds_no_second_address(name):
    assert [person.addr_spec for person in read(name=name)["To"].addresses] == ["ana@example.org"]


@pytest.mark.parametrize(
    "address", ["ana", "a@example.org, b@example.org", "ana@example.org\r\nX: y"]
)
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(BadAddress):
        letter(to=address)
    with pytest.raises(BadAddress):
        letter(reply_to=address)


@pytest.mark.parametrize(
    "changes",
    [
        {"message_id": "12@example.com"},
        {"message_id": "<12@example.com>\r\nX: y"},
        {"unsubscribe_url": "javascript:alert(1)"},
        {"unsubscribe_url": "https://example.com/a>, <mailto:b@example.com"},
        {"unsubscribe_url": "https://example.com/\r\nX: y"},
        {"unsubscribe_url": "https://example.com/" + "x" * 900},
    ],
)
def test_a_link_or_an_id_that_cannot_stand_in_a_header_is_our_mistake(changes):
    with pytest.raises(AssertionError):
        letter(**changes)


def test_a_letter_sent_again_is_the_same_to_a_mail_program_and_another_is_not():
    assert message_id("mail 12, first try", SENDER) == ID
    assert message_id("mail 13", SENDER) != ID
    assert message_id("mail 12, first try", MailSender("", "shifts@Example.ORG")) != ID
    assert read(message_id=ID)["Message-ID"] == read(message_id=ID, text="again")["Message-ID"]


def test_nothing_of_a_person_shows_when_a_letter_is_printed():
    assert "ana" not in repr(letter()).lower()
    assert END not in repr(letter())
