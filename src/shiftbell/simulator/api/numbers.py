"""Who and what the account has: numbers, registration, the extension and the account themselves.

A client that checks its sender reads three things here: that the number is on its own extension's
list with the feature SmsSender, and that the campaign the number is linked to is Confirmed.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify

from ..account import (
    ACCOUNT_ID,
    BRAND_ID,
    CAMPAIGN_ID,
    COMPANY,
    MAIN_NUMBER,
    Extension,
    Number,
)
from ..refusals import not_found
from ..wire import page_of, written
from .gate import caller, guarded, host, query_pairs, world

blueprint = Blueprint("numbers", __name__, url_prefix="/restapi")

_ACCOUNT = "/v1.0/account/<account_id>"
_EXTENSION = f"{_ACCOUNT}/extension/<extension_id>"
_BRANDS = f"{_ACCOUNT}/sms-registration-brands"


@blueprint.get("")
@blueprint.get("/")
def versions() -> Response:
    """List the API's versions; needs no login."""
    shown = {"uri": f"{host()}/restapi/", "apiVersions": [_version()]}
    return jsonify({**shown, "serverVersion": "26.3.1", "serverRevision": "simulated"})


@blueprint.get("/v1.0")
def version() -> Response:
    """Describe the API's one version; needs no login."""
    return jsonify(_version())


@blueprint.get(_ACCOUNT)
@guarded("light", "ReadAccounts", "ReadCompanyInfo")
def read_account() -> Response:
    """Describe the account."""
    shown = {"id": int(ACCOUNT_ID), "uri": _account_uri(), "mainNumber": MAIN_NUMBER}
    return jsonify({**shown, "status": "Confirmed", "setupWizardState": "Completed"})


@blueprint.get(_EXTENSION)
@guarded("light", "ReadAccounts", "ReadExtensions")
def read_extension() -> Response:
    """Describe the caller's extension."""
    extension = caller()
    shown = {
        **_brief(extension),
        "account": {"id": ACCOUNT_ID, "uri": _account_uri()},
        "contact": {"firstName": extension.name, "company": COMPANY},
        "permissions": {"admin": {"enabled": extension.is_admin}},
        "status": "Enabled",
        "type": "User",
        "serviceFeatures": [
            {"featureName": "SMS", "enabled": True},
            {"featureName": "SMSReceiving", "enabled": True},
        ],
    }
    return jsonify(shown)


@blueprint.get(f"{_EXTENSION}/phone-number")
@guarded("light", "ReadAccounts", "ReadUserPhoneNumbers")
def list_extension_numbers() -> Response:
    """List the numbers that the caller's extension sees."""
    numbers = world().account.numbers_seen_by(caller())
    return _numbers(numbers, f"{_account_uri()}/extension/{caller().id}/phone-number")


@blueprint.get(f"{_ACCOUNT}/phone-number")
@guarded("heavy", "ReadAccounts", "ReadCompanyPhoneNumbers")
def list_account_numbers() -> Response:
    """List every number of the account."""
    return _numbers(list(world().account.numbers.values()), f"{_account_uri()}/phone-number")


@blueprint.get(f"{_ACCOUNT}/phone-number/<number_id>")
@guarded("light", "ReadAccounts", "ReadCompanyPhoneNumbers")
def read_account_number(number_id: str) -> Response:
    """Describe one number of the account."""
    numbers = world().account.numbers.values()
    return jsonify(_shown(_number(number_id, list(numbers))))


@blueprint.get(f"{_EXTENSION}/phone-number/<number_id>/sms-configuration")
@guarded("light", "ReadAccounts")
def read_sms_configuration(number_id: str) -> Response:
    """Tell which brand and campaign a number is linked to, and whether they are approved."""
    number = _number(number_id, world().account.numbers_seen_by(caller()))
    shown: dict[str, Any] = {"phoneNumberId": str(number.id), "phoneNumber": number.phone_number}
    if "SmsSender" in number.features:
        campaign = _campaign()
        shown["smsCampaignInfo"] = {
            "id": str(campaign["id"]),
            "status": campaign["status"],
            "registrationTier": campaign["registrationTier"],
            "useCases": campaign["useCases"],
        }
        shown["smsBrandInfo"] = {"id": str(BRAND_ID), "status": "Confirmed"}
    return jsonify(shown)


