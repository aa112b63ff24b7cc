"""One simulated world: everything that is so, everything that will be, and one set of dice.

The same seed and the same calls give the same log, byte for byte, ids included. Whoever owns the
clock drives the world: a test moves a `ManualClock` with `advance`, which runs what falls due on
the way, each at its own time; a served world has a thread that calls `run_due`. Requests only
plan, they never run what is due.

`lock` guards all state. It is never held while a receiver's webhook is called, since the receiver
may call back into the world.
"""

from __future__ import annotations

import math
import random
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .account import APP_PERMISSIONS, found_account
from .carriers import Pace
from .clock import Clock, ManualClock
from .consents import Consent, Consents
from .faults import Faults
from .happenings import Happening, Happenings
from .limiter import Limiter
from .mailbox import KEPT_PER_FOLDER, Mailbox
from .oauth import Sessions
from .people import TEMPERAMENTS, Person, Text, temperament_of
from .subscriptions import Subscriptions
from .texting import Texting
from .webhooks import Courier, WebhookPost, post_over_http

FIRST_MESSAGE_ID = 1724099032020


@dataclass(frozen=True)
class Setup:
    """How a world is made; `reset` makes it so again. Lengths are in seconds.

    `temperaments` are weights for strangers (without any they are silent), `reply_seconds`
    overrides everybody's own delay, `faults` are rates by name, `limits` calls a minute by group.
    """

    senders: int = 1
    temperaments: Mapping[str, float] = field(default_factory=dict)
    reply_seconds: tuple[float, float] | None = None
    faults: Mapping[str, float] = field(default_factory=dict)
    limits: Mapping[str, int] = field(default_factory=dict)
    penalty_seconds: int = 60
    permissions: frozenset[str] = APP_PERMISSIONS
    refresh_tokens: bool = False
    pace: Pace = field(default_factory=Pace)
    webhook_seconds: tuple[float, float] = (0.1, 0.8)
    blacklist_after: int = 10
    stop_replies: bool = True
    kept_per_folder: int = KEPT_PER_FOLDER

    def __post_init__(self) -> None:
        unknown = set(self.temperaments) - set(TEMPERAMENTS)
        if unknown:
            raise ValueError(f"no such temperament: {', '.join(sorted(unknown))}")
        if not all(0 < weight < math.inf for weight in self.temperaments.values()):
            raise ValueError("a weight is a number above 0")


@dataclass(frozen=True)
class Call:
    """One request as RingCentral counted it; status 0 is a connection closed without an answer."""

    at: datetime
    group: str
    extension: str
    method: str
    path: str
    status: int


@dataclass(frozen=True)
class Delivery:
    """One event brought to a receiver; status 0 means that it gave no answer."""

    at: datetime
    subscription_id: str
    body: bytes
    status: int


