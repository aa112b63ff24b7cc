"""What a reply means.

Eleven meanings, tried in order of safety: an opt-out beats every other reading, and a text is an
acceptance only when nothing in it speaks against one. The two mistakes that must not happen are to
miss an opt-out (47 CFR 64.1200(a)(10): any reasonable wording counts) and to hear a YES in chatter;
so a doubt about the first becomes `REVIEW` (offers pause, a person decides), a doubt about the
second `UNCLEAR` (one kind question).

Quotations, signatures and tapbacks are gone before (`reply_cleaning`); the phrases themselves are
data (`reply_phrases`). What no phrase takes for an opt-out is weighed word by word
(`reply_weights`), since nobody can list how people will say it. What follows from a meaning is
decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from shiftbell.rules.reply_cleaning import Heard, Sentence, listen
from shiftbell.rules.reply_pauses import DATE_WORDS, Pause, pause_in
from shiftbell.rules.reply_phrases import phrases_of, words_of
from shiftbell.rules.reply_spelling import plain_words
from shiftbell.rules.reply_weights import sounds_like_opt_out

__all__ = ["Meaning", "Pause", "Reading", "understand"]


class Meaning(StrEnum):
    """What a reply asks for, most careful reading first."""

    OPT_OUT = "opt_out"  # no more texts
    REVIEW = "review"  # stop-like but limited, contradictory, hostile, or about leaving the job
    WRONG_NUMBER = "wrong_number"  # someone else holds this number
    HELP = "help"
    START = "start"  # texts again, please
    JOIN = "join"  # agrees to be texted, as an invitation with a code asked
    PAUSE = "pause"  # no offers for some days
    DROP = "drop"  # gives a held shift back
    DECLINE = "decline"
    ACCEPT = "accept"
    UNCLEAR = "unclear"  # anything else: questions, conditions, chatter


@dataclass(frozen=True, slots=True)
class Reading:
    """How a reply was read.

    `number` is the shift code it named, or the days of a PAUSE; `join_code` the digits of a JOIN,
    empty where it named none. `answerable` is false for what no one expects an answer to: a
    tapback, an empty text. `carrier_keyword` is true when RingCentral itself acts on the very text
    (it blocks or unblocks, and confirms).
    """

    meaning: Meaning
    number: int | None = None
    pause: Pause | None = None
    join_code: str = ""
    answerable: bool = True
    carrier_keyword: bool = False


def understand(text: str, ours: Sequence[str] = ()) -> Reading:
    """Read one reply; never raises. `ours` are our recent texts to that number: copies of them
    are left out.
    """
    heard = listen(text, ours)
    if heard.reaction_only:
        return Reading(Meaning.UNCLEAR, answerable=False)
    reading = next(filter(None, (read(heard) for read in _READERS)), Reading(Meaning.UNCLEAR))
    if reading.meaning in _DOUBTED and reading.number is None and _sounds_like_opt_out(heard):
        reading = Reading(Meaning.REVIEW)
    return replace(reading, carrier_keyword=text.strip().casefold() in _CARRIER_KEYWORDS)


# opt_out and review


def _opt_out(heard: Heard) -> Reading | None:
    """An opt-out in any wording, unless something limits, denies or contradicts it."""
    words = _OPT_OUT_DENIED.sub(_NOT_SAID, heard.words)
    wishes = [_wish(said) for said in (heard.words, *heard.clauses)]
    if _opts_out_by_keyword(wishes):
        return _review_if(_YES_BESIDE.search(words) is not None)
    for said in (words, *wishes):
        if found := _OPT_OUT.search(said):
            before, after = said[: found.start()], said[found.end() :]
            limited = _LIMIT_AFTER.search(after) or _LIMIT_BEFORE.search(before)
            return _review_if(bool(limited or _YES_BESIDE.search(words.replace(found[0], ","))))
    return None


def _wish(words: str) -> str:
    """What is left once the denied, names, greetings, thanks and a yes around it are gone."""
    words = _INTRODUCTION.sub("", _OPT_OUT_DENIED.sub(_NOT_SAID, words))
    return _YES_AROUND.sub("", _without_politeness(words))


def _opts_out_by_keyword(wishes: list[str]) -> bool:
    together = plain_words(wishes[0].replace(" ", ""))
    if {wishes[0], together} & _OPT_OUT_WHOLE or together in _OPT_OUT_STRONG:
        return True
    if _DOUBLED.sub(r"\1", together) in _OPT_OUT_STRONG | _OPT_OUT_LONG:  # "QUITT", "stoop"
        return True
    return any(_only_of(wish, _OPT_OUT_STRONG, _OPT_OUT_COMPANY) for wish in wishes)


def _review_if(doubtful: bool) -> Reading:
    return Reading(Meaning.REVIEW if doubtful else Meaning.OPT_OUT)


def _review(heard: Heard) -> Reading | None:
    words = _INNOCENT.sub(_NOT_SAID, _OPT_OUT_DENIED.sub(_NOT_SAID, heard.words))
    doubtful = _REVIEW.search(words) or _keyword_among_others(heard)
    return Reading(Meaning.REVIEW) if doubtful else None


def _sounds_like_opt_out(heard: Heard) -> bool:
    """The second opinion, where no phrase says that it is something innocent."""
    words = heard.words
    if _OPT_OUT_DENIED.search(words) or _INNOCENT.search(words):
        return False
    return _without_politeness(words) not in _DECLINE_BARE and sounds_like_opt_out(words)


def _keyword_among_others(heard: Heard) -> bool:
    """An opt-out keyword beside a number ("CANCEL 2"), a little more, or as one of the clauses."""
    unnumbered = " ".join(word for word in heard.words.split() if not word.isdecimal())
    wishes = [_wish(said) for said in (unnumbered, *heard.clauses)]
    return any(
        wish in _OPT_OUT_WHOLE or _only_of(wish, _OPT_OUT_DOUBTFUL, _OPT_OUT_COMPANY)
        for wish in wishes
    )


# the number, the service


def _wrong_number(heard: Heard) -> Reading | None:
    words = heard.words
    named = " ".join("name" if word in heard.names else word for word in words.split())
    wrong = _without_politeness(words) in _WRONG_NUMBER_WHOLE or _WRONG_NUMBER.search(named)
    if not wrong or _WRONG_NUMBER_DENIED.search(words):
        return None
    return Reading(Meaning.WRONG_NUMBER)


def _help(heard: Heard) -> Reading | None:
    asked = _only_of(
        _without_politeness(heard.words), _HELP, _HELP_COMPANY
    ) or _HELP_PHRASES.search(heard.words)
    return Reading(Meaning.HELP) if asked else None


def _start(heard: Heard) -> Reading | None:
    words = heard.words
    if _without_politeness(words) in _START or _only_of(words, _START, _START_COMPANY):
        return Reading(Meaning.START)
    asked = _START_PHRASES.search(words) and not _START_DENIED.search(words)
    return Reading(Meaning.START) if asked else None


def _join(heard: Heard) -> Reading | None:
    """JOIN, its code, and at most a name and a courtesy: consent is never read into chatter."""
    clauses = (clause for clause in heard.clauses if not _INTRODUCTION.fullmatch(clause))
    words = _JOIN_GLUED.sub(" ", _JOIN_ADDRESS.sub("", " ".join(clauses))).split()
    codes = {word for word in words if _JOIN_CODE.fullmatch(word)}
    others = set(words) - codes - heard.names
    asked = any(sentence.asked for sentence in heard.sentences)
    if asked or len(codes) > 1 or not _only_of(" ".join(others), _JOIN, _JOIN_COMPANY):
        return None
    return Reading(Meaning.JOIN, join_code="".join(codes))


# the shift


def _pause(heard: Heard) -> Reading | None:
    words = heard.words
    spoken = " ".join(word for word in words.split() if not word[0].isdecimal())
    asked = _only_of(spoken, _PAUSE, _PAUSE_COMPANY) or _PAUSE_PHRASES.search(words)
    if not asked or _PAUSE_DENIED.search(words):
        return None
    pause = pause_in(words)
    return Reading(Meaning.PAUSE, number=pause.days, pause=pause)


def _drop(heard: Heard) -> Reading | None:
    if (code := _code(heard, _DROP_CODE)) is not None:
        return Reading(Meaning.DROP, number=code)
    if _DROP_DENIED.search(heard.words):
        return None
    asked = _only_of(heard.words, _DROP, _DROP_COMPANY) or _DROP_PHRASES.search(heard.words)
    return Reading(Meaning.DROP) if asked else None


def _decline(heard: Heard) -> Reading | None:
    if (code := _code(heard, _NO_CODE)) is not None:
        return Reading(Meaning.DECLINE, number=code)
    if _without_politeness(heard.words) in _DECLINE_BARE:
        return Reading(Meaning.DECLINE)
    told = [_DECLINE_DENIED.sub(_NOT_SAID, words) for words in _statements(heard)]
    if not any(map(_DECLINE.search, told)):
        return None
    return Reading(Meaning.UNCLEAR if _contradicts_itself(heard) else Meaning.DECLINE)


def _contradicts_itself(heard: Heard) -> bool:
    """A refusal that also agrees ("yes no", "no wait I'll take it")."""
    words = _UNWILLING.sub("", heard.words)
    yes = any(_without_politeness(clause) in _FLAT_YES for clause in heard.clauses)
    return yes or words.startswith("yes ") or _COMMITMENT.search(words) is not None


def _accept(heard: Heard) -> Reading | None:
    if (code := _code(heard, _YES_CODE)) is not None:
        return Reading(Meaning.ACCEPT, number=code)
    clauses = tuple(clause for clause in heard.clauses if not _INTRODUCTION.fullmatch(clause))
    hedged = any(_MARKERS.search(clause) for clause in clauses)
    if hedged or any(map(_is_question, heard.sentences)):
        return None
    words = _INTRODUCTION.sub("", " ".join(clauses)).strip()
    if _only_of(words, _ACKNOWLEDGING, _ACKNOWLEDGING_COMPANY):
        return None
    return Reading(Meaning.ACCEPT) if _agrees(words, heard.names) else None


def _agrees(words: str, names: frozenset[str]) -> bool:
    """A plain yes, a commitment ("I can take it"), or a yes followed by nothing remarkable."""
    said = _without_politeness(words)
    if said in _ACCEPT_BARE:
        return True
    if any(_unremarkable(said[found.end() :]) for found in _COMMITMENT.finditer(said)):
        return True
    lead, _, rest = said.partition(" ")
    if lead in _ACCEPT_LEAD | _WEAK_LEAD and rest in _ACCEPT_BARE:
        return True
    return lead in _ACCEPT_LEAD and (set(rest.split()) <= names or _unremarkable(rest))


def _unremarkable(words: str) -> bool:
    return set(words.split()) <= _ACCEPT_COMPANY


# shared


def _is_question(sentence: Sentence) -> bool:
    return sentence.asked or _QUESTION.search(sentence.words) is not None


def _statements(heard: Heard) -> list[str]:
    """The sentences that ask nothing; of one that ends in a question, what came before it."""
    told = [s.clauses[:-1] if s.asked else s.clauses for s in heard.sentences]
    return [words for words in map(" ".join, told) if words and not _QUESTION.search(words)]


def _without_politeness(words: str) -> str:
    spoken = _POLITE.sub(" ", words).split()
    return " ".join(
        word for word, before in zip(spoken, [None, *spoken], strict=False) if word != before
    )


def _only_of(words: str, keywords: frozenset[str], company: frozenset[str]) -> bool:
    spoken = set(words.split())
    return bool(spoken & keywords) and keywords | company >= spoken


def _code(heard: Heard, verbs: frozenset[str]) -> int | None:
    """The one number named beside one of the verbs ("YES 2", "2 yes", "drop shift #2")."""
    said = _without_politeness(heard.words).split()
    numbers = [_CODE_WORDS.get(word, word) for word in said if _CODE.fullmatch(word)]
    others = " ".join(w for w in said if not _CODE.fullmatch(w) and w not in _CODE_NOUNS)
    asked = any(sentence.asked for sentence in heard.sentences)
    return int(numbers[0]) if len(numbers) == 1 and others in verbs and not asked else None


_OPT_OUT_STRONG = words_of("opt_out_keyword", "strong")
_OPT_OUT_WHOLE = words_of("opt_out_keyword", "whole")
_OPT_OUT_LONG = frozenset(word for word in _OPT_OUT_WHOLE if len(word) > 3)
_DOUBLED = re.compile(r"(.)\1+")
_OPT_OUT_DOUBTFUL = words_of("opt_out_keyword", "doubtful")
_OPT_OUT_COMPANY = words_of("opt_out_keyword", "company")
_OPT_OUT = phrases_of("opt_out", "phrases", "spanish")
_OPT_OUT_DENIED = phrases_of("opt_out", "denied")
_LIMIT_AFTER = phrases_of("opt_out", "limits_after")
_LIMIT_BEFORE = phrases_of("opt_out", "limits_before")
_CARRIER_KEYWORDS = words_of("opt_out_keyword", "carrier") | words_of("start", "carrier")
_REVIEW = phrases_of("review", "stop_like", "hostile", "leaving")
_INNOCENT = phrases_of("review", "innocent")
_YES_AROUND = re.compile(r"^(?:(?:yes|si) )+|(?: (?:yes|si))+$")
_YES_BESIDE = phrases_of("review", "contradicting")
_WRONG_NUMBER_WHOLE = words_of("wrong_number", "words")
_WRONG_NUMBER = phrases_of("wrong_number", "phrases")
_WRONG_NUMBER_DENIED = phrases_of("wrong_number", "denied")
_HELP = words_of("help", "keyword")
_HELP_COMPANY = words_of("help", "company")
_HELP_PHRASES = phrases_of("help", "phrases")
_START = words_of("start", "words")
_START_COMPANY = words_of("start", "company")
_START_PHRASES = phrases_of("start", "phrases")
_START_DENIED = phrases_of("start", "denied")
_JOIN = words_of("join", "keyword")
_JOIN_COMPANY = words_of("join", "company")
_JOIN_CODE = re.compile(r"\d{3,5}")
_JOIN_GLUED = re.compile(r"(?<=[a-z])(?=\d{3,5}(?!\w))")  # "join4821"
_JOIN_ADDRESS = re.compile(r" (?:to|al?) [\d /.:-]{7,}$")  # our number, copied from the poster
_PAUSE = words_of("pause", "keyword")
_PAUSE_COMPANY = words_of("pause", "company") | DATE_WORDS
_PAUSE_PHRASES = phrases_of("pause", "phrases")
_PAUSE_DENIED = phrases_of("pause", "denied")
_DROP = words_of("drop", "keyword")
_DROP_COMPANY = words_of("drop", "company")
_DROP_PHRASES = phrases_of("drop", "phrases")
_DROP_DENIED = phrases_of("drop", "denied")
_DECLINE_BARE = words_of("decline", "bare")
_DECLINE = phrases_of("decline", "phrases")
_DECLINE_DENIED = phrases_of("decline", "denied")
_NOT_SAID = "_"
_FLAT_YES = words_of("decline", "flat_yes")
_UNWILLING = phrases_of("decline", "unwilling")
_ACCEPT_BARE = words_of("accept", "bare")
_ACCEPT_LEAD = words_of("accept", "lead")
_WEAK_LEAD = words_of("accept", "weak_lead")
_ACCEPT_COMPANY = words_of("accept", "company")
_COMMITMENT = phrases_of("accept", "commitments")
_MARKERS = phrases_of("accept", "markers")
_ACKNOWLEDGING = words_of("accept", "acknowledging")
_ACKNOWLEDGING_COMPANY = words_of("accept", "acknowledging_company")
_YES_CODE = words_of("code", "yes")
_NO_CODE = words_of("code", "no")
_DROP_CODE = words_of("code", "drop")
_CODE_NOUNS = words_of("code", "nouns")
_CODE_WORDS = {"one": "1", "two": "2", "three": "3", "uno": "1", "dos": "2", "tres": "3"}
_CODE = re.compile(rf"\d{{1,2}}|{'|'.join(_CODE_WORDS)}")
_POLITE = phrases_of("polite", "phrases")
_INTRODUCTION = phrases_of("polite", "introductions")
_QUESTION = phrases_of("question", "openers")

# What an opt-out in words that no phrase knows is mistaken for.
_DOUBTED = frozenset({Meaning.UNCLEAR, Meaning.DECLINE, Meaning.DROP, Meaning.PAUSE, Meaning.HELP})

_READERS: tuple[Callable[[Heard], Reading | None], ...] = (
    _opt_out,
    _review,
    _wrong_number,
    _help,
    _start,
    _join,
    _pause,
    _drop,
    _decline,
    _accept,
)
