"""The engine for one machine: threads, woken by what SQLite says changed.

`PRAGMA data_version` changes when another connection commits, in this process or another, so one
watcher that reads it ten times a second is wake-up enough; every job looks by itself once a second
anyway. A job that raises is reported and backs off: the pump never dies of one bad row.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

import structlog
from django.db import DatabaseError, close_old_connections, connection

from shiftbell.engine import ticks
from shiftbell.engine.runner import Job
from shiftbell.flow.switchboard import utc_now

log = structlog.get_logger()
LOOK_SECONDS = 1.0
WATCH_SECONDS = 0.1
BACK_OFF_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0)


class EmbeddedRunner:
    """Runs every job in threads of its own."""

    def __init__(self, clock: Callable[[], datetime] = utc_now) -> None:
        self._clock = clock
        self._bells: dict[str, threading.Event] = {}

    def wake(self, job: str) -> None:
        """Let a job look for work now."""
        if job in self._bells:
            self._bells[job].set()

    def run(self, jobs: Sequence[Job], stop: threading.Event) -> None:
        """Run the jobs until `stop` is set."""
        self._bells = {job.name: threading.Event() for job in jobs}
        threads = [
            threading.Thread(target=self._pump, args=(job, stop), name=f"{job.name} {n}")
            for job in jobs
            for n in range(job.threads)
        ]
        threads.append(threading.Thread(target=self._watch, args=(stop,), name="watch"))
        for thread in threads:
            thread.start()
        stop.wait()
        for bell in self._bells.values():
            bell.set()
        for thread in threads:
            thread.join()

    def _pump(self, job: Job, stop: threading.Event) -> None:
        """Do one job's pieces for ever, whatever one of them raises."""
        bell, failures = self._bells[job.name], 0
        while not stop.is_set():
            bell.clear()
            try:
                more = self._piece(job)
                failures = 0
            except Exception:
                more = False
                pause = BACK_OFF_SECONDS[min(failures, len(BACK_OFF_SECONDS) - 1)]
                failures += 1
                log.exception("job.failed", job=job.name, again_in_seconds=pause)
                close_old_connections()
                stop.wait(pause)
            if not more:
                bell.wait(LOOK_SECONDS)
        connection.close()

    def _piece(self, job: Job) -> bool:
        now = self._clock()
        if job.every is not None and not ticks.due(job.name, job.every, now):
            return False
        return job.run(now)

    def _watch(self, stop: threading.Event) -> None:
        """Ring every bell when something was committed, and the senders' at every slot."""
        seen = 0
        while not stop.wait(WATCH_SECONDS):
            try:
                version = _data_version()
            except DatabaseError:
                log.exception("watch.failed")
                continue
            if version != seen:
                seen = version
                for bell in self._bells.values():
                    bell.set()
            else:
                self.wake("send")  # its next slot may have come without any commit
        connection.close()


def _data_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])
