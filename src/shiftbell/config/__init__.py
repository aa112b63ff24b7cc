"""Settings: every knob once, where its value comes from, and what it must be.

knobs         the table: name, unit, default, limits and one sentence each
checks        what one value must look like
complaints    what is said of a value that is wrong
environment   the environment and `.env`; this package alone reads them
demands       what a command needs before it may begin
extensions    RC_SENDERS_FILE: further extensions to text from
mailing       the mail server of SMTP_URL, and whom its letters come from
encryption    the key for secrets in the database
example       `.env.example`
"""

from shiftbell.config.demands import REQUIRED, require_brand, require_ringcentral
from shiftbell.config.encryption import secret_key
from shiftbell.config.environment import adopt, read_settings, settings, surroundings
from shiftbell.config.example import env_example
from shiftbell.config.extensions import SenderConfig, senders
from shiftbell.config.knobs import SECRETS, Settings
from shiftbell.config.mailing import MailSender, SmtpServer, Tls

__all__ = [
    "REQUIRED",
    "SECRETS",
    "MailSender",
    "SenderConfig",
    "Settings",
    "SmtpServer",
    "Tls",
    "adopt",
    "env_example",
    "read_settings",
    "require_brand",
    "require_ringcentral",
    "secret_key",
    "senders",
    "settings",
    "surroundings",
]
