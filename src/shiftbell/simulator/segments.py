"""How many segments a carrier bills for a text.

GSM-7 carries 160 characters in one segment and 153 in each of several, UCS-2 70 and 67. A GSM-7
extension pair (€, [, {, …) or a surrogate pair (most emoji) is never torn: where it would be,
it opens the next segment, and the one before stays a unit short.
"""

from __future__ import annotations

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = "\f^{}\\[~]|€"
_WIDTHS = dict.fromkeys(_BASIC, 1) | dict.fromkeys(_EXTENDED, 2)


def utf16_units(text: str) -> int:
    """Count what RingCentral's limit of 1000 counts: UTF-16 units, two for most emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segment_count(text: str) -> int:
    """Return how many segments `text` takes; an empty text takes one."""
    if all(character in _WIDTHS for character in text):
        return _pack([_WIDTHS[character] for character in text], 160, 153)
    return _pack([utf16_units(character) for character in text], 70, 67)


def _pack(widths: list[int], alone: int, joined: int) -> int:
    if sum(widths) <= alone:
        return 1
    segments, room = 1, joined
    for width in widths:
        if width > room:
            segments, room = segments + 1, joined
        room -= width
    return segments
