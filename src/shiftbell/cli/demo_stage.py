"""The demo's stage: a simulator, a Shiftbell of its own in a folder that is thrown away, a cast.

Who answers what, and after how many seconds, is all that is arranged. At 40 texts a minute one
leaves every second and a half, so the cast stands early in the crew: the shift fills while most of
the sixty have not been texted yet, and the brake can be seen. The three who may not be texted are
e-mailed meanwhile; a second shift, for whoever stays to play, waits for a visitor's own answers.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from shiftbell import config
from shiftbell.errors import ShiftbellError
from shiftbell.simulator.carriers import Pace
from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.mail import MailServer
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import Setup, World

if TYPE_CHECKING:
    from shiftbell.store.models import Shift

OPENINGS = 2
ACTOR = "demo"
SITE = "Dock 4"
# (place in the crew, temperament, seconds until the answer)
CAST = (
    (1, "says_no", 1.5),
    (2, "says_yes", 5.0),
    (3, "stops", 2.0),
    (4, "chatters", 2.5),
    (5, "enthusiastic", 5.0),
    (6, "says_yes", 8.0),  # a late one: the second opening is taken before
    (7, "says_no", 3.0),
)
SPARED_MAX = 9  # so many whom the brake left in peace are asked about the second shift
# Quicker than most carriers: a spectator waits for people, not for networks.
PACE = Pace(leaves=(0.2, 0.6), reports=(0.2, 0.8))
WEBHOOK_SECONDS = (0.05, 0.3)
# The site's zone: one where it is working time now, a place in the USA if there is one.
ZONES_USA = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
)
ZONES_ELSEWHERE = (
    "Pacific/Auckland",
    "Australia/Brisbane",
    "Asia/Tokyo",
    "Asia/Singapore",
    "Asia/Bangkok",
    "Asia/Dubai",
    "Africa/Nairobi",
    "Africa/Johannesburg",
    "Europe/Berlin",
    "Europe/London",
    "America/Sao_Paulo",
)
END_WITHIN_SECONDS = 4.0
SUBSCRIBED_WITHIN_SECONDS = 8.0


def midday_zone(now: datetime) -> str:
    """Return a zone where it is the middle of the working day at `now`."""

    def from_noon(zone: str) -> float:
        local = now.astimezone(ZoneInfo(zone))
        return abs(local.hour + local.minute / 60 - 12.5)

    best = min(ZONES_USA, key=from_noon)
    return best if from_noon(best) <= 4 else min(ZONES_ELSEWHERE, key=from_noon)


@contextmanager
def set_stage() -> Iterator[Stage]:
    """Build the stage and take it down again, whatever happens on it."""
    setup = Setup(pace=PACE, webhook_seconds=WEBHOOK_SECONDS)
    with ExitStack() as afterwards:
        post = MailServer()
        afterwards.callback(post.stop)
        world = World(secrets.randbelow(10**6), RealClock(), setup=setup)
        simulator = Server(world, mails=post.mails)
        post.start()
        simulator.start()
        afterwards.callback(simulator.stop)
        folder = afterwards.enter_context(
            tempfile.TemporaryDirectory(prefix="shiftbell-demo-", ignore_cleanup_errors=True)
        )
        stage = Stage(simulator, post, Path(folder), midday_zone(_now()))
        afterwards.callback(stage.strike)
        yield stage


@dataclass(frozen=True)
class Addresses:
    """Where a browser finds things."""

    phones: str
    mail: str
    health: str


@dataclass(frozen=True)
class SignUp:
    """How somebody who may not be texted signs up: who, the words to text, the page of it."""

    name: str
    words: str
    page: str


class Stage:
    """A demo that runs."""

    def __init__(self, simulator: Server, post: MailServer, folder: Path, zone: str) -> None:
        self._simulator, self._post, self._folder, self._zone = simulator, post, folder, zone
        self._port = _free_port()
        self._serve: subprocess.Popen[bytes] | None = None
        self._cast: set[str] = set()
        given = self._settings()
        config.adopt(config.read_settings(given, folder / "no.env"))
        self._environment = config.surroundings() | given
        self._shift_id = 0
        self._curtain = _now()

    def addresses(self) -> Addresses:
        """Return where to look."""
        phones = f"{self._simulator.url}/"
        return Addresses(phones, f"{phones}mail", f"{self._public_url}/health")

    def raise_curtain(self) -> None:
        """Start Shiftbell, bring the crew in, and offer the shift."""
        from shiftbell.cli.database import with_database, with_senders

        values = with_database()
        self._start_serving()
        from shiftbell.flow.import_people import import_people
        from shiftbell.flow.offer_shift import offer_shift

        zone = ZoneInfo(self._zone)
        crew = resources.files("shiftbell").joinpath("data/sample_crew.csv").read_bytes()
        import_people(crew, now=_now(), actor=ACTOR, region="US", zone=zone)
        shift = self._post_shift("tomorrow", OPENINGS)
        self._shift_id = shift.pk
        with_senders(values, _now())
        self._hire()
        self._wait_for_subscription()
        self._curtain = _now()
        offer_shift(shift, now=_now(), actor=ACTOR, values=values)

    def play_on(self) -> None:
        """Offer a second shift, which nobody takes but a visitor.

        Those who are e-mailed are asked, and some whom the brake left in peace.
        """
        from shiftbell.flow.offer_shift import offer_shift
        from shiftbell.store.models import Mail, Offer

        mailed = Mail.objects.filter(shift=self._shift_id).values_list("employee", flat=True)
        withdrawn = Offer.objects.filter(shift=self._shift_id, state=Offer.WITHDRAWN)
        spared = withdrawn.order_by("pk").values_list("employee", flat=True)[:SPARED_MAX]
        shift = self._post_shift("+2 days", OPENINGS)
        offer_shift(shift, to={*mailed, *spared}, now=_now(), actor=ACTOR)

    def sign_up(self) -> SignUp:
        """Invite people to sign up for texts, and return how one of the crew would."""
        from shiftbell.rules import joining
        from shiftbell.rules.reach import Bar
        from shiftbell.store import invitations
        from shiftbell.store.models import Mail, Shift
        from shiftbell.store.transactions import write

        never_agreed = Mail.objects.filter(bar=Bar.NO_CONSENT).select_related("employee")
        with write():
            location = Shift.objects.get(pk=self._shift_id).location
            code = invitations.make(location, now=_now(), actor=ACTOR).code
        page = joining.page_address(self._public_url, code)
        return SignUp(never_agreed.earliest("pk").employee.name, joining.join_text(code), page)

    def check(self) -> None:
        """Raise where Shiftbell itself ended, with the last of its log."""
        if self._serve is not None and self._serve.poll() is not None:
            last = self._log().read_text(encoding="utf-8", errors="replace")[-2000:]
            raise ShiftbellError(f"`shiftbell serve` ended unexpectedly:\n{last}")

    def is_over(self) -> bool:
        """Whether the shift is filled and everyone who wanted to answer was heard and answered."""
        from shiftbell.store.models import Mail, Message

        on_their_way = ["queued", "sending", "in_doubt"]
        return (
            self._held() >= OPENINGS
            and not Message.objects.filter(direction="out", state__in=on_their_way).exists()
            and not Mail.objects.filter(state__in=on_their_way).exists()
            and not self._still_to_answer()
        )

    def score(self) -> dict[str, Any]:
        """Return what became of the first shift; texts are counted where carriers have them."""
        from shiftbell.store.models import Mail, Message, Offer, PhoneNumber

        with self._simulator.world.lock:
            carried = [text for text in self._simulator.world.texts if text.by == "account"]
        of_the_shift = {"kind": "offer", "shift": self._shift_id}
        texts, mails = Message.objects.filter(**of_the_shift), Mail.objects.filter(**of_the_shift)
        ids = set(texts.exclude(ringcentral_id=None).values_list("ringcentral_id", flat=True))
        meant = Message.objects.filter(direction="out").values_list("number__e164", "text")
        offers = Offer.objects.filter(shift=self._shift_id)
        states = Counter(offers.values_list("state", flat=True))
        stopped = PhoneNumber.objects.filter(opted_out_at__gte=self._curtain)
        braked = {"state": "cancelled", "reason": "filled"}
        return {
            "offered": offers.count(),
            "sent": sum(text.id in ids for text in carried),
            "emailed": mails.filter(state="sent").count(),
            "cancelled_by_brake": texts.filter(**braked).count() + mails.filter(**braked).count(),
            "accepted": self._held(),
            "declined": states["declined"],
            "opted_out": stopped.count(),
            "late_yes": states["late"],
            "filled": self._held() >= OPENINGS,
            # Sent more often than it was meant to be.
            "duplicates": (
                Counter((one.phone, one.text) for one in carried) - Counter(meant)
            ).total(),
        }

    def strike(self) -> None:
        """End everything that was started."""
        from django.db import connections

        if self._serve is not None:
            self._serve.send_signal(signal.SIGTERM)
            try:
                self._serve.wait(END_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                self._serve.kill()
                self._serve.wait()
        connections.close_all()

    def _settings(self) -> dict[str, str]:
        app, sender = self._world.account.app, self._world.account.senders()[0]
        return {
            "RC_SERVER_URL": self._simulator.url,
            "RC_CLIENT_ID": app.client_id,
            "RC_CLIENT_SECRET": app.client_secret,
            "RC_JWT_TOKEN": sender.jwt,
            "RC_FROM_NUMBER": sender.number.phone_number,
            "WEBHOOK_URL": f"{self._public_url}/webhooks/ringcentral",
            "WEBHOOK_SECRET": secrets.token_urlsafe(24),
            "PORT": str(self._port),
            "DATABASE_URL": f"sqlite:///{self._folder}/demo.sqlite3",
            "BRAND_NAME": "Acme",
            "HELP_CONTACT": "the shift desk",
            "TIME_ZONE": self._zone,
            "PUBLIC_URL": self._public_url,
            "SMTP_URL": self._post.url,
            "MAIL_FROM": "Acme Shifts <shifts@example.com>",
            "MAIL_POSTAL_ADDRESS": "Acme, 1 Main Street, Springfield",
        }

    @property
    def _public_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def _world(self) -> World:
        return self._simulator.world

    def _log(self) -> Path:
        return self._folder / "serve.log"

    def _start_serving(self) -> None:
        with self._log().open("wb") as log:
            self._serve = subprocess.Popen(  # noqa: S603 (our own arguments, no shell)
                [sys.executable, "-m", "shiftbell.cli", "serve", "--parent", str(os.getpid())],
                cwd=self._folder, env=self._environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, process_group=0,
            )  # fmt: skip

    def _post_shift(self, date: str, openings: int) -> Shift:
        from shiftbell.flow.post_shift import post_shift

        posted = post_shift(
            location=SITE, date=date, start="7am", end="3pm", openings=openings,
            external_id=f"DEMO {date}", zone=ZoneInfo(self._zone), now=_now(), actor=ACTOR,
        )  # fmt: skip
        return posted.shift

    def _hire(self) -> None:
        """Give every phone its owner's name, and the cast their parts."""
        from shiftbell.store.models import Employee

        parts = {place: (temperament, seconds) for place, temperament, seconds in CAST}
        crew = Employee.objects.filter(number__isnull=False).select_related("number")
        for place, employee in enumerate(crew.order_by("pk"), 1):
            assert employee.number is not None
            number = employee.number.e164
            temperament, seconds = parts.get(place, ("silent", 0.0))
            self._world.describe(
                number, temperament, name=employee.name, reply_seconds=(seconds, seconds + 1)
            )
            if place in parts:
                self._cast.add(number)

    def _wait_for_subscription(self) -> None:
        """Wait until RingCentral would tell us of an answer."""
        from shiftbell.store.models import Subscription

        give_up_at = time.monotonic() + SUBSCRIBED_WITHIN_SECONDS
        while not Subscription.objects.filter(status="Active").exists():
            self.check()
            if time.monotonic() > give_up_at:
                return  # the replies are found by message-sync, later
            time.sleep(0.1)

    def _held(self) -> int:
        from shiftbell.store.models import Assignment

        return Assignment.objects.filter(state=Assignment.HELD, shift=self._shift_id).count()

    def _still_to_answer(self) -> set[str]:
        """Return the numbers of those of the cast who were asked and not heard yet."""
        from shiftbell.store.models import Message

        texted = Message.objects.filter(kind="offer", number__e164__in=self._cast)
        left = texted.exclude(state__in=["queued", "cancelled"])
        heard = Message.objects.filter(direction="in", state="heard")
        return set(left.values_list("number__e164", flat=True)) - set(
            heard.values_list("number__e164", flat=True)
        )


def _now() -> datetime:
    return datetime.now(UTC)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
