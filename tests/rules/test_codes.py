"""Every code we know of has a row, and every row says something useful."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules import codes
from shiftbell.rules.codes import Whose


def numbered(prefix: str, *numbers: int) -> list[str]:
    return [f"{prefix}-{number}" for number in numbers]


LOGIN = numbered("OAU", 112, 120, 121, 123, 125, 127, 128, 129, 134, 136, 140, 141, 142, 146)
LOGIN += numbered("OAU", 147, 148, 149, 151, 153, 165, 167, 168, 210, 211, 213, 251, 345, 347)
LOGIN += numbered("AGW", 401, 402)
LOGIN += ["TokenInvalid", "TokenExpired"]
OAUTH = ["invalid_request", "invalid_client", "invalid_grant", "unauthorized_client"]
OAUTH += ["unsupported_grant_type", "invalid_scope", "expired_token"]
GENERAL = numbered("CMN", 100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 120)
GENERAL += numbered("CMN", 201, 202, 203, 301, 302, 303, 304, 310)
GENERAL += [*numbered("CMN", 401, 402, 403, 404, 405, 406, 407, 408, 414), "AGW-404", "BIL-103"]
GENERAL += ["InvalidParameter", "InternationalProhibited", "FeatureNotAvailable"]
GENERAL += ["InsufficientFunds", "GatewayRejected"]
TEXTING = numbered("MSG", 240, 241, 242, 243, 245, 246, 247, 290, 304, 305, 309, 310, 314, 316)
TEXTING += numbered("MSG", 324, 325, 326, 330, 331, 333, 337, 338, 347, 348, 349, 350, 351, 352)
TEXTING += numbered("MSG", 365, 367, 376, 379, 381, 383, 384, 388, 403)
WEBHOOK = numbered("SUB", 402, 403, 404, 405, 406, 407, 408, 505, 507, 508, 515, 518)
WEBHOOK += numbered("SUB", 521, 522, 523, 524, 525, 527, 528, 529, 530, 531)
DELIVERY = numbered("SMS-RC", 403, 410, 413, 430, 500, 501, 503, 504)
DELIVERY += numbered("SMS-UP", 410, 411, 412, 413, 414, 420, 430, 431, 432, 433, 500)
DELIVERY += numbered("SMS-CAR", 104, 199, 400, 410, 411, 412, 413, 414, 430, 431, 432, 433, 434)
DELIVERY += numbered("SMS-CAR", 435, 450, 451, 452, 460, 461, 500)
ALL = LOGIN + OAUTH + GENERAL + TEXTING + WEBHOOK + DELIVERY


def test_the_tables_hold_exactly_the_known_codes():
    assert sorted(codes.all_codes()) == sorted(ALL)


@pytest.mark.parametrize("code", ALL)
def test_every_row_has_a_meaning_and_a_hint_that_are_sentences(code):
    row = codes.row(code)
    assert row.listed
    for said in (row.meaning, row.hint):
        assert said[0].isupper() and said[-1] == "." and len(said) > 15, said


@pytest.mark.parametrize("row", codes.all_codes().values(), ids=lambda row: row.code)
def test_no_row_contradicts_itself(row):
    assert not (row.never_resend and row.try_again)
    assert not (row.opts_out and row.try_again)
    assert not (row.number_unusable and row.whose is not Whose.RECIPIENT)
    assert not (row.unreachable and (row.whose is not Whose.RECIPIENT or row.number_unusable))
    assert not (row.pause_bucket and row.whose not in (Whose.OURS, Whose.PACE))
    assert row.hold_broadcast == (row.whose is Whose.CONTENT)
    assert row.doubt == (row.whose is Whose.THEIRS and max(row.http, default=0) >= 429)


@pytest.mark.parametrize("code", DELIVERY)
def test_codes_of_a_delivery_never_come_as_an_http_answer(code):
    assert codes.row(code).http == ()


@pytest.mark.parametrize(
    ("code", "flag"),
    [
        ("SMS-RC-413", "opts_out"),
        ("SMS-UP-413", "opts_out"),
        ("SMS-CAR-413", "opts_out"),
        ("SMS-RC-410", "number_unusable"),
        ("SMS-CAR-411", "number_unusable"),
        ("MSG-243", "number_unusable"),
        ("SMS-CAR-412", "unreachable"),
        ("SMS-UP-412", "unreachable"),
        ("CMN-401", "pause_bucket"),
        ("CMN-408", "pause_bucket"),
        ("MSG-245", "pause_bucket"),
        ("SMS-UP-431", "pause_bucket"),
        ("SMS-CAR-461", "pause_bucket"),
        ("SMS-RC-430", "hold_broadcast"),
        ("SMS-CAR-435", "hold_broadcast"),
        ("SMS-CAR-450", "wait_until_next_day"),
        ("SMS-CAR-451", "try_again"),
        ("SMS-CAR-410", "try_again"),
        ("SMS-UP-500", "try_again"),
        ("CMN-304", "doubt"),
        ("MSG-290", "doubt"),
        ("SMS-CAR-104", "never_resend"),
        ("SMS-CAR-199", "never_resend"),
    ],
)
def test_what_follows_by_itself(code, flag):
    assert getattr(codes.row(code), flag)


@pytest.mark.parametrize("code", ["CMN-301", "CMN-302", "CMN-303", "CMN-310", "MSG-305"])
def test_being_told_to_be_quiet_is_nobodys_fault(code):
    assert codes.row(code).whose is Whose.PACE


@pytest.mark.parametrize(
    ("parameter", "whose"),
    [
        ("to.phoneNumber", Whose.RECIPIENT),
        ("to[0].phoneNumber", Whose.RECIPIENT),
        ("to", Whose.RECIPIENT),
        ("from.phoneNumber", Whose.OURS),
        ("text", Whose.CONTENT),
        ("token", Whose.CONTENT),
        ("", Whose.CONTENT),
    ],
)
def test_whose_an_invalid_value_is_depends_on_the_parameter(parameter, whose):
    for code in ("CMN-101", "InvalidParameter", "CMN-102"):
        row = codes.row(code, parameter=parameter)
        assert row.whose is whose
        assert row.number_unusable == (whose is Whose.RECIPIENT)
        assert row.pause_bucket == (whose is Whose.OURS)
        assert row.hold_broadcast == (whose is Whose.CONTENT)


def test_a_parameter_changes_nothing_about_other_codes():
    assert codes.row("MSG-243", parameter="from") == codes.row("MSG-243")


@pytest.mark.parametrize(
    ("code", "status", "whose"),
    [
        ("SMS-RC-999", None, Whose.THEIRS),
        ("SMS-UP-999", None, Whose.THEIRS),
        ("SMS-CAR-999", None, Whose.THEIRS),
        ("OAU-999", 400, Whose.OURS),
        ("SUB-999", 400, Whose.OURS),
        ("MSG-999", 400, Whose.CONTENT),
        ("MSG-999", 403, Whose.OURS),
        ("MSG-999", 401, Whose.OURS),
        ("MSG-999", 429, Whose.PACE),
        ("MSG-999", 408, Whose.THEIRS),
        ("MSG-999", 422, Whose.CONTENT),
        ("MSG-999", 500, Whose.THEIRS),
        ("MSG-999", None, Whose.THEIRS),
        ("HTTP-302", None, Whose.OURS),
        ("HTTP-404", None, Whose.OURS),
        ("HTTP-502", None, Whose.THEIRS),
    ],
)
def test_an_unlisted_code_gets_an_honest_row(code, status, whose):
    row = codes.row(code, status=status)
    assert (row.code, row.listed, row.whose, row.alert) == (code, False, whose, True)
    assert row.meaning and row.hint
    assert not (row.try_again or row.opts_out or row.number_unusable or row.unreachable)


def test_an_unlisted_5xx_leaves_a_text_in_doubt_and_an_unlisted_400_does_not():
    assert codes.row("XYZ-1", status=503).doubt
    assert not codes.row("XYZ-1", status=400).doubt


def test_a_refused_webhook_never_stops_texts():
    rows = [row for code, row in codes.all_codes().items() if code.startswith("SUB-")]
    assert not any(row.pause_bucket for row in [*rows, codes.row("SUB-999", status=400)])


NESTED = {"errors": [{"errorCode": "CMN-101"}, {"errorCode": "CMN-102"}]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"errorCode": "InvalidParameter", **NESTED}, "CMN-101"),
        ({"error": "invalid_grant", **NESTED}, "CMN-101"),
        ({"errorCode": "CMN-408", "message": "CMN-999 [OutboundSMS]", "errors": []}, "CMN-408"),
        ({"errorCode": "TokenInvalid"}, "TokenInvalid"),
        ({"error": "invalid_grant", "error_description": "OAU-211"}, "invalid_grant"),
        ({"message": "CMN-101 is in the message only"}, "HTTP-400"),
        ({"errors": [{"errorCode": 101}], "errorCode": None}, "HTTP-400"),
        ({"errors": {"errorCode": "CMN-101"}}, "HTTP-400"),
        ({"errors": ["CMN-101"]}, "HTTP-400"),
        ({"errorCode": "x" * 65}, "HTTP-400"),
        ({"errorCode": "to13125550142"}, "HTTP-400"),
        ({"errorCode": "two\nlines"}, "HTTP-400"),
        (["CMN-101"], "HTTP-400"),
        ("CMN-101", "HTTP-400"),
        (None, "HTTP-400"),
    ],
)
def test_the_code_is_where_ringcentral_puts_it(body, code):
    assert codes.code_of(400, body) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["errors", "errorCode", "error"]), inner)
    ),
)


@given(status=st.integers(100, 599), body=JSON, parameter=st.text())
def test_any_answer_has_a_code_and_any_code_a_row(status, body, parameter):
    code = codes.code_of(status, body)
    row = codes.row(code, status=status, parameter=parameter)
    assert row.meaning and row.hint and row.code == code
