"""When a text may leave by the reader's clock, and what a written date and time mean.

The default window is 8:00 to 21:00 where the reader is (Q1); some states have stricter ones, which
differ by weekday. What counts is what the clock on the reader's wall shows, and twice a year it is
set: an hour is then missing or there twice. So a day's hours are worked out in UTC, apart for what
comes before that moment and after it; and a shift written in such an hour is refused by name
instead of being moved silently.

Whose clock and which hours are theirs is decided in `whose_hours`, how a time is said in a text in
`spoken`, whether a text may leave at all in `sending`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from shiftbell.errors import BadTime

Window = tuple[time, time]
"""From when until when a text may leave, on the reader's clock; the end itself is too late."""

DEFAULT_WINDOW: Window = (time(8), time(21))


@dataclass(frozen=True, slots=True)
class Hours:
    """When texts may leave in a week: a window for each day from Monday on, None where none may.

    A week without any window is a programmer's mistake: a text would wait for ever.
    """

    days: tuple[Window | None, ...]

    def __post_init__(self) -> None:
        assert len(self.days) == 7 and any(self.days), "some day of the seven has a window"
        assert all(day[0] < day[1] for day in self.days if day), "a window lies within one day"

    @classmethod
    def daily(cls, window: Window) -> Hours:
        """Return the same window for every day."""
        return cls((window,) * 7)


# A whole week without an opening happens where the only window of a week falls into the hour that
# the change of clocks skips; two weeks do not.
_DAYS_SEARCHED = 15

# A reminder moved before the evening's end leaves the queue this long to drain.
_HEADROOM = timedelta(minutes=30)

_FRESH = timedelta(hours=12)

_WRITE_DATE = "Write it as 2026-11-28 or 11/28/2026."
_WRITE_TIME = "Write it as 7am, 7:30 PM or 19:30."

_DATE_SHAPES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%b %d %Y", "%B %d %Y")
_DATE_SHAPES_DAY_FIRST = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y")
_WEEKDAY = re.compile(r"^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\s+", re.IGNORECASE)
_NEARBY = {"today": 0, "tomorrow": 1}
_DAYS_ON = re.compile(r"^\+(\d{1,3})(\s*days?)?$", re.IGNORECASE)
_TIME = re.compile(
    r"^(\d{1,2})(?:[:.h](\d{2})(?::\d{2})?)?\s*(?:([ap])\.?(?:m\.?)?)?$", re.IGNORECASE
)
_NAMED = {"noon": time(12), "midnight": time(0)}
_MOMENT = re.compile(
    r"^(\d{4}-\d{1,2}-\d{1,2}|.*?\b\d{4}|\d{1,2}/\d{1,2}/\d{2})"
    r"(?:T|,?\s+)(\d{1,2}:\d{2}.*|\d{1,2}\s*[ap]\.?(?:m\.?)?)$",
    re.IGNORECASE,
)
_MILITARY = re.compile(r"^([01]\d|2[0-3])([0-5]\d)$")


def allowed(now: datetime, zone: ZoneInfo, window: Window | Hours = DEFAULT_WINDOW) -> bool:
    """Whether a text may leave at `now` for someone in `zone`; a plain window is every day's."""
    local = now.astimezone(zone)
    today = _week(window).days[local.weekday()]
    return today is not None and today[0] <= local.time() < today[1]


def next_allowed(
    now: datetime, zone: ZoneInfo, window: Window | Hours = DEFAULT_WINDOW
) -> datetime:
    """Return the first allowed moment from `now` on, in UTC; `now` itself where allowed."""
    week, today = _week(window), now.astimezone(zone).date()
    days = (today + timedelta(days=n) for n in range(_DAYS_SEARCHED))
    stretches = (stretch for day in days for stretch in _stretches(day, zone, week))
    return next(max(opens, now.astimezone(UTC)) for opens, closes in stretches if closes > now)


def last_allowed(at: datetime, zone: ZoneInfo, window: Window | Hours = DEFAULT_WINDOW) -> datetime:
    """Return the best allowed moment no later than `at`, in UTC.

    That is `at` itself where allowed, else half an hour before the hours last ended.
    """
    week, today = _week(window), at.astimezone(zone).date()
    if allowed(at, zone, week):
        return at.astimezone(UTC)
    days = (today - timedelta(days=n) for n in range(_DAYS_SEARCHED))
    stretches = (stretch for day in days for stretch in reversed([*_stretches(day, zone, week)]))
    closed = next(closes for _, closes in stretches if closes <= at)
    early = closed - _HEADROOM
    return early if allowed(early, zone, week) else closed - timedelta(microseconds=1)


def reminder_due(
    starts_at: datetime,
    zone: ZoneInfo,
    *,
    assigned_at: datetime,
    now: datetime,
    reminder_at: time = time(18),
    window: Window | Hours = DEFAULT_WINDOW,
) -> datetime | None:
    """Return when to remind someone in `zone` of a shift: the day before at `reminder_at`.

    Outside the allowed hours it moves earlier, never later. A moment already past means "now",
    after an outage for instance. None where a reminder helps no one: the shift has started, the
    person took it within the twelve hours before (the confirmation is reminder enough), or the
    next allowed moment comes only after the start.
    """
    day_before = starts_at.astimezone(zone).date() - timedelta(days=1)
    due = last_allowed(_instant(day_before, reminder_at, zone), zone, window)
    if assigned_at > due - _FRESH:
        return None
    leaves = next_allowed(max(due, now), zone, window)
    return due if leaves < starts_at else None


