"""How a text travels: out of an extension to phones, and from a phone into a mailbox.

Acceptance, departure, arrival and report are four moments, and what matters for each is asked at
that moment: an opt-out recorded between acceptance and departure still stops the text. Only
what really left is in the carrier's log. RingCentral's own confirmations of STOP and START leave
and are logged, marked `by` RingCentral, but are in no message store.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from .account import ACCOUNT_ID, Extension
from .carriers import NOT_REGISTERED, OPTED_OUT, Step, journey
from .consents import IN_REPLY, OUT_REPLY, Consent, word_meaning
from .message import Message, Recipient
from .people import Person, Text
from .wire import written

if TYPE_CHECKING:
    from .world import World


class Texting:
    """Moves texts through one world. Every method runs under the world's lock."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, extension: Extension, sender: str, to: Sequence[str], text: str) -> Message:
        """Accept a text for delivery and plan everything that will become of it."""
        world = self._world
        recipients = [Recipient(number) for number in to]
        message = self._new(extension, "Outbound", sender, recipients, text)
        self._file(message)
        for recipient in recipients:
            person = world.person(recipient.number)
            for step in journey(person.failure, world.setup.pace, world.faults, world.dice):
                self._plan(message, recipient, person, step)
        return message

    def receive(self, phone: str, sender: str, words: str) -> Text:
        """Take a text from a phone to a number of the account; raises KeyError for any other."""
        world = self._world
        extension = world.account.extensions[world.account.numbers[sender].extension_id]
        recipients = [Recipient(sender, "Received")]
        message = self._new(extension, "Inbound", phone, recipients, words)
        text = Text(
            str(message.id), sender, phone, words, "Inbound", message.created_at, "Received"
        )
        text.by = "person"
        person = world.person(phone)
        person.last_sender = sender
        world.log_text(text, person)
        self._file(message)
        world.courier.tell("instant", extension.id, "Inbound", message.event_body())
        meaning = word_meaning(words)
        if meaning:
            self._obey(sender, person, meaning)
        return text

    def say(self, person: Person, sender: str, words: str) -> None:
        """Let a person say what they thought of."""
        self.receive(person.number, sender, words)

    def _new(
        self,
        extension: Extension,
        direction: str,
        sender: str,
        recipients: list[Recipient],
        text: str,
    ) -> Message:
        world = self._world
        now = world.clock.now()
        others = [r.number for r in recipients] if direction == "Outbound" else [sender]
        return Message(
            world.new_message_id(),
            extension,
            direction,
            sender,
            recipients,
            text,
            created_at=now,
            modified_at=now,
            conversation_id=world.conversation_id(extension.id, others),
            is_read=direction == "Outbound",
        )

    def _file(self, message: Message) -> None:
        world = self._world
        mailbox = world.mailbox(message.extension.id)
        lag = world.faults.strikes("store_lag")
        if lag:
            world.after(lag.seconds, lambda: mailbox.publish(message, world.clock.now()))
        else:
            mailbox.publish(message, world.clock.now())
        # The event does not wait for a late record: who reads the store on it finds nothing yet.
        self._tell_change(message, {"newCount": 1, "newMessageIds": [message.id]})

    def _tell_change(self, message: Message, counts: dict[str, object]) -> None:
        extension = message.extension
        body = {
            "accountId": int(ACCOUNT_ID),
            "extensionId": int(extension.id),
            "lastUpdated": written(self._world.clock.now()),
            "changes": [{"type": "SMS", **counts}],
        }
        self._world.courier.tell("store", extension.id, message.direction, body)

    def _plan(self, message: Message, recipient: Recipient, person: Person, step: Step) -> None:
        move = self._leave if step.status in ("Sent", "SendingFailed") else self._report
        self._world.after(step.after, lambda: move(message, recipient, person, step))

    def _leave(self, message: Message, recipient: Recipient, person: Person, step: Step) -> None:
        """Let a text leave RingCentral, unless RingCentral stops it now."""
        world = self._world
        code = step.code
        if world.campaign_status() != "Confirmed":
            code = NOT_REGISTERED
        elif world.consents.opted_out(message.sender, recipient.number):
            code = OPTED_OUT
        status = "SendingFailed" if code else "Sent"
        text = Text(
            str(message.id),
            message.sender,
            recipient.number,
            message.text,
            "Outbound",
            world.clock.now(),
            status,
            code,
        )
        world.log_text(text, person, left=code is None)
        self._settle(message, recipient, status, code)

    def _report(self, message: Message, recipient: Recipient, person: Person, step: Step) -> None:
        """Let a text reach its phone, or its carrier report on it."""
        world = self._world
        if recipient.status == "SendingFailed":
            return
        if step.status:
            if step.status == "Delivered":
                recipient.delivered_at = world.clock.now()
            self._settle(message, recipient, step.status, step.code)
            world.show_status(person, str(message.id), step.status, step.code)
        if step.arrives:
            self._read(person, message.sender, message.text)

    def _settle(
        self, message: Message, recipient: Recipient, status: str, code: str | None
    ) -> None:
        recipient.status, recipient.code = status, code
        mailbox = self._world.mailbox(message.extension.id)
        mailbox.touch(message, self._world.clock.now())
        self._tell_change(message, {"newCount": 0, "updatedCount": 1})

    def _read(self, person: Person, sender: str, words: str) -> None:
        """Let a person read a text and think of an answer."""
        world = self._world
        person.last_sender = sender
        for seconds, answer in person.answers(words, world.clock.now(), world.dice):
            world.after(seconds, partial(self.say, person, sender, answer))

    def _obey(self, sender: str, person: Person, meaning: str) -> None:
        """Record what STOP or START asks for, and confirm it with RingCentral's own text."""
        world = self._world
        now = world.clock.now()
        if meaning == "OptOut":
            wanted = [Consent(sender, person.number, meaning, "Recipient", now)]
        else:
            wanted = [
                replace(record, opt_status=meaning, source="Recipient", modified_at=now)
                for record in world.consents.blocking(sender, person.number)
            ]
        changed = [record for record in wanted if world.set_consent(record)]
        if not changed:
            return
        if world.setup.stop_replies:
            words = OUT_REPLY if meaning == "OptOut" else IN_REPLY
            world.after(1.0, lambda: self._confirm(sender, person, words))

    def _confirm(self, sender: str, person: Person, words: str) -> None:
        now, number = self._world.clock.now(), str(self._world.new_message_id())
        text = Text(number, sender, person.number, words, "Outbound", now, "Delivered")
        text.by = "RingCentral"
        self._world.log_text(text, person)
