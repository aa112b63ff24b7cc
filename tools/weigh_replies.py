"""Learn `data/reply_weights.tsv` from the labelled replies in `tests/rules/*.tsv`.

    make generate

Logistic regression by plain gradient descent, always in the same order, so the same replies give
the same file. Replies about leaving a job, threats and wrong numbers are left out: they are neither
an opt-out nor its opposite.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from shiftbell.rules.reply_spelling import plain_words
from shiftbell.rules.reply_weights import BIAS, features

ROOT = Path(__file__).parents[1]
CORPORA = sorted((ROOT / "tests" / "rules").glob("replies*.tsv"))
WEIGHTS = ROOT / "src" / "shiftbell" / "data" / "reply_weights.tsv"
NEITHER = {"review", "wrong_number"}
ROUNDS, PULL = 25, 0.002
SEEN_AT_LEAST = 2
LIGHT = 5  # hundredths; a weight below says nothing

Example = tuple[list[str], bool]


def examples() -> list[Example]:
    """Return each labelled reply as features, and whether it is an opt-out."""
    found = []
    for corpus in CORPORA:
        for line in corpus.read_text("utf-8").splitlines():
            if line.startswith("#"):
                continue
            label, _, reply = line.split("\t", 2)
            if (first := label.split("|")[0]) not in NEITHER:
                words = plain_words(reply.replace("\\n", " "))
                found.append((features(words), first == "opt_out"))
    return found


def learn(found: Sequence[Example]) -> dict[str, int]:
    """Return the weights in hundredths, the bias among them."""
    seen = Counter(feature for features_, _ in found for feature in features_)
    common = {feature for feature, count in seen.items() if count >= SEEN_AT_LEAST}
    kept = [([each for each in features_ if each in common], label) for features_, label in found]
    weights, bias = dict.fromkeys(sorted(common), 0.0), 0.0
    dice = random.Random(1)  # noqa: S311  to be the same each time is the point
    for round_ in range(ROUNDS):
        dice.shuffle(kept)
        step = 0.5 / (1 + 0.3 * round_)
        for features_, label in kept:
            odds = bias + sum(weights[each] for each in features_)
            error = 1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))) - label
            bias -= step * error * 0.1
            for each in features_:
                weights[each] -= step * (error + PULL * weights[each])
    hundredths = {each: round(weight * 100) for each, weight in weights.items()}
    telling = {each: weight for each, weight in hundredths.items() if abs(weight) >= LIGHT}
    return {BIAS: round(bias * 100)} | telling


def text(weights: dict[str, int]) -> str:
    """Return the file's text: weight, tab, feature."""
    return "".join(f"{weight}\t{feature}\n" for feature, weight in weights.items())


if __name__ == "__main__":
    WEIGHTS.write_text(text(learn(examples())), encoding="utf-8")
