"""Reading the file a scheduling product exported, before anyone asks what its columns mean.

"CSV" is whatever the export button and then Excel made of it: UTF-8 with or without a mark, UTF-16
from "Unicode text", Windows-1252 or Mac Roman from an older Excel, commas, semicolons or tabs,
notes with line breaks in quotes, a title above the headings. This module returns headings and
rows, each row with the line of the file it starts on, since that is the line an editor shows.

What cannot be read safely is refused for the whole file, with what to do; what is wrong with one
row is left to `roster` and `rota`.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass

from shiftbell.errors import BadInput

FILE_BYTES_MAX = 10 * 1024 * 1024

_SAVE_AS = "Save it as CSV (in Excel: File, Save As, CSV UTF-8) and import that."
_DELIMITERS = ",;\t|"
_LINES_ABOVE_MAX = 5

# An old Excel wrote accented letters as 0xC0 and up on Windows, where a Mac has its quotes, and as
# 0x84 to 0x9F on a Mac, where Windows has those. So letters beside letters tell the two apart
# (charset-normalizer took every Mac export tried for Windows). 0x92 is left out: on Windows it is
# the apostrophe of O'Neil.
_MAC_LETTER = re.compile(rb"[A-Za-z][\x84\x87\x8a\x8d\x8e\x96\x97\x9a\x9c\x9f]")
_WINDOWS_LETTER = re.compile(rb"[A-Za-z][\xc0-\xff]|[\xc0-\xff][a-z]{2}")


@dataclass(frozen=True)
class Row:
    """One row: the line it starts on, counted from 1, and its trimmed cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Headings as written, and the rows under them; blank rows are gone."""

    headers: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(raw: bytes) -> Table:
    """Return the table in `raw`; raise BadInput where the file as a whole cannot be used."""
    if len(raw) > FILE_BYTES_MAX:
        raise BadInput("The file is larger than 10 MB.", hint="Split it and import each part.")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadInput("This is an Excel workbook, not a CSV file.", hint=_SAVE_AS)
    if raw.startswith(b"%PDF"):
        raise BadInput("This is a PDF, not a CSV file.", hint=_SAVE_AS)
    rows = _rows(_decoded(raw).replace("\0", ""))
    if not rows:
        raise BadInput("The file is empty.", hint="Export it again, with its headings.")
    titles = _titles_above(rows)
    heading, body = rows[titles], rows[titles + 1 :]
    if not body:
        raise BadInput("The file has headings but no rows.", hint="Export it again.")
    width = len(heading.cells)
    return Table(heading.cells, tuple(Row(row.line, _fitted(row.cells, width)) for row in body))


def _decoded(raw: bytes) -> str:
    """Return the text: by its mark, as UTF-8 if it is that, else as an old Excel wrote it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    if guess := _utf16_without_mark(raw):
        return raw.decode(guess, "replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        mac, windows = len(_MAC_LETTER.findall(raw)), len(_WINDOWS_LETTER.findall(raw))
        return raw.decode("mac_roman" if mac > windows else "cp1252", "replace")


def _utf16_without_mark(raw: bytes) -> str:
    """Tell UTF-16 by its zero bytes: plain letters have one on the same side each."""
    head = raw[:400]
    if len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) * 0.4:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _rows(text: str) -> list[Row]:
    """Split into rows with something in them, each with the line it starts on."""
    lines_above = 0
    delimiter = _delimiter(text)
    if text[:4].lower() == "sep=":
        first, _, text = text.partition("\n")
        delimiter, lines_above = first.strip()[4:5] or ",", 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    rows, line = [], 1
    try:
        for cells in reader:
            trimmed = tuple(cell.strip() for cell in cells)
            if any(trimmed):
                rows.append(Row(line + lines_above, trimmed))
            line = reader.line_num + 1
    except csv.Error as trouble:
        raise _never_closed(line + lines_above) from trouble
    _refuse_open_quote(text, rows, lines_above)
    return rows


def _refuse_open_quote(text: str, rows: list[Row], lines_above: int) -> None:
    """Refuse a quotation mark that swallowed the rest of the file: those people would be lost."""
    if not rows:
        return
    last = io.StringIO(text, newline="").readlines()[rows[-1].line - lines_above - 1 :]
    if len(last) > 1 and "".join(last).count('"') % 2:
        raise _never_closed(rows[-1].line)


def _never_closed(line: int) -> BadInput:
    return BadInput(
        f"A quotation mark that opens on line {line} is never closed.",
        hint="Remove it or close it, and import again.",
    )


def _delimiter(text: str) -> str:
    """Return what separates the cells: the most frequent candidate of the first full line."""
    for line in text.splitlines()[: _LINES_ABOVE_MAX + 1]:
        outside_quotes = "".join(line.split('"')[0::2])
        best = max(_DELIMITERS, key=outside_quotes.count)
        if outside_quotes.count(best):
            return best
    return ","


def _titles_above(rows: list[Row]) -> int:
    """Return how many leading rows are titles: a single cell where wider rows follow at once."""
    wide = (
        at for at, row in enumerate(rows[: _LINES_ABOVE_MAX + 1]) if sum(map(bool, row.cells)) > 1
    )
    return next(wide, 0)


def _fitted(cells: tuple[str, ...], width: int) -> tuple[str, ...]:
    """Fill a short row, and drop empty cells beyond the headings; full ones stay to be told."""
    filled = cells + ("",) * (width - len(cells))
    return filled if any(filled[width:]) else filled[:width]
