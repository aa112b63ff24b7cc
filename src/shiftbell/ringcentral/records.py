"""RingCentral's JSON as records of ours, read tolerantly.

RingCentral adds fields, omits optional ones, writes ids as integers in answers and as strings in
events, and leaves only an id and `availability` of a deleted message. So nothing here trusts a
type: what is missing or odd becomes an empty value, and only a record without an id is no record.
Entries about consent have no id, and none of them is ever left out. The text of a message is called
`subject` there.

`conversation.id` is read before `conversationId`, which exceeds what a double can hold and may
arrive rounded. A repr shows neither numbers nor text, since reprs end up in logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Json = Mapping[str, Any]

ALL_NUMBERS = "*"  # what RingCentral writes for "whichever number of the account"


@dataclass(frozen=True)
class StoredMessage:
    """One message as RingCentral's message store has it. Times are aware, in UTC."""

    id: str
    direction: str = ""  # Inbound, Outbound
    from_number: str = field(default="", repr=False)
    to_number: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    status: str = ""  # Queued, Sent, Delivered, DeliveryFailed, SendingFailed, Received
    error_code: str = ""
    created_at: datetime | None = None
    modified_at: datetime | None = None
    availability: str = "Alive"  # Alive, Deleted, Purged
    conversation_id: str = ""
    segment_count: int | None = None
    type: str = ""  # SMS, …


@dataclass(frozen=True)
class SentSms:
    """What RingCentral accepted. `server_time` is its Date header, for the skew of clocks."""

    id: str
    status: str
    message: StoredMessage
    server_time: datetime | None
    request_id: str


@dataclass(frozen=True)
class SyncPage:
    """One message-sync: what is new or changed, and the token to ask with next time.

    Records overlap with the page before by some seconds: the same one comes again.
    """

    records: tuple[StoredMessage, ...]
    token: str
    time: datetime | None
    older_records_exist: bool
    server_time: datetime | None


@dataclass(frozen=True)
class Subscription:
    """A webhook subscription. `status` is Active or the trouble; filters have `~` expanded."""

    id: str
    status: str = ""
    event_filters: tuple[str, ...] = ()
    disabled_filters: tuple[str, ...] = ()
    expires_at: datetime | None = None
    address: str = ""
    blacklisted_because: str = ""


@dataclass(frozen=True)
class PhoneNumber:
    """A number of the extension, and what it may do."""

    id: str
    number: str = field(default="", repr=False)
    usage_type: str = ""
    type: str = ""
    features: frozenset[str] = frozenset()
    primary: bool = False

    @property
    def can_send_sms(self) -> bool:
        """Tell whether texts can be sent from it at all."""
        return "SmsSender" in self.features

    @property
    def high_volume(self) -> bool:
        """Tell whether it is a High Volume number, whose opt-outs the old API may hold."""
        return "A2PSmsSender" in self.features


@dataclass(frozen=True)
class SmsConfiguration:
    """Whether a number is registered for texting. Empty: linked to no campaign or brand."""

    number: str = field(default="", repr=False)
    campaign_id: str = ""
    campaign_status: str = ""
    registration_tier: str = ""
    use_cases: tuple[str, ...] = ()
    brand_status: str = ""


@dataclass(frozen=True)
class ConsentRecord:
    """One entry of RingCentral's opt-out list: from a search, an event or the old API.

    `from_number` is ours, and "*" for whatever binds more than one number of ours: a wider
    `coverage` (Account, CampaignType), or an entry that names none. An entry that is not
    `readable` has no number of a person or no status we know. It counts as an opt-out, since what
    cannot be read is no consent; but it proves none either, so it wants a person's eye.
    """

    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    opted_out: bool
    source: str  # Recipient, Api, Upstream, Carrier; the old API says Account for Api
    changed_at: datetime | None  # None in the old API
    coverage: str = ""  # PhoneNumber, Account, CampaignType; events and the old API omit it
    campaign_type: str = ""
    readable: bool = True


@dataclass(frozen=True)
class Extension:
    """Who is logged in."""

    id: str
    number: str = ""
    name: str = ""
    status: str = ""
    account_id: str = ""


def stored_message(record: object) -> StoredMessage | None:
    """Return a record of the message store or of an event; None where there is no id."""
    told = mapping(record)
    if not (message_id := text_of(told.get("id"))):
        return None
    return StoredMessage(
        id=message_id,
        direction=text_of(told.get("direction")),
        from_number=_number_of(told.get("from")),
        to_number=_number_of(_main_recipient(told.get("to"))),
        text=text_of(told.get("subject")),
        status=text_of(told.get("messageStatus")),
        error_code=text_of(told.get("deliveryErrorCode")),
        created_at=moment(told.get("creationTime")),
        modified_at=moment(told.get("lastModifiedTime")),
        availability=text_of(told.get("availability")) or "Alive",
        conversation_id=text_of(mapping(told.get("conversation")).get("id"))
        or text_of(told.get("conversationId")),
        segment_count=whole(told.get("segmentCount")),
        type=text_of(told.get("type")),
    )


