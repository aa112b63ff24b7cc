"""One token for all: single-flight login, renewed ahead, no hammering, nothing in clear."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.db import connection
from pydantic import SecretStr

from shiftbell.config import SenderConfig
from shiftbell.errors import LoginRefused, RingCentralUnavailable
from shiftbell.store.models import AccessToken, Sender
from shiftbell.store.senders import sync_senders
from shiftbell.store.tokens import SharedTokens
from tests.moments import NOON


@dataclass
class Granted:
    value: str
    expires_at: datetime
    owner_id: str = "62893"


class Desk:
    """A login that counts, a clock by hand, and tokens as several processes would hold them."""

    def __init__(self) -> None:
        self.now = NOON
        self.logins = 0
        self.trouble: Exception | None = None
        (self.sender,) = sync_senders([SenderConfig("+16505550100", SecretStr("jwt"))], NOON)

    def log_in(self) -> Granted:
        self.logins += 1
        if self.trouble:
            raise self.trouble
        return Granted(f"token-{self.logins}", self.now + timedelta(hours=1))

    def tokens(self, *, key: str = "key", credential: str = "credential") -> SharedTokens:
        return SharedTokens(
            self.sender.pk,
            self.log_in,
            key=key,
            credential=credential,
            clock=lambda: self.now,
            sleep=self.pass_time,
        )

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


REFUSED = LoginRefused("The JWT is not valid.", status=400, code="invalid_grant")


@pytest.mark.django_db
def test_two_processes_share_one_login() -> None:
    desk = Desk()
    assert [desk.tokens().get(), desk.tokens().get(), desk.logins] == ["token-1", "token-1", 1]
    assert Sender.objects.get().extension_id == "62893"


@pytest.mark.django_db
def test_the_token_is_not_in_the_database_in_clear() -> None:
    desk = Desk()
    assert desk.tokens().get() == "token-1"
    assert b"token-1" not in bytes(AccessToken.objects.get().secret)


@pytest.mark.django_db
def test_a_token_is_renewed_ahead_of_its_expiry() -> None:
    desk = Desk()
    desk.tokens().get()
    desk.now += timedelta(minutes=56)
    assert (desk.tokens().get(), desk.logins) == ("token-2", 2)


@pytest.mark.django_db
def test_a_renewal_that_fails_ahead_of_time_keeps_the_old_token() -> None:
    desk = Desk()
    desk.tokens().get()
    desk.now += timedelta(minutes=56)
    desk.trouble = RingCentralUnavailable("down")
    assert desk.tokens().get() == "token-1"


@pytest.mark.django_db
def test_a_rejected_token_is_renewed_once_for_all() -> None:
    desk = Desk()
    one, two = desk.tokens(), desk.tokens()
    rejected = one.get()
    assert [one.renew(rejected), two.renew(rejected), desk.logins] == ["token-2", "token-2", 2]


@pytest.mark.django_db
def test_a_refused_login_is_not_hammered() -> None:
    desk = Desk()
    desk.trouble = REFUSED
    for _ in range(5):
        with pytest.raises(LoginRefused):
            desk.tokens().get()
    assert desk.logins == 1
    desk.now += timedelta(minutes=6)
    with pytest.raises(LoginRefused):
        desk.tokens().get()
    assert desk.logins == 2


@pytest.mark.django_db
def test_a_new_credential_is_tried_at_once() -> None:
    desk = Desk()
    desk.trouble = REFUSED
    with pytest.raises(LoginRefused):
        desk.tokens().get()
    desk.trouble = None
    assert desk.tokens(credential="another").get() == "token-2"


@pytest.mark.django_db
def test_another_secret_key_logs_in_again() -> None:
    desk = Desk()
    desk.tokens(key="old").get()
    assert desk.tokens(key="new").get() == "token-2"


@pytest.mark.django_db
def test_a_worker_that_died_while_logging_in_does_not_block_the_others_for_ever() -> None:
    desk = Desk()
    AccessToken.objects.update(login_owner="dead", login_until=NOON + timedelta(seconds=45))
    with pytest.raises(RingCentralUnavailable):
        desk.tokens().get()
    desk.now = NOON + timedelta(seconds=46)
    assert desk.tokens().get() == "token-1"


@pytest.mark.django_db(transaction=True)
def test_threads_that_ask_at_once_log_in_once() -> None:
    desk = Desk()
    got: list[str] = []

    def ask() -> None:
        got.append(desk.tokens().get())
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (set(got), desk.logins) == ({"token-1"}, 1)
