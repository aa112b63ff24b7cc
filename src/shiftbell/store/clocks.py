"""By whose clock a person is written to, and the hours that are allowed on it.

The facts of `rules/whose_hours`: the person's own zone, their home location's, the site's; and the
state whose stricter hours hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shiftbell.config import Settings
from shiftbell.rules import hours
from shiftbell.rules.hours import Hours
from shiftbell.rules.whose_hours import recipient_state, recipient_zone_name, window_of
from shiftbell.store.models import Employee, Location, Shift


@dataclass(frozen=True, slots=True)
class Clock:
    """A reader's clock and the hours of the week at which they may be written to."""

    zone: ZoneInfo
    hours: Hours

    def next_allowed(self, now: datetime) -> datetime:
        """Return the first allowed moment from `now` on, in UTC."""
        return hours.next_allowed(now, self.zone, self.hours)

    def waits_until(self, now: datetime) -> datetime | None:
        """Return when quiet hours end; None outside of them."""
        return None if hours.allowed(now, self.zone, self.hours) else self.next_allowed(now)


def clock_of(employee: Employee | None, shift: Shift | None, values: Settings) -> Clock:
    """Return the clock that a person's hours are judged by."""
    home = _home(employee)
    site = shift.location if shift else None
    state = recipient_state(home.state if home else "", site.state if site else "")
    window = (values.send_from, values.send_until)
    return Clock(
        zone_of(employee, shift, values.time_zone, home=home),
        window_of(window, state, by_state=values.quiet_hours_by_state),
    )


def zone_of(
    employee: Employee | None, shift: Shift | None, otherwise: str, *, home: Location | None = None
) -> ZoneInfo:
    """Return the zone of a person's clock; `home` where their home location is known already."""
    home = home or _home(employee)
    own = employee.zone if employee else ""
    site = shift.location.zone if shift else ""
    return ZoneInfo(recipient_zone_name(own, home.zone if home else "", site, otherwise))


def _home(employee: Employee | None) -> Location | None:
    """Return a person's home location: the first of theirs, as prefetched where it was."""
    if employee is None:
        return None
    return min(employee.locations.all(), key=lambda location: location.pk, default=None)
