"""What we ask RingCentral to tell us, and whether it still does.

* The instant filter reports inbound texts only; the message-store filter reports that something
  outbound changed. Together they wake message-sync, which knows.
* `expiresIn` belongs at the root of the request. Inside `deliveryMode` it is ignored, and the
  subscription dies silently after about a week. The longest lifetime is ten years.
* The reminder filter needs a threshold of at most half the lifetime and an interval of at most half
  the threshold, and cannot stand alone.
* RingCentral gives up on a webhook that answers wrongly (`Blacklisted`): a subscription's status
  must be read, silence proves nothing.

Creating, renewing and replacing subscriptions is the flow's to decide.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from shiftbell.ringcentral.records import Subscription
from shiftbell.ringcentral.scrub import scrub

EXPIRES_IN_SECONDS = 315_360_000
_REMIND_BEFORE_SECONDS = 86_400  # threshold: the last day before the end …
_REMIND_EVERY_SECONDS = 3_600  # … each hour
RENEW_BEFORE = timedelta(days=2)

_INSTANT = "/restapi/v1.0/account/~/extension/~/message-store/instant?type=SMS"
_OUTBOUND = "/restapi/v1.0/account/~/extension/~/message-store?type=SMS&direction=Outbound"
_CONSENTS = "/restapi/v2/accounts/~/sms/consents"
_REMINDER = (
    "/restapi/v1.0/subscription/~"
    f"?threshold={_REMIND_BEFORE_SECONDS}&interval={_REMIND_EVERY_SECONDS}"
)


def wanted_filters() -> tuple[str, ...]:
    """Return the event filters of every subscription of ours."""
    return (_INSTANT, _OUTBOUND, _CONSENTS, _REMINDER)


def creation_body(address: str, verification_token: str) -> dict[str, Any]:
    """Return the JSON that creates a subscription delivering to `address`.

    RingCentral sends `verification_token` with every event; it is the only proof of origin.
    """
    return {
        "eventFilters": list(wanted_filters()),
        "deliveryMode": {
            "transportType": "WebHook",
            "address": address,
            "verificationToken": verification_token,
        },
        "expiresIn": EXPIRES_IN_SECONDS,
    }


def troubles(subscription: Subscription, now: datetime, *, address: str = "") -> tuple[str, ...]:
    """Return what is wrong with `subscription`, one sentence each; nothing means healthy.

    `address` is where events should go; left out, it is not compared.
    """
    found = []
    if subscription.status != "Active":
        because = scrub(subscription.blacklisted_because) or "no reason given"
        found.append(f"RingCentral calls it {scrub(subscription.status) or 'nothing'}: {because}.")
    if subscription.expires_at is None or subscription.expires_at <= now:
        found.append("It has expired, or does not say when it will.")
    told = {_with_wildcards(event_filter) for event_filter in subscription.event_filters}
    off = {_with_wildcards(event_filter) for event_filter in subscription.disabled_filters}
    for wanted in wanted_filters():
        if _with_wildcards(wanted) not in told - off:
            found.append(f"It does not tell us about {wanted}.")
    if address and subscription.address != address:
        found.append(f"It delivers to {subscription.address or 'nowhere'}.")
    return tuple(found)


def is_healthy(subscription: Subscription, now: datetime, *, address: str = "") -> bool:
    """Tell whether events reach us."""
    return not troubles(subscription, now, address=address)


def expires_soon(subscription: Subscription, now: datetime) -> bool:
    """Tell whether a subscription is due to be renewed; one that ends is not called ill before."""
    return subscription.expires_at is not None and subscription.expires_at - now < RENEW_BEFORE


def _with_wildcards(event_filter: str) -> tuple[str, frozenset[tuple[str, str]]]:
    """Return a filter in a form to compare: ids back to `~`, the order of its query without weight.

    The reminder's numbers are RingCentral's to round, so they do not count.
    """
    path, _, query = event_filter.partition("?")
    path = re.sub(r"/(accounts?|extensions?|subscription)/[^/]+", r"/\1/~", path)
    asked = frozenset(parse_qsl(query))
    return path, frozenset() if path.endswith("/subscription/~") else asked
