"""The files that make up the project: what `.gitignore` leaves, read once.

Read from the disk and not from git, so that an unpacked archive is held to the same rules.
"""

import os
from functools import cache
from pathlib import Path

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parent.parent.parent


@cache
def files() -> dict[str, str]:
    """Return the text of every file of the project by its path; what is no text is left out."""
    ignored = GitIgnoreSpec.from_lines((ROOT / ".gitignore").read_text().splitlines())
    found: dict[str, str] = {}
    for folder, folders, names in os.walk(ROOT):
        here = Path(folder).relative_to(ROOT)
        folders[:] = [f for f in folders if f != ".git" and not ignored.match_file(f"{here / f}/")]
        for path in (here / name for name in names):
            if not ignored.match_file(str(path)):
                add(found, path)
    return found


def add(found: dict[str, str], path: Path) -> None:
    """Add the text of `path` to `found`, unless it is none."""
    try:
        found[path.as_posix()] = (ROOT / path).read_text(encoding="utf-8")
    except (UnicodeDecodeError, FileNotFoundError):
        return
