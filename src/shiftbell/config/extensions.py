"""Which RingCentral extensions text: RC_FROM_NUMBER's, and those of RC_SENDERS_FILE.

The file is TOML, one `[[sender]]` for each, and holds no secret itself: a JWT is named by the
variable or the file that has it. Which of them texts whom is `store`'s to decide.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from shiftbell.config.checks import phone_number, readable
from shiftbell.config.knobs import Settings
from shiftbell.errors import ConfigError


@dataclass(frozen=True, slots=True)
class SenderConfig:
    """One RingCentral extension to text from; `locations` reserves it for those places."""

    number: str
    jwt: SecretStr
    locations: tuple[str, ...] = ()


def senders(values: Settings) -> tuple[SenderConfig, ...]:
    """Return the senders: RC_FROM_NUMBER first, then those of RC_SENDERS_FILE.

    Raises ConfigError naming what is wrong in the file.
    """
    first = SenderConfig(values.rc_from_number, values.rc_jwt_token)
    found = [first, *_more_senders(values.rc_senders_file, values.default_region)]
    numbers = [sender.number for sender in found]
    if len(set(numbers)) < len(numbers):
        raise ConfigError("RC_SENDERS_FILE names a number twice, or RC_FROM_NUMBER again.")
    return tuple(found)


def _more_senders(path: str, region: str) -> list[SenderConfig]:
    if not path:
        return []
    try:
        tables = tomllib.loads(readable(path)).get("sender", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"RC_SENDERS_FILE is not TOML: {error}.") from None
    except (OSError, ValueError):
        raise ConfigError("RC_SENDERS_FILE names a file that cannot be read.") from None
    if not isinstance(tables, list):
        raise ConfigError("RC_SENDERS_FILE must hold [[sender]] tables.")
    folder = Path(path).parent
    return [_sender(table, folder, place, region) for place, table in enumerate(tables, 1)]


def _sender(table: Any, folder: Path, place: int, region: str) -> SenderConfig:
    where = f"RC_SENDERS_FILE, sender {place}"
    known = {"number", "jwt_env", "jwt_file", "locations"}
    if not isinstance(table, dict) or set(table) - known or "number" not in table:
        raise ConfigError(f"{where}: write number, jwt_env or jwt_file, and locations if wanted.")
    try:
        number = phone_number(str(table["number"]), region)
    except ValueError as error:
        raise ConfigError(f"{where}: number {error}.") from None
    locations = table.get("locations", [])
    if not isinstance(locations, list) or not all(isinstance(name, str) for name in locations):
        raise ConfigError(f'{where}: locations must be a list like ["Dock 4"].')
    jwt = _sender_jwt(table, folder, where)
    return SenderConfig(number, SecretStr(jwt), tuple(locations))


def _sender_jwt(table: dict[str, Any], folder: Path, where: str) -> str:
    if variable := table.get("jwt_env"):
        if jwt := os.environ.get(str(variable), "").strip():
            return jwt
        raise ConfigError(f"{where}: the variable {variable} is empty; put the JWT there.")
    try:
        if jwt := readable(folder / str(table.get("jwt_file", ""))).strip():
            return jwt
    except (OSError, ValueError):
        pass
    raise ConfigError(f"{where}: name a readable file as jwt_file, or a variable as jwt_env.")
