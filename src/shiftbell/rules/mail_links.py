"""Links in e-mails that act for their reader: how one is written, and which words are one.

A link is a letter for its purpose, a random number of its own, and a code that only the holder of
the key can make of both. So nothing that opens a shift stands in the database: a copy of it cannot
write a link, a link for one purpose is none for another, and no link can be guessed or altered.
Whether it still works, and whether it has done its work, is known to the row of that number.

Letters and digits only, in one case: mail programs end a link where they see punctuation.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass, field
from enum import StrEnum

PATH = "/m/"
NONCE_BYTES = 16
_CODE_BYTES = 16
HIDDEN = "•••"

_PURPOSE = "[adu]"
_TOKEN = re.compile(rf"{_PURPOSE}[a-z2-7]{{52}}", re.ASCII)
_IN_TEXT = re.compile(rf"(?<={PATH})[\w%-]+|{_PURPOSE}[a-z2-7]{{52}}", re.ASCII | re.IGNORECASE)


class Purpose(StrEnum):
    """What a link is for; each begins with a letter of its own."""

    ACCEPT = "accept"
    DECLINE = "decline"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class Named:
    """What a good token names: the number of one link, and its purpose."""

    purpose: Purpose
    nonce: str = field(repr=False)


def token(nonce: str, purpose: Purpose, key: str) -> str:
    """Return the words that make the link with this number, in hexadecimal, work."""
    number = bytes.fromhex(nonce)
    assert len(number) == NONCE_BYTES, "long enough that nobody guesses one"
    letters = base64.b32encode(number + _code(number, purpose, key)).decode()
    return purpose[0] + letters.rstrip("=").lower()


def read(words: str, key: str) -> Named | None:
    """Return what a token names; None for words that nobody with this key wrote."""
    if not _TOKEN.fullmatch(words):
        return None
    raw = base64.b32decode(words[1:].upper() + "====")
    purpose = next(each for each in Purpose if each[0] == words[0])
    nonce = raw[:NONCE_BYTES].hex()
    # Written anew rather than taken apart: the last letter has bits to spare, which must be none.
    good = hmac.compare_digest(token(nonce, purpose, key), words)
    return Named(purpose, nonce) if good else None


def address(public_url: str, words: str) -> str:
    """Return where a token's page is."""
    return f"{public_url}{PATH}{words}"


def hide(text: str) -> str:
    """Return `text` without the words of any link, fit for a log or the record of a letter."""
    return _IN_TEXT.sub(HIDDEN, text)


def _code(number: bytes, purpose: Purpose, key: str) -> bytes:
    of_purpose = hmac.digest(key.encode(), f"shiftbell mail link: {purpose}".encode(), "sha256")
    return hmac.digest(of_purpose, number, "sha256")[:_CODE_BYTES]
