"""One record of the message store, and how it reads over REST and in an event.

REST writes ids as numbers, events write the same ids as strings; `conversationId` is a number
beyond 2**53 that breaks in a double, while `conversation.id` is exact. The text of a message is
its `subject`. A group message has one status per recipient and shows the least settled of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .account import ACCOUNT_ID, Extension
from .segments import segment_count
from .wire import phone_info, written

UNSETTLED_FIRST = ("Queued", "Sent", "SendingFailed", "DeliveryFailed", "Delivered", "Received")


@dataclass
class Recipient:
    """One phone a message goes to, and how far it came."""

    number: str
    status: str = "Queued"
    code: str | None = None
    delivered_at: datetime | None = None


@dataclass
class Message:
    """One text in an extension's mailbox."""

    id: int
    extension: Extension
    direction: str
    sender: str
    recipients: list[Recipient]
    text: str
    created_at: datetime
    modified_at: datetime
    conversation_id: int
    is_read: bool = True
    availability: str = "Alive"
    published: bool = field(default=False, compare=False)

    @property
    def status(self) -> str:
        """The `messageStatus` of the whole message."""
        return min((r.status for r in self.recipients), key=UNSETTLED_FIRST.index)

    @property
    def code(self) -> str | None:
        """The `deliveryErrorCode` of the whole message."""
        return next((r.code for r in self.recipients if r.code), None)

    @property
    def others(self) -> list[str]:
        """The phones at the far end."""
        return (
            [r.number for r in self.recipients] if self.direction == "Outbound" else [self.sender]
        )

    def accepted(self, host: str) -> dict[str, Any]:
        """Return the answer to the POST that sent it: the record without its billing part."""
        record = self.record(host)
        for name in ("extensionId", "owner", "segmentCount", "deliveryErrorCode"):
            record.pop(name, None)
        return record

    def record(self, host: str) -> dict[str, Any]:
        """Return the record as message-store and message-sync show it; ids are numbers."""
        base = f"{host}/restapi/v1.0/account/{ACCOUNT_ID}/extension/{self.extension.id}"
        uri = f"{base}/message-store/{self.id}"
        if self.availability != "Alive":
            return {"id": self.id, "uri": uri, "availability": self.availability}
        record = {
            "uri": uri,
            "id": self.id,
            "extensionId": self.extension.id,
            "to": [self._to(recipient) for recipient in self.recipients],
            "from": self._from(),
            "type": "SMS",
            "creationTime": written(self.created_at),
            "lastModifiedTime": written(self.modified_at),
            "readStatus": "Read" if self.is_read else "Unread",
            "priority": "Normal",
            "attachments": [
                {
                    "id": self.id,
                    "uri": f"{uri}/content/{self.id}",
                    "type": "Text",
                    "contentType": "text/plain",
                }
            ],
            "direction": self.direction,
            "availability": self.availability,
            "subject": self.text,
            "messageStatus": self.status,
            "segmentCount": segment_count(self.text),
            "conversationId": self.conversation_id,
            "conversation": {
                "id": str(self.conversation_id),
                "uri": f"{base}/conversation/{self.conversation_id}",
            },
            "owner": self._owner(),
        }
        return record | self._delivery()

    def event_body(self) -> dict[str, Any]:
        """Return the body of the instant event of an inbound text; ids are strings."""
        return {
            "id": str(self.id),
            "to": [self._to(recipient) | {"target": True} for recipient in self.recipients],
            "from": {"phoneNumber": self.sender, "phoneNumberInfo": phone_info(self.sender)},
            "type": "SMS",
            "creationTime": written(self.created_at),
            "lastModifiedTime": written(self.modified_at),
            "readStatus": "Read" if self.is_read else "Unread",
            "priority": "Normal",
            "attachments": [
                {"id": str(self.id), "type": "Text", "contentType": "text/plain"},
            ],
            "direction": self.direction,
            "availability": self.availability,
            "subject": self.text,
            "messageStatus": self.status,
            "conversation": {"id": str(self.conversation_id)},
            "eventType": "Create",
            "owner": self._owner(),
        }

    def _delivery(self) -> dict[str, Any]:
        if self.direction == "Inbound":
            return {}
        shown: dict[str, Any] = {"smsSendingAttemptsCount": 1}
        if self.code:
            shown["deliveryErrorCode"] = self.code
        delivered = [r.delivered_at for r in self.recipients if r.delivered_at is not None]
        if self.status == "Delivered" and delivered:
            shown["smsDeliveryTime"] = written(max(delivered))
        return shown

    def _from(self) -> dict[str, str]:
        if self.direction == "Inbound":
            return {"phoneNumber": self.sender}
        return {"phoneNumber": self.sender, "name": self.extension.name}

    def _to(self, recipient: Recipient) -> dict[str, Any]:
        shown: dict[str, Any] = {"phoneNumber": recipient.number}
        if self.direction == "Inbound":
            shown["name"] = self.extension.name
        elif len(self.recipients) > 1:
            shown["messageStatus"] = recipient.status
        return shown

    def _owner(self) -> dict[str, str]:
        owner = self.extension
        return {"extensionId": owner.id, "extensionType": "User", "name": owner.name}
