"""RingCentral is answered in time however many events wait for a locked database."""

from __future__ import annotations

import sqlite3
import threading
import time

import pytest
from django.db import connection, connections
from django.test import Client

TOKEN = {"Verification-Token": "sample-verification-token"}
EVENTS, GIVES_UP = 8, 3.0  # RingCentral's own patience, in seconds


@pytest.mark.django_db(transaction=True)
def test_every_event_is_answered_before_ringcentral_gives_up() -> None:
    answers: list[tuple[int, bool]] = []

    def tell() -> None:
        began = time.monotonic()
        answer = Client().post(
            "/webhooks/ringcentral", "{}", content_type="application/json", headers=TOKEN
        )
        answers.append((answer.status_code, time.monotonic() - began < GIVES_UP))
        connections.close_all()

    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    threads = [threading.Thread(target=tell) for _ in range(EVENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.execute("ROLLBACK")
    other.close()
    assert answers == [(503, True)] * EVENTS
