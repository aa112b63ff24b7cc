"""Who exists at RingCentral: one account, its application, and the extensions that send texts.

An extension has a number of its own with the feature SmsSender and sees the company's main
number, which cannot text: a client that takes the first number of the list takes the wrong one.
Texts leave only while the campaign the number is linked to is Confirmed. A number is either an
ordinary one or a High Volume one, which has another API for its texts and an old one for opt-outs.
"""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

ACCOUNT_ID = "80964"
BRAND_ID = 57003
CAMPAIGN_ID = 61007
COMPANY = "Acme Warehousing"
MAIN_NUMBER = "+16505550199"
SENDERS_MAX = 90

ORDINARY = ("CallerId", "SmsSender", "MmsSender")
HIGH_VOLUME = ("CallerId", "A2PSmsSender")

APP_PERMISSIONS = frozenset({"SMS", "ReadMessages", "ReadAccounts", "SubscriptionWebhook"})
USER_PERMISSIONS = frozenset(
    {
        "OutboundSMS",
        "ReadMessages",
        "EditMessages",
        "ReadUserPhoneNumbers",
        "ReadCompanyPhoneNumbers",
        "ReadExtensions",
        "ReadCompanyInfo",
        "ReadSMSRegistration",
    }
)


@dataclass
class App:
    """The registered application: its credentials and what it was granted."""

    client_id: str
    client_secret: str
    permissions: frozenset[str] = APP_PERMISSIONS
    jwt_enabled: bool = True
    refresh_tokens: bool = False

    def may(self, permission: str) -> bool:
        """Tell whether the application was granted a permission; SMS includes ReadMessages."""
        is_included = permission == "ReadMessages" and "SMS" in self.permissions
        return permission in self.permissions or is_included


@dataclass(frozen=True)
class Number:
    """A phone number of the account; `extension_id` is empty for a company number."""

    id: int
    phone_number: str
    features: tuple[str, ...]
    usage_type: str
    extension_id: str = ""

    @property
    def is_high_volume(self) -> bool:
        """Tell whether its texts go by the High Volume API."""
        return set(HIGH_VOLUME) <= set(self.features)


@dataclass
class Extension:
    """A user who may send: the owner of one number and of one JWT credential."""

    id: str
    extension_number: str
    name: str
    number: Number
    jwt: str
    permissions: frozenset[str] = USER_PERMISSIONS
    is_admin: bool = False
    jwt_deleted: bool = False


@dataclass
class Account:
    """The account: its extensions by id, its numbers by E.164, its registration."""

    app: App
    extensions: dict[str, Extension] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    campaign_status: str = "Confirmed"

    def senders(self) -> list[Extension]:
        """Return the extensions in the order in which they were made."""
        return list(self.extensions.values())

    def make_high_volume(self, extension: Extension, wanted: bool = True) -> None:
        """Turn an extension's number into a High Volume one, or back; the app needs A2PSMS too."""
        number = replace(extension.number, features=HIGH_VOLUME if wanted else ORDINARY)
        extension.number = self.numbers[number.phone_number] = number

    def numbers_seen_by(self, extension: Extension) -> list[Number]:
        """Return what the extension's number list shows, company numbers first."""
        return [n for n in self.numbers.values() if n.extension_id in ("", extension.id)]


def found_account(dice: random.Random, senders: int, started_at: datetime) -> Account:
    """Make the account with `senders` texting extensions (1 to 90).

    Credentials come from the dice, so one seed keeps one set of them.
    """
    if not 1 <= senders <= SENDERS_MAX:
        raise ValueError(f"an account here has 1 to {SENDERS_MAX} senders")
    app = App(_secret(dice, 16), _secret(dice, 32))
    account = Account(app)
    account.numbers[MAIN_NUMBER] = Number(40001, MAIN_NUMBER, ("CallerId",), "MainCompanyNumber")
    for index in range(senders):
        extension_id = str(62893 + index)
        number = Number(
            40101 + index,
            f"+165055501{index:02d}",
            ORDINARY,
            "DirectNumber",
            extension_id,
        )
        name = "Shift Desk" if index == 0 else f"Shift Desk {index + 1}"
        jwt = make_jwt(dice, extension_id, started_at)
        account.extensions[extension_id] = Extension(
            extension_id, str(101 + index), name, number, jwt, is_admin=index == 0
        )
        account.numbers[number.phone_number] = number
    return account


def make_jwt(dice: random.Random, extension_id: str, started_at: datetime) -> str:
    """Make a JWT credential whose signature nobody can check but everybody can carry.

    It is issued at the beginning of the year and expires at the end of the next one: a
    simulator that is restarted with the same seed still knows the credential it printed.
    """
    host = "https://platform.ringcentral.com"
    header = {"kid": _secret(dice, 12), "typ": "JWT", "alg": "RS256"}
    claims = {
        "aud": f"{host}/restapi/oauth/token",
        "sub": extension_id,
        "iss": host,
        "exp": int(datetime(started_at.year + 2, 1, 1, tzinfo=UTC).timestamp()),
        "iat": int(datetime(started_at.year, 1, 1, tzinfo=UTC).timestamp()),
        "jti": _secret(dice, 22),
    }
    signature = base64.urlsafe_b64encode(dice.randbytes(64)).decode().rstrip("=")
    return f"{_segment(header)}.{_segment(claims)}.{signature}"


def jwt_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Read header and claims of a JWT; None when it is not one."""
    try:
        header, claims, _ = (base64.urlsafe_b64decode(part + "===") for part in token.split("."))
        both = json.loads(header), json.loads(claims)
    except (ValueError, RecursionError):
        return None
    return both if all(isinstance(part, dict) for part in both) else None


def _segment(part: dict[str, Any]) -> str:
    packed = json.dumps(part, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _secret(dice: random.Random, length: int) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "".join(dice.choice(alphabet) for _ in range(length))
