"""What is left of a text once everything the person did not say is taken away.

Phones add to a reply: a tapback arrives as a text that quotes ours (“Liked “Acme: …””), mail
gateways quote the whole offer, an iPhone signs. Our offer holds both YES and STOP, so a quotation
that slipped through would accept a shift or opt its reader out. It goes before a word is read.

What the words mean is decided in `replies`; how people spell them is `reply_spelling`'s.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from shiftbell.rules.data import read_data
from shiftbell.rules.reply_phrases import KNOWN_WORDS
from shiftbell.rules.reply_spelling import WORD, plain, plain_words, words_in

# No carrier delivers a longer text; of one that comes otherwise, both ends are read: a STOP stands
# at either.
LONGEST_HALF = 1_600

_REACTED = re.compile(
    r"""\s*(?:
        (?:liked|loved|disliked|emphasi[sz]ed|laughed\sat|questioned)
      | (?:reacted|reaccion[oó])\s(?:with\s|con\s)?\S{1,12}(?:\s\S{1,12})?\s(?:to|a)
      | removed\s(?:an?\s)?[\w ]{1,30}\sfrom
      | (?:quit[oó]|elimin[oó])\s(?:una?\s|el\s|su\s)?[\w “”"'¡!?¿👍]{1,40}\s(?:de|a)
      | (?:no\s)?(?:le|me|te)\s(?:gust[oó]|gusta|encant[oó]|encanta|dio\srisa)
      | (?:se\s(?:ri[oó]|r[ií]e)\s(?:de|con|por)|enfatiz[oó]|destac[oó]|exclam[oó](?:\spor)?
          |resalt[oó]|pregunt[oó](?:\spor)?|cuestion[oó]|dud[oó](?:\sde)?)
      | [^\w\s]{1,8}\s?(?:to|a)
    )\s+(?:
        [“«„"].*?[”»"](?=\s*(?:\n|$))
      | [“«„"][^”»"]*[”»"]
      | (?:an?|una?|the|la|el|tu|your)\s(?:image|picture|photo|attachment|message|link|video
          |imagen|foto|mensaje|archivo|enlace|adjunto)
    )\s*""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_SIGNED = re.compile(
    r"""\s*(?:
        (?:sent|envoy[eé])\s(?:from|via|with|using)\b.{0,60}
      | (?:enviado|mandado)\s(?:desde|con|por|de)\b.{0,60}
      | get\s(?:outlook|yahoo)\b.{0,60}
      | --\s?
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_SIGNED_INLINE = re.compile(
    r"\s(?:sent\sfrom\smy|sent\svia|enviado\sdesde(?:\smi)?)\s\S{1,20}(?:\s\S{1,12}){0,3}\s*$",
    re.IGNORECASE,
)
_NAME_AT_END = re.compile(
    r"(?:^|(?<=[\s.!?,]))[-–—~*]{1,2}\s?(?P<name>[^\W\d]{2,15}(?:\s[^\W\d]{1,15}\.?){0,2})\s*$"
)
_WROTE = re.compile(r"\s*(?:on|el)\s.{5,120}(?:wrote|escribi[oó]):\s*", re.IGNORECASE)
# The sentence every offer ends with, in any wording of it …
_FOOTER = re.compile(
    r"(?:reply|text|responde|contesta|env[ií]a|manda)[\s>]+[\"“']?(?:yes|s[ií])(?:[\s>]+\d{1,2})?"
    r"[\"”']?[\s>]+(?:to|para|if)\b[^?]{0,60}?\bstop\b[\"”']?[\s>]+(?:to|para)[\s>][^\n.,;!?]{1,30}"
    r"[.!]?",
    re.IGNORECASE,
)
# … how to stop, which someone may also say by copying it, so it goes only beside more of ours …
_HOW_TO_STOP = re.compile(
    r"(?:(?:reply|responde)\s+)?\bstop\s+(?:to|para)\s+(?:opt\s+out|darte\s+de\s+baja)\.?",
    re.IGNORECASE,
)


def _standing_sentences() -> list[str]:
    texts = (text for kind in read_data("wording.toml").values() for text in kind.values())
    sentences = (part for text in texts for part in re.split(r"(?<=[.?!])\s", text))
    return [s for s in sentences if "{" not in s and len(s.split()) > 3 and "STOP " not in s]


# … and whatever else our texts always say in the same words.
_STANDING = re.compile(
    "|".join(r"[\s>]+".join(map(re.escape, s.split())) for s in _standing_sentences()),
    re.IGNORECASE,
)
_OFFER_HEAD = re.compile(
    r"^[^\n:]{1,40}:\s(?=[^\n]{0,120}?\d)[^\n]{0,160}(?=\x00)", re.MULTILINE | re.IGNORECASE
)
_FOOTER_MARK = "\x00"

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘`´ʼ＇", "'"))
_ONLY_A_NAME = re.compile(r"\s*[A-ZÀ-Þ][^\W\d_]{1,14}(?: [A-ZÀ-Þ][^\W\d_]{0,14}\.?){0,2}\s*")
_THUMB = re.compile(r"\bthumbs(?:up|down)\b")
_CLAUSE_END = re.compile(r"(?<!\d)[.,:]|[.,:](?!\d)|[;!?¿¡\n()…]|\s[-–—]+\s|\s[-–—]+$")
_SENTENCE = re.compile(r"(?:[^.!?\n;…]|(?<=\d)\.(?=\d))+[.!?\n;…]*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: what stood between its commas, and whether it ended in a question mark."""

    clauses: tuple[str, ...]
    asked: bool

    @property
    def words(self) -> str:
        """The sentence without its commas."""
        return " ".join(self.clauses)


@dataclass(frozen=True, slots=True)
class Heard:
    """A reply in plain words.

    `names` are words written with a capital that are no words we know; `reaction_only` says that
    nothing but a tapback, or nothing at all, came.
    """

    sentences: tuple[Sentence, ...]
    names: frozenset[str]
    reaction_only: bool = False

    @property
    def clauses(self) -> tuple[str, ...]:
        """What stood between punctuation marks, in order."""
        return tuple(clause for sentence in self.sentences for clause in sentence.clauses)

    @property
    def words(self) -> str:
        """Everything said, one space between words."""
        return " ".join(self.clauses)


def listen(text: str, ours: Sequence[str] = ()) -> Heard:
    """Take quotations, signatures and reactions away, and bring the rest into plain words."""
    text = _both_ends(text)
    said = _without_reactions(text)
    reaction_only = not said.strip()
    said = _without_signature(_without_signature(_without_quotes(said, ours)))
    sentences = (_sentence(part) for part in _SENTENCE.findall(_without_decoration(plain(said))))
    return Heard(
        sentences=tuple(sentence for sentence in sentences if sentence.clauses),
        names=_names(said),
        reaction_only=reaction_only,
    )


def _sentence(part: str) -> Sentence:
    clauses = (words_in(clause) for clause in _CLAUSE_END.split(part))
    return Sentence(tuple(clause for clause in clauses if clause), "?" in part or "¿" in part)


def _both_ends(text: str) -> str:
    if len(text) > 2 * LONGEST_HALF:
        text = f"{text[:LONGEST_HALF]}\n{text[-LONGEST_HALF:]}"
    text = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES)
    return "".join(_readable(character) for character in text)


def _readable(character: str) -> str:
    if character in "\r\n\u2028\u2029":
        return "\n"
    category = unicodedata.category(character)
    return "" if category == "Cf" else " " if category in ("Cc", "Cs", "Co", "Zs") else character


def _without_reactions(text: str) -> str:
    while reaction := _REACTED.match(text):
        text = text[reaction.end() :]
    return text


def _without_quotes(text: str, ours: Sequence[str]) -> str:
    for sent in sorted(ours, key=len, reverse=True):
        text = _without_copy(text, sent)
    text = _STANDING.sub(_FOOTER_MARK, _FOOTER.sub(_FOOTER_MARK, text))
    if _FOOTER_MARK in text:
        text = _HOW_TO_STOP.sub(_FOOTER_MARK, text)
    text = _OFFER_HEAD.sub(_words_before_brand, text)
    said = (line for line in text.split("\n") if not _is_quoted(line))
    return "\n".join(said).replace(_FOOTER_MARK, "\n")


def _without_copy(text: str, sent: str) -> str:
    parts = _both_ends(sent).split()
    if len(parts) < 3:
        return text
    copy = r"[\s>]{1,9}".join(re.escape(part) for part in parts)
    return re.sub(copy, _FOOTER_MARK, text, flags=re.IGNORECASE)


def _is_quoted(line: str) -> bool:
    """A line of an earlier text. A STOP of the person's own may look like one, and is kept."""
    quoted = line.lstrip().startswith(">")
    return _WROTE.fullmatch(line) is not None or (quoted and "stop" not in plain_words(line))


def _words_before_brand(head: re.Match[str]) -> str:
    first = head[0].split(":", 1)[0]
    return first + "\n" if plain_words(first).split(" ")[0] in KNOWN_WORDS else ""


def _without_signature(text: str) -> str:
    lines = text.strip().split("\n")
    while len(lines) > 1 and (not lines[-1].strip() or _SIGNED.fullmatch(lines[-1])):
        lines.pop()
    lines[-1] = _SIGNED_INLINE.sub("", lines[-1])
    signed = _NAME_AT_END.search(lines[-1])
    if signed and not _knows_any(signed["name"]) and (signed.start() or len(lines) > 1):
        lines[-1] = lines[-1][: signed.start()]
    elif len(lines) > 1 and _ONLY_A_NAME.fullmatch(lines[-1]) and not _knows_any(lines[-1]):
        lines.pop()
    return "\n".join(lines)


def _knows_any(text: str) -> bool:
    return any(plain_words(word) in KNOWN_WORDS for word in re.findall(r"\w\w+", text))


def _without_decoration(text: str) -> str:
    """Thumbs count only where nothing else was said, and only if they all point the same way."""
    spoken = _THUMB.sub(" ", text)
    thumbs = set(_THUMB.findall(text))
    return thumbs.pop() if not WORD.search(spoken) and len(thumbs) == 1 else spoken


def _names(said: str) -> frozenset[str]:
    written = re.findall(r"[^\W\d_]+", said)
    capital = [word for word in written if word.istitle() and len(word) > 1]
    if len(capital) * 2 > len(written) and len(written) > 3:
        return frozenset()
    return frozenset(plain_words(word) for word in capital) - KNOWN_WORDS
