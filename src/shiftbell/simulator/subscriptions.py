"""Which events somebody wants, and where to.

A subscription's filters come back with every ~ replaced by a real id, and each event names the
filter it matched in that form, query and all. `instant` is new inbound texts only; the plain
message-store filter fires for any new or changed record, whichever way it went. A filter for which
the application lacks the permission is accepted as disabled, unless none is left.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from .account import ACCOUNT_ID, Account, Extension
from .refusals import Refusal, app_lacks, invalid
from .wire import written

LIFETIME_DEFAULT = 604799
LIFETIME_MAX = 315360000
SUBSCRIPTIONS_MAX = 30
REMINDER_STEP_MIN = 60

_PATHS = {
    "instant": (
        rf"/restapi/v1\.0/account/(~|{ACCOUNT_ID})/extension/(~|\d+)/message-store/instant"
    ),
    "store": rf"/restapi/v1\.0/account/(~|{ACCOUNT_ID})/extension/(~|\d+)/message-store",
    "consents": rf"/restapi/v2/accounts/(~|{ACCOUNT_ID})/sms/consents",
    "opt-outs": rf"/restapi/v1\.0/account/(~|{ACCOUNT_ID})/a2p-sms/opt-outs",
    "reminder": r"/restapi/v1\.0/subscription/~",
}
_PERMISSIONS = {"instant": "ReadMessages", "store": "ReadMessages", "consents": "SMS"}
_PERMISSIONS["opt-outs"] = "A2PSMS"


@dataclass(frozen=True)
class Filter:
    """One event filter: its kind, its text with real ids, whose mailbox it watches."""

    kind: str
    text: str
    extension_id: str = ""
    direction: str = ""
    threshold: int = 0
    interval: int = 0


@dataclass
class Subscription:
    """One webhook subscription and how its receiver has behaved."""

    id: str
    owner: Extension
    filters: list[Filter]
    disabled: list[dict[str, str]]
    address: str
    verification_token: str
    created_at: datetime
    lifetime: int
    expires_at: datetime
    renewals: int = 0
    failures: int = 0
    blacklisted: dict[str, str] = field(default_factory=dict)

    def renew(self, now: datetime) -> None:
        """Let its lifetime start anew."""
        self.expires_at = now + timedelta(seconds=self.lifetime)
        self.renewals += 1

    def record(self, host: str, now: datetime) -> dict[str, Any]:
        """Return the subscription as the API shows it; the verification token is never shown."""
        shown: dict[str, Any] = {
            "uri": f"{host}/restapi/v1.0/subscription/{self.id}",
            "id": self.id,
            "creationTime": written(self.created_at),
            "status": "Blacklisted" if self.blacklisted else "Active",
            "eventFilters": [f.text for f in self.filters],
            "expirationTime": written(self.expires_at),
            "expiresIn": max(1, int((self.expires_at - now).total_seconds())),
            "deliveryMode": {
                "transportType": "WebHook",
                "encryption": False,
                "address": self.address,
            },
        }
        if self.disabled:
            shown["disabledFilters"] = self.disabled
        if self.blacklisted:
            shown["blacklistedData"] = self.blacklisted
        return shown


class Subscriptions:
    """Every live subscription. The world's lock guards it."""

    def __init__(self) -> None:
        self._by_id: dict[str, Subscription] = {}

    def add(self, subscription: Subscription) -> None:
        """Remember a subscription."""
        self._by_id[subscription.id] = subscription

    def remove(self, subscription: Subscription) -> None:
        """Forget a subscription."""
        self._by_id.pop(subscription.id, None)

    def of(self, owner: Extension, now: datetime) -> list[Subscription]:
        """Return an extension's subscriptions that have not expired, oldest first."""
        return [s for s in self._live(now) if s.owner.id == owner.id]

    def find(self, subscription_id: str, owner: Extension, now: datetime) -> Subscription:
        """Return one subscription of an extension. Raises Refusal: 404 SUB-507 or CMN-102."""
        subscription = self._by_id.get(subscription_id)
        if subscription is None or subscription.owner.id != owner.id:
            message = "Resource for parameter [subscriptionId] is not found"
            raise Refusal(404, "CMN-102", message, parameterName="subscriptionId")
        if now >= subscription.expires_at:
            raise Refusal(404, "SUB-507", "Subscription is expired")
        return subscription

    def is_live(self, subscription: Subscription, now: datetime) -> bool:
        """Tell whether events still go out: known, not expired, not blacklisted."""
        known = self._by_id.get(subscription.id) is subscription
        return known and now < subscription.expires_at and not subscription.blacklisted

    def matching(
        self, kind: str, extension_id: str, direction: str, now: datetime
    ) -> list[tuple[Subscription, Filter]]:
        """Return who is to be told, once per filter that fits."""
        return [
            (subscription, each)
            for subscription in self._live(now)
            if not subscription.blacklisted
            for each in subscription.filters
            if each.kind == kind
            and each.extension_id in ("", extension_id)
            and each.direction in ("", direction)
        ]

    def _live(self, now: datetime) -> list[Subscription]:
        return [s for s in self._by_id.values() if now < s.expires_at]


