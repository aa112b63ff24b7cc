"""What a column of an export means, and what was wrong with a row of it.

The headings and the words people answer columns with (yes, x, Terminated) are data, in
`data/columns.toml`. `people_file` reads people with this and `rota` shifts; both collect
`Problem`s: sentences for the person at the terminal, with the line an editor shows, the value and
what to do.
Such a sentence may show the value, since it is that person's own file; a log takes `masked`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from shiftbell.errors import BadInput
from shiftbell.rules import phones
from shiftbell.rules.data import read_data
from shiftbell.rules.tables import Row, Table

CELL_CHARS_MAX = 500
"""What is longer is cut: no export has names like that, and a store has room for so much."""

WORDS_CHARS_MAX = 5000
"""The same for what somebody was shown: a paragraph, which must go on record whole."""

# Cells of two ID columns are never mixed: the same number may mean two people.
_ONE_COLUMN_ONLY = {"external_id"}
_PHONES = {"mobile", "phone", "landline"}


@dataclass(frozen=True)
class Problem:
    """Something about one row. `refused` rows do not land; the others do, with this remark."""

    line: int
    column: str  # as the file heads it
    value: str
    code: str  # for machines: bad_number, number_in_use, …
    message: str
    hint: str
    refused: bool
    meaning: str = ""  # the field the column stands for

    @property
    def masked(self) -> str:
        """The value as a log may show it."""
        return phones.mask(self.value) if self.meaning in _PHONES else phones.mask_text(self.value)


@dataclass(frozen=True)
class Columns:
    """Where each field stands in a row, best column first, and the headings nobody asked for."""

    headers: tuple[str, ...]
    at: dict[str, tuple[int, ...]]
    ignored: list[str]


@dataclass
class Cells:
    """One row by meaning. What is wrong with it is collected in `problems`."""

    row: Row
    columns: Columns
    problems: list[Problem] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        """Whether the row must not land."""
        return any(problem.refused for problem in self.problems)

    def text(self, *meanings: str) -> str:
        """Return the first filled cell of these fields, tidied to one line; "" if there is none."""
        return next((value for _, value in self._filled(meanings)), "")

    def whole(self, meaning: str) -> str:
        """Return the first filled cell of a field that holds a paragraph, on one line."""
        places = self.columns.at.get(meaning, ())
        values = (_tidied(self.row.cells[at], WORDS_CHARS_MAX) for at in places)
        return next(filter(None, values), "")

    def told(self, *meanings: str) -> str:
        """Return the same, but "" for a cell that only says that nothing is known ("N/A")."""
        value = self.text(*meanings)
        return "" if said(value, "blank") else value

    def refuse(self, code: str, message: str, hint: str, *meanings: str) -> None:
        """Keep the row out, blaming the column of the first of these fields that is filled."""
        self._add(code, message, hint, meanings, refused=True)

    def remark(self, code: str, message: str, hint: str, *meanings: str) -> None:
        """Let the row in, with something the person should know."""
        self._add(code, message, hint, meanings, refused=False)

    def heading(self, *meanings: str) -> str:
        """Return the heading of the first of these fields that is filled, or that there is."""
        at, _ = self._first(meanings)
        return self.columns.headers[at] if at >= 0 else ""

    def _add(
        self, code: str, message: str, hint: str, meanings: tuple[str, ...], *, refused: bool
    ) -> None:
        at, value = self._first(meanings)
        column = self.columns.headers[at] if at >= 0 else ""
        meaning = next((name for name in meanings if at in self.columns.at.get(name, ())), "")
        self.problems.append(
            Problem(self.row.line, column, value, code, message, hint, refused, meaning)
        )

    def _first(self, meanings: tuple[str, ...]) -> tuple[int, str]:
        columns = (at for meaning in meanings for at in self.columns.at.get(meaning, ()))
        return next(self._filled(meanings), (next(columns, -1), ""))

    def _filled(self, meanings: Iterable[str]) -> Iterator[tuple[int, str]]:
        places = (at for meaning in meanings for at in self.columns.at.get(meaning, ()))
        values = ((at, _tidied(self.row.cells[at])) for at in places)
        return ((at, value) for at, value in values if value)


def columns_of(headers: tuple[str, ...], section: str) -> Columns:
    """Find out what the `headers` mean in a file of `section`, "people" or "shifts"."""
    headers = tuple(_tidied(header) for header in headers)
    keys = [_key(header) for header in headers]
    at: dict[str, tuple[int, ...]] = {}
    for meaning, names in _data()[section].items():
        ranked = dict.fromkeys(_key(name) for name in names)
        places = tuple(place for name in ranked for place, key in enumerate(keys) if key == name)
        if places:
            at[meaning] = places[:1] if meaning in _ONE_COLUMN_ONLY else places
    used = {place for places in at.values() for place in places}
    ignored = [header for place, header in enumerate(headers) if header and place not in used]
    return Columns(headers, at, ignored)


def cells_of(table: Table, columns: Columns) -> Iterator[Cells]:
    """Return each row by meaning; one wider than its headings comes refused, its cells shifted."""
    for row in table.rows:
        cells = Cells(row, columns)
        if len(row.cells) > len(table.headers):
            cells.refuse(
                "bad_row",
                "This row has more cells than there are headings.",
                "Put quotation marks around a value that has a comma in it.",
            )
        yield cells


def require(columns: Columns, *alternatives: str, example: str) -> None:
    """Raise BadInput unless one of these fields has a column."""
    if not any(meaning in columns.at for meaning in alternatives):
        found = ", ".join(f'"{header}"' for header in columns.headers[:8] if header)
        raise BadInput(
            f"The file has no column we can use for this; its headings are {found}.",
            hint=f"Head the columns {example}.",
        )


def said(value: str, words: str) -> bool:
    """Whether `value` is one of the catalogue's `words` ("yes", "no", "gone", …)."""
    return value.casefold().strip(" .!") in _data()["words"][words]


def zone_named(name: str) -> str | None:
    """Return the IANA name of a zone, as written or as people in the United States say it."""
    wanted = _key(name)
    zones = _data()["zones"].items()
    said_so = next((zone for zone, names in zones if wanted in map(_key, names)), None)
    return said_so or _iana_zones().get(name.strip().replace(" ", "_").casefold())


def parts_of(value: str) -> tuple[str, ...]:
    """Cut a cell that lists several roles or locations; each comes once, as first written."""
    first_written: dict[str, str] = {}
    for part in re.split(r"[;,|\n]", value):
        named = " ".join(part.split())
        first_written.setdefault(named.casefold(), named)
    return tuple(filter(None, first_written.values()))


def _key(heading: str) -> str:
    """Reduce a heading to what counts: letters, digits and #."""
    plain = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(char for char in plain if char.isalnum() or char == "#")


def _tidied(cell: str, chars_max: int = CELL_CHARS_MAX) -> str:
    """Return a cell on one line, composed, without control characters."""
    composed = unicodedata.normalize("NFC", cell)
    shown = (" " if unicodedata.category(char) in {"Cc", "Zs", "Zl"} else char for char in composed)
    return " ".join("".join(shown).split())[:chars_max]


@cache
def _iana_zones() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}


@cache
def _data() -> dict[str, Any]:
    return read_data("columns.toml")
