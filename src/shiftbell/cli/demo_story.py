"""The demo's story: each fact of the timeline that a spectator would care about, in plain words.

The timeline is read as any screen would read it, so what is told here did happen and was committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from shiftbell.rules import pacing

if TYPE_CHECKING:
    from shiftbell.cli.demo_stage import Addresses, Stage
    from shiftbell.store.models import Employee, TimelineEntry

PART = 200  # entries read at once

# What a line looks like by what it tells: a mark and a colour.
OUT, IN, GOOD, BRAKE, ASIDE = (
    ("→", "cyan"),
    ("←", "magenta"),
    ("✔", "bold green"),
    ("■", "bold yellow"),
    ("·", "dim"),
)

Told = tuple[tuple[str, str], str]


class Story:
    """Tells the demo, one line a fact. `began` is on the monotonic clock."""

    def __init__(self, began: float, *, to_stderr: bool) -> None:
        self._began = began
        self._console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
        self._last = 0
        self._asked = 0
        self._wording_shown: set[str] = set()
        self._stopped: set[int | None] = set()

    def introduce(self, addresses: Addresses) -> None:
        """Say what is about to be seen, and where else to look."""
        self._console.print("[bold]Shiftbell[/] texts a simulated crew; no text reaches a person.")
        self._console.print(
            f"  their phones  {addresses.phones}\n  health        {addresses.health}"
        )

    def invite(self, addresses: Addresses) -> None:
        """Invite the spectator to play on."""
        self.say(f"Now answer on any phone at {addresses.phones} yourself. Ctrl-C ends.")

    def say(self, words: str) -> None:
        """Say something that is not a fact of the timeline."""
        self._line(ASIDE, words)

    def go_on(self, stage: Stage) -> None:
        """Tell what was committed since the last call."""
        from shiftbell.store import timeline
        from shiftbell.store.models import TimelineEntry

        entries = TimelineEntry.objects.filter(pk__gt=self._last).order_by("pk")[:PART]
        for entry in timeline.in_order(entries):
            self._last = max(self._last, entry.pk)
            for look, words in self._told(entry):
                self._line(look, words)

    def sum_up(self, score: dict[str, Any]) -> None:
        """Say what happened in one sentence for a person."""
        outcome = "The shift is filled" if score["filled"] else "The shift is not filled"
        self._console.print(
            f"\n[bold]{outcome}[/]: {score['offered']} people were to be asked, "
            f"{score['sent']} were texted before the brake, {score['cancelled_by_brake']} were "
            f"left in peace. {score['accepted']} said YES in time and {score['late_yes']} too "
            f"late, {score['declined']} said NO, {score['opted_out']} said STOP. "
            f"{score['duplicates']} texts were sent twice. {score['seconds']} s."
        )

    def _line(self, look: tuple[str, str], words: str) -> None:
        mark, style = look
        line = Text().append(f"{time.monotonic() - self._began:6.1f} s  ", style="dim")
        line.append(f"{mark} {words}", style=style)
        self._console.print(line)

    def _told(self, entry: TimelineEntry) -> Iterator[Told]:
        tell = self._FACTS.get(entry.what)
        if tell is not None:
            yield from tell(self, entry)

    def _sent(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.store.models import Message

        message = Message.objects.select_related("employee").get(pk=entry.message or 0)
        if message.kind != "offer":
            yield OUT, f"{_first(message.employee)} is told: {message.text}"
            return
        self._asked += 1
        language = message.employee.language if message.employee else ""
        if language in self._wording_shown:
            yield OUT, f"{_name(message.employee)} is asked ({self._asked})"
            return
        self._wording_shown.add(language)
        yield OUT, f"{_name(message.employee)} is asked ({self._asked}): {message.text}"

    def _heard(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.store.models import Message

        message = Message.objects.select_related("employee").get(pk=entry.message or 0)
        yield IN, f"{_name(message.employee)} answers: {message.text}"

    def _accepted(self, entry: TimelineEntry) -> Iterator[Told]:
        yield GOOD, f"{_of(entry)} said YES in time and holds the shift"

    def _declined(self, entry: TimelineEntry) -> Iterator[Told]:
        yield ASIDE, f"{_of(entry)} is asked no more about this shift"

    def _late(self, entry: TimelineEntry) -> Iterator[Told]:
        place = entry.detail.get("place", "")
        yield ASIDE, f"{_of(entry)} was too late, and waits on standby in place {place}"

    def _revoked(self, entry: TimelineEntry) -> Iterator[Told]:
        # RingCentral blocks the number too and says so: a second fact, but no second news.
        if entry.number not in self._stopped:
            self._stopped.add(entry.number)
            yield BRAKE, f"{_of(entry)} said STOP: no more texts to this number"

    def _filled(self, entry: TimelineEntry) -> Iterator[Told]:
        withdrawn = entry.detail.get("withdrawn", 0)
        yield BRAKE, f"The last opening is taken: {withdrawn} offers not yet sent are withdrawn"

    def _started(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.cli.demo_stage import OPENINGS

        asked = entry.detail.get("asked", 0)
        apart = pacing.spacing(pacing.DEFAULT_LIMITS["medium"]).total_seconds()
        words = f"A shift with {OPENINGS} openings is offered to {asked} people"
        yield ASIDE, f"{words}, a text each {apart:.1f} s"

    def _dropped(self, entry: TimelineEntry) -> Iterator[Told]:
        yield BRAKE, f"{_of(entry)} gave the shift back"

    _FACTS: dict[str, Callable[[Story, TimelineEntry], Iterator[Told]]] = {  # noqa: RUF012
        "broadcast.started": _started,
        "message.sent": _sent,
        "reply.heard": _heard,
        "offer.accepted": _accepted,
        "offer.declined": _declined,
        "offer.late": _late,
        "consent.revoked": _revoked,
        "shift.filled": _filled,
        "assignment.dropped": _dropped,
    }


def _of(entry: TimelineEntry) -> str:
    from shiftbell.store.models import Employee

    return _name(Employee.objects.filter(pk=entry.employee or 0).first())


def _name(employee: Employee | None) -> str:
    return employee.name if employee else "Someone unknown"


def _first(employee: Employee | None) -> str:
    return employee.first_name if employee else "Someone unknown"
