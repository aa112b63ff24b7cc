"""A second opinion on replies: how much each word speaks for an opt-out.

Phrases (`reply_phrases`) read what people are known to say; nobody can list what they will say
next. So every reply that the phrases do not take for an opt-out is also weighed: each word, each
pair of neighbours and each beginning of a long word carries a weight, learnt from the labelled
replies of the tests (`tools/weigh_replies.py`), and their sum says how much the reply sounds like
one. It never decides by itself: above `DOUBTFUL` a person looks, and offers wait meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from itertools import pairwise

WORDS_MAX = 60  # of a long story, its beginning
STEM = 5
# Chosen on replies that the weights had not seen: below it half of the missed opt-outs come back.
DOUBTFUL = -1.0
BIAS = "bias"


def sounds_like_opt_out(words: str) -> bool:
    """Whether a reply, in plain words, sounds so much like an opt-out that a person should look."""
    return weigh(words, _weights()) > DOUBTFUL


def weigh(words: str, weights: Mapping[str, float]) -> float:
    """Return the log-odds that plain words are an opt-out, under these weights."""
    known = (weights[feature] for feature in features(words) if feature in weights)
    return weights[BIAS] + sum(known)


def features(words: str) -> list[str]:
    """Return what is weighed: words, neighbours ("a b") and beginnings of long words ("~begin")."""
    spoken = words.split()[:WORDS_MAX]
    pairs = {f"{one} {next_}" for one, next_ in pairwise(spoken)}
    stems = {f"~{word[:STEM]}" for word in spoken if len(word) > STEM}
    return sorted(set(spoken) | pairs | stems)


@cache
def _weights() -> dict[str, float]:
    source = resources.files("shiftbell").joinpath("data", "reply_weights.tsv")
    rows = (line.split("\t") for line in source.read_text("utf-8").splitlines())
    return {feature: int(weight) / 100 for weight, feature in rows}
