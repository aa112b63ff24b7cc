"""RingCentral as one extension sees it: texts out, the message store, subscriptions, numbers.

Reads and upkeep are made as `calls` makes them, and become records here. A *text* is posted once.
Only after 401 it is posted again, with a new token: a request without a valid token was not looked
at. That repeat takes another slot and passes the last check again.

Next pages are asked for by number, never by the address an answer suggests: it would get our token.
Who opted out at RingCentral is asked in `consents`, with the same calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import quote

from shiftbell.errors import (
    NotDelivered,
    OutcomeUnknown,
    RefusedByRingCentral,
    RingCentralUnavailable,
    SyncTokenRejected,
)
from shiftbell.ringcentral import records, subscription
from shiftbell.ringcentral.answers import trouble_of_sending
from shiftbell.ringcentral.calls import READ_TRIES, Calls, unreadable
from shiftbell.ringcentral.ports import Pace, Tokens
from shiftbell.ringcentral.records import (
    Extension,
    PhoneNumber,
    SentSms,
    SmsConfiguration,
    StoredMessage,
    Subscription,
    SyncPage,
    mapping,
    sequence,
)
from shiftbell.ringcentral.wire import Answer, Params, Wire
from shiftbell.rules.pacing import Group

_EXTENSION = "/restapi/v1.0/account/~/extension/~"
_SUBSCRIPTION = "/restapi/v1.0/subscription"
_PAGES_MAX = 200  # 5,000 texts is what a mailbox keeps; more pages than this is a loop
_FULL_SYNC_CODES = ("MSG-333", "CMN-101", "InvalidParameter")

Record = TypeVar("Record")


class Client:
    """RingCentral as one extension sees it. Thread-safe where `tokens` and `pace` are."""

    def __init__(
        self, wire: Wire, tokens: Tokens, pace: Pace, *, read_tries: int = READ_TRIES
    ) -> None:
        self._wire = wire
        self._tokens = tokens
        self._pace = pace
        self.calls = Calls(wire, tokens, pace, read_tries=read_tries)

    def send_sms(
        self,
        sender_number: str,
        to: str,
        text: str,
        *,
        deadline: float,
        last_check: Callable[[], None],
    ) -> SentSms:
        """Post one text; its slot has been taken by whoever leased the message.

        `deadline` is a `time.monotonic()` by which all must be over; `last_check` is called right
        before the first byte, and stops the text by raising. Nothing was sent after: what
        `last_check` raises, DeadlinePassed, PaceExceeded, NotDelivered, RateLimited (its group is
        "auth" when it was the login) and RefusedByRingCentral. OutcomeUnknown: it may have left.
        """

        def post(token: str) -> Answer:
            bearer = f"Bearer {token}"
            request = self._wire.request("POST", f"{_EXTENSION}/sms", bearer, body=body)
            answer = self._wire.dispatch(request, deadline=deadline, last_check=last_check)
            self._pace.heard(Group.MEDIUM, answer.status, answer.headers)
            return answer

        body = {"from": {"phoneNumber": sender_number}, "to": [{"phoneNumber": to}], "text": text}
        try:
            token = self._tokens.get()
            answer = post(token)
            if answer.status == 401:
                token = self._tokens.renew(token)
                self._pace.wait_for(Group.MEDIUM)
                answer = post(token)
        except RingCentralUnavailable as no_token:
            raise NotDelivered(no_token.message, hint=no_token.hint) from None
        if trouble := trouble_of_sending(answer, Group.MEDIUM, token):
            raise trouble
        return _sent(answer)

    def get_message(self, message_id: str) -> StoredMessage:
        """Return one message of the message store, with its present status."""
        answer = self.calls.read(f"{_EXTENSION}/message-store/{_segment(message_id)}")
        return _whole(answer, records.stored_message)

    def list_messages(
        self,
        *,
        date_from: datetime,
        date_to: datetime | None = None,
        direction: str = "",
        phone_number: str = "",
        availability: Sequence[str] = ("Alive",),
        per_page: int = 100,
    ) -> Iterator[StoredMessage]:
        """Return the texts of the message store from `date_from` on, newest first, page by page.

        `date_from` is never left out: RingCentral would show the last day only. A record may come
        twice when texts arrive meanwhile. `availability` is among Alive, Deleted, Purged.
        """
        asked: dict[str, str | int | Sequence[str]] = {
            "messageType": "SMS",
            "dateFrom": _written(date_from),
            "availability": list(availability),
            "perPage": per_page,
        }
        if date_to is not None:
            asked["dateTo"] = _written(date_to)
        if direction:
            asked["direction"] = direction
        if phone_number:
            asked["phoneNumber"] = phone_number
        return self._pages(f"{_EXTENSION}/message-store", asked, records.stored_message)

    def sync_messages(
        self,
        sync_token: str | None = None,
        *,
        date_from: datetime | None = None,
        record_count: int = 250,
    ) -> SyncPage:
        """Return what is new or changed since `sync_token`; without one, all from `date_from`.

        A full sync holds at most `record_count` records and says when older ones exist. Raises
        SyncTokenRejected when the token cannot be used any more.
        """
        asked: dict[str, str | int | Sequence[str]]
        if sync_token is not None:
            asked = {"syncType": "ISync", "syncToken": sync_token}
        else:
            asked = {"syncType": "FSync", "messageType": "SMS", "recordCount": record_count}
            if date_from is not None:
                asked["dateFrom"] = _written(date_from)
        try:
            answer = self.calls.read(f"{_EXTENSION}/message-sync", asked)
        except RefusedByRingCentral as refusal:
            if sync_token is None or refusal.code not in _FULL_SYNC_CODES:
                raise
            raise _token_rejected(refusal) from None
        return _sync_page(answer)

    def create_subscription(self, address: str, verification_token: str) -> Subscription:
        """Ask RingCentral to deliver our events to `address`, which must be up already.

        RingCentral shakes hands with it while this call waits. RingCentralUnavailable may leave a
        subscription behind: list them before creating another.
        """
        body = subscription.creation_body(address, verification_token)
        answer = self.calls.upkeep("POST", _SUBSCRIPTION, Group.MEDIUM, body, verification_token)
        return _whole(answer, records.subscription)

    def read_subscription(self, subscription_id: str) -> Subscription:
        """Return a subscription as it stands; refused with 404 once it is gone."""
        answer = self.calls.read(f"{_SUBSCRIPTION}/{_segment(subscription_id)}")
        return _whole(answer, records.subscription)

    def renew_subscription(self, subscription_id: str) -> Subscription:
        """Give a subscription its whole lifetime again."""
        path = f"{_SUBSCRIPTION}/{_segment(subscription_id)}/renew"
        return _whole(self.calls.upkeep("POST", path, Group.LIGHT), records.subscription)

    def delete_subscription(self, subscription_id: str) -> None:
        """End a subscription; refused with 404 if it is gone already."""
        self.calls.upkeep("DELETE", f"{_SUBSCRIPTION}/{_segment(subscription_id)}", Group.MEDIUM)

    def list_subscriptions(self) -> tuple[Subscription, ...]:
        """Return all subscriptions of this app and user."""
        return _records(self.calls.read(_SUBSCRIPTION), records.subscription)

    def phone_numbers(self) -> Iterator[PhoneNumber]:
        """Return the numbers of the extension, page by page."""
        return self._pages(f"{_EXTENSION}/phone-number", {"perPage": 100}, records.phone_number)

    def sms_configuration(self, phone_number_id: str) -> SmsConfiguration:
        """Return whether a number is registered for texting."""
        path = f"{_EXTENSION}/phone-number/{_segment(phone_number_id)}/sms-configuration"
        return records.sms_configuration(self.calls.read(path).json())

    def extension(self) -> Extension:
        """Return who is logged in."""
        return _whole(self.calls.read(_EXTENSION), records.extension)

    def _pages(
        self, path: str, params: Params, read: Callable[[object], Record | None]
    ) -> Iterator[Record]:
        for page in range(1, _PAGES_MAX + 1):
            answer = self.calls.read(path, {**params, "page": page})
            yield from _records(answer, read)
            if not mapping(mapping(answer.json()).get("navigation")).get("nextPage"):
                return
        raise RingCentralUnavailable("RingCentral's list has no end; nothing of it is certain.")


def _sent(answer: Answer) -> SentSms:
    message = records.stored_message(answer.json())
    if message is None:
        raise OutcomeUnknown(
            "RingCentral accepted the text, but its answer holds no id.",
            request_id=answer.request_id,
        )
    return SentSms(message.id, message.status, message, answer.server_time, answer.request_id)


def _sync_page(answer: Answer) -> SyncPage:
    info = mapping(mapping(answer.json()).get("syncInfo"))
    token = records.text_of(info.get("syncToken"))
    if not token:
        raise unreadable(answer)
    return SyncPage(
        records=_records(answer, records.stored_message),
        token=token,
        time=records.moment(info.get("syncTime")),
        older_records_exist=info.get("olderRecordsExist") is True,
        server_time=answer.server_time,
    )


def _token_rejected(refusal: RefusedByRingCentral) -> SyncTokenRejected:
    return SyncTokenRejected(
        refusal.message,
        status=refusal.status,
        code=refusal.code,
        parameter=refusal.parameter,
        hint="Nothing to do: the message store is read afresh.",
        request_id=refusal.request_id,
    )


def _records(answer: Answer, read: Callable[[object], Record | None]) -> tuple[Record, ...]:
    """Return the records of a list; one without an id is left out, a list without any is odd."""
    told = mapping(answer.json())
    if not isinstance(told.get("records"), list):
        raise unreadable(answer)
    return tuple(found for entry in sequence(told["records"]) if (found := read(entry)) is not None)


def _whole(answer: Answer, read: Callable[[object], Record | None]) -> Record:
    if (found := read(answer.json())) is None:
        raise unreadable(answer)
    return found


def _segment(written_id: str) -> str:
    return quote(written_id, safe="")


def _written(moment: datetime) -> str:
    """Return a time as RingCentral reads it."""
    assert moment.tzinfo is not None, "a time without a zone means another moment there"
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
