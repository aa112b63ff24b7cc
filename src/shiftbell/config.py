"""Every knob, once: its name, unit, default, limits and one sentence about it.

The only reader of the environment. Values come from the real environment, then from `.env` in the
working folder; a secret may also be given as NAME_FILE, the path of a file that holds it. What is
missing or malformed ends the start with one sentence naming the variable; whether RingCentral
answers is not decided here, since an outage must not stop a start.
"""

from __future__ import annotations

import os
import secrets
import tomllib
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import phonenumbers
from dotenv import dotenv_values
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from shiftbell.errors import ConfigError

_SECRETS = "RC_CLIENT_SECRET RC_JWT_TOKEN WEBHOOK_SECRET WEBHOOK_SECRET_PREVIOUS"
SECRETS = (*_SECRETS.split(), "SHIFTBELL_SECRET_KEY")
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def _zone(value: str) -> str:
    if value not in zoneinfo.available_timezones():
        raise ValueError("is not a time zone; write one like America/Chicago")
    return value


def _number(value: str) -> str:
    if not value:
        return value
    try:
        parsed = phonenumbers.parse(value, "US")
    except phonenumbers.NumberParseException:
        parsed = None
    if parsed is None or not phonenumbers.is_possible_number(parsed):
        raise ValueError("is not a phone number; write it like +13125550142")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _region(value: str) -> str:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError("is not a country code; write two letters like US")
    return value


def _database(value: str) -> str:
    if not value.startswith("sqlite:///") or value == "sqlite:///":
        raise ValueError(
            "must start with sqlite:/// in this version, like sqlite:///shiftbell.sqlite3"
        )
    return value


def _server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("is not a web address; write one like https://example.org")
    return value.rstrip("/")


def _webhook(value: str) -> str:
    if not value:
        return value
    parts = urlsplit(_server(value))
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must begin with https://, since RingCentral calls no other")
    return value


