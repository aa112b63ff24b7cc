"""The words people agree to: complete, in both languages, and never changed once published."""

from __future__ import annotations

import hashlib

import pytest

from shiftbell.errors import NotFound
from shiftbell.rules.data import read_data
from shiftbell.rules.disclosure import PARTS, current_version, disclosure, words_of

PUBLISHED = {
    ("2026-11", "en"): "7a6385c31377986ac65ea533fe03cc617d179aeb7d697ba3bc1074bd324b758c",
    ("2026-11", "es"): "785cd8bdf0cd4894215ae3608be51f4f09f30e7b74dfb835eeed4707485295fd",
}


def test_no_published_version_was_edited_or_taken_away():
    """Consents on record name these words: a change is a new version, with its line above."""
    shipped = {
        (version["name"], language): hashlib.sha256(
            "\n".join(f"{part}={words}" for part, words in version[language].items()).encode()
        ).hexdigest()
        for version in read_data("disclosures.toml")["version"]
        for language in ("en", "es")
    }
    assert shipped == PUBLISHED


def test_versions_are_in_order_and_the_last_one_is_shown():
    names = [version["name"] for version in read_data("disclosures.toml")["version"]]
    assert names == sorted(set(names))
    assert disclosure("Acme").version == current_version() == names[-1]


@pytest.mark.parametrize(
    ("language", "promise", "said"),
    [
        ("en", "K5: who texts, and that a machine does", "automated texts from Acme"),
        ("en", "K5: what about", "open shifts and your work schedule"),
        ("en", "K5: how often", "Message frequency varies"),
        ("en", "K5: what it costs", "Message and data rates may apply"),
        ("en", "K5: how to stop", "Reply STOP"),
        ("en", "K5: how to get help", "Reply HELP for help, or ask help@example.com"),
        ("en", "K4: no condition of work", "not a condition of employment"),
        ("en", "K4: the same by other means", "tell you about shifts another way"),
        ("en", "K6: not passed on", "never shared with anyone for marketing"),
        ("es", "K5: who texts, and that a machine does", "texto automáticos de Acme"),
        ("es", "K5: what about", "turnos libres y tu horario de trabajo"),
        ("es", "K5: how often", "La frecuencia de los mensajes varía"),
        ("es", "K5: what it costs", "Pueden aplicarse tarifas de mensajes y datos"),
        ("es", "K5: how to stop", "Responde STOP"),
        ("es", "K5: how to get help", "HELP para recibir ayuda, o pregunta a help@example.com"),
        ("es", "K4: no condition of work", "no es una condición para trabajar"),
        ("es", "K4: the same by other means", "te avise de los turnos de otra manera"),
        ("es", "K6: not passed on", "ni se comparte con nadie para publicidad"),
    ],
)
def test_the_words_keep_every_promise(language: str, promise: str, said: str):
    assert said in disclosure("Acme", "help@example.com", language).words, promise


@pytest.mark.parametrize(
    ("language", "said"), [("en", "or ask your manager."), ("es", "o pregunta a tu jefe.")]
)
def test_without_a_contact_the_manager_is_asked(language: str, said: str):
    assert disclosure("Acme", "", language).parts["help"].endswith(said)


def test_a_brand_with_braces_is_a_name_like_any_other():
    said = words_of("2026-11", "{contact} & {Sons}", "help@example.com")
    assert "from {contact} & {Sons} about" in said.words


def test_the_words_are_their_parts_in_order():
    said = disclosure("Acme", language="es-MX")
    assert (said.language, tuple(said.parts)) == ("es", PARTS)
    assert said.words == " ".join(said.parts.values())


def test_a_version_that_never_was_is_not_made_up():
    with pytest.raises(NotFound):
        words_of("1999-01", "Acme")
