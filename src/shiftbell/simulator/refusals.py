"""How RingCentral says no: one exception, and the body and status it becomes.

A REST refusal carries the code twice, at the top and in `errors[]`, and for some old codes the
top one is a word (`InvalidParameter`) while only `errors[]` has the number. Clients that read the
top level alone break on real answers, so they must break here too. OAuth refusals add `error` and
`error_description` of RFC 6749. There is never a request id in a body; it is a header.
"""

from __future__ import annotations

from typing import Any

# RingCentral's old web clients match on these words; its servers still send them in places.
WORDS = {
    "CMN-101": "InvalidParameter",
    "MSG-240": "InternationalProhibited",
    "MSG-242": "FeatureNotAvailable",
    "OAU-128": "TokenExpired",
    "OAU-213": "TokenInvalid",
}


class Refusal(Exception):
    """RingCentral answers with an error status, a code and a sentence."""

    def __init__(self, status: int, code: str, message: str, **extra: str) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.extra = extra
        self.headers: dict[str, str] = {}

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        error = {"errorCode": self.code, "message": self.message, **self.extra}
        top = {**error, "errorCode": WORDS.get(self.code, self.code)}
        return {**top, "errors": [error]}


class OAuthRefusal(Refusal):
    """The token endpoint answers with an OAuth error besides RingCentral's own."""

    def __init__(self, status: int, error: str, code: str, message: str) -> None:
        super().__init__(status, code, message)
        self.error = error

    def body(self) -> dict[str, Any]:
        """Return the JSON body of the answer."""
        return {
            "error": self.error,
            "error_description": self.message,
            "errors": [{"errorCode": self.code, "message": self.message}],
        }


def invalid(parameter: str, message: str | None = None, status: int = 400) -> Refusal:
    """Refuse one value: CMN-101 with the parameter's name."""
    text = message or f"Parameter [{parameter}] value is invalid"
    return Refusal(status, "CMN-101", text, parameterName=parameter)


def not_found(parameter: str) -> Refusal:
    """Refuse a resource that is not there: CMN-102 with the parameter's name."""
    message = f"Resource for parameter [{parameter}] is not found"
    return Refusal(404, "CMN-102", message, parameterName=parameter)


def app_lacks(permission: str) -> Refusal:
    """Refuse because the application was not given a permission: CMN-401."""
    message = (
        f"In order to call this API endpoint, application needs to have [{permission}] permission"
    )
    return Refusal(403, "CMN-401", message, permissionName=permission)


def user_lacks(permission: str) -> Refusal:
    """Refuse because the user was not given a permission: CMN-408."""
    message = (
        "In order to call this API endpoint, user needs to have "
        f"[{permission}] permission for requested resource."
    )
    return Refusal(403, "CMN-408", message, permissionName=permission)
