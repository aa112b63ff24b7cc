"""RingCentral's list of opt-outs as tests see it: what it holds, what is written to it, and when.

`listening` puts a tap on the wire of a stage: it notes what is asked about consents, and lets a
test do something in the middle of such a call.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2

from shiftbell.engine.jobs import jobs
from shiftbell.flow.switchboard import Switchboard
from shiftbell.rules.consent import How
from shiftbell.simulator.consents import Consent
from shiftbell.simulator.world import Setup
from shiftbell.store import consent, numbers
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

OWN_WORDS = "please stop texting me"
BACK = "please text me again"
STOPPED = "Acme: you are opted out and get no more texts. Reply START to get them again."
BY_HAND = Evidence(how=How.MANAGER, actor="Mia", source="told at the dock")


class Crash(BaseException):
    """A worker dies here: nothing of ours catches it."""


@dataclass
class Tap(httpx2.BaseTransport):
    """Carries everything, notes what is written about consents, and does deeds around it."""

    inner: httpx2.BaseTransport
    written: list[dict[str, Any]] = field(default_factory=list)
    before: list[Callable[[], object]] = field(default_factory=list)
    after: list[Callable[[], object]] = field(default_factory=list)

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request; a deed is done once."""
        if request.method != "PATCH":
            return self.inner.handle_request(request)
        self.written.append(json.loads(request.read()))
        if self.before:
            self.before.pop()()
        answer = self.inner.handle_request(request)
        if self.after:
            self.after.pop()()
        return answer

    def records(self) -> list[tuple[str, str, str]]:
        """Everything written: our number or "*", the person's, and what for."""
        return [
            (record["from"], record["to"], record["optStatus"])
            for body in self.written
            for record in body["records"]
        ]


def listening(stage: Stage) -> Tap:
    """Put a tap on the wire of a stage."""
    tap = Tap(stage.network)
    stage.board = Switchboard(
        stage.values, clock=stage.clock.now, sleep=stage.world.advance, transport=tap
    )
    stage.jobs = jobs(stage.board, len(stage.senders))
    return tap


def two(tmp_path: Path, **more: Any) -> Stage:
    """A stage with two senders."""
    return Stage(setup=Setup(senders=2), senders_in=tmp_path, **more)


def hire(stage: Stage, name: str = "Ana", position: int = 0) -> Employee:
    """Someone who agreed to texts and got some."""
    with write():
        return crew.person(name, position, now=stage.now, texted=True, external_id=name)


def number(position: int = 0) -> PhoneNumber:
    """The row of that number, fresh."""
    return PhoneNumber.objects.get(e164=crew.number(position))


def desks(stage: Stage) -> list[str]:
    """Our numbers."""
    return [extension.number.phone_number for extension in stage.world.account.senders()]


def entry(
    stage: Stage, position: int = 0, *, ago: float = 0, desk: int = 0, **more: Any
) -> Consent:
    """An opt-out at RingCentral, or what it is told to be."""
    at = stage.now - timedelta(seconds=ago)
    facts = {"sender": desks(stage)[desk], "phone": crew.number(position), "opt_status": "OptOut"}
    return Consent(**{**facts, "source": "Recipient", "modified_at": at, **more})


def blocked(stage: Stage, position: int = 0) -> list[bool]:
    """Whether RingCentral blocks texts to that number, for each of ours."""
    phone = crew.number(position)
    return [stage.world.consents.opted_out(desk, phone) for desk in desks(stage)]


def phone_shows(stage: Stage, position: int = 0) -> list[str]:
    """What we texted to that number and what reached it, oldest first."""
    texts = stage.world.person(crew.number(position)).texts
    return [text.text for text in texts if text.by == "account" and text.status == "Delivered"]


def calls(stage: Stage, method: str = "PATCH") -> list[datetime]:
    """When the list was written to, or with POST read."""
    about = [call for call in stage.world.calls if "consents" in call.path]
    return [call.at for call in about if call.method == method]


def facts(what: str) -> list[dict[str, Any]]:
    """The details of every fact of that name."""
    rows = TimelineEntry.objects.filter(what=what).order_by("pk")
    return list(rows.values_list("detail", flat=True))


def stop(*positions: int, now: datetime) -> None:
    """Opt numbers out without a text of theirs."""
    with write():
        for position in positions:
            row = numbers.locked_number(numbers.number_row(crew.number(position)).pk)
            consent.revoke(row, numbers.holder(row), BY_HAND, now=now)
