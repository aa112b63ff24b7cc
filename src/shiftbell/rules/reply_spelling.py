"""Plain words: a text the way our phrases are written.

People write "plz stahp", "S T O P", "STOPPPP", "Sí" and "ahi estare" for "ahí estaré". All of it
is brought to one spelling before anything is looked up, and so are the word lists themselves. The
variants are data (`data/reply_spelling.toml`); so are sayings that mislead word by word ("bus
stop", "no problem", "stop by"). What the words mean is decided in `replies`.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from string import ascii_lowercase
from typing import Any

from shiftbell.rules.data import read_data

WORD = re.compile(r"\d+(?:[:/.\-]\d+)+(?:am|pm)?|\d+(?:am|pm)?|[^\W_]+")
_LONGEST_WORD = 30
_LINE_BREAK = re.compile(r"(?:^|\n) *")

_ZERO_FOR_O = re.compile(r"(?<=[a-z])0(?=[a-z])")
_MERIDIEM = re.compile(r"(?<=\d)\s?([ap])\.?\s?m\b\.?")
_SPELLED_OUT = re.compile(r"(?<![a-z0-9])(?:[a-z][ .\-_*]{1,2}){2,12}[a-z](?![a-z0-9])")
_BETWEEN_LETTERS = re.compile(r"[ .\-_*]")
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")


def any_of(phrases: list[str]) -> re.Pattern[str]:
    """One pattern that finds any of the phrases; each begins and ends at a word's edge."""
    unwrapped = (_LINE_BREAK.sub("", phrase) for phrase in phrases)
    return re.compile(rf"(?<!\w)(?:{'|'.join(unwrapped)})(?!\w)")


def plain(text: str) -> str:
    """Lower case without accents and apostrophes, letters drawn out or spaced out put together.

    Punctuation stays, so that sentences can still be told apart.
    """
    text = "".join(f" {_EMOJI[c]} " if c in _EMOJI else c for c in text)
    marked = unicodedata.normalize("NFD", text.casefold())
    text = "".join(c for c in marked if not unicodedata.combining(c)).replace("'", "")
    text = _MERIDIEM.sub(r"\1m", _ZERO_FOR_O.sub("o", text))
    text = _SPELLED_OUT.sub(lambda letters: _BETWEEN_LETTERS.sub("", letters[0]), text)
    return _DRAWN_OUT.sub(r"\1", text)


def words_in(plain_text: str) -> str:
    """The words of a stretch of plain text in our spelling, one space between."""
    words = " ".join(_spelled(token[:_LONGEST_WORD]) for token in WORD.findall(plain_text))
    for saying, meant in _SAYINGS:
        words = saying.sub(meant, words)
    return " ".join(words.split())


def _spelled(word: str) -> str:
    # Hardly anyone spells this one right, and it must never be missed.
    if word.startswith("uns") and SequenceMatcher(None, word, "unsubscribe").ratio() > 0.8:
        return "unsubscribe"
    return _SPELLING.get(word, word)


def plain_words(text: str) -> str:
    """`words_in` of any text."""
    return words_in(plain(text))


def _slips_of(word: str) -> frozenset[str]:
    """Every way to write a word with one letter missing, swapped, wrong or too many."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    missing = {a + b[1:] for a, b in cuts if b}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1}
    wrong = {a + c + b[1:] for a, b in cuts if b for c in ascii_lowercase}
    added = {a + c + b for a, b in cuts for c in ascii_lowercase}
    return frozenset(missing | swapped | wrong | added)


def _spelling(habits: dict[str, Any]) -> dict[str, str]:
    slips = {slip: word for word in habits["slips"]["of"].split() for slip in _slips_of(word)}
    listed = {v: word for word, variants in habits["spelling"].items() for v in variants.split()}
    words = habits["slips"]["but_words_themselves"].split()
    return {v: word for v, word in (slips | listed).items() if v not in words}


_HABITS = read_data("reply_spelling.toml")
_SPELLING = _spelling(_HABITS)
_EMOJI: dict[str, str] = _HABITS["emoji"]
_SAYINGS = [(any_of(saying["of"]), saying["say"]) for saying in _HABITS["saying"]]
