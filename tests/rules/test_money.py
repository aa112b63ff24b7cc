"""What texts cost."""

from __future__ import annotations

from decimal import Decimal

import pytest

from shiftbell.rules.money import cost_usd


@pytest.mark.parametrize(
    ("segments", "usd"), [(0, "0"), (1, "0.0119"), (1000, "11.9000"), (30_000, "357.0000")]
)
def test_segments_cost_what_ringcentral_charges_for_them(segments, usd):
    assert cost_usd(segments) == Decimal(usd)
