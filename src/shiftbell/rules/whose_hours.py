"""Whose clock and which hours hold for a person: their zone, their state, what both leave open.

A zone is never guessed from an area code, because people keep their number when they move (Q2). The
operator's window holds everywhere; where a state's own hours are stricter, only what both allow is
left (Q1). Those hours, their sources and how sure we are of them stand in `data/state_hours.toml`.

When within these hours a text may leave is arithmetic, in `hours`; which texts need not wait for
them is decided in `sending`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from shiftbell.errors import ConfigError
from shiftbell.rules.data import read_data
from shiftbell.rules.hours import Hours, Window


def recipient_zone_name(
    employee_zone: str, home_zone: str, site_zone: str, otherwise: str = ""
) -> str:
    """Return the zone a person's hours are judged in; "" is a zone nobody named.

    What the person said of themself comes first, then their home location, then where the shift is.
    """
    return employee_zone or home_zone or site_zone or otherwise


def recipient_state(home_state: str, site_state: str) -> str:
    """Return the state whose hours hold for a person: their home location's, else the site's.

    A zone of their own changes nothing: it tells their clock, not whose law protects them.
    """
    return home_state or site_state


def window_of(default: Window, state: str, *, by_state: bool = True) -> Hours:
    """Return the hours that the operator's window and the state's both allow.

    `state` is a code like "TX"; one without stricter hours, or "", leaves the window as it is, as
    does `by_state` off. Raises ConfigError where nothing is left all week.
    """
    code = state.strip().upper()
    if not by_state or code not in _stricter():
        return Hours.daily(default)
    days = tuple(_both(default, theirs) for theirs in _stricter()[code].days)
    if not any(days):
        raise ConfigError(
            f"SEND_FROM and SEND_UNTIL leave no time at which a text may leave in {code}.",
            hint="Let some of its hours in (data/state_hours.toml), or set QUIET_HOURS_BY_STATE=0.",
        )
    return Hours(days)


def require_hours(default: Window, *, by_state: bool = True) -> None:
    """Raise ConfigError where the operator's window leaves a state of the table no time at all.

    Asked at the start, so that no text ever meets a person to whom nothing may leave.
    """
    for code in _stricter():
        window_of(default, code, by_state=by_state)


def _both(one: Window, other: Window | None) -> Window | None:
    if other is None:
        return None
    opens, closes = max(one[0], other[0]), min(one[1], other[1])
    return (opens, closes) if opens < closes else None


@cache
def _stricter() -> dict[str, Hours]:
    return {code: _week(row) for code, row in read_data("state_hours.toml").items()}


def _week(row: dict[str, Any]) -> Hours:
    weekday, saturday, sunday = (
        (row[days][0], row[days][1]) if row[days] else None
        for days in ("weekdays", "saturday", "sunday")
    )
    return Hours((weekday,) * 5 + (saturday, sunday))
