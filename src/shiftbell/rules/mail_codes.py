"""Whose trouble is it when a mail server says no?

A server answers with three digits (RFC 5321) and mostly with an enhanced code that says more
(RFC 3463, "5.1.1"). Three things follow, and confusing them is expensive: an address that is bad is
never written to again; a refusal of *us* (login, sender, words, relaying) concerns everybody and
an operator; everything else passes. A relay that wants a login says 554 to a recipient who is
perfectly well, so what is not surely about the address never counts against it.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Step(StrEnum):
    """How far the conversation had come."""

    GREETING = "greeting"
    LOGIN = "login"
    SENDER = "sender"
    RECIPIENT = "recipient"
    CONTENT = "content"


class Whose(StrEnum):
    """Whom a refusal is about."""

    LATER = "later"  # nobody: it passes
    ADDRESS = "address"  # this recipient's address is bad
    OURS = "ours"  # our login, sender or words


# The longest code that fits counts. Mailboxes that are full or switched off for now may recover.
_ENHANCED: dict[str, Whose] = {
    "5.1": Whose.ADDRESS,  # no such mailbox, domain or syntax
    "5.1.7": Whose.OURS,  # the sender's syntax
    "5.1.8": Whose.OURS,  # the sender's domain
    "5.2": Whose.ADDRESS,  # the mailbox is disabled
    "5.2.2": Whose.LATER,  # full
    "5.2.3": Whose.OURS,  # the letter is too long for it
    "5.3": Whose.LATER,  # the server's own state
    "5.3.4": Whose.OURS,  # the letter is too long for the server
    "5.4": Whose.ADDRESS,  # no way to that domain; Exchange Online says 5.4.1 of unknown people
    "5.6": Whose.OURS,  # the letter's form
    "5.7": Whose.OURS,  # policy: relaying, spam, a login that is asked for
}
_BASIC_OF_A_RECIPIENT: dict[int, Whose] = {
    550: Whose.ADDRESS,
    551: Whose.ADDRESS,
    552: Whose.LATER,  # out of storage; RFC 5321 4.5.3.1.10 asks to read it as temporary
    553: Whose.ADDRESS,
    556: Whose.ADDRESS,  # the domain takes no mail at all (RFC 7504)
}
_CODE = re.compile(r"([245]\.\d{1,3})(\.\d{1,3})?\b")


def whose(step: Step, code: int, words: str) -> Whose:
    """Return whom a reply that is no success is about; `words` is what follows its three digits.

    A code that is no refusal there (a 250 where 354 was due) is trouble that passes.
    """
    if not 500 <= code <= 599:
        return Whose.LATER
    if step not in (Step.RECIPIENT, Step.CONTENT):
        return Whose.OURS
    found = _CODE.match(words)
    if found is not None:
        ruling = _ENHANCED.get(found.group()) or _ENHANCED.get(found.group(1))
        if ruling is not None:
            return ruling
    if step is Step.CONTENT and code != 552:
        return Whose.OURS
    return _BASIC_OF_A_RECIPIENT.get(code, Whose.OURS)
