"""The moment tests begin at."""

from __future__ import annotations

from datetime import UTC, datetime

NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
"""A Tuesday, noon in Chicago."""
