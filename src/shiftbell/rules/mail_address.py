"""Which e-mail address a person meant, and how one is shown where others may read it.

The grammar of addresses (RFC 5322) allows quotes, comments and folded lines that nobody's address
has and that mail servers disagree about; what this module lets through is what every server reads
alike. Letters beyond A to Z are refused, before the @ because few servers take them, behind it
because two ways of writing such a domain in ASCII are in use and lead to different owners.

A domain has no case. The part before the @ may have one, so it is written as it was given, and
compared without: no server in use tells ANA from ana, and two rows for one mailbox would lose an
unsubscription.
"""

from __future__ import annotations

import re
import unicodedata

from shiftbell.errors import BadAddress

ADDRESS_CHARS_MAX = 254
LOCAL_CHARS_MAX = 64

_HIDDEN = "•••"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
# The last label is a top-level domain, which is never all digits (an address of a machine is).
_DOMAIN = re.compile(rf"({_LABEL}\.)+(?!\d+$){_LABEL}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_IN_TEXT = re.compile(r"[^\s<>()\[\]\",;:@]+@[^\s<>()\[\]\",;:@]+")
_LIKE_THIS = "Write it like ana@example.com."


def normalised(address: str) -> str:
    """Return `address` as it is stored: trimmed, its domain in lower case.

    Raises BadAddress, whose words never quote the address.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", address)).strip()
    text = text.removeprefix("mailto:").strip()
    local, at, domain = text.partition("@")
    domain = domain.lower()
    if not at:
        raise _bad("This is not an e-mail address.")
    if not text.isascii():
        raise _bad("There are letters beyond A to Z in this e-mail address.")
    if "@" in domain:
        raise _bad("There are two @ in this.", "Keep one e-mail address only.")
    if not _LOCAL.fullmatch(local) or len(local) > LOCAL_CHARS_MAX:
        raise _bad("What stands before the @ is no mailbox.")
    if not _DOMAIN.fullmatch(domain):
        raise _bad("What stands behind the @ is no domain.")
    if len(text) > ADDRESS_CHARS_MAX:
        raise _bad("This e-mail address is too long.")
    return f"{local}@{domain}"


def compared(address: str) -> str:
    """Return what two spellings of one mailbox share: a key to find or compare it by."""
    return address.strip().lower()


def mask(address: str) -> str:
    """Return `address` fit for a log: "a•••@example.com". What is no address is hidden whole."""
    local, at, domain = address.strip().rpartition("@")
    if not at or not local or not domain:
        return _HIDDEN
    return f"{local[0]}{_HIDDEN}@{domain}"


def mask_text(text: str) -> str:
    """Mask every run in `text` that looks like an e-mail address."""
    return _IN_TEXT.sub(lambda found: mask(found.group()), text)


def _bad(message: str, hint: str = _LIKE_THIS) -> BadAddress:
    return BadAddress(message, hint=hint, field="email")
