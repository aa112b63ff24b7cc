"""How commands talk: results to stdout, everything else to stderr, errors in one sentence.

A terminal gets tables and progress bars; a pipe gets tab-separated lines, which nothing wraps or
cuts. With `--json` a command prints one JSON document and no other word on stdout.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shiftbell.errors import BadInput, ConfigError, PaceExceeded, RingCentralError, ShiftbellError

DONE, FAILED, USAGE, CONFIGURATION, RINGCENTRAL, INTERRUPTED = 0, 1, 2, 3, 4, 130

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a machine.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen; change nothing.")]

# The sections of `shiftbell --help`.
TRY, DAILY, RUN, SET_UP = "Try it", "Every day", "Run it", "Set it up"


def now() -> datetime:
    """Return this machine's clock: the moment a command acts."""
    return datetime.now(UTC)


def say(text: str = "") -> None:
    """Print one line of result."""
    sys.stdout.write(f"{text}\n")


def note(text: str) -> None:
    """Print one line beside the result, to stderr."""
    sys.stderr.write(f"{text}\n")


def say_json(document: object) -> None:
    """Print one JSON document; moments as ISO 8601."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=2, default=_plain)
    sys.stdout.write("\n")


def say_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: as a table in a terminal, tab-separated with a heading in a pipe."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for row in [list(columns), *cells]:
            say("\t".join(" ".join(cell.split()) for cell in row))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column)
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))  # Text: a name may hold [brackets]
    Console(file=sys.stdout).print(table)


def confirm(question: str) -> bool:
    """Ask a yes-or-no question on stderr; raise BadInput where nobody is there to answer."""
    try:
        return typer.confirm(question, err=True)
    except typer.Abort:
        if sys.stdin.isatty():
            raise
        raise BadInput("Nobody answered the question.", hint="Add --yes to go ahead.") from None


def masked(shown: Any) -> Any:
    """Return what is to be shown with every phone number and e-mail address in it masked."""
    from shiftbell.rules import mail_address, phones

    if isinstance(shown, str):
        return mail_address.mask_text(phones.mask_text(shown))
    if isinstance(shown, Mapping):
        return {masked(name): masked(value) for name, value in shown.items()}
    if isinstance(shown, list | tuple):
        return [masked(value) for value in shown]
    return shown


def local(at: datetime, zone: str) -> str:
    """Return a moment as people in `zone` write it, like Sat Nov 28 07:05."""
    there = at.astimezone(ZoneInfo(zone))
    return f"{there:%a %b} {there.day} {there:%H:%M}"


@contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs, on a terminal only; call it with (done, total)."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        console=Console(file=sys.stderr),
        transient=True,
    )
    with bar:
        task = bar.add_task(label, total=total)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def exit_code(error: BaseException) -> int:
    """Return the exit code an error ends a command with."""
    if isinstance(error, ConfigError):
        return CONFIGURATION
    if isinstance(error, BadInput):
        return USAGE
    if isinstance(error, RingCentralError | PaceExceeded):
        return RINGCENTRAL
    return FAILED


def complain(error: Exception) -> int:
    """Print an error for a person and return its exit code."""
    if isinstance(error, ShiftbellError):
        note(error.sentence())
    else:
        what = " ".join(str(error).split()) or "no more is known"
        note(
            f"Something unexpected: {type(error).__name__}: {what}. "
            "Run it again with --debug to see where."
        )
    return exit_code(error)


def complain_of_usage(error: typer.TyperException) -> int:
    """Print what is wrong with a command line, and where its help is."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "shiftbell"
    message = error.format_message().rstrip(".")
    if message:
        note(f"{message}. Try `{path} --help`.")
    return int(error.exit_code)


def close_broken_pipe() -> int:
    """End quietly when the reader of our output has gone, as in `… | head`."""
    # Python flushes stdout once more at exit and would complain then.
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
    return FAILED


def _plain(value: Any) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    return str(value)
