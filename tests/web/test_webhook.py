"""Who may speak to the webhook, what is stored of what they say, and what never is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shiftbell.store.models import WebhookEvent
from shiftbell.web.webhook import BODY_MAX, PATH, is_json, is_known, rejected

TOKEN = {"Verification-Token": "sample-verification-token"}


def post(body: str | bytes, headers: dict[str, str] | None = None, **more: Any) -> Any:
    return Client().post(
        PATH, body, content_type="application/json", headers=TOKEN | (headers or {}), **more
    )


@pytest.mark.parametrize("more", [{}, {"Verification-Token": "of another time"}])
def test_a_handshake_is_answered_without_a_token_and_without_the_database(
    more: dict[str, str],
) -> None:
    answer = Client().generic("POST", PATH, headers={"Validation-Token": "d2b1f5c0-17", **more})
    assert answer.status_code == 200
    assert answer["Validation-Token"] == "d2b1f5c0-17"
    assert answer["Content-Type"] == "application/json"
    size = len(answer.content) + sum(len(k) + len(v) + 4 for k, v in answer.items())
    assert size < 900


@pytest.mark.parametrize("token", ["x" * 257, "Zoë", "日本"])
def test_a_handshake_that_could_not_be_echoed_within_1024_bytes_is_refused(token: str) -> None:
    answer = Client().generic("POST", PATH, headers={"Validation-Token": token})
    assert answer.status_code == 400
    assert "Validation-Token" not in answer


@pytest.mark.django_db
def test_a_handshake_with_a_body_is_an_event_and_needs_the_token() -> None:
    answer = Client().post(
        PATH, "{}", content_type="application/json", headers={"Validation-Token": "d2b1"}
    )
    assert answer.status_code == 401
    assert "Validation-Token" not in answer
    assert not WebhookEvent.objects.exists()


@pytest.mark.django_db
def test_an_event_with_the_token_is_stored_as_it_came() -> None:
    body = json.dumps({"uuid": "6", "event": "…/instant?type=SMS", "body": {"subject": "Sí 👍"}})
    assert post(body).status_code == 200
    assert WebhookEvent.objects.get().body == body
    assert WebhookEvent.objects.get().state == WebhookEvent.NEW


@pytest.mark.django_db
def test_a_doubled_event_is_stored_twice_and_left_to_the_reader() -> None:
    assert [post('{"uuid": "6"}').status_code for _ in range(2)] == [200, 200]
    assert WebhookEvent.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("body", ['{"unheard": "of"}', "[]", "[1, 2]", '"text"', "7", "null"])
def test_json_of_unknown_shape_is_stored_all_the_same(body: str) -> None:
    assert post(body).status_code == 200
    assert WebhookEvent.objects.get().body == body


@pytest.mark.django_db
@pytest.mark.parametrize(
    "token", ["", "wrong", "sample-verification-toke", "sample-verification-token ", "Ünder"]
)
def test_without_the_right_token_there_is_401_and_no_trace_but_a_count(
    token: str,
) -> None:
    before = rejected.total()
    answer = post('{"uuid": "6"}', {"Verification-Token": token})
    assert answer.status_code == 401
    assert not WebhookEvent.objects.exists()
    assert rejected.total() == before + 1


@pytest.mark.parametrize(
    ("token", "known", "believed"),
    [
        ("new", ("new", "old"), True),
        ("old", ("new", "old"), True),
        ("older", ("new", "old"), False),
        ("new", ("new", ""), True),
        ("", ("", ""), False),
        ("", ("new", ""), False),
        ("anything", (), False),
        ("NEW", ("new",), False),
        ("schlüssel", ("schlüssel",), True),
        ("\udc80", ("new",), False),
    ],
)
def test_a_token_is_known_when_it_is_the_secret_or_the_one_before(
    token: str, known: tuple[str, ...], believed: bool
) -> None:
    assert is_known(token, *known) is believed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("length", "status"), [(BODY_MAX, 200), (BODY_MAX + 1, 413), (2_000_000, 413)]
)
def test_a_body_of_64_kib_is_taken_and_one_byte_more_is_not(length: int, status: int) -> None:
    body = json.dumps({"pad": "x" * (length - len('{"pad": ""}'))})
    assert len(body) == length
    assert post(body).status_code == status
    assert WebhookEvent.objects.exists() is (status == 200)


NOT_JSON = [
    b"",
    b"{",
    b"hello",
    b"{'a': 1}",
    b'{"a": 1} and more',
    b'{"a": NaN}',
    b"[Infinity]",
    b'{"a": "\x00"}',
    b"\x00",
    b"\xff\xfe{\x00}\x00",
    b'{"a": "\xe9"}',
    b"\xef\xbb\xbf{}",
    b"[" * 60_000,
    b"[" * 30_000 + b"]" * 30_000,
    b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    b"9" * 10_000,
    b"\x1f\x8b\x08\x00gzip",
]


@pytest.mark.django_db
@pytest.mark.parametrize("body", NOT_JSON, ids=lambda body: repr(body[:16]))
def test_what_is_not_json_is_refused_and_never_breaks_the_server(body: bytes) -> None:
    assert post(body).status_code == 400
    assert not WebhookEvent.objects.exists()


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(10**18), 10**18)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=10,
    )
)
def test_whatever_is_json_is_taken_for_json(value: object) -> None:
    assert is_json(json.dumps(value))
    assert is_json(json.dumps(value, ensure_ascii=False))


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=80),
    headers=st.dictionaries(
        st.sampled_from(["Verification-Token", "Validation-Token", "Content-Encoding"]),
        st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=300),
        max_size=3,
    ),
)
def test_no_body_and_no_header_leads_to_a_500(body: bytes, headers: dict[str, str]) -> None:
    for known in ({}, TOKEN):
        answer = Client().post(PATH, body, content_type="text/plain", headers=headers | known)
        assert answer.status_code in {200, 400, 401}


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options", "trace"])
def test_other_methods_are_refused_by_name(method: str) -> None:
    answer = getattr(Client(), method)(PATH, headers=TOKEN)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


@pytest.mark.parametrize("declared", ["x", "-1", "1e3", "9" * 19, "9" * 5000])
def test_a_length_that_is_no_length_is_no_reason_to_fail(declared: str) -> None:
    answer = post("{}", CONTENT_LENGTH=declared)
    assert answer.status_code in {400, 413}
