"""What a command needs before it may begin: values that are there, and that fit each other.

Most commands need less than all, so nothing here is asked for by reading the settings. Whether
RingCentral answers is not decided here either, since an outage must not stop a start.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from shiftbell.config.knobs import Settings
from shiftbell.errors import ConfigError

REQUIRED = {
    "RC_CLIENT_ID": "Copy it from your app's page in RingCentral's developer console.",
    "RC_CLIENT_SECRET": "Copy it from your app's page in RingCentral's developer console.",
    "RC_JWT_TOKEN": "Create a JWT credential as the user who sends, and paste it.",
    "RC_FROM_NUMBER": "Write the number the texts come from, like +16505550100.",
}


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
    sentences += _missing_for_mail(values)
    if sentences:
        raise ConfigError("\n".join(sentences))


def require_brand(values: Settings) -> None:
    """Check that people are told whom a text comes from; raise ConfigError when they are not."""
    if not values.brand_name and not values.simulated:
        raise ConfigError(
            "BRAND_NAME is missing, and nobody is texted by a sender without a name.",
            hint="Write whom the texts come from, like BRAND_NAME=Acme, then try again.",
        )


def _missing_for_mail(values: Settings) -> list[str]:
    """Return what keeps letters from being written although there is a server for them."""
    if values.smtp is None:
        return []
    sentences = []
    if not values.mail_from:
        sentences.append(
            "MAIL_FROM is missing though SMTP_URL is set. "
            "Write whom e-mails come from, like Acme Shifts <shifts@example.com>."
        )
    if not values.public_url:
        sentences.append(
            "PUBLIC_URL is missing though SMTP_URL is set. "
            "Write where people reach Shiftbell's pages, since e-mails hold links to them."
        )
    elif values.public_url.startswith("http:") and not values.simulated:
        sentences.append(
            "PUBLIC_URL must begin with https://, since the links in e-mails are opened elsewhere."
        )
    return sentences
