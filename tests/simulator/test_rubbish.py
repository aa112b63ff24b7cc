"""Whatever is thrown at the simulator, it answers as RingCentral would, and never with a trace."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.simulator.rig import (
    ANA,
    CONSENTS,
    DESK,
    HOOK,
    INBOUND,
    ME,
    OFFER,
    OTHER_DESK,
    STORE,
    SUBSCRIPTION,
    SYNC,
    Rig,
    codes,
)

WORDS = ["Alive", "Read", "OptOut", "WebHook", "silent", "store_lag", "~", "2026-06-06", ANA, DESK]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(WORDS),
)
RUBBISH = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
OPT_OUTS = "/restapi/v1.0/account/~/a2p-sms/opt-outs"
MODE = {"transportType": "WebHook", "address": HOOK, "verificationToken": "x"}
RECORD = {"from": DESK, "to": ANA, "optStatus": "OptOut", "source": "Api"}
GOOD: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{ME}/sms"): {
        "from": {"phoneNumber": DESK},
        "to": [{"phoneNumber": ANA}],
        "text": OFFER,
        "country": {"isoCode": "US"},
    },
    ("POST", SUBSCRIPTION): {"eventFilters": [INBOUND], "deliveryMode": MODE, "expiresIn": 600},
    ("PUT", f"{STORE}/1"): {"readStatus": "Read"},
    ("PATCH", f"{STORE}/1"): {"readStatus": "Read", "availability": "Alive"},
    ("POST", f"{CONSENTS}/search"): {"from": [DESK], "optStatus": "OptOut", "perPage": 3},
    ("PATCH", CONSENTS): {"records": [RECORD]},
    ("POST", f"{OPT_OUTS}/bulk-assign"): {"from": OTHER_DESK, "optOuts": [ANA]},
    ("POST", "/_simulator/consents"): {"records": [{**RECORD, "coverage": "PhoneNumber"}]},
    ("POST", "/_simulator/phones"): {"number": ANA, "temperament": "silent", "delay": [1, 2]},
    ("POST", "/_simulator/reply"): {"phone": ANA, "to": DESK, "text": "hi"},
    ("POST", "/_simulator/faults"): {"name": "store_lag", "rate": 0, "seconds": 0, "path": "*"},
    ("POST", "/_simulator/settings"): {
        "limits": {"heavy": 10},
        "refreshTokens": False,
        "extensions": {"62894": {"jwtDeleted": True}},
    },
}

PARAMETERS = [
    *("page", "perPage", "pageToken", "recordCount", "since", "syncType", "syncToken"),
    *("dateFrom", "dateTo", "phoneNumber", "conversationId", "direction", "from", "to"),
]


@pytest.fixture(scope="module")
def rig() -> Rig:
    every = {"SMS", "ReadMessages", "EditMessages", "ReadAccounts", "SubscriptionWebhook", "A2PSMS"}
    limits = dict.fromkeys(("light", "medium", "auth"), 10**9)
    rig = Rig(senders=2, permissions=frozenset(every), limits=limits)
    rig.world.account.make_high_volume(rig.world.account.senders()[1])
    return rig


def throw(rig: Rig, call: tuple[str, str], body: object) -> httpx2.Response:
    method, path = call
    return rig.http.request(method, path, content=json.dumps(body).encode())


@settings(max_examples=150, deadline=None)
@given(call=st.sampled_from(list(GOOD)), data=st.data())
def test_a_body_with_one_rubbish_part_is_accepted_or_refused(rig: Rig, call, data: st.DataObject):
    body = json.loads(json.dumps(GOOD[call]))
    place = body
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(RUBBISH)
    answer = throw(rig, call, body)
    assert answer.status_code < 500, (call, body, answer.text)


@settings(max_examples=60, deadline=None)
@given(call=st.sampled_from(list(GOOD)), body=RUBBISH)
def test_a_body_of_rubbish_is_accepted_or_refused(rig: Rig, call, body):
    answer = throw(rig, call, body)
    assert answer.status_code < 500, (call, body, answer.text)


@settings(max_examples=100, deadline=None)
@given(
    path=st.sampled_from(
        [STORE, SYNC, CONSENTS, OPT_OUTS, f"{ME}/phone-number", "/_simulator/phones"]
    ),
    name=st.sampled_from(PARAMETERS),
    value=st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["ISync", "9" * 400]),
)
def test_a_query_of_rubbish_is_accepted_or_refused(rig: Rig, path: str, name: str, value: str):
    answer = rig.http.get(path, params={name: value, "syncType": "ISync"} | {name: value})
    assert answer.status_code < 500, (path, name, value, answer.text)


@settings(max_examples=60, deadline=None)
@given(part=st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=8))
def test_a_path_of_rubbish_is_not_found_or_refused(rig: Rig, part: str):
    for path in (f"{STORE}/", f"{SUBSCRIPTION}/", "/restapi/v1.0/", "/", f"{ME}/phone-number/"):
        answer = rig.http.get(path + quote(part, safe=""))
        assert answer.status_code < 500, (path, part, answer.text)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/restapi/v1.0/nonsense", (404, "CMN-120")),
        ("GET", "/nonsense", (404, "AGW-404")),
        ("GET", "/restapi/v1.0//account", (404, "CMN-120")),
        ("DELETE", f"{ME}/sms", (405, "CMN-120")),
        ("GET", "/restapi/oauth/token", (405, "CMN-120")),
    ],
)
def test_what_does_not_exist_is_refused_in_ringcentrals_words(rig: Rig, method, path, expected):
    assert codes(rig.http.request(method, path)) == expected


def test_a_body_beyond_ten_megabytes_is_too_large(rig: Rig):
    answer = rig.http.post(f"{ME}/sms", content=b" " * (10 * 1024 * 1024 + 1))
    assert answer.status_code == 413
