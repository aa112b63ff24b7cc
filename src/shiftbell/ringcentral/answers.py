"""What an answer of RingCentral means, as an error of ours or as none.

One table of statuses for every call: 2xx is good, 429 asks for quiet, 408 and 5xx are RingCentral's
own trouble, and everything else is a refusal with a code (a redirect, too: nobody else gets our
token). What a refusal's code means stands in `rules.codes`. The POST of a text reads the same table
with one difference: whatever does not surely say no leaves the text in doubt, and so does CMN-304,
"I am busy with this very request".
"""

from __future__ import annotations

from shiftbell.errors import (
    OutcomeUnknown,
    RateLimited,
    RefusedByRingCentral,
    RingCentralError,
    RingCentralUnavailable,
)
from shiftbell.ringcentral.records import mapping, sequence, text_of
from shiftbell.ringcentral.scrub import scrub
from shiftbell.ringcentral.wire import Answer
from shiftbell.rules import codes, pacing


def trouble_of(answer: Answer, group: str, *secrets: str) -> RingCentralError | None:
    """Return the error an answer amounts to, or None for a 2xx.

    `group` is the bucket of the call; `secrets` are removed from what RingCentral said.
    """
    status = answer.status
    if 200 <= status < 300:
        return None
    code = codes.code_of(status, answer.json())
    named = f"{status}" if code == f"HTTP-{status}" else f"{status} {code}"
    said = f"RingCentral answered {named}: {_message(answer, *secrets) or 'no message'}"
    request_id = answer.request_id
    if status == 429:
        quiet = pacing.retry_after(answer.headers)
        return RateLimited(said, group=group, retry_after=quiet, code=code, request_id=request_id)
    if status == 408 or status >= 500:
        return RingCentralUnavailable(said, request_id=request_id)
    parameter = _parameter(answer, *secrets)
    return RefusedByRingCentral(
        said,
        status=status,
        code=code,
        parameter=parameter,
        hint=codes.row(code, status=status, parameter=parameter).hint,
        request_id=request_id,
    )


def trouble_of_sending(answer: Answer, group: str, *secrets: str) -> RingCentralError | None:
    """Return what an answer to the POST of a text amounts to: doubt where it is no clear no."""
    trouble = trouble_of(answer, group, *secrets)
    unclear = isinstance(trouble, RingCentralUnavailable) or (
        isinstance(trouble, RateLimited) and codes.row(trouble.code).doubt
    )
    if trouble is not None and unclear:
        return OutcomeUnknown(trouble.message, request_id=trouble.request_id)
    return trouble


def _message(answer: Answer, *secrets: str) -> str:
    told = mapping(answer.json())
    first = mapping(next(iter(sequence(told.get("errors"))), None))
    for said in (first.get("message"), told.get("message"), told.get("error_description")):
        if text := scrub(text_of(said), *secrets):
            return text
    return ""


def _parameter(answer: Answer, *secrets: str) -> str:
    told = mapping(answer.json())
    first = mapping(next(iter(sequence(told.get("errors"))), None))
    named = text_of(first.get("parameterName")) or text_of(told.get("parameterName"))
    return scrub(named, *secrets)[:80]
