"""How a shift's time, a place and a name are said in a text.

A text is read on a phone in a second, often hours after it left. So a day always carries its
weekday and date, "tomorrow" is only added to it and only where it is true for the reader as well
as for the site, and minutes are said only where there are any. US sites count in twelve hours.

Every word here is in the GSM-7 alphabet (see `segments`), which has é and ñ but neither á nor í:
one accent more would double what a text costs.
"""

from __future__ import annotations

import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from shiftbell.rules import segments

NAME_CHARS_MAX = 20
PLACE_CHARS_MAX = 40
FAR_AHEAD = timedelta(days=300)  # so long after it was posted, a shift's day needs its year

_DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sab", "dom"),
}
_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "es": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
}
_NEARBY = {"en": ("today", "tomorrow"), "es": ("hoy", "mañana")}
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)

# Latin letters that are no letter with an accent, so that Unicode does not take them apart.
_TWINS = str.maketrans(
    {"ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "œ": "oe", "Œ": "OE", "þ": "th", "Þ": "Th"}
)


def language_of(language: str | None) -> str:
    """Return "es" for any Spanish ("es-MX"), and "en" for everything else."""
    return "es" if (language or "").strip().lower().startswith("es") else "en"


def shift_line(
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    location: str,
    *,
    language: str,
    us: bool,
    now: datetime | None = None,
    reader_zone: ZoneInfo | None = None,
    posted: datetime | None = None,
) -> str:
    """Return "Sat Nov 28 7am-3pm, Dock 4": `when` and the place."""
    time = when(
        start, end, zone, language=language, us=us, now=now, reader_zone=reader_zone, posted=posted
    )
    place = plain_place(location)
    return f"{time}, {place}" if place else time


def when(
    start: datetime,
    end: datetime,
    zone: ZoneInfo,
    *,
    language: str,
    us: bool,
    now: datetime | None = None,
    reader_zone: ZoneInfo | None = None,
    posted: datetime | None = None,
) -> str:
    """Return a shift's time as people say it at its site: "Sat Nov 28 7am-3pm".

    `zone` is the site's. Overnight is "7pm-7am"; a day or more names both days. With `now`,
    "tomorrow, " or "today, " comes first where it is true at the site and for a reader in
    `reader_zone`; `us` chooses twelve hours and month before day. A shift FAR_AHEAD of the moment
    it was `posted` has its year, so that nobody takes it for this year's.
    """
    begins, ends = start.astimezone(zone), end.astimezone(zone)
    short = ends.replace(tzinfo=None) - begins.replace(tzinfo=None) < timedelta(days=1)
    until = "" if short else f"{_date(ends.date(), language, us)} "
    year = f" {begins.year}" if posted and start - posted > FAR_AHEAD else ""
    said = (
        f"{_date(begins.date(), language, us)}{year} {_clock(begins, us)}-{until}{_clock(ends, us)}"
    )
    nearby = _nearby(start, {zone, reader_zone or zone}, now, language) if now else ""
    return f"{nearby}, {said}" if nearby else said


def day(moment: datetime, zone: ZoneInfo, *, language: str, us: bool) -> str:
    """Return "Mon Nov 30", the day of `moment` in `zone`."""
    return _date(moment.astimezone(zone).date(), language, us)


def ordinal(place: int) -> str:
    """Return "first" to "tenth", then "number 11"."""
    return _ORDINALS[place - 1] if 1 <= place <= len(_ORDINALS) else f"number {place}"


def plain_name(name: str) -> str:
    """Return a first name fit for a text: one line, GSM-7, at most 20 characters.

    Accents that GSM-7 lacks are dropped ("María" is "Maria", "José" stays); emoji go, and a name
    wholly in another script becomes "", which every template can do without.
    """
    said = "".join(_gsm7_or_nothing(char) for char in _one_line(name))
    return _cut(" ".join(said.split()), NAME_CHARS_MAX)


def plain_place(place: str) -> str:
    """Return a place or brand fit for a text: one line, at most 40 characters.

    GSM-7 wherever its letters allow; one in another script is kept, since people must find it.
    """
    line = _one_line(place)
    said = "".join(_gsm7_or_nothing(char) for char in line)
    lost = sum(char.isalnum() for char in line) > sum(char.isalnum() for char in said)
    return _cut(line if lost else " ".join(said.split()), PLACE_CHARS_MAX)


def _nearby(start: datetime, zones: set[ZoneInfo], now: datetime, language: str) -> str:
    days = {(start.astimezone(zone).date() - now.astimezone(zone).date()).days for zone in zones}
    words = dict(enumerate(_NEARBY[language_of(language)]))
    return words.get(days.pop(), "") if len(days) == 1 else ""


def _date(on: date, language: str, us: bool) -> str:
    language = language_of(language)
    weekday, month = _DAYS[language][on.weekday()], _MONTHS[language][on.month - 1]
    month_first = us and language == "en"
    return f"{weekday} {month} {on.day}" if month_first else f"{weekday} {on.day} {month}"


def _clock(at: datetime, us: bool) -> str:
    if not us:
        return f"{at:%H:%M}"
    minutes = f":{at:%M}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def _one_line(text: str) -> str:
    """Return `text` on one line, without control or invisible characters."""
    shown = (" " if char.isspace() else char for char in segments.plain(text))
    return " ".join("".join(char for char in shown if char == " " or _visible(char)).split())


def _visible(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _gsm7_or_nothing(char: str) -> str:
    """Return the letter, its bare twin, or nothing where GSM-7 has neither."""
    if segments.is_gsm7(char):
        return char
    bare = unicodedata.normalize("NFKD", char.translate(_TWINS))
    return "".join(part for part in bare if segments.is_gsm7(part))


def _cut(text: str, room: int) -> str:
    """Cut after a whole word where that keeps most of it."""
    if len(text) <= room:
        return text
    whole, space, _ = text[: room + 1].rpartition(" ")
    return whole if space and len(whole) > room // 2 else text[:room].rstrip()
