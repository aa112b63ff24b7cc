"""How many segments a text costs, and where the network cuts it.

Carriers count segments, not texts. A text whose every character is in the GSM-7 alphabet holds 160
septets, or 153 a part when joined; any other character turns the whole text into UCS-2, with 70
UTF-16 units, or 67 a part (3GPP TS 23.038 and 23.040). Two facts make `len(text) / 153` wrong:

* `^{}[]~|\\€` and the form feed cost two septets (an escape and a character), and an emoji two
  units. Neither pair is ever cut, so a part may have to stay one unit short.
* RingCentral counts its own limit in UTF-16 units, whatever the network does with them.

What a segment costs is decided in `money`; what a text says in `wording`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

RINGCENTRAL_UNITS_MAX = 1000
"""The longest text RingCentral takes, in UTF-16 units."""

_ALPHABET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u0060\u00b4\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        **dict.fromkeys("\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000\t", " "),
        **dict.fromkeys("\u2028\u2029\u0085", "\n"),
        **dict.fromkeys("\u00ad\u200b\u200c\u2060\ufeff"),
        "\u2026": "...",
        "\u2022": "-",
    }
)


class Encoding(StrEnum):
    """How a text travels."""

    GSM_7 = "GSM-7"
    UCS_2 = "UCS-2"


# What one text holds alone, and what each part holds once there are several.
_HOLDS = {Encoding.GSM_7: (160, 153), Encoding.UCS_2: (70, 67)}


@dataclass(frozen=True)
class Segments:
    """What a text costs: `units` are septets in GSM-7 and UTF-16 units in UCS-2.

    `left_in_last` is how many units more fit before another segment is needed.
    """

    encoding: Encoding
    units: int
    segments: int
    left_in_last: int


@dataclass(frozen=True)
class Longer:
    """Which characters make a text longer, each once, in order of appearance."""

    ucs2: tuple[str, ...]  # outside GSM-7: they turn the whole text into UCS-2
    pairs: tuple[str, ...]  # cost two units each in the encoding the text travels in


def count(text: str) -> Segments:
    """Count exactly; an empty text costs nothing."""
    encoding = _encoding(text)
    alone, _ = _HOLDS[encoding]
    parts = split(text)
    units = sum(_cost(char, encoding) for char in text)
    if len(parts) <= 1:
        return Segments(encoding, units, len(parts), alone - units)
    in_last = sum(_cost(char, encoding) for char in parts[-1])
    return Segments(encoding, units, len(parts), _HOLDS[encoding][1] - in_last)


def split(text: str) -> list[str]:
    """Cut `text` where the network cuts it; the parts joined are the text."""
    encoding = _encoding(text)
    alone, joined = _HOLDS[encoding]
    if sum(_cost(char, encoding) for char in text) <= alone:
        return [text] if text else []
    return list(_packed(text, encoding, joined))


def longer_because(text: str) -> Longer:
    """Tell which characters force UCS-2 and which cost double, to advise whoever writes a text."""
    encoding = _encoding(text)
    distinct = tuple(dict.fromkeys(text))
    return Longer(
        ucs2=tuple(char for char in distinct if not is_gsm7(char)),
        pairs=tuple(char for char in distinct if _cost(char, encoding) == 2),
    )


def plain(text: str) -> str:
    """Replace typographic quotes, dashes, ellipses and spaces by their GSM-7 twins.

    Letters and emoji stay: changing those is the writer's choice (see `longer_because`).
    """
    return unicodedata.normalize("NFC", text).translate(_PLAIN)


def is_gsm7(text: str) -> bool:
    """Whether `text` can travel as GSM-7."""
    return all(char in _ALPHABET or char in _ESCAPED for char in text)


def units_utf16(text: str) -> int:
    """Return the length of `text` as RingCentral counts it."""
    return sum(_cost(char, Encoding.UCS_2) for char in text)


def _encoding(text: str) -> Encoding:
    return Encoding.GSM_7 if is_gsm7(text) else Encoding.UCS_2


def _cost(char: str, encoding: Encoding) -> int:
    """Return 2 for what must never be cut in half, else 1."""
    if encoding is Encoding.GSM_7:
        return 2 if char in _ESCAPED else 1
    return 2 if ord(char) > 0xFFFF else 1


def _packed(text: str, encoding: Encoding, room: int) -> Iterator[str]:
    begin, used = 0, 0
    for at, char in enumerate(text):
        cost = _cost(char, encoding)
        if used + cost > room:
            yield text[begin:at]
            begin, used = at, 0
        used += cost
    yield text[begin:]
