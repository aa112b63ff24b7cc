"""Texts whose time is over, against a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shiftbell.flow.expire import expire
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.store.models import Broadcast, Message, Offer
from tests.crew import person, sender, shift
from tests.moments import NOON

pytestmark = pytest.mark.django_db


def test_an_offer_of_a_held_broadcast_ends_when_the_shift_starts():
    sender()
    person("Ana", "01")
    work = shift()
    offer_shift(work, now=NOON, actor="cli")
    Broadcast.objects.update(held_reason="content")
    expire(work.starts_at - timedelta(seconds=1))
    assert Message.objects.get().state == "queued"
    expire(work.starts_at)
    text = Message.objects.get()
    assert (text.state, text.reason) == ("cancelled", "expired")
    assert Offer.objects.get().state == Offer.WITHDRAWN
