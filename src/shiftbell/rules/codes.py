"""What each of RingCentral's error codes means, and what follows from it by itself.

The codes are facts, so they stand as data: `data/answer_codes.toml` and `data/login_codes.toml` for
HTTP answers, `data/delivery_codes.toml` for what becomes of a text after it was accepted. This
module reads them once and finds the row of a code; what a row's consequences look like is left to
the flows.

* `whose` says who must act before the same text could succeed: the *recipient* (the message is
  failed), *us* (the bucket is paused, the message waits), the *content* (the rest of a broadcast
  is held when it repeats), *them* (RingCentral or a carrier, for now) or nobody but the clock
  (*pace*).
* RingCentral puts the numeric code into `errors[0]`; the top level may hold an older symbolic
  name, and a login answers with OAuth's `error`. The message text is localised and changes, so it
  is never read.
* CMN-101 and its like blame a parameter, and with it change whose the trouble is.
* A code RingCentral adds tomorrow gets an honest row: what its prefix and HTTP status tell, and
  never a second text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from shiftbell.rules.data import read_data

_TABLES = ("answer_codes.toml", "login_codes.toml", "delivery_codes.toml")
# At most 64 characters, and no run of digits that could be a phone number: codes are logged.
_CODE = re.compile(r"(?!.*\d{7})[A-Za-z][A-Za-z0-9_.-]{0,63}", re.ASCII)


class Whose(StrEnum):
    """Who must act before the same text could succeed."""

    RECIPIENT = "recipient"  # this number; other recipients are not concerned
    OURS = "ours"  # our permission, number, campaign, login or request
    CONTENT = "content"  # the words; the next text with the same words fares the same
    THEIRS = "theirs"  # RingCentral, the gateway or a carrier; passes without us
    PACE = "pace"  # a limit; passes with time


@dataclass(frozen=True)
class Code:
    """One code: what it means, whose the trouble is, what follows, and a hint for the operator."""

    code: str
    meaning: str
    whose: Whose
    hint: str
    http: tuple[int, ...] = ()
    listed: bool = True
    by_parameter: bool = False
    opts_out: bool = False  # counts as the recipient's STOP
    number_unusable: bool = False  # no text to this number until someone corrects something
    unreachable: bool = False  # a failure that counts towards giving the number up
    pause_bucket: bool = False  # every other text of this sender would fare the same
    hold_broadcast: bool = False  # counts towards holding the rest of the broadcast
    wait_until_next_day: bool = False  # a daily cap: nothing of this kind succeeds before
    try_again: bool = False  # a new message of the same intent may follow; an offer never
    doubt: bool = False  # on the POST of a text: it may have left, ask the message store
    never_resend: bool = False  # nobody knows whether it arrived, and nobody will
    alert: bool = False  # an operator should hear of it


_EFFECTS = {field.name for field in fields(Code) if field.default is False} - {"by_parameter"}


@cache
def all_codes() -> Mapping[str, Code]:
    """Return every listed code, in the order of the tables."""
    rows: dict[str, Code] = {}
    for table in _TABLES:
        for code, told in read_data(table).items():
            assert code not in rows, f"{code} is listed twice"
            rows[code] = _listed(code, told)
    return MappingProxyType(rows)


def _listed(code: str, told: dict[str, object]) -> Code:
    follows = told["follows"]
    http = told.get("http", ())
    assert isinstance(follows, list) and set(follows) <= _EFFECTS, f"{code}: {follows}"
    assert isinstance(http, list | tuple)
    return Code(
        code=code,
        meaning=str(told["meaning"]),
        whose=Whose(str(told["whose"])),
        hint=str(told["hint"]),
        http=tuple(http),
        by_parameter=told.get("by_parameter") is True,
        **dict.fromkeys(follows, True),
    )


def row(code: str, *, status: int | None = None, parameter: str = "") -> Code:
    """Return the row of `code`; an unlisted one gets what its prefix and `status` tell.

    `parameter` is the field that RingCentral blames ("to.phoneNumber", "text", …).
    """
    found = all_codes().get(code)
    if found is None:
        return _unlisted(code, _status_in(code) if status is None else status)
    return _blaming(found, parameter) if found.by_parameter else found


def _blaming(found: Code, parameter: str) -> Code:
    """Return `found` as the trouble of whoever supplied `parameter`."""
    match re.split(r"[.\[]", parameter)[0]:
        case "to":
            return replace(found, whose=Whose.RECIPIENT, number_unusable=True, hold_broadcast=False)
        case "from":
            return replace(
                found, whose=Whose.OURS, pause_bucket=True, alert=True, hold_broadcast=False
            )
        case _:
            return found


def _unlisted(code: str, status: int | None) -> Code:
    for prefix, told in _BY_PREFIX.items():
        if code.startswith(prefix):
            return replace(told, code=code)
    for (lowest, highest), told in _BY_STATUS.items():
        if status is not None and lowest <= status <= highest:
            return replace(told, code=code, http=(status,))
    return _unknown("RingCentral reports something, with an unlisted code.", Whose.THEIRS, code)


def _status_in(code: str) -> int | None:
    """Return the status inside what `code_of` makes of an answer without a code: "HTTP-502"."""
    found = re.fullmatch(r"HTTP-(\d{3})", code, re.ASCII)
    return int(found[1]) if found else None


def _unknown(meaning: str, whose: Whose, code: str = "") -> Code:
    return Code(
        code=code,
        meaning=meaning,
        whose=whose,
        hint="Shiftbell does not know this code: look it up at RingCentral, and report it.",
        listed=False,
        pause_bucket=whose is Whose.OURS,
        hold_broadcast=whose is Whose.CONTENT,
        alert=True,
    )


_BY_PREFIX = {
    "SMS-RC-": _unknown("RingCentral did not deliver it; the reason is unlisted.", Whose.THEIRS),
    "SMS-UP-": _unknown("The gateway did not deliver it; the reason is unlisted.", Whose.THEIRS),
    "SMS-CAR-": _unknown("The carrier did not deliver it; the reason is unlisted.", Whose.THEIRS),
    "OAU-": _unknown("RingCentral refuses the login; the reason is unlisted.", Whose.OURS),
    # Without its webhook Shiftbell still texts and still hears: nothing needs to pause.
    "SUB-": replace(
        _unknown("RingCentral refuses the subscription; the reason is unlisted.", Whose.OURS),
        pause_bucket=False,
    ),
}
# Read from the top. An unlisted 400 counts as the content's: one odd message fails alone, and a
# broadcast in which it repeats is held, while pausing the sender would silence answers as well.
_BY_STATUS = {
    (300, 399): replace(
        _unknown("RingCentral sent us elsewhere, and we do not follow.", Whose.OURS),
        hint="Check RC_SERVER_URL: it must be RingCentral's own host, over https.",
    ),
    (401, 401): _unknown("RingCentral does not accept our token.", Whose.OURS),
    (402, 404): _unknown("RingCentral does not let us do this.", Whose.OURS),
    (408, 408): replace(
        _unknown("RingCentral waited in vain for our request.", Whose.THEIRS), doubt=True
    ),
    (429, 429): _unknown("More requests than allowed.", Whose.PACE),
    (400, 499): _unknown("RingCentral refuses the request.", Whose.CONTENT),
    (500, 599): replace(
        _unknown("RingCentral has a trouble of its own.", Whose.THEIRS), doubt=True
    ),
}


def code_of(status: int, body: object) -> str:
    """Return the code of an answer: `errors[0].errorCode`, else `errorCode`, else `error`.

    `body` is the decoded JSON, or None where there was none. An answer without a usable code is
    called after its status: "HTTP-502".
    """
    top = body if isinstance(body, dict) else {}
    errors = top.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    nested = first.get("errorCode") if isinstance(first, dict) else None
    for candidate in (nested, top.get("errorCode"), top.get("error")):
        if isinstance(candidate, str) and _CODE.fullmatch(candidate):
            return candidate
    return f"HTTP-{status}"
