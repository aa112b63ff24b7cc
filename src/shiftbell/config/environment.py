"""Where the settings come from: the environment, then `.env`, and files that hold one secret.

The real environment wins over `.env` in the working folder; a secret may also be given as
NAME_FILE, the path of a file that holds it. What is malformed ends the start with one sentence
naming the variable. Only this package reads the environment.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dotenv.parser import Binding, parse_stream
from pydantic import ValidationError

from shiftbell.config.checks import readable
from shiftbell.config.complaints import complaint
from shiftbell.config.knobs import SECRETS, Settings
from shiftbell.errors import ConfigError

_adopted: list[Settings] = []


@cache
def settings() -> Settings:
    """Return this process's settings, read once.

    Raises ConfigError with one sentence per malformed value.
    """
    return _adopted[-1] if _adopted else read_settings(os.environ)


def adopt(values: Settings) -> None:
    """Let this process run with `values` whatever its environment says; before Django's set-up."""
    _adopted.append(values)
    settings.cache_clear()


def surroundings() -> dict[str, str]:
    """Return the environment without any setting of ours, for a child that is given its own."""
    ours = {name.upper() for name in Settings.model_fields} | {f"{name}_FILE" for name in SECRETS}
    return {name: value for name, value in os.environ.items() if name not in ours}


def read_settings(environ: Mapping[str, str], env_file: Path = Path(".env")) -> Settings:
    """Return the settings that `environ` and `.env` give, secrets from NAME_FILE included.

    The environment wins over the file; an empty value counts as not given. Raises ConfigError
    with one sentence per malformed value.
    """
    given = _given_in(_env_file(env_file)) | _given_in(environ)
    known = {name: given[name.upper()] for name in Settings.model_fields if name.upper() in given}
    try:
        return Settings.model_validate(known)
    except ValidationError as error:
        raise ConfigError(
            "\n".join(complaint(detail) for detail in error.errors(include_url=False)),
            hint="Mend it in .env or in the environment, then start again.",
        ) from None


def _env_file(path: Path) -> dict[str, str]:
    try:
        text = readable(path)
    except FileNotFoundError:
        return {}
    except ValueError:
        raise ConfigError(".env is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(
            f"{path} cannot be read: {reason}.",
            hint="Make it a file that Shiftbell's user may read, or remove it.",
        ) from None
    found: dict[str, str] = {}
    # Not dotenv_values, which only warns of a line it cannot read, and fills in ${…}, which a
    # secret may hold as it is.
    for binding in parse_stream(io.StringIO(text)):
        if binding.error or (binding.key and binding.value is None):
            raise ConfigError(
                f".env, line {_line(binding)}, cannot be read.",
                hint="Write NAME=value, and close every quote that is opened.",
            )
        if binding.key:
            found[binding.key] = binding.value or ""
    return found


def _line(binding: Binding) -> int:
    """Return the line a binding's words begin on; dotenv counts the empty ones before as its."""
    words = binding.original.string
    return binding.original.line + words[: len(words) - len(words.lstrip())].count("\n")


def _given_in(found: Mapping[str, str]) -> dict[str, str]:
    given = {name: value.strip() for name, value in found.items() if value.strip()}
    in_files = {name: given[f"{name}_FILE"] for name in SECRETS if f"{name}_FILE" in given}
    return {name: _file(name, path) for name, path in in_files.items() if name not in given} | given


def _file(name: str, path: str) -> str:
    try:
        return readable(path).strip()
    except (OSError, ValueError):
        raise ConfigError(f"{name}_FILE names a file that cannot be read.") from None
