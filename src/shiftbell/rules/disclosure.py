"""The words people agree to when they sign up for texts.

Consent is worth what was shown to the person who gave it, so each consent on record names a
version of these words (K1). A published version is never edited: `data/disclosures.toml` only
grows, and a test knows the digest of every version in it. Each says what carriers and courts look
for: who texts and about what, how often, what it costs, STOP and HELP (K5), that no job depends on
it and how to hear of shifts without texts (K4), and that numbers are not passed on (K6).

Where the words are shown, and how agreeing to them is recorded, is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from shiftbell.errors import NotFound
from shiftbell.rules.data import read_data
from shiftbell.rules.spoken import language_of

PARTS = ("agree", "often", "rates", "stop", "help", "free", "private")
"""The sentences of a disclosure, in the order they are shown."""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The words of one version in one language: `parts` by name, in the order of `PARTS`."""

    version: str
    language: str
    parts: dict[str, str]

    @property
    def words(self) -> str:
        """The whole of it as one paragraph, as it goes on record."""
        return " ".join(self.parts.values())


def disclosure(brand: str, contact: str = "", language: str = "en") -> Disclosure:
    """Return what people are shown now. `contact` is HELP_CONTACT; without one, their manager."""
    return words_of(current_version(), brand, contact, language)


def current_version() -> str:
    """Return the name of the version that people are shown now, like "2026-11"."""
    return list(_versions())[-1]


def words_of(version: str, brand: str, contact: str = "", language: str = "en") -> Disclosure:
    """Return any version that was ever shown; raises NotFound for a name that never was."""
    language = language_of(language)
    if version not in _versions():
        raise NotFound(f"No disclosure has the version {version!r}.", hint="Name a known one.")
    written = _versions()[version][language]
    contact = contact or written["nobody_named"]
    parts = {part: written[part].format(brand=brand, contact=contact) for part in PARTS}
    return Disclosure(version, language, parts)


@cache
def _versions() -> dict[str, Any]:
    return {version["name"]: version for version in read_data("disclosures.toml")["version"]}