class World:
    """The whole state of a simulated RingCentral."""

    def __init__(
        self,
        seed: int,
        clock: Clock,
        *,
        post: WebhookPost | None = None,
        setup: Setup | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock
        self.setup = setup or Setup()
        self.lock = threading.RLock()
        self.dispatch: Callable[[str, Callable[[], None]], None] = lambda _lane, work: work()
        self.planned = threading.Event()
        self.post = post or post_over_http
        self.started_at = clock.now()
        self._begin()

    def _begin(self) -> None:
        setup = self.setup
        self.dice = random.Random(self.seed)  # noqa: S311 (dice, not secrets)
        self.account = found_account(self.dice, setup.senders, self.started_at)
        self.account.app.permissions = setup.permissions
        self.account.app.refresh_tokens = setup.refresh_tokens
        self.sessions = Sessions(self.dice, self.account)
        self.limiter = Limiter(setup.limits, setup.penalty_seconds)
        self.faults = Faults(self.dice, dict(setup.faults))
        self.subscriptions = Subscriptions()
        self.consents = Consents()
        self.courier = Courier(self, self.post, setup.blacklist_after)
        self.texting = Texting(self)
        self.people: dict[str, Person] = {}
        self.texts: list[Text] = []
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.revision = 0
        self._happenings = Happenings()
        self._mailboxes = {e: Mailbox(setup.kept_per_folder) for e in self.account.extensions}
        self._conversations: dict[tuple[str, ...], int] = {}
        self._message_id = FIRST_MESSAGE_ID
        self._requests = 0

    def reset(self) -> None:
        """Start over with the same seed and credentials; the clock goes on."""
        with self.lock:
            revision = self.revision
            self._begin()
            self.revision = revision + 1

    # Time

    def after(self, seconds: float, work: Callable[[], None], lane: str | None = None) -> None:
        """Plan something `seconds` from now; with a `lane` it runs without the world's lock."""
        with self.lock:
            self._happenings.put(self.clock.now() + timedelta(seconds=seconds), work, lane)
        self.planned.set()

    def next_due(self) -> datetime | None:
        """Return when the next happening falls due, or None when nothing is planned."""
        with self.lock:
            return self._happenings.next_due()

    def run_due(self) -> None:
        """Run everything whose time has come, in order."""
        for happening in self._due():
            if happening.lane is not None:
                self.dispatch(happening.lane, happening.work)
            else:
                with self.lock:
                    happening.work()

    def advance(self, seconds: float) -> None:
        """Move a manual clock on by `seconds`, running each happening on the way at its time."""
        assert isinstance(self.clock, ManualClock), "only a manual clock can be moved"
        end = self.clock.now() + timedelta(seconds=seconds)
        while (due := self.next_due()) is not None and due <= end:
            self.clock.advance_to(due)
            self.run_due()
        self.clock.advance_to(end)

    def _due(self) -> Iterator[Happening]:
        while True:
            with self.lock:
                happening = self._happenings.pop_due(self.clock.now())
            if happening is None:
                return
            yield happening

    # Ids

    def new_uuid(self) -> str:
        """Return a fresh UUID from the dice."""
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def new_request_id(self) -> str:
        """Return a fresh request id; counted, so that reading never disturbs the dice."""
        self._requests += 1
        return str(uuid.UUID(int=(self.seed % 2**64 << 64) | self._requests, version=1))

    def new_message_id(self) -> int:
        """Return a fresh message id, larger than every one before."""
        self._message_id += self.dice.randrange(4, 4000, 4)
        return self._message_id

    def conversation_id(self, extension_id: str, others: list[str]) -> int:
        """Return the id of a conversation; always beyond 2**53, as RingCentral's are."""
        key = (extension_id, *sorted(others))
        if key not in self._conversations:
            self._conversations[key] = 2**61 + self.dice.getrandbits(60)
        return self._conversations[key]

    # People and what they see

    def mailbox(self, extension_id: str) -> Mailbox:
        """Return an extension's message store."""
        return self._mailboxes[extension_id]

    def person(self, number: str) -> Person:
        """Return who holds a phone; a stranger comes to life with a temperament."""
        if number not in self.people:
            kind = temperament_of(number, self.seed, self.setup.temperaments)
            delay = self.setup.reply_seconds
            self.people[number] = Person(number, kind, delay=delay, failure=kind.failure)
            self._settle_in(self.people[number])
        return self.people[number]

    def describe(
        self,
        number: str,
        temperament: str,
        name: str = "",
        reply_seconds: tuple[float, float] | None = None,
        failure: str = "",
    ) -> Person:
        """Say who holds a phone. Raises KeyError for an unknown temperament.

        `failure` is what becomes of every text to it, as a code (SMS-CAR-450).
        """
        kind = TEMPERAMENTS[temperament]
        with self.lock:
            person = self.people.setdefault(number, Person(number, kind))
            person.temperament = kind
            person.name = name or person.name
            person.failure = failure or kind.failure
            person.delay = reply_seconds or self.setup.reply_seconds
            self._settle_in(person)
            return person

    def say(self, phone: str, text: str, sender: str | None = None) -> Text:
        """Let a phone text a sender, by default the one that texted it last.

        Raises KeyError when `sender` is no texting number of the account.
        """
        with self.lock:
            first = self.account.senders()[0].number.phone_number
            to = sender or self.person(phone).last_sender or first
            return self.texting.receive(phone, to, text)

    def set_consent(self, consent: Consent) -> bool:
        """Record a consent and tell subscribers; False when nothing changed.

        What nobody shall hear of is set in `consents` itself.
        """
        if not self.consents.set(consent):
            return False
        self.courier.tell("consents", "", "", {"records": [consent.record()]})
        legacy = {"from": consent.sender, "to": consent.phone}
        legacy_body = {**legacy, "active": consent.opt_status == "OptOut"}
        self.courier.tell("opt-outs", "", "", legacy_body)
        return True

    def campaign_status(self) -> str:
        """Return the status of the campaign that every sender is linked to."""
        is_suspended = self.faults.is_on("campaign_suspended")
        return "CampaignSuspended" if is_suspended else self.account.campaign_status

    def _settle_in(self, person: Person) -> None:
        self._show(person)
        if person.temperament.name == "opted_out":
            for extension in self.account.senders():
                number, now = extension.number.phone_number, self.clock.now()
                self.consents.set(Consent(number, person.number, "OptOut", "Recipient", now))

    # Logs

    def log_text(self, text: Text, person: Person, *, left: bool = True) -> None:
        """Write a text into the carrier's log, if it left, and onto its phone's page."""
        if left:
            self.texts.append(text)
        person.texts.append(text)
        self._show(person)

    def show_status(self, person: Person, text_id: str, status: str, code: str | None) -> None:
        """Show on a phone's page how far a text came."""
        for text in reversed(person.texts):
            if text.id == text_id:
                text.status, text.code = status, code
                break
        self._show(person)

    def note_call(self, call: Call) -> None:
        """Remember one request."""
        self.calls.append(call)

    def note_delivery(self, subscription_id: str, body: bytes, status: int) -> None:
        """Remember one event that was brought to its receiver."""
        self.deliveries.append(Delivery(self.clock.now(), subscription_id, body, status))

    def _show(self, person: Person) -> None:
        self.revision += 1
        person.revision = self.revision