def read_filters(
    asked: object, subscription_id: str, owner: Extension, account: Account, lifetime: int
) -> tuple[list[Filter], list[dict[str, str]]]:
    """Read `eventFilters` into filters and disabled filters.

    Raises Refusal: CMN-101 when it is no list of texts, SUB-508 for an unknown or impossible
    filter, SUB-515 for a reminder alone, SUB-402 for somebody else's mailbox, CMN-401 when the
    application may use none of them.
    """
    if not isinstance(asked, list) or not asked or not all(isinstance(f, str) for f in asked):
        raise invalid("eventFilters")
    filters = [_read_filter(text, subscription_id, owner, account, lifetime) for text in asked]
    if all(f.kind == "reminder" for f in filters):
        raise Refusal(400, "SUB-515", "The reminder filter cannot be the only one")
    lacking = {f: _PERMISSIONS.get(f.kind, "") for f in filters}
    lacking = {f: p for f, p in lacking.items() if p and not account.app.may(p)}
    kept = [f for f in filters if f not in lacking]
    if all(f.kind == "reminder" for f in kept):
        raise app_lacks(next(iter(lacking.values())))
    disabled = [
        {
            "filter": f.text,
            "reason": "CMN-401",
            "message": f"Application permission [{permission}] is required",
        }
        for f, permission in lacking.items()
    ]
    return kept, disabled


def _read_filter(
    text: str, subscription_id: str, owner: Extension, account: Account, lifetime: int
) -> Filter:
    path, _, query = text.partition("?")
    for kind, pattern in _PATHS.items():
        matched = re.fullmatch(pattern, path)
        if matched is None:
            continue
        if kind == "reminder":
            return _read_reminder(text.replace("~", subscription_id, 1), query, lifetime)
        if kind in ("consents", "opt-outs"):
            return Filter(kind, text.replace("~", ACCOUNT_ID, 1))
        extension_id = owner.id if matched[2] == "~" else matched[2]
        if extension_id != owner.id and not (owner.is_admin and extension_id in account.extensions):
            raise Refusal(403, "SUB-402", "Not allowed to subscribe for other extensions")
        expanded = path.replace("account/~", f"account/{ACCOUNT_ID}")
        expanded = expanded.replace("extension/~", f"extension/{extension_id}")
        return _read_messages(kind, expanded, query, extension_id)
    raise Refusal(
        400, "SUB-508", f"Event filter [{text}] is not valid", parameterName="eventFilters"
    )


def _read_messages(kind: str, path: str, query: str, extension_id: str) -> Filter:
    asked = parse_qs(query)
    kinds, directions = asked.get("type", ["SMS"]), asked.get("direction", [""])
    is_wrong = "SMS" not in kinds or directions[0] not in ("", "Inbound", "Outbound")
    if is_wrong or (kind == "instant" and "type" not in asked):
        raise Refusal(400, "SUB-508", "Event filter is not valid", parameterName="eventFilters")
    text = f"{path}?{query}" if query else path
    return Filter(kind, text, extension_id, directions[0])


def _read_reminder(text: str, query: str, lifetime: int) -> Filter:
    asked = {name: values[0] for name, values in parse_qs(query).items()}
    numbers = [asked.get("threshold", ""), asked.get("interval", "")]
    if all(re.fullmatch(r"\d{1,9}", number) for number in numbers):
        threshold, interval = int(numbers[0]), int(numbers[1])
        if REMINDER_STEP_MIN <= interval <= threshold / 2 and threshold <= lifetime / 2:
            return Filter("reminder", text, threshold=threshold, interval=interval)
    raise Refusal(400, "SUB-508", "Reminder filter is not valid", parameterName="eventFilters")
