"""What is wrong with a phone number, and what ends that.

Decided here: the four troubles a number can have, which news begins and ends each, and when single
failures add up to one. Which code of RingCentral means what is data (`codes`); whether a text may
leave at all is ruled in `reach` and `sending`. What the rules rest on:

* Carriers report a phone that is off, abroad or given up with one and the same code, so one failure
  proves nothing. `Delivered` is a bonus that not every carrier reports, so the lack of it proves
  nothing either, and `Sent` counts neither way.
* Only a failure that is the recipient's counts. Congestion, filters, daily caps and failures
  without a code meet a whole crew on a bad day, and must not silence it.
* A text that comes from a number settles what kind of phone it is, but never whose. Numbers change
  hands, and consent belongs to the person (K3): the wrong holder's START allows nothing.

| trouble      | what ends it                                                                |
|--------------|-----------------------------------------------------------------------------|
| landline     | a text from this very number; an operator who checked it                    |
| unreachable  | a text from it; a delivery; an operator who checked it; thirty days' rest,  |
|              | after which one failure begins it again; the roster gives it to another     |
| wrong_number | the roster gives it to somebody (again): then it is recycled                |
| recycled     | its holder's own consent, recorded since; after an opt-out or a wrong       |
|              | number only their START or JOIN, since no file lifts an opt-out             |

Whoever gets another number on the roster leaves all of this behind: troubles are a number's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Trouble(StrEnum):
    """What is wrong with a number; None stands for nothing."""

    LANDLINE = "landline"  # it takes no texts: a landline, invalid, or barred from them
    UNREACHABLE = "unreachable"  # text after text failed at its carrier
    WRONG_NUMBER = "wrong_number"  # whoever answers is not the person on the roster
    # Another person's before. Bars nothing by itself: nobody's consent outlives the change.
    RECYCLED = "recycled"


class News(StrEnum):
    """What may be learnt about a number."""

    NO_TEXTS = "no_texts"  # a code says that it takes none
    FAILING = "failing"  # failures added up (`is_unreachable`)
    WRONG = "wrong"  # its holder wrote "wrong number"
    GIVEN = "given"  # the roster gave it to a person, and others were known there before
    TEXTED = "texted"  # a text came from it
    DELIVERED = "delivered"  # a text reached it
    AGREED = "agreed"  # its holder's own consent was recorded
    CHECKED = "checked"  # an operator found out that it is fine
    RESTED = "rested"  # `REST` passed


_AFTER: Mapping[Trouble | None, Mapping[News, Trouble | None]] = MappingProxyType(
    {
        None: {
            News.NO_TEXTS: Trouble.LANDLINE,
            News.FAILING: Trouble.UNREACHABLE,
            News.WRONG: Trouble.WRONG_NUMBER,
            News.GIVEN: Trouble.RECYCLED,
        },
        Trouble.LANDLINE: {
            News.WRONG: Trouble.WRONG_NUMBER,
            News.TEXTED: None,
            News.CHECKED: None,
        },
        Trouble.UNREACHABLE: {
            News.NO_TEXTS: Trouble.LANDLINE,
            News.WRONG: Trouble.WRONG_NUMBER,
            News.GIVEN: Trouble.RECYCLED,
            News.TEXTED: None,
            News.DELIVERED: None,
            News.CHECKED: None,
            News.RESTED: None,
        },
        Trouble.WRONG_NUMBER: {News.GIVEN: Trouble.RECYCLED},
        Trouble.RECYCLED: {News.WRONG: Trouble.WRONG_NUMBER, News.AGREED: None},
    }
)

# Troubles in which no text leaves, whoever agreed to it.
BARRING = frozenset({Trouble.LANDLINE, Trouble.UNREACHABLE, Trouble.WRONG_NUMBER})
# Troubles of the phone rather than of whose it is: an operator may end them.
CHECKABLE = frozenset({Trouble.LANDLINE, Trouble.UNREACHABLE})

ENDED_BY: Mapping[Trouble, str] = MappingProxyType(
    {
        Trouble.LANDLINE: "A text from this number ends it, or your word that it takes texts. "
        "Otherwise ask for a mobile number and correct it on the roster.",
        Trouble.UNREACHABLE: "A text from this number ends it, a late delivery, or your word that "
        "it works. After 30 days one more text is tried.",
        Trouble.WRONG_NUMBER: "Correct it on the roster. If it is theirs after all, say so; then "
        "they must text START from it.",
        Trouble.RECYCLED: "Their own consent ends it: record it, or let them text START.",
    }
)
"""What ends each trouble, for whoever must do something about it."""


def after(trouble: Trouble | None, news: News) -> Trouble | None:
    """Return what is wrong with a number after some news; what says nothing of it changes none."""
    return _AFTER[trouble].get(news, trouble)


# An unreachable number rests so long before one new text is tried.
REST = timedelta(days=30)
# So many different texts must fail, over so long a time. Repeats of one text are one, and a phone
# that was off for an evening, or in the air, is never given up.
FAILURES = 3
FAILURES_SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one text. `arrived`: None where nobody knows, or it says nothing of the phone.

    `at` is when it left; repeats of one text have the same `intent`.
    """

    at: datetime
    intent: str
    arrived: bool | None


