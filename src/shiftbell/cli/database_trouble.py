"""What SQLite says of a file it cannot use, in words that name DATABASE_URL and the next step.

Only trouble that an operator can end is told so; a wrong query stays the bug that it is. A file
that can never serve is a configuration error, which ends `serve`; a full disk may pass.
"""

from __future__ import annotations

import sqlite3

from shiftbell import config
from shiftbell.errors import ConfigError, ShiftbellError

_NEVER = {
    sqlite3.SQLITE_NOTADB: (
        "is no SQLite database",
        "Name another file, or put the database back from a backup.",
    ),
    sqlite3.SQLITE_CORRUPT: (
        "is damaged",
        "Stop Shiftbell, and put the database back from a backup.",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        "cannot be opened",
        "Name a file, no folder, that Shiftbell's user may read and write.",
    ),
    sqlite3.SQLITE_READONLY: (
        "cannot be written",
        "Let Shiftbell's user write to the file and to its folder.",
    ),
}
_FOR_NOW = {
    sqlite3.SQLITE_BUSY: ("is busy", "End what else writes to it for so long, then try again."),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", "Make room, then try again."),
    sqlite3.SQLITE_IOERR: ("meets a disk that fails", "Look at the disk, then try again."),
}


def in_words(error: BaseException) -> ShiftbellError | None:
    """Return the error to tell a person instead; None where it is no trouble with the file."""
    cause = error if isinstance(error, sqlite3.Error) else error.__cause__
    if not isinstance(cause, sqlite3.Error):
        return None
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the rest is detail
    file = config.settings().database_file
    if code in _NEVER:
        words, hint = _NEVER[code]
        return ConfigError(f"DATABASE_URL: {file} {words}.", hint=hint)
    if code in _FOR_NOW:
        words, hint = _FOR_NOW[code]
        return ShiftbellError(f"DATABASE_URL: {file} {words}.", hint=hint)
    return None
