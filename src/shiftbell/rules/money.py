"""What texts cost: segments times RingCentral's price, from `data/prices.toml`."""

from __future__ import annotations

from decimal import Decimal
from functools import cache

from shiftbell.rules.data import read_data


def cost_usd(segments: int) -> Decimal:
    """Return the price of so many segments sent, in US dollars."""
    return segments * _price("usd_out")


@cache
def _price(name: str) -> Decimal:
    return Decimal(read_data("prices.toml")["segment"][name])
