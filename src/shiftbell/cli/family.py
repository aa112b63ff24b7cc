"""A parent and its children: what dies is started again, and nobody outlives the parent.

The parent does nothing else, so it hardly can die; where it is killed all the same, each child
sees that its parent changed and ends as if told to. Children are a process group of their own:
a Ctrl-C reaches the parent alone, which ends them in order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from shiftbell.cli.terminal import CONFIGURATION

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
READY_WITHIN_SECONDS = 10.0
SOUND_AFTER_SECONDS = 60.0  # a child that lived so long starts its back-off afresh
LOOK_SECONDS = 0.1

log = structlog.get_logger()


@dataclass
class Child:
    """One child: its name, and the arguments of `shiftbell` that make it.

    `ready` says whether what it needs is there; it is started after READY_WITHIN_SECONDS anyway.
    """

    name: str
    arguments: Sequence[str]
    ready: Callable[[], bool] | None = None
    _running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _started: float = field(default=0.0, init=False)
    _start_at: float = field(default=0.0, init=False)
    _wanted_since: float = field(default=0.0, init=False)
    _deaths: int = field(default=0, init=False)

    @property
    def pid(self) -> int | None:
        """The process id, while it runs."""
        return self._running.pid if self._running is not None else None

    def tend(self, now: float) -> int | None:
        """Start it if it is due; return the exit code if it just ended. `now` is monotonic."""
        if self._running is None:
            if self._is_due(now):
                self._start(now)
            return None
        code = self._running.poll()
        if code is not None:
            self._bury(code, now)
        return code

    def ask_to_end(self) -> None:
        """Send SIGTERM."""
        if self._running is not None:
            self._running.terminate()

    def end_by(self, deadline: float) -> None:
        """Wait for the end until a monotonic deadline, then make it."""
        if self._running is None:
            return
        try:
            self._running.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("child.killed", child=self.name)
            self._running.kill()
            self._running.wait()

    def _is_due(self, now: float) -> bool:
        self._wanted_since = self._wanted_since or now
        late = now - self._wanted_since >= READY_WITHIN_SECONDS
        return now >= self._start_at and (late or self.ready is None or self.ready())

    def _start(self, now: float) -> None:
        command = [sys.executable, "-m", "shiftbell.cli", *self.arguments]
        self._running = subprocess.Popen(  # noqa: S603 (our own arguments, no shell)
            [*command, "--parent", str(os.getpid())], stdin=subprocess.DEVNULL, process_group=0
        )
        self._started = now
        log.info("child.started", child=self.name, pid=self._running.pid)

    def _bury(self, code: int, now: float) -> None:
        self._running = None
        if now - self._started >= SOUND_AFTER_SECONDS:
            self._deaths = 0
        pause = BACK_OFF_SECONDS[min(self._deaths, len(BACK_OFF_SECONDS) - 1)]
        self._deaths += 1
        self._start_at = now + pause
        log.error("child.ended", child=self.name, code=code, again_in_seconds=pause)


def keep_running(children: Sequence[Child], stop: threading.Event, *, grace: float) -> int:
    """Keep the children running until `stop` is set, then end them within `grace` seconds.

    Returns 0, or the exit code of a child whose configuration is wrong: no restart mends that.
    """
    code = 0
    try:
        while not code and not stop.wait(LOOK_SECONDS):
            codes = [child.tend(time.monotonic()) for child in children]
            code = CONFIGURATION if CONFIGURATION in codes else 0
    finally:
        for child in children:
            child.ask_to_end()
        deadline = time.monotonic() + grace
        for child in children:
            child.end_by(deadline)
    return code


def follow_parent(parent: int) -> None:
    """End this process, as SIGTERM would, when it is no longer the child of `parent`."""
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def stop_on_signals() -> threading.Event:
    """Return an event that SIGTERM and SIGINT set."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    return stop


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
