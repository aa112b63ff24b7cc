"""How one call to RingCentral is made: authorised, paced, reported, and repeated or not.

A call takes a slot of its bucket, is made, is reported to the pace, and ends in an answer of 2xx
or in an error. Two kinds differ in what may be repeated (a text is a third, and `client`'s alone):

* A *read* is repeated a few times while RingCentral is unavailable, each time in a slot of its own.
  A search that needs a body is a POST there, yet only reads, and is repeated like one.
* An *upkeep* call (subscriptions, consents) is made once; its caller looks again later anyway.

After 401 the token is renewed once; a second 401 is a refusal like any other. Which bucket a call
belongs to is RingCentral's choice ("usage plan group" in its reference).
"""

from __future__ import annotations

from collections.abc import Callable

import stamina

from shiftbell.errors import NotDelivered, OutcomeUnknown, RingCentralUnavailable
from shiftbell.ringcentral.answers import trouble_of
from shiftbell.ringcentral.ports import Pace, Tokens
from shiftbell.ringcentral.wire import Answer, Params, Wire
from shiftbell.rules.pacing import Group

READ_TRIES = 3


class Calls:
    """Makes the calls of one extension. Thread-safe where `tokens` and `pace` are."""

    def __init__(self, wire: Wire, tokens: Tokens, pace: Pace, *, read_tries: int) -> None:
        self._wire = wire
        self._tokens = tokens
        self._pace = pace
        self._read_tries = read_tries

    def read(self, path: str, params: Params | None = None, *, body: object = None) -> Answer:
        """Return the answer to a read, asking again while RingCentral is unavailable.

        With a `body` it is a POST. Raises RingCentralUnavailable, RateLimited, PaceExceeded,
        RefusedByRingCentral and what the login raises.
        """
        method = "GET" if body is None else "POST"

        def ask(token: str) -> Answer:
            tries = stamina.retry_context(
                on=RingCentralUnavailable,
                attempts=self._read_tries,
                timeout=60.0,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.3,
            )
            for attempt in tries:
                with attempt:
                    return self._ask(method, path, Group.LIGHT, token, params, body)
            raise AssertionError("stamina returns or raises")

        return self._authorised(ask, Group.LIGHT)

    def upkeep(
        self, method: str, path: str, group: Group, body: object = None, *secrets: str
    ) -> Answer:
        """Return the answer to a call that is made once; raises what `read` raises.

        `secrets` are removed from whatever RingCentral says.
        """
        return self._authorised(
            lambda token: self._ask(method, path, group, token, body=body), group, *secrets
        )

    def _authorised(self, ask: Callable[[str], Answer], group: Group, *secrets: str) -> Answer:
        """Return a good answer, logging in anew once; raise what another one amounts to."""
        token = self._tokens.get()
        answer = ask(token)
        if answer.status == 401:
            token = self._tokens.renew(token)
            answer = ask(token)
        if trouble := trouble_of(answer, group, token, *secrets):
            raise trouble
        return answer

    def _ask(
        self,
        method: str,
        path: str,
        group: Group,
        token: str,
        params: Params | None = None,
        body: object = None,
    ) -> Answer:
        """Make one call in a slot of its bucket; raise only if RingCentral is unavailable."""
        request = self._wire.request(method, path, f"Bearer {token}", params=params, body=body)
        self._pace.wait_for(group)
        try:
            answer = self._wire.exchange(request)
        except (NotDelivered, OutcomeUnknown) as lost:
            raise RingCentralUnavailable(lost.message, hint=lost.hint) from None
        self._pace.heard(group, answer.status, answer.headers)
        trouble = trouble_of(answer, group, token)
        if isinstance(trouble, RingCentralUnavailable):
            raise trouble
        return answer


def unreadable(answer: Answer) -> RingCentralUnavailable:
    """Return the error that a good answer of the wrong shape amounts to."""
    return RingCentralUnavailable(
        "RingCentral's answer has not the shape it should have.", request_id=answer.request_id
    )
