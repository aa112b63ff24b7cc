"""What a command is given to read: a file by its name, or what is piped in."""

from __future__ import annotations

import sys
from pathlib import Path

from shiftbell.errors import BadInput


def read_file(file: str) -> bytes:
    """Return what a file holds, or stdin for "-"; raise BadInput when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        reason = (error.strerror or "it failed").lower()
        raise BadInput(f"{file} cannot be read: {reason}.", hint="Name another file.") from None
