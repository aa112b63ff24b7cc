"""Every knob, once: its name, unit, default, limits and one sentence about it.

Where the values come from is told in `environment`; `.env.example` is made from this table.
"""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
)

from shiftbell.config import checks
from shiftbell.config.mailing import MailSender, SmtpServer, mail_sender, smtp_server


def _number(value: str, info: ValidationInfo) -> str:
    return checks.phone_number(value, info.data.get("default_region", "US"))


def _smtp(value: SecretStr) -> SecretStr:
    if value.get_secret_value():
        smtp_server(value.get_secret_value())
    return value


def _sender(value: str) -> str:
    if value:
        mail_sender(value)
    return value


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


PhoneNumber = Annotated[str, AfterValidator(_number)]
Hour = Annotated[time, BeforeValidator(checks.hour)]


class Settings(BaseModel):
    """All knobs; field names are the variables' names in lower case."""

    model_config = ConfigDict(frozen=True)

    rc_server_url: Annotated[str, AfterValidator(checks.server)] = Field(
        "https://platform.ringcentral.com",
        description="RingCentral's address; the simulator prints its own.",
    )
    rc_client_id: str = Field("", description="The app's client id.")
    rc_client_secret: SecretStr = Field(SecretStr(""), description="The app's client secret.")
    rc_jwt_token: SecretStr = Field(SecretStr(""), description="The sending user's JWT credential.")
    # Before every number: pydantic reads in this order, and numbers are read with it.
    default_region: Annotated[str, AfterValidator(checks.region)] = Field(
        "US", description="The country of a phone number written without one."
    )
    rc_from_number: PhoneNumber = Field(
        "", description="The sending user's number that can text, like +16505550100."
    )
    rc_senders_file: str = Field(
        "", description="A TOML file with more senders: [[sender]] number, jwt_env or jwt_file."
    )
    rc_allow_server: bool = Field(
        False, description="1 allows an RC_SERVER_URL that is neither RingCentral's nor loopback."
    )
    webhook_url: Annotated[str, AfterValidator(checks.webhook)] = Field(
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
        "",
        description="Host names this is reached by, with commas; those of the URLs are included.",
    )
    test_phone_number: PhoneNumber = Field(
        "", description="Where `shiftbell send-test` sends its text."
    )
    database_url: Annotated[str, AfterValidator(checks.database)] = Field(
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
    smtp_url: Annotated[SecretStr, AfterValidator(_smtp)] = Field(
        SecretStr(""),
        description="The mail server for people who may not be texted, "
        "smtp://user:password@host:587 or smtps://; empty: nobody is e-mailed.",
    )
    mail_from: Annotated[str, AfterValidator(_sender)] = Field(
        "",
        max_length=160,
        description="Whom e-mails come from, like Acme Shifts <shifts@example.com>.",
    )
    mail_postal_address: Annotated[str, AfterValidator(checks.one_line)] = Field(
        "", max_length=200, description="A postal address for the end of every e-mail."
    )
    public_url: Annotated[str, AfterValidator(checks.public)] = Field(
        "",
        description="Where people reach Shiftbell's pages, like https://shifts.example.com.",
    )
    time_zone: Annotated[str, AfterValidator(checks.zone)] = Field(
        "America/New_York", description="The zone of a location that names none."
    )
    send_from: Hour = Field(time(8), description="No text before this hour, recipient's time.")
    send_until: Hour = Field(time(21), description="No text from this hour on, recipient's time.")
    quiet_hours_by_state: bool = Field(
        True, description="0 ignores the stricter hours of some states (data/state_hours.toml)."
    )
    opt_out_scope: Literal["senders", "account"] = Field(
        "senders",
        description="account blocks colleagues' hand-written texts too, from all your numbers.",
    )
    reminder_at: Hour = Field(time(18), description="Reminders leave at this hour the day before.")
    min_rest_hours: float | None = Field(
        None,
        gt=0,
        le=48,
        description="Whoever works within so many hours of a shift is not asked; empty: no rule.",
    )
    http_timeout_seconds: float = Field(
        20.0, ge=0.2, le=120, description="One total deadline for the POST of a text."
    )
    lease_margin_seconds: float = Field(
        10.0, ge=0.2, le=120, description="How long a lease outlives the POST's deadline."
    )
    doubt_wait_seconds: float = Field(
        90.0, ge=0.2, le=3600, description="How late RingCentral's store may show an accepted text."
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(_upper)] = (
        Field("INFO", description="The least serious log line to print.")
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines are written.")

    @property
    def simulated(self) -> bool:
        """Whether texts go to a simulator on this machine instead of to people."""
        return checks.is_loopback(urlsplit(self.rc_server_url).hostname)

    @property
    def smtp(self) -> SmtpServer | None:
        """The mail server, or None where nobody is e-mailed."""
        url = self.smtp_url.get_secret_value()
        return smtp_server(url) if url else None

    @property
    def mail_sender(self) -> MailSender:
        """Whom e-mails come from; ask only where there is a mail server."""
        return mail_sender(self.mail_from)

    @property
    def deadline(self) -> timedelta:
        """How long one POST of a text may take in all."""
        return timedelta(seconds=self.http_timeout_seconds)

    @property
    def lease(self) -> timedelta:
        """How long a worker holds a message it leased."""
        return self.deadline + timedelta(seconds=self.lease_margin_seconds)

    @property
    def min_rest(self) -> timedelta | None:
        """What must lie between two shifts of a person who is asked; None: no such rule."""
        return None if self.min_rest_hours is None else timedelta(hours=self.min_rest_hours)

    @property
    def doubt_wait(self) -> timedelta:
        """How late RingCentral's message store may show a text that it accepted."""
        return timedelta(seconds=self.doubt_wait_seconds)

    @property
    def database_file(self) -> Path:
        """Where the SQLite database lies."""
        return Path(self.database_url.removeprefix("sqlite:///")).absolute()


SECRETS = tuple(
    name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr
)
