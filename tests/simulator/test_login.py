"""Tokens: how they are had, what refuses them, and how they end before their time."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import pytest

from tests.simulator.rig import JWT_GRANT, STORE, Rig, codes


def test_a_jwt_gives_a_token_for_an_hour_and_no_refresh_token():
    rig = Rig(logged_in=False)
    answer = rig.log_in()
    body = answer.json()
    assert answer.status_code == 200
    assert (body["token_type"], body["expires_in"], body["owner_id"]) == ("bearer", 3600, "62893")
    assert body["scope"] == "ReadAccounts ReadMessages SMS SubscriptionWebhook"
    assert "refresh_token" not in body
    assert answer.headers["X-Rate-Limit-Group"] == "auth"


def test_the_jwt_is_a_well_formed_one_that_expires():
    jwt = Rig(logged_in=False).world.account.senders()[0].jwt
    claims = json.loads(base64.urlsafe_b64decode(jwt.split(".")[1] + "==="))
    assert claims["sub"] == "62893"
    assert claims["exp"] > claims["iat"]


def unsigned_jwt(rig: Rig) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return head + "." + rig.world.account.senders()[0].jwt.split(".", 1)[1]


@pytest.mark.parametrize(
    ("form", "error", "code"),
    [
        ({"assertion": "rubbish"}, "invalid_request", "OAU-345"),
        ({"assertion": "e30.e30.e30"}, "invalid_request", "OAU-347"),
        ({"grant_type": "password"}, "unsupported_grant_type", "OAU-250"),
        ({"grant_type": ""}, "invalid_request", "OAU-250"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type", "OAU-250"),
        ({"scope": "A2PSMS"}, "invalid_scope", "OAU-152"),
        ({"access_token_ttl": "5"}, "invalid_request", "CMN-101"),
    ],
)
def test_a_bad_form_is_refused_with_an_oauth_error(form, error: str, code: str):
    answer = Rig(logged_in=False).log_in(**form)
    assert codes(answer) == (400, code)
    assert answer.json()["error"] == error
    assert answer.json()["error_description"]


def test_a_jwt_with_another_algorithm_is_refused():
    rig = Rig(logged_in=False)
    assert codes(rig.log_in(assertion=unsigned_jwt(rig))) == (400, "OAU-347")


@pytest.mark.parametrize(
    ("user", "secret", "expected"),
    [("nobody", None, (400, "OAU-153")), (None, "wrong", (401, "OAU-146"))],
)
def test_wrong_client_credentials_are_refused(user, secret, expected):
    rig = Rig(logged_in=False)
    known_id, known_secret = rig.credentials
    jwt = rig.world.account.senders()[0].jwt
    answer = rig.http.post(
        "/restapi/oauth/token",
        data={"grant_type": JWT_GRANT, "assertion": jwt},
        auth=(user or known_id, secret or known_secret),
    )
    assert codes(answer) == expected


def test_without_a_basic_header_there_is_no_token():
    answer = Rig(logged_in=False).http.post("/restapi/oauth/token", data={"grant_type": JWT_GRANT})
    assert codes(answer) == (401, "OAU-123")


def test_a_login_that_is_not_a_form_is_not_understood():
    rig = Rig(logged_in=False)
    answer = rig.http.post("/restapi/oauth/token", json={}, auth=rig.credentials)
    assert answer.status_code == 415


def test_an_application_without_the_jwt_grant_is_told_so():
    rig = Rig(logged_in=False)
    rig.http.post("/_simulator/settings", json={"jwtEnabled": False})
    answer = rig.log_in()
    assert codes(answer) == (400, "OAU-251")
    assert answer.json()["error"] == "unauthorized_client"


def test_a_deleted_and_an_expired_jwt_are_invalid_grants():
    rig = Rig(logged_in=False)
    rig.http.post("/_simulator/settings", json={"extensions": {"62893": {"jwtDeleted": True}}})
    assert rig.log_in().json()["error"] == "invalid_grant"
    rig.http.post("/_simulator/settings", json={"extensions": {"62893": {"jwtDeleted": False}}})
    rig.clock.advance(timedelta(days=3 * 365).total_seconds())
    assert rig.log_in().json()["error"] == "invalid_grant"


def test_the_sixth_session_pushes_the_first_one_out():
    rig = Rig(limits={"auth": 100})
    for _ in range(4):
        rig.log_in()
    assert rig.http.get(STORE).status_code == 200
    rig.log_in()
    assert codes(rig.http.get(STORE)) == (401, "OAU-213")


def test_revoking_a_token_ends_its_session():
    rig = Rig()
    token = rig.http.headers["Authorization"].removeprefix("Bearer ")
    answer = rig.http.post("/restapi/oauth/revoke", data={"token": token}, auth=rig.credentials)
    assert (answer.status_code, answer.content) == (200, b"")
    assert codes(rig.http.get(STORE)) == (401, "OAU-213")


def test_a_token_dies_after_an_hour():
    rig = Rig()
    rig.clock.advance(3599)
    assert rig.http.get(STORE).status_code == 200
    rig.clock.advance(1)
    answer = rig.http.get(STORE)
    assert codes(answer) == (401, "OAU-128")
    assert answer.json()["errorCode"] == "TokenExpired"


def test_a_token_may_die_before_its_time():
    rig = Rig()
    rig.world.faults.set("token_death", next=1)
    assert codes(rig.http.get(STORE)) == (401, "OAU-213")
    rig.sign_in()
    assert rig.http.get(STORE).status_code == 200


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "AGW-401"),
        ("Basic abc", "AGW-402"),
        ("Bearer ", "AGW-402"),
        ("Bearer two words", "OAU-149"),
        ("Bearer unknown", "OAU-213"),
    ],
)
def test_a_bad_authorization_header_has_its_own_code(header: str, code: str):
    rig = Rig(logged_in=False)
    assert codes(rig.http.get(STORE, headers={"Authorization": header})) == (401, code)


def test_refresh_tokens_rotate_where_the_application_issues_them():
    rig = Rig(refresh_tokens=True, limits={"auth": 100})
    first = rig.log_in().json()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    def refresh(token: str):
        return rig.http.post(
            "/restapi/oauth/token", data=form | {"refresh_token": token}, auth=rig.credentials
        )

    second = refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    old = {"Authorization": f"Bearer {first['access_token']}"}
    assert codes(rig.http.get(STORE, headers=old)) == (401, "OAU-213")
    # Used twice at once, the old one gives the same answer; ten seconds later it is dead.
    assert refresh(first["refresh_token"]).json()["access_token"] == second["access_token"]
    rig.clock.advance(11)
    assert codes(refresh(first["refresh_token"])) == (400, "OAU-211")
    rig.clock.advance(604800)
    assert codes(refresh(second["refresh_token"])) == (400, "OAU-210")
    assert codes(refresh("unknown")) == (400, "OAU-213")
