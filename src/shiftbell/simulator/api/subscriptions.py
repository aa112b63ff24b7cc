"""`/restapi/v1.0/subscription`: create, list, read, change, renew, delete.

The handshake happens *while* the create is pending, so the receiver must already listen, and a
receiver that shares its only thread with the caller waits for itself. `expiresIn` counts at the
root alone; put into `deliveryMode` it is ignored, and the subscription lives a week.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from ..refusals import Refusal, invalid
from ..subscriptions import (
    LIFETIME_DEFAULT,
    LIFETIME_MAX,
    SUBSCRIPTIONS_MAX,
    Subscription,
    read_filters,
)
from ..webhooks import check_address, shake_hands
from .gate import caller, guarded, host, json_body, world

blueprint = Blueprint("subscriptions", __name__, url_prefix="/restapi/v1.0/subscription")


@blueprint.post("")
@guarded("medium", "SubscriptionWebhook", locked=False)
def create() -> Response:
    """Create a subscription, once its receiver has proved itself."""
    here = world()
    with here.lock:
        drafted = _draft(json_body())
        token = here.new_uuid()
    shake_hands(here.post, drafted.address, token, drafted.verification_token)
    with here.lock:
        _check_room()
        here.subscriptions.add(drafted)
        here.courier.plan_reminders(drafted)
        return _shown(drafted)


@blueprint.get("")
@guarded("light")
def list_all() -> Response:
    """List the caller's subscriptions."""
    now = world().clock.now()
    records = [s.record(host(), now) for s in world().subscriptions.of(caller(), now)]
    return jsonify({"uri": f"{host()}/restapi/v1.0/subscription", "records": records})


@blueprint.get("/<subscription_id>")
@guarded("light")
def read(subscription_id: str) -> Response:
    """Read one subscription."""
    return _shown(_find(subscription_id))


@blueprint.put("/<subscription_id>")
@guarded("medium", "SubscriptionWebhook", locked=False)
def update(subscription_id: str) -> Response:
    """Change filters, lifetime or address; without a body, renew."""
    here = world()
    with here.lock:
        subscription = _find(subscription_id)
        body = json_body() if request.get_data() else {}
        lifetime = _lifetime(body.get("expiresIn", subscription.lifetime))
        asked = body.get("eventFilters")
        filters = (subscription.filters, subscription.disabled)
        if asked is not None:
            filters = read_filters(asked, subscription.id, caller(), here.account, lifetime)
        address = _new_address(body, subscription)
        token = here.new_uuid()
    if address != subscription.address:
        shake_hands(here.post, address, token, subscription.verification_token)
    with here.lock:
        subscription.address, subscription.lifetime = address, lifetime
        subscription.filters, subscription.disabled = filters
        subscription.renew(here.clock.now())
        here.courier.plan_reminders(subscription)
        return _shown(subscription)


@blueprint.post("/<subscription_id>/renew")
@guarded("light", "SubscriptionWebhook")
def renew(subscription_id: str) -> Response:
    """Let a subscription's lifetime start anew."""
    subscription = _find(subscription_id)
    subscription.renew(world().clock.now())
    world().courier.plan_reminders(subscription)
    return _shown(subscription)


@blueprint.delete("/<subscription_id>")
@guarded("medium", "SubscriptionWebhook")
def delete(subscription_id: str) -> Response:
    """End a subscription."""
    world().subscriptions.remove(_find(subscription_id))
    return Response(status=204)


def _draft(body: dict[str, Any]) -> Subscription:
    """Read a create request into a subscription that nobody knows yet."""
    here = world()
    mode = body.get("deliveryMode")
    if not isinstance(mode, dict):
        raise invalid("deliveryMode")
    if mode.get("transportType") != "WebHook":
        raise invalid("deliveryMode.transportType")
    address = check_address(mode.get("address"))
    token = mode.get("verificationToken", "")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise invalid("deliveryMode.verificationToken")
    lifetime = _lifetime(body.get("expiresIn", LIFETIME_DEFAULT))
    subscription_id = here.new_uuid()
    filters, disabled = read_filters(
        body.get("eventFilters"), subscription_id, caller(), here.account, lifetime
    )
    _check_room()
    now = here.clock.now()
    drafted = Subscription(
        subscription_id, caller(), filters, disabled, address, token, now, lifetime, now
    )
    drafted.renew(now)
    return drafted


def _check_room() -> None:
    here = world()
    if len(here.subscriptions.of(caller(), here.clock.now())) >= SUBSCRIPTIONS_MAX:
        raise Refusal(403, "SUB-505", "Subscriptions limit exceeded")


def _new_address(body: dict[str, Any], subscription: Subscription) -> str:
    mode = body.get("deliveryMode")
    if not isinstance(mode, dict) or "address" not in mode:
        return subscription.address
    return check_address(mode["address"])


def _lifetime(asked: object) -> int:
    if not isinstance(asked, int) or isinstance(asked, bool) or not 1 <= asked <= LIFETIME_MAX:
        raise invalid("expiresIn")
    return asked


def _find(subscription_id: str) -> Subscription:
    return world().subscriptions.find(subscription_id, caller(), world().clock.now())


def _shown(subscription: Subscription) -> Response:
    return jsonify(subscription.record(host(), world().clock.now()))