def subscription(record: object) -> Subscription | None:
    """Return a subscription; None where there is no id."""
    told = mapping(record)
    if not (subscription_id := text_of(told.get("id"))):
        return None
    disabled = (mapping(entry).get("filter") for entry in sequence(told.get("disabledFilters")))
    return Subscription(
        id=subscription_id,
        status=text_of(told.get("status")),
        event_filters=tuple(text_of(entry) for entry in sequence(told.get("eventFilters"))),
        disabled_filters=tuple(text_of(entry) for entry in disabled),
        expires_at=moment(told.get("expirationTime")),
        address=text_of(mapping(told.get("deliveryMode")).get("address")),
        blacklisted_because=text_of(mapping(told.get("blacklistedData")).get("reason")),
    )


def phone_number(record: object) -> PhoneNumber | None:
    """Return a number of the extension; None where there is no id."""
    told = mapping(record)
    if not (number_id := text_of(told.get("id"))):
        return None
    return PhoneNumber(
        id=number_id,
        number=text_of(told.get("phoneNumber")),
        usage_type=text_of(told.get("usageType")),
        type=text_of(told.get("type")),
        features=frozenset(text_of(feature) for feature in sequence(told.get("features"))),
        primary=told.get("primary") is True,
    )


def sms_configuration(record: object) -> SmsConfiguration:
    """Return the registration of a number."""
    told = mapping(record)
    campaign, brand = mapping(told.get("smsCampaignInfo")), mapping(told.get("smsBrandInfo"))
    return SmsConfiguration(
        number=text_of(told.get("phoneNumber")),
        campaign_id=text_of(campaign.get("id")),
        campaign_status=text_of(campaign.get("status")),
        registration_tier=text_of(campaign.get("registrationTier")),
        use_cases=tuple(filter(None, map(text_of, sequence(campaign.get("useCases"))))),
        brand_status=text_of(brand.get("status")),
    )


def consent_record(record: object) -> ConsentRecord:
    """Return an entry of the opt-out list; one that cannot be read is an opt-out, never nothing."""
    told = mapping(record)
    phone, coverage = text_of(told.get("to")), text_of(told.get("coverage"))
    sender = text_of(told.get("from"))
    wide = coverage.lower() not in ("", "phonenumber")
    # The old API calls it `status`, and so do RingCentral's own samples of the new one.
    status = (text_of(told.get("optStatus")) or text_of(told.get("status"))).lower()
    return ConsentRecord(
        from_number=ALL_NUMBERS if wide or not sender else sender,
        to_number=phone,
        opted_out=status != "optin",
        source=text_of(told.get("source")),
        changed_at=moment(told.get("lastModifiedTime")),
        coverage=coverage,
        campaign_type=text_of(told.get("campaignType")),
        readable=bool(phone) and status in ("optout", "optin"),
    )


def extension(record: object) -> Extension | None:
    """Return the extension that is logged in; None where there is no id."""
    told = mapping(record)
    if not (extension_id := text_of(told.get("id"))):
        return None
    return Extension(
        id=extension_id,
        number=text_of(told.get("extensionNumber")),
        name=text_of(told.get("name")),
        status=text_of(told.get("status")),
        account_id=text_of(mapping(told.get("account")).get("id")),
    )


def mapping(value: object) -> Json:
    """Return `value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """Return `value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a string or an integer as text, anything else as ""."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int) or value.bit_length() > 64:
        return ""
    return str(value)


def whole(value: object) -> int | None:
    """Return an integer that is not negative, also one written as a string; else None."""
    written = text_of(value)
    return int(written) if written.isascii() and written.isdigit() and len(written) < 20 else None


def moment(value: object) -> datetime | None:
    """Return an ISO 8601 time in UTC, taking one without a zone as UTC; None if unreadable."""
    try:
        read = datetime.fromisoformat(text_of(value))
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _number_of(party: object) -> str:
    told = mapping(party)
    return text_of(told.get("phoneNumber")) or text_of(told.get("extensionNumber"))


def _main_recipient(recipients: object) -> object:
    """Return the recipient whose mailbox this is (`target`), else the first."""
    parties = sequence(recipients)
    targets = [party for party in parties if mapping(party).get("target") is True]
    return next(iter(targets or parties), None)
