"""The worker of one machine: every job, on the engine that fits the database."""

from __future__ import annotations

import threading

from shiftbell.config import Settings
from shiftbell.engine.embedded import EmbeddedRunner
from shiftbell.engine.jobs import jobs
from shiftbell.flow import check_senders, compare_consents
from shiftbell.flow.switchboard import Switchboard
from shiftbell.store import beats, turns


def run_worker(values: Settings, stop: threading.Event) -> None:
    """Run this machine's worker until `stop` is set."""
    board = Switchboard(values)
    try:
        senders = board.open()
        # The configuration may have changed: a new sender lacks every opt-out at RingCentral.
        for turn in (check_senders.TURN, compare_consents.TURN):
            turns.hasten(turn, board.now())
        beats.beat(board.now())
        EmbeddedRunner().run(jobs(board, len(senders)), stop)
    finally:
        board.close()
