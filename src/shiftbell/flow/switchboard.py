"""The switchboard: one RingCentral client per sender, joined from what the layers below offer.

`ringcentral.Client` wants tokens and pace and knows nothing of a database; `store` keeps both and
knows nothing of HTTP. Here they meet, with the clock and the settings that every flow needs.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2

from shiftbell import config
from shiftbell.config import Settings
from shiftbell.errors import RateLimited
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.login import AccessToken, login
from shiftbell.ringcentral.ports import AppCredentials
from shiftbell.ringcentral.wire import Wire
from shiftbell.store.buckets import AUTH, DOUBT, LIGHT, BucketPace
from shiftbell.store.models import Sender
from shiftbell.store.senders import sync_senders
from shiftbell.store.tokens import SharedTokens

# A look-up is two reads, and the slots kept for doubt are six seconds apart.
PATIENCE = {LIGHT: timedelta(seconds=5), DOUBT: timedelta(seconds=15)}


def utc_now() -> datetime:
    """Return this machine's clock."""
    return datetime.now(UTC)


class Switchboard:
    """Everything a flow needs to speak to RingCentral; share one per process.

    `clock` and `sleep` are arguments so that a simulated day passes in a second.
    """

    def __init__(
        self,
        values: Settings,
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.values = values
        self.now = clock
        self._sleep = sleep
        self._wire = Wire(
            values.rc_server_url,
            transport=transport,
            timeout_seconds=values.http_timeout_seconds,
        )
        self._app = AppCredentials(
            server_url=values.rc_server_url,
            client_id=values.rc_client_id,
            client_secret=values.rc_client_secret.get_secret_value(),
        )
        self._jwts = {
            sender.number: sender.jwt.get_secret_value() for sender in config.senders(values)
        }
        self._clients: dict[tuple[int, str], Client] = {}
        # When a sync of a sender last failed in this process, so that the next one waits its turn.
        self.sync_failed_at: dict[int, datetime] = {}

    def senders(self) -> list[Sender]:
        """Return the active senders in order."""
        return list(Sender.objects.filter(active=True).order_by("position"))

    def open(self) -> list[Sender]:
        """Bring the sender rows in step with the configuration and return the active ones."""
        return sync_senders(config.senders(self.values), self.now())

    def client(self, sender: Sender, *, light: str = LIGHT) -> Client:
        """Return the client of one sender; `light` names the bucket its reads take slots of."""
        key = (sender.pk, light)
        if key not in self._clients:
            self._clients[key] = Client(self._wire, self._tokens(sender), self._pace(sender, light))
        return self._clients[key]

    def doubt_client(self, sender: Sender) -> Client:
        """Return the client whose reads use the slots kept for settling doubt."""
        return self.client(sender, light=DOUBT)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    def _pace(self, sender: Sender, light: str = LIGHT) -> BucketPace:
        return BucketPace(
            sender.pk,
            self.now,
            self._sleep,
            ceiling=self.values.sms_rate_limit_per_minute,
            patience=PATIENCE[light],
            light=light,
        )

    def _tokens(self, sender: Sender) -> SharedTokens:
        jwt, pace = self._jwts[sender.e164], self._pace(sender)

        def log_in() -> AccessToken:
            pace.wait_for(AUTH)
            try:
                return login(self._wire, self._app, jwt, self.now())
            except RateLimited as error:
                pace.quiet(AUTH, error.retry_after)
                raise

        return SharedTokens(
            sender.pk,
            log_in,
            key=config.secret_key(self.values),
            credential=f"{self._app.client_id}\n{self._app.client_secret}\n{jwt}",
            clock=self.now,
            sleep=self._sleep,
        )
