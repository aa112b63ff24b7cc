"""Cleans what RingCentral, or the network, says, so that it may be logged and shown.

RingCentral repeats numbers in its messages ("Parameter [to.phoneNumber] value is invalid:
+1…"), a gateway may echo a whole request, and a library quotes the header it could not send.
Whatever becomes part of an error goes through here first. Rather too much is removed than too
little: who needs the original asks RingCentral with the request id.
"""

from __future__ import annotations

import re
import unicodedata

LENGTH_MAX = 300
_READ_MAX = 10_000
_REMOVED = "[removed]"
_HIDDEN = "•••••"
# What follows these words is a credential, whatever it looks like.
_AFTER_A_WORD = re.compile(
    r"\b(bearer|basic|assertion|access_token|refresh_token|client_secret|token)(\"?\s*[:=]?\s*\"?)"
    r"[A-Za-z0-9._~+/=-]{8,}",
    re.IGNORECASE,
)
_JWT = re.compile(r"eyJ[\w-]{4,}(?:\.[\w-]*){0,2}", re.ASCII)
# A long run without a space, unless it is a UUID (request ids must stay) or plainly a long word.
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w+=-])"
_WORD = r"[A-Za-z_-]{24,39}(?![\w+=-])"
_OPAQUE = re.compile(rf"(?<![\w+=-])(?!{_UUID})(?!{_WORD})[\w+=-]{{24,}}", re.ASCII)
# Seven digits or more, however they are set apart: "(312) 555-0142", "312.555.0142".
_DIGITS = re.compile(r"\+?\d(?:[\s().\-‐-―/]{0,3}\d){6,}")


def scrub(text: str, *secrets: str) -> str:
    """Return `text` on one line, at most 300 characters, without numbers, tokens and `secrets`.

    A number keeps its last four digits.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, _REMOVED)
    # Compatibility forms and invisible characters go first: they hide digits from a pattern.
    text = unicodedata.normalize("NFKC", text[:_READ_MAX])
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    text = _AFTER_A_WORD.sub(rf"\1\2{_REMOVED}", text)
    text = _OPAQUE.sub(_REMOVED, _JWT.sub(_REMOVED, text))
    return _DIGITS.sub(_mask, text)[:LENGTH_MAX]


def _mask(found: re.Match[str]) -> str:
    digits = "".join(char for char in found.group() if char.isdecimal())
    return f"{_HIDDEN}{digits[-4:]}" if len(digits) >= 8 else _HIDDEN