def shift_times(
    date_text: str, start_text: str, end_text: str, zone: ZoneInfo, *, today: date
) -> tuple[datetime, datetime]:
    """Return start and end in UTC; an end no later than the start is the next day's.

    Raises BadTime whose `field` is "date", "startTime" or "endTime".
    """
    on = parse_date(date_text, today=today, field="date")
    start, end = parse_time(start_text, field="startTime"), parse_time(end_text, field="endTime")
    if start == end:
        raise BadTime(
            "The shift starts and ends at the same time.",
            hint="Give it an end; for a shift of a whole day, make two.",
            field="endTime",
        )
    ends_on = on if end > start else on + timedelta(days=1)
    return (
        local_to_utc(on, start, zone, field="startTime"),
        local_to_utc(ends_on, end, zone, field="endTime"),
    )


def local_to_utc(on: date, at: time, zone: ZoneInfo, *, field: str) -> datetime:
    """Return a local date and time in UTC.

    Raises BadTime for an hour that the change of clocks skips or repeats there that day.
    """
    local = datetime.combine(on, at, zone)
    first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
    if first == second:
        return first
    exists = first.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None)
    trouble = "happens twice" if exists else "does not exist"
    raise BadTime(
        f"{at:%H:%M} {trouble} on {on} in {zone.key}: the clocks change.",
        hint="Choose a time an hour earlier or later.",
        field=field,
    )


def parse_date(text: str, *, today: date | None, field: str = "date") -> date:
    """Read a date: ISO, 11/28/2026, 11/28/26, Nov 28 2026, today, tomorrow, +2 days.

    Two numbers before a year are month and day, the American way. Without `today`, a
    day named by its distance from it is refused. Raises BadTime.
    """
    said = " ".join(text.replace(",", " ").replace(".", " ").split()).lower()
    if today and said in _NEARBY:
        return today + timedelta(days=_NEARBY[said])
    if today and (found := _DAYS_ON.match(said)):
        return today + timedelta(days=int(found.group(1)))
    said = _WEEKDAY.sub("", said).replace("sept ", "sep ")
    for shape in (*_DATE_SHAPES, *_DATE_SHAPES_DAY_FIRST):
        try:
            on = datetime.strptime(said, shape).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
        if 2000 <= on.year < 2100:
            return on
    if not said:
        raise BadTime("There is no date.", hint=_WRITE_DATE, field=field)
    raise BadTime("This date cannot be read.", hint=_WRITE_DATE, field=field)


def parse_time(text: str, *, field: str) -> time:
    """Read a time of day: 7am, 7:30 PM, 7p, 07:00, 1900, noon, midnight. Raises BadTime."""
    said = text.strip().lower()
    if said in _NAMED:
        return _NAMED[said]
    if found := _MILITARY.match(said):
        return time(int(found.group(1)), int(found.group(2)))
    found = _TIME.match(said)
    if not found:
        what = "There is no time." if not said else "This time cannot be read."
        raise BadTime(what, hint=_WRITE_TIME, field=field)
    hour, minute, half = int(found.group(1)), int(found.group(2) or 0), found.group(3)
    if minute > 59 or hour > 23 or (half and not 1 <= hour <= 12):
        raise BadTime("There is no such time of day.", hint=_WRITE_TIME, field=field)
    if half is None and found.group(2) is None:
        raise BadTime("Is this morning or evening?", hint=_WRITE_TIME, field=field)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute)


def split_moment(text: str) -> tuple[str, str]:
    """Cut "11/28/2026 7:00 AM" into its date and its time; what has one only leaves "" there."""
    said = text.strip()
    if found := _MOMENT.match(said):
        return found.group(1), found.group(2)
    is_time = said.lower() in _NAMED or _TIME.match(said) or _MILITARY.match(said)
    return ("", said) if is_time else (said, "")


def _instant(on: date, at: time, zone: ZoneInfo) -> datetime:
    """Return a local time in UTC: the first showing of a doubled one, a skipped one made up for."""
    return datetime.combine(on, at, zone).astimezone(UTC)


def _week(window: Window | Hours) -> Hours:
    return window if isinstance(window, Hours) else Hours.daily(window)


def _stretches(on: date, zone: ZoneInfo, week: Hours) -> Iterator[tuple[datetime, datetime]]:
    """Yield from when until when a text may leave on a local day, in UTC, in order.

    One stretch, as a rule. Two where the clocks are set within the window, or set back into it;
    none where the window falls into the hour that is skipped.
    """
    window = week.days[on.weekday()]
    if window is None:
        return
    for since, until, offset in _offsets(on, zone):
        opens = max(since, datetime.combine(on, window[0], UTC) - offset)
        closes = min(until, datetime.combine(on, window[1], UTC) - offset)
        if opens < closes:
            yield opens, closes


def _offsets(on: date, zone: ZoneInfo) -> list[tuple[datetime, datetime, timedelta]]:
    """Return from when until when which distance from UTC holds, well around a local day."""
    noon = datetime.combine(on, time(12), UTC)
    since, until = noon - timedelta(hours=36), noon + timedelta(hours=36)
    before, after = _offset(since, zone), _offset(until, zone)
    if before == after:
        return [(since, until, before)]
    # Clocks are set on a whole second, and never twice within days.
    known, turned = since, until
    while turned - known > timedelta(seconds=1):
        middle = known + timedelta(seconds=(turned - known) // timedelta(seconds=2))
        known, turned = (middle, turned) if _offset(middle, zone) == before else (known, middle)
    return [(since, turned, before), (turned, until, after)]


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None
    return offset
