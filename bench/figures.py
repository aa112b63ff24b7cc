"""One measured figure, and how a sample of waiting times becomes some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Figure:
    """What was measured; `bar` is the most it may be, or with `at_least` the least."""

    what: str
    value: float
    unit: str = ""
    bar: float | None = None
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the bar, if there is one, is met."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar


def row(figure: Figure) -> str:
    """Return a figure as a line for a person."""
    line = f"{figure.what:<44}{figure.value:>10.1f} {figure.unit}".rstrip()
    if figure.bar is None:
        return line
    side = "at least" if figure.at_least else "at most"
    return f"{line:<62} ({side} {figure.bar:g}) {'ok' if figure.is_met else 'MISSED'}"


def percentile(sample: Sequence[float], percent: float) -> float:
    """Return the smallest value that `percent` of the sample do not exceed (nearest rank)."""
    ordered = sorted(sample)
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
