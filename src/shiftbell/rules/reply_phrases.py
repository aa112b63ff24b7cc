"""The words and phrases people use, read once from the TOML files in `data/`.

The files say what is said; this module only compiles them. A phrase is a regular expression over
plain words (`reply_spelling`). Every repetition in it is bounded, so reading stays linear in the
length of a text. Which list speaks for which meaning, and in what order, is decided in `replies`.
"""

from __future__ import annotations

import re
from typing import Any

from shiftbell.rules.data import read_data
from shiftbell.rules.reply_spelling import any_of, plain_words

_FILES = ("words", "opt_out", "texts", "shifts", "accept")
_SPEECH: dict[str, Any] = {
    section: lists for name in _FILES for section, lists in read_data(f"reply_{name}.toml").items()
}
_NAMED_PART = re.compile(r"\{([a-z]\w*)\}")
_LITERAL_WORD = re.compile(r"(?<!\\)\b[a-z]{2,}\b")


def words_of(section: str, key: str) -> frozenset[str]:
    """The words (or whole short messages) listed under a key, in our spelling."""
    listed: str | list[str] = _SPEECH[section][key]
    return frozenset(map(plain_words, listed.split() if isinstance(listed, str) else listed))


def phrases_of(section: str, *keys: str) -> re.Pattern[str]:
    """One pattern that finds any of the phrases listed under the keys."""
    return any_of([_filled(phrase) for key in keys for phrase in _SPEECH[section][key]])


def _filled(phrase: str) -> str:
    parts: dict[str, str] = _SPEECH["part"]
    while _NAMED_PART.search(phrase):
        phrase = _NAMED_PART.sub(lambda match: parts[match[1]], phrase)
    return phrase


def _literal_words(tree: Any) -> set[str]:
    if isinstance(tree, str):
        return set(_LITERAL_WORD.findall(tree))
    branches = tree.values() if isinstance(tree, dict) else tree
    return set().union(*map(_literal_words, branches))


# Every word our lists mention: whatever else ends a text after a dash may be a name.
KNOWN_WORDS: frozenset[str] = frozenset(_literal_words(_SPEECH))