def is_unreachable(fates: Iterable[Fate], proof_at: datetime | None = None) -> bool:
    """Whether a number's texts, newest first, fail so often that sending more is no use.

    `proof_at` is when a text last came from the number, or an operator last called it good.
    """
    failed: dict[str, datetime] = {}
    newest: datetime | None = None
    for fate in fates:
        if fate.arrived or (proof_at is not None and fate.at <= proof_at):
            break
        if fate.arrived is False:
            newest = newest or fate.at
            failed[fate.intent] = fate.at
    if newest is None:
        return False
    return len(failed) >= FAILURES and newest - min(failed.values()) >= FAILURES_SPAN


@dataclass(frozen=True, slots=True)
class Remark:
    """What whoever gives a number to a person should know of it."""

    code: str
    message: str
    hint: str


_REMARKS: Mapping[str, Remark] = MappingProxyType(
    {
        one.code: one
        for one in (
            Remark(
                Trouble.WRONG_NUMBER,
                'Whoever has this number answered "wrong number", so it gets no texts.',
                "Check it with this person; if it is theirs, they must text START from it.",
            ),
            Remark(
                "was_opted_out",
                "This number opted out of texts before, so it gets none.",
                "Only START from that very phone lifts it.",
            ),
            Remark(
                Trouble.LANDLINE,
                "Texts to this number failed before: it takes none.",
                "Ask for a mobile number.",
            ),
            Remark(
                Trouble.UNREACHABLE,
                "The last texts to this number failed, so it rests.",
                "Check it with this person; a text from it ends the rest.",
            ),
            Remark(
                Trouble.RECYCLED,
                "This number was someone else's; this person's own consent is not recorded.",
                "Ask them, and import their consent with its date and source.",
            ),
        )
    }
)


def remark_on_giving(
    trouble: Trouble | None, *, opted_out: bool, others: bool, agreed: bool
) -> Remark | None:
    """Return what to say when the roster gives a number to a person, the weightiest first.

    `others`: other people's words about texts stand there; `agreed`: this person's own does, or
    comes with it.
    """
    recycled = others and not agreed and after(trouble, News.GIVEN) is Trouble.RECYCLED
    said = {
        Trouble.WRONG_NUMBER: trouble is Trouble.WRONG_NUMBER,
        "was_opted_out": opted_out,
        Trouble.LANDLINE: trouble is Trouble.LANDLINE,
        Trouble.UNREACHABLE: trouble is Trouble.UNREACHABLE and not others,
        Trouble.RECYCLED: recycled,
    }
    return next((_REMARKS[code] for code, holds in said.items() if holds), None)
