"""What texts cost: segments times RingCentral's price, from `data/prices.toml`."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cache
from importlib.resources import files


def cost_usd(segments: int) -> Decimal:
    """Return the price of so many segments sent, in US dollars."""
    return segments * _price("usd_out")


@cache
def _price(name: str) -> Decimal:
    text = files("shiftbell").joinpath("data", "prices.toml").read_text(encoding="utf-8")
    return Decimal(tomllib.loads(text)["segment"][name])
