"""What to write when the texts are registered with the carriers (10DLC).

A campaign that says less than it sends is suspended, and one without an opt-in that can be looked
at is not approved. So what the registry asks (who sends, who receives, why; how people agree;
sample texts; which words end it; whether links or numbers occur in texts; where privacy is told) is
built from the very wording, disclosure and pages that people see (K6), and stays true when they
change. Filling it in at RingCentral is a person's work.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shiftbell.rules import joining, phones, spoken
from shiftbell.rules.data import read_data
from shiftbell.rules.disclosure import disclosure
from shiftbell.rules.wording import Wording, WordingFacts, render

OPT_IN, OPT_OUT, HELP = (
    ("JOIN", "START"),
    ("STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE"),
    ("HELP", "INFO"),
)
"""The words that a registration names; many more are understood."""

# An address without the @ of an e-mail before it.
_LINK = re.compile(r"https?://|(?<![\w@.-])(?:[a-z0-9-]+\.)+[a-z]{2,}\b(?!@)", re.IGNORECASE)
_PLACE = "Main St"


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """The answers to the registry's questions, in the order they are usually asked."""

    use_case: str
    description: str
    opt_in: str
    opt_in_page: str  # an address, empty while PUBLIC_URL is not set
    privacy_page: str
    samples: tuple[str, ...]
    opt_in_words: tuple[str, ...]
    opt_in_answer: str
    opt_out_words: tuple[str, ...]
    opt_out_answer: str
    help_words: tuple[str, ...]
    help_answer: str
    has_links: bool
    has_phone_numbers: bool


def campaign(
    brand: str, contact: str = "", *, public_url: str = "", code: str = "", now: datetime
) -> Campaign:
    """Return the registration of `brand`'s texts; `code` is that of an open invitation."""
    facts = WordingFacts(brand=brand, contact=contact, shift=_shift(now))
    page = joining.page_address(public_url, code) if code else ""
    said = [*_every_template(), brand, contact]
    return Campaign(
        use_case="Notices to one's own employees: at RingCentral, AccountNotification "
        "or ConversationsInternal.",
        description=_DESCRIPTION.format(brand=brand),
        opt_in=_OPT_IN.format(
            brand=brand,
            at=f" (for example {page})" if page else "",
            words=disclosure(brand, contact).words,
        ),
        opt_in_page=page,
        privacy_page=joining.privacy_address(public_url),
        samples=_samples(facts),
        opt_in_words=OPT_IN,
        opt_in_answer=render(Wording.STARTED, "en", facts),
        opt_out_words=OPT_OUT,
        opt_out_answer=render(Wording.STOPPED, "en", facts),
        help_words=HELP,
        help_answer=render(Wording.HELP, "en", facts),
        has_links=has_link(said),
        has_phone_numbers=any(phones.mask_text(text) != text for text in said),
    )


def has_link(texts: Iterable[str]) -> bool:
    """Whether a link, or what a phone makes one of, stands in any of the texts."""
    return any(_LINK.search(text) for text in texts)


def _samples(facts: WordingFacts) -> tuple[str, ...]:
    """Return texts as they leave: a first one with its required words, then the everyday ones."""
    return (
        render(Wording.OPEN_SHIFT, "en", facts, first=True),
        render(Wording.OPEN_SHIFT, "en", facts),
        render(Wording.REMINDER, "en", facts),
        render(Wording.CANCELLATION, "en", facts),
        render(Wording.CONFIRMATION, "en", facts),
    )


def _shift(now: datetime) -> str:
    start, end = joining.next_saturday(now, ZoneInfo("UTC"))
    return spoken.shift_line(start, end, ZoneInfo("UTC"), _PLACE, language="en", us=True)


def _every_template() -> list[str]:
    return [text for texts in read_data("wording.toml").values() for text in texts.values()]


_DESCRIPTION = (
    "{brand} texts its own employees, and nobody else, who have agreed to it: to offer open work "
    "shifts, to confirm who works them, to remind of them the day before, and to tell of changes "
    "and cancellations. Employees answer by text: YES takes a shift, NO declines it, DROP gives it "
    "back. There is no marketing."
)
_OPT_IN = (
    "Employees sign up by themselves, in one of two ways. Online: a page of {brand}'s{at} shows "
    "what they agree to and asks them to text JOIN and a code from their own phone; it has no "
    "field for phone numbers, so nobody can sign anyone else up. On paper: a sheet with the same "
    "words, which they sign and date. The first text to them repeats who writes, what about, how "
    "often, that rates may apply, HELP and STOP. Each agreement is stored with its time and the "
    "version of the words. The words are: {words}"
)
