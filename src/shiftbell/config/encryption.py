"""The key that encrypts secrets in the database: the operator's, or one made beside it.

Whoever copies the database alone cannot read the tokens in it, so the key lies in a file of its
own that only its owner may read.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

from shiftbell.config.knobs import Settings
from shiftbell.errors import ConfigError


def secret_key(values: Settings) -> str:
    """Return the key that encrypts secrets; made once in a file beside the SQLite database.

    Raises ConfigError where the file cannot be made, or holds no key.
    """
    if key := values.shiftbell_secret_key.get_secret_value():
        return key
    path = values.database_file.with_name("shiftbell.secret")
    try:
        if not os.path.lexists(path):
            _make(path)
    except OSError as error:
        raise ConfigError(
            f"DATABASE_URL: its folder {path.parent} cannot be written ({error.strerror}).",
            hint="Name a file in a folder that Shiftbell's user may write to.",
        ) from None
    try:
        if key := path.read_text(encoding="ascii").strip():
            return key
        reason = "is empty"
    except (OSError, ValueError) as error:
        reason = f"cannot be read ({getattr(error, 'strerror', None) or 'it is no plain text'})"
    raise ConfigError(
        f"The key file {path} {reason}.",
        hint="Put it back from a backup, readable for Shiftbell's user. Without one, delete it: "
        "a new key is made, and Shiftbell logs in to RingCentral again.",
    )


def _make(path: Path) -> None:
    """Write a new key, whole or not at all; keep the other's where two processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, new = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(new, path)
    finally:
        Path(new).unlink()
