"""A stage for tests: the real flows, a simulated RingCentral, and one clock that both obey.

Nothing is patched: the flows speak to the simulator through the HTTP client's in-process transport,
webhooks come back through our own web application, and time passes only when a test says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client as Browser
from pydantic import SecretStr

from shiftbell import config
from shiftbell.engine.jobs import jobs
from shiftbell.engine.runner import Job
from shiftbell.flow.switchboard import Switchboard
from shiftbell.simulator.clock import ManualClock
from shiftbell.simulator.server import in_process_transport
from shiftbell.simulator.world import Setup, World
from shiftbell.store.models import Message, RateBucket
from tests.moments import NOON
from tests.network import Network

HOOK = "http://127.0.0.1:3000/webhooks/ringcentral"
TOKEN = "sample-verification-token"


class Stage:
    """One world, one worker, one clock."""

    def __init__(
        self,
        *,
        seed: int = 1,
        at: datetime = NOON,
        setup: Setup | None = None,
        webhooks: bool = True,
        senders_in: Path | None = None,
        **settings: Any,
    ) -> None:
        self.clock = ManualClock(at)
        self.world = World(seed, self.clock, post=self._deliver, setup=setup or Setup())
        self.network = Network(in_process_transport(self.world))
        if senders_in is not None:
            settings["rc_senders_file"] = str(self._senders_file(senders_in))
        self.values = self._settings(webhooks, settings)
        self.board = self.another_board()
        self.senders = self.board.open()
        self.jobs: list[Job] = jobs(self.board, len(self.senders))
        self._browser = Browser(raise_request_exception=True)

    @property
    def now(self) -> datetime:
        """What both clocks say."""
        return self.clock.now()

    def another_board(
        self, values: config.Settings | None = None, *, behind: timedelta = timedelta(0)
    ) -> Switchboard:
        """Return a switchboard of its own, as a second process would have, clock behind or not."""
        return Switchboard(
            values or self.values,
            clock=lambda: self.clock.now() - behind,
            sleep=lambda seconds: self.world.advance(seconds),
            transport=self.network,
        )

    def work(self) -> None:
        """Let every job do all it can do at this moment."""
        again = True
        while again:
            again = False
            for job in self.jobs:
                while job.run(self.now):
                    again = True

    def run(self, seconds: float, *, tick: float = 1) -> None:
        """Let time pass for both, stopping wherever something may happen.

        `tick`: the longest step, in seconds; workers look at least so often.
        """
        end = self.now + timedelta(seconds=seconds)
        self.work()
        while self.now < end:
            step = min([end, *self._moments(timedelta(seconds=tick))])
            self.world.advance(max((step - self.now).total_seconds(), 0.001))
            self.work()

    def _moments(self, tick: timedelta) -> list[datetime]:
        """The next moments worth stopping at: happenings, slots, and the next tick."""
        moments = [self.now + tick]
        if happening := self.world.next_due():
            moments.append(happening)
        if Message.objects.filter(direction="out", state="queued").exists():
            slots = RateBucket.objects.filter(group="medium", next_slot__gt=self.now)
            moments += list(slots.values_list("next_slot", flat=True))
        return [moment for moment in moments if moment > self.now]

    def _senders_file(self, folder: Path) -> Path:
        """Write RC_SENDERS_FILE for every extension but the first."""
        tables = []
        for place, extension in enumerate(self.world.account.senders()[1:]):
            (folder / f"jwt{place}").write_text(extension.jwt)
            number = extension.number.phone_number
            tables.append(f'[[sender]]\nnumber = "{number}"\njwt_file = "jwt{place}"\n')
        path = folder / "senders.toml"
        path.write_text("".join(tables))
        return path

    def _settings(self, webhooks: bool, given: dict[str, Any]) -> config.Settings:
        account = self.world.account
        first = account.senders()[0]
        return config.Settings(
            rc_server_url="http://127.0.0.1",
            rc_client_id=account.app.client_id,
            rc_client_secret=SecretStr(account.app.client_secret),
            rc_jwt_token=SecretStr(first.jwt),
            rc_from_number=first.number.phone_number,
            webhook_url=HOOK if webhooks else "",
            webhook_secret=SecretStr(TOKEN),
            **given,
        )

    def _deliver(
        self, url: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        assert url == HOOK
        answer = self._browser.post(
            "/webhooks/ringcentral",
            data=body,
            content_type="application/json",
            headers={k: v for k, v in headers.items() if k.lower() != "content-type"},
        )
        return answer.status_code, dict(answer.headers), answer.content
