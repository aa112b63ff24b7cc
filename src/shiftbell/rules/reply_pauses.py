"""For how long someone wants no offers: what they said, and until when that lasts.

PAUSE mutes offers for seven days; "PAUSE 14", "two weeks" or "until Monday" say otherwise, and
ninety days is the most, since nobody should be forgotten for good by a PAUSE. Days are calendar
days of the person's own zone: the clock shows the same time before and after a change of clocks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

PAUSE_DAYS = 7
PAUSE_DAYS_MAX = 90


@dataclass(frozen=True, slots=True)
class Pause:
    """How long offers are muted, as it was said: days, a weekday (0 is Monday), or (month, day)."""

    days: int | None = None
    weekday: int | None = None
    month_day: tuple[int, int] | None = None

    def until(self, now_local: datetime) -> datetime:
        """When offers may come again, in the zone of `now_local`; 90 days away at most.

        A named day ends the pause at its midnight. "Until Monday" on a Monday is the next one.
        """
        assert now_local.tzinfo is not None, "a local time needs its zone"
        today = now_local.date()
        latest = _on(today + timedelta(days=PAUSE_DAYS_MAX), now_local)
        if self.weekday is None and self.month_day is None:
            days = PAUSE_DAYS if self.days is None else max(self.days, 1)
            return _on(today + timedelta(days=min(days, PAUSE_DAYS_MAX)), now_local)
        return min(_on(self._named_day(today), now_local, time()), latest)

    def _named_day(self, today: date) -> date:
        if self.weekday is not None:
            return today + timedelta(days=(self.weekday - today.weekday() - 1) % 7 + 1)
        assert self.month_day is not None
        this_year = _calendar_day(today.year, *self.month_day)
        return this_year if this_year > today else _calendar_day(today.year + 1, *self.month_day)


def _on(day: date, now_local: datetime, at: time | None = None) -> datetime:
    moment = datetime.combine(day, at or now_local.time(), tzinfo=now_local.tzinfo)
    # Through UTC and back: a time the clocks skip becomes the one they show.
    return moment.astimezone(UTC).astimezone(now_local.tzinfo)


def _calendar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:  # February 29
        return date(year, month + 1, 1)


_NUMBERS = {
    **dict.fromkeys(("one", "un", "una", "uno", "a", "an"), 1),
    **dict.fromkeys(("two", "dos", "couple"), 2),
    **dict.fromkeys(("three", "tres", "few"), 3),
    **dict.fromkeys(("four", "cuatro"), 4),
    **dict.fromkeys(("five", "cinco"), 5),
    **dict.fromkeys(("six", "seis"), 6),
    **dict.fromkeys(("seven", "siete"), 7),
    **dict.fromkeys(("eight", "ocho"), 8),
    **dict.fromkeys(("nine", "nueve"), 9),
    **dict.fromkeys(("ten", "diez"), 10),
}
_UNITS = {"day": 1, "dia": 1, "d": 1, "week": 7, "wk": 7, "semana": 7, "month": 30, "mes": 30}
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = {
    name: month
    for month, names in enumerate(
        (
            ("january", "jan", "enero"),
            ("february", "feb", "febrero"),
            ("march", "mar", "marzo"),
            ("april", "apr", "abril"),
            ("may", "mayo"),
            ("june", "jun", "junio"),
            ("july", "jul", "julio"),
            ("august", "aug", "agosto"),
            ("september", "sep", "sept", "septiembre"),
            ("october", "oct", "octubre"),
            ("november", "nov", "noviembre"),
            ("december", "dec", "diciembre"),
        ),
        start=1,
    )
    for name in names
}
# The longest month of each, so that "until 2/29" is a day and "until 2/31" is none.
_LONGEST = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

_COUNT = rf"(?P<count>\d{{1,4}}|{'|'.join(_NUMBERS)})"
_UNIT = r"(?P<unit>days?|dias?|d|weeks?|semanas?|wks?|months?|mes|meses)"
_SPAN = re.compile(rf"\b{_COUNT} (?:of )?(?:more |mas )?{_UNIT}\b")
_NEXT_SPAN = re.compile(
    rf"\b(?:this|the|next|another|rest of the|esta|este|proxima|proximo|la|el) (?:whole )?{_UNIT}\b"
)
_DIGITS = re.compile(r"(?<!\S)(\d{1,4})d?(?!\S| (?:am|pm|st|nd|rd|th)\b)")
_UNTIL_DAY = re.compile(rf"\b({'|'.join(_WEEKDAYS)})\b")
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATES = (
    re.compile(rf"\b(?P<month>{_MONTH}) (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b"),
    re.compile(rf"\b(?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)? (?:of |de )(?P<month>{_MONTH})\b"),
    re.compile(r"\b(?P<month>\d{1,2})[/\-](?P<day>\d{1,2})(?:[/\-]\d{2,4})?\b"),
    re.compile(rf"\b(?:until|till|til|hasta) (?P<month>{_MONTH})\b"),
)
DATE_WORDS: frozenset[str] = frozenset(_MONTHS) | frozenset(_WEEKDAYS) | frozenset(_NUMBERS)


def pause_in(words: str) -> Pause:
    """The length named in a reply of plain words; an empty `Pause` where none is."""
    for pattern in _DATES:
        if (found := pattern.search(words)) and (named := _month_day(found)):
            return Pause(month_day=named)
    if found := _SPAN.search(words):
        return Pause(days=_count(found["count"]) * _unit(found["unit"]))
    if found := _UNTIL_DAY.search(words):
        return Pause(weekday=_WEEKDAYS.index(found[1]))
    if re.search(r"\b(?:tomorrow|manana|today|tonight|hoy)\b", words):
        return Pause(days=1)
    if re.search(r"\b(?:forever|indefinitely)\b", words):
        return Pause(days=PAUSE_DAYS_MAX)
    if found := _NEXT_SPAN.search(words):
        return Pause(days=_unit(found["unit"]))
    if found := _DIGITS.search(words):
        return Pause(days=int(found[1]))
    return Pause()


def _count(word: str) -> int:
    return int(word) if word.isdecimal() else _NUMBERS[word]


def _unit(word: str) -> int:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s")) or _UNITS[word.removesuffix("es")]


def _month_day(found: re.Match[str]) -> tuple[int, int] | None:
    month_word, day = found["month"], int(found.groupdict().get("day") or 1)
    month = int(month_word) if month_word.isdecimal() else _MONTHS[month_word]
    valid = 1 <= month <= 12 and 1 <= day <= _LONGEST[month - 1]
    return (month, day) if valid else None