class Settings(BaseModel):
    """All knobs; field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True)

    rc_server_url: Annotated[str, AfterValidator(_server)] = Field(
        "https://platform.ringcentral.com",
        description="RingCentral's address; the simulator prints its own.",
    )
    rc_client_id: str = Field("", description="The app's client id.")
    rc_client_secret: SecretStr = Field(SecretStr(""), description="The app's client secret.")
    rc_jwt_token: SecretStr = Field(SecretStr(""), description="The sending user's JWT credential.")
    rc_from_number: Annotated[str, AfterValidator(_number)] = Field(
        "", description="The sending user's number that can text, like +16505550100."
    )
    rc_senders_file: str = Field(
        "", description="A TOML file with more senders: [[sender]] number, jwt_env or jwt_file."
    )
    rc_allow_server: bool = Field(
        False, description="1 allows an RC_SERVER_URL that is neither RingCentral's nor loopback."
    )
    webhook_url: Annotated[str, AfterValidator(_webhook)] = Field(
        "", description="Where RingCentral reaches /webhooks/ringcentral; empty: sync carries all."
    )
    webhook_secret: SecretStr = Field(
        SecretStr(""), description="The subscription's verification token; any long random text."
    )
    webhook_secret_previous: SecretStr = Field(
        SecretStr(""),
        description="The verification token before, honoured while hooks are re-created.",
    )
    webhook_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        description="A port of its own for the webhook; empty: PORT serves it.",
    )
    sms_rate_limit_per_minute: int | None = Field(
        None, ge=1, le=1000, description="A ceiling under RingCentral's own limit; empty: theirs."
    )
    max_retry_attempts: int = Field(
        3, ge=1, le=10, description="POSTs of one text whose body may have left, before it fails."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(3000, ge=0, le=65535, description="The port to listen on.")
    allowed_hosts: str = Field(
        "", description="Host names this is reached by, with commas; WEBHOOK_URL's is included."
    )
    test_phone_number: Annotated[str, AfterValidator(_number)] = Field(
        "", description="Where `shiftbell send-test` sends its text."
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        "sqlite:///shiftbell.sqlite3", description="The database; sqlite:///FILE."
    )
    shiftbell_secret_key: SecretStr = Field(
        SecretStr(""), description="Encrypts tokens in the database; empty: made once beside it."
    )
    brand_name: str = Field("", max_length=30, description="Whom the texts come from, like Acme.")
    help_contact: str = Field(
        "",
        max_length=60,
        description="Whom people may ask for help: a number or an e-mail address.",
    )
    time_zone: Annotated[str, AfterValidator(_zone)] = Field(
        "America/New_York", description="The zone of a location that names none."
    )
    default_region: Annotated[str, AfterValidator(_region)] = Field(
        "US", description="The country of a phone number written without one."
    )
    send_from: time = Field(time(8), description="No text before this hour, recipient's time.")
    send_until: time = Field(time(21), description="No text from this hour on, recipient's time.")
    reminder_at: time = Field(time(18), description="Reminders leave at this hour the day before.")
    http_timeout_seconds: float = Field(
        20.0, ge=0.2, le=120, description="One total deadline for the POST of a text."
    )
    lease_margin_seconds: float = Field(
        10.0, ge=0.2, le=120, description="How long a lease outlives the POST's deadline."
    )
    doubt_wait_seconds: float = Field(
        90.0, ge=0.2, le=3600, description="How late RingCentral's store may show an accepted text."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least serious log line to print."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines are written.")

    @property
    def simulated(self) -> bool:
        """Whether texts go to a simulator on this machine instead of to people."""
        return urlsplit(self.rc_server_url).hostname in LOOPBACK

    @property
    def deadline(self) -> timedelta:
        """How long one POST of a text may take in all."""
        return timedelta(seconds=self.http_timeout_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a worker holds a message it leased."""
        return self.deadline + timedelta(seconds=self.lease_margin_seconds)

    @property
    def doubt_wait(self) -> timedelta:
        """How late RingCentral's message store may show a text that it accepted."""
        return timedelta(seconds=self.doubt_wait_seconds)

    @property
    def database_file(self) -> Path:
        """Where the SQLite database lies."""
        return Path(self.database_url.removeprefix("sqlite:///")).absolute()


REQUIRED = {
    "RC_CLIENT_ID": "Copy it from your app's page in RingCentral's developer console.",
    "RC_CLIENT_SECRET": "Copy it from your app's page in RingCentral's developer console.",
    "RC_JWT_TOKEN": "Create a JWT credential as the user who sends, and paste it.",
    "RC_FROM_NUMBER": "Write the number the texts come from, like +16505550100.",
}
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
            "\n".join(_sentence(detail) for detail in error.errors(include_url=False)),
            hint="Mend it in .env or in the environment, then start again.",
        ) from None


def require_ringcentral(values: Settings) -> None:
    """Check what reaching RingCentral needs; raise ConfigError with one sentence per variable."""
    sentences = [
        f"{name} is missing. {hint}"
        for name, hint in REQUIRED.items()
        if not str(getattr(values, name.lower()))
    ]
    host = urlsplit(values.rc_server_url).hostname or ""
    secure = values.rc_server_url.startswith("https://") and host.endswith(".ringcentral.com")
    if not (secure or values.simulated or values.rc_allow_server):
        sentences.append(
            "RC_SERVER_URL must be https://….ringcentral.com or a simulator on this machine; "
            "RC_ALLOW_SERVER=1 allows another."
        )
    if values.webhook_url and not values.webhook_secret.get_secret_value():
        sentences.append(
            "WEBHOOK_SECRET is missing though WEBHOOK_URL is set. Write any long random text."
        )
    if values.send_from >= values.send_until:
        sentences.append("SEND_FROM must be earlier than SEND_UNTIL.")
    if sentences:
        raise ConfigError("\n".join(sentences))


