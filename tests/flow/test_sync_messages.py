"""Syncing: where it starts afresh, and what it takes in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import pytest

from shiftbell.flow.switchboard import Switchboard
from shiftbell.flow.sync_messages import sync_sender
from shiftbell.ringcentral.records import StoredMessage, SyncPage
from shiftbell.store.models import Assignment, Message, Sender
from tests import crew
from tests.moments import NOON
from tests.stage import Stage

pytestmark = pytest.mark.django_db


class Store:
    """A message store that shows these records, and notes from when on it was asked."""

    def __init__(self, now: datetime, *records: StoredMessage) -> None:
        self.records, self._now = records, now
        self.asked_from: datetime | None = None

    def now(self) -> datetime:
        return self._now

    def client(self, sender: Sender) -> Store:
        return self

    def sync_messages(self, *_: object, **__: object) -> SyncPage:
        return SyncPage((), "token", self._now, older_records_exist=False, server_time=None)

    def list_messages(self, *, date_from: datetime) -> Iterator[StoredMessage]:
        self.asked_from = date_from
        yield from self.records


def text(availability: str) -> StoredMessage:
    return StoredMessage(
        availability,
        direction="Inbound",
        from_number="+13125550100",
        text=availability,
        created_at=NOON,
        availability=availability,
    )


def test_what_was_deleted_or_purged_is_not_heard() -> None:
    store = Store(NOON, *map(text, ("Alive", "Deleted", "Purged")))
    sync_sender(cast(Switchboard, store), crew.sender())
    assert list(Message.objects.values_list("text", flat=True)) == ["Alive"]


@pytest.mark.parametrize(
    ("heard", "since"), [(None, timedelta(hours=1)), (timedelta(hours=3), timedelta(hours=4))]
)
def test_a_sync_starts_afresh_an_hour_before_the_last_text_heard(
    heard: timedelta | None, since: timedelta
) -> None:
    store = Store(NOON)
    sender = crew.sender(heard_until=NOON - heard if heard else None)
    sync_sender(cast(Switchboard, store), sender)
    assert store.asked_from == NOON - since


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_a_token_lost_in_an_outage_of_hours_loses_no_reply(token: str) -> None:
    stage = Stage(webhooks=False)
    people = crew.hire(3, stage.now)
    crew.offer(crew.shift(now=stage.now, openings=3), people, stage.now)
    stage.run(60)
    Sender.objects.update(sync_token=token)
    for person in people:
        assert person.number is not None
        stage.world.say(person.number.e164, "yes")
    stage.world.advance(3 * 3600)
    stage.run(120)
    assert Assignment.objects.count() == 3
    assert Sender.objects.get().sync_token not in ("", "nonsense")