@blueprint.get(_BRANDS)
@guarded("light", "ReadAccounts")
def list_brands() -> Response:
    """List the account's registered brands: one."""
    return jsonify({"records": [_brand()]})


@blueprint.get(f"{_BRANDS}/<brand_id>")
@guarded("light", "ReadAccounts", "ReadSMSRegistration")
def read_brand(brand_id: str) -> Response:
    """Describe a registered brand."""
    _check_id(brand_id, BRAND_ID, "tcrBrandId")
    return jsonify(_brand())


@blueprint.get(f"{_BRANDS}/<brand_id>/campaigns")
@guarded("light", "ReadAccounts", "ReadSMSRegistration")
def list_campaigns(brand_id: str) -> Response:
    """List a brand's campaigns: one."""
    _check_id(brand_id, BRAND_ID, "tcrBrandId")
    return jsonify({"records": [_campaign()]})


@blueprint.get(f"{_BRANDS}/<brand_id>/campaigns/<campaign_id>")
@guarded("light", "ReadAccounts", "ReadSMSRegistration")
def read_campaign(brand_id: str, campaign_id: str) -> Response:
    """Describe a campaign."""
    _check_id(brand_id, BRAND_ID, "tcrBrandId")
    _check_id(campaign_id, CAMPAIGN_ID, "tcrCampaignId")
    return jsonify(_campaign())


def _numbers(numbers: list[Number], address: str) -> Response:
    query = query_pairs()
    for name in ("usageType", "status"):
        wanted = {value for asked, value in query if asked == name}
        numbers = [n for n in numbers if not wanted or _shown(n)[name] in wanted]
    part, page = page_of(numbers, address, query)
    return jsonify({**page, "records": [_shown(number) for number in part]})


def _shown(number: Number) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "uri": f"{_account_uri()}/phone-number/{number.id}",
        "id": number.id,
        "phoneNumber": number.phone_number,
        "paymentType": "Local",
        "type": "VoiceFax",
        "usageType": number.usage_type,
        "status": "Normal",
        "primary": True,
        "country": {"id": "1", "uri": f"{host()}/restapi/v1.0/country/1", "name": "United States"},
        "features": list(number.features),
    }
    owner = world().account.extensions.get(number.extension_id)
    if owner:
        shown["extension"] = _brief(owner)
    return shown


def _brief(extension: Extension) -> dict[str, Any]:
    return {
        "id": int(extension.id),
        "uri": f"{_account_uri()}/extension/{extension.id}",
        "name": extension.name,
        "extensionNumber": extension.extension_number,
    }


def _brand() -> dict[str, Any]:
    return {"id": BRAND_ID, "name": COMPANY, "countryCode": "US", "status": "Verified"}


def _campaign() -> dict[str, Any]:
    return {
        "id": CAMPAIGN_ID,
        "name": "Open shifts",
        "status": world().campaign_status(),
        "brand": {"id": str(BRAND_ID), "name": COMPANY},
        "registrationTier": "StandardVolume",
        "useCases": ["AccountNotification"],
    }


def _number(number_id: str, numbers: list[Number]) -> Number:
    for number in numbers:
        if str(number.id) == number_id:
            return number
    raise not_found("phoneNumberId")


def _check_id(asked: str, known: int, parameter: str) -> None:
    if asked != str(known):
        raise not_found(parameter)


def _account_uri() -> str:
    return f"{host()}/restapi/v1.0/account/{ACCOUNT_ID}"


def _version() -> dict[str, str]:
    released = world().started_at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    shown = {"uri": f"{host()}/restapi/v1.0", "versionString": "1.0.58", "uriString": "v1.0"}
    return {**shown, "releaseDate": written(released)}