def secret_key(values: Settings) -> str:
    """Return the key that encrypts secrets; made once in a file beside the SQLite database."""
    if key := values.shiftbell_secret_key.get_secret_value():
        return key
    path = values.database_file.with_name("shiftbell.secret")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # O_EXCL: of two processes that start at once, one writes and the other reads.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigError(
            f"DATABASE_URL: its folder cannot be written ({error.strerror})."
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(key := secrets.token_urlsafe(48))
    return key


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
    found = [first, *_more_senders(values.rc_senders_file)]
    numbers = [sender.number for sender in found]
    if len(set(numbers)) < len(numbers):
        raise ConfigError("RC_SENDERS_FILE names a number twice, or RC_FROM_NUMBER again.")
    return tuple(found)


def _more_senders(path: str) -> list[SenderConfig]:
    if not path:
        return []
    try:
        tables = tomllib.loads(Path(path).read_text(encoding="utf-8")).get("sender", [])
    except (OSError, UnicodeDecodeError):
        raise ConfigError("RC_SENDERS_FILE names a file that cannot be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"RC_SENDERS_FILE is not TOML: {error}.") from None
    if not isinstance(tables, list):
        raise ConfigError("RC_SENDERS_FILE must hold [[sender]] tables.")
    return [_sender(table, Path(path).parent, place) for place, table in enumerate(tables, 1)]


def _sender(table: Any, folder: Path, place: int) -> SenderConfig:
    where = f"RC_SENDERS_FILE, sender {place}"
    known = {"number", "jwt_env", "jwt_file", "locations"}
    if not isinstance(table, dict) or set(table) - known or "number" not in table:
        raise ConfigError(f"{where}: write number, jwt_env or jwt_file, and locations if wanted.")
    try:
        number = _number(str(table["number"]))
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
        if jwt := (folder / str(table.get("jwt_file", ""))).read_text(encoding="utf-8").strip():
            return jwt
    except (OSError, UnicodeDecodeError):
        pass
    raise ConfigError(f"{where}: name a readable file as jwt_file, or a variable as jwt_env.")


def env_example() -> str:
    """Return `.env.example`: every knob with its sentence and default."""
    lines = [
        "# Shiftbell's settings. Copy to .env and fill in; "
        "the real environment wins over this file.",
        "# A secret may also be given as a file's path: "
        f"{', '.join(f'{name}_FILE' for name in SECRETS)}.",
    ]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr) or default is None:
            value = ""
        elif isinstance(default, time):
            value = f"{default:%H:%M}"
        elif isinstance(default, bool):
            value = str(int(default))
        else:
            value = f"{default:g}" if isinstance(default, float) else str(default)
        mark = "" if name.upper() in REQUIRED else "#"
        lines += ["", f"# {field.description}", f"{mark}{name.upper()}={value}"]
    return "\n".join(lines) + "\n"


def _env_file(path: Path) -> dict[str, str | None]:
    try:
        # A secret may hold a ${…} of its own, which must stay what it is.
        return dotenv_values(path, interpolate=False, encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(".env is not UTF-8 text; save it as UTF-8.") from None


def _given_in(found: Mapping[str, str | None]) -> dict[str, str]:
    given = {name: value.strip() for name, value in found.items() if value and value.strip()}
    in_files = {name: given[f"{name}_FILE"] for name in SECRETS if f"{name}_FILE" in given}
    return {name: _file(name, path) for name, path in in_files.items() if name not in given} | given


def _file(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ConfigError(f"{name}_FILE names a file that cannot be read.") from None


def _sentence(detail: Any) -> str:
    name = str(detail["loc"][0]).upper() if detail["loc"] else "A setting"
    message = str(detail["msg"]).removeprefix("Value error, ")
    if not message.startswith(("is ", "must ")):
        message = "is wrong: " + message[0].lower() + message[1:]
    return f"{name} {message}."
