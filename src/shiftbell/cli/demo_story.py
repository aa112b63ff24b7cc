"""The demo's story: each fact of the timeline that a spectator would care about, in plain words.

The timeline is read as any screen would read it, so what is told here did happen and was committed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from shiftbell.cli.demo_stage import ACTOR, OPENINGS
from shiftbell.rules import pacing
from shiftbell.rules.reach import SAID, Bar

if TYPE_CHECKING:
    from shiftbell.cli.demo_stage import Addresses, SignUp, Stage
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
        self._console.print("[bold]Shiftbell[/] texts a simulated crew; nothing reaches a person.")
        self._console.print(
            f"  their phones  {addresses.phones}\n"
            f"  their mail    {addresses.mail}\n"
            f"  health        {addresses.health}\n"
        )

    def invite(self, addresses: Addresses, sign_up: SignUp) -> None:
        """Invite the spectator to play on, about a second shift that is on offer."""
        self._console.print(
            "\n[bold]Your turn.[/] A second shift is on offer, and nobody but you answers:\n"
            f"  say YES on a phone     {addresses.phones}\n"
            f"  take it from a letter  {addresses.mail}\n"
            f"  sign up for texts      {sign_up.page}\n"
            f"                         {sign_up.words} on the phone of {sign_up.name} does it\n"
            "Ctrl-C ends.\n"
        )

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
            f"{score['sent']} were texted and {score['emailed']} e-mailed before the brake, "
            f"{score['cancelled_by_brake']} were left in peace. {score['accepted']} said YES in "
            f"time and {score['late_yes']} too late, {score['declined']} said NO, "
            f"{score['opted_out']} said STOP. "
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

    def _mailed(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.store.models import Mail

        mail = Mail.objects.select_related("employee").get(pk=_mail_id(entry))
        if mail.kind != "offer":
            yield OUT, f"{_first(mail.employee)} is told by e-mail: {mail.subject}"
            return
        yield OUT, f"{_name(mail.employee)} is asked by e-mail ({SAID[Bar(mail.bar)]})"

    def _heard(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.store.models import Message

        message = Message.objects.select_related("employee").get(pk=entry.message or 0)
        yield IN, f"{_name(message.employee)} answers: {message.text}"

    def _accepted(self, entry: TimelineEntry) -> Iterator[Told]:
        by = entry.detail.get("by", "")
        yield GOOD, " ".join(f"{_of(entry)} said YES {by} in time and holds the shift".split())

    def _declined(self, entry: TimelineEntry) -> Iterator[Told]:
        yield ASIDE, f"{_of(entry)} is asked no more about this shift"

    def _granted(self, entry: TimelineEntry) -> Iterator[Told]:
        if entry.actor != ACTOR:
            yield GOOD, f"{_of(entry)} signed up and may be texted from now on"

    def _late(self, entry: TimelineEntry) -> Iterator[Told]:
        place = entry.detail.get("place", "")
        yield ASIDE, f"{_of(entry)} was too late, and waits on standby in place {place}"

    def _revoked(self, entry: TimelineEntry) -> Iterator[Told]:
        # RingCentral blocks the number too and says so: a second fact, but no second news. Who
        # had opted out before the demo began is told of where they are e-mailed.
        if entry.number not in self._stopped and entry.actor != ACTOR:
            self._stopped.add(entry.number)
            yield BRAKE, f"{_of(entry)} said STOP: no more texts to this number"

    def _filled(self, entry: TimelineEntry) -> Iterator[Told]:
        withdrawn = entry.detail.get("withdrawn", 0)
        rest = f": {withdrawn} offers not yet sent are withdrawn" if withdrawn else ""
        yield BRAKE, f"The last opening is taken{rest}"

    def _started(self, entry: TimelineEntry) -> Iterator[Told]:
        from shiftbell.store.models import Mail, Message

        of_it = {"broadcast": entry.broadcast, "kind": "offer"}
        texts, mails = (rows.objects.filter(**of_it).count() for rows in (Message, Mail))
        apart = pacing.spacing(pacing.DEFAULT_LIMITS["medium"]).total_seconds()
        words = f"A shift with {OPENINGS} openings is offered to {texts + mails} people"
        yield ASIDE, f"{words}: {texts} by text, one each {apart:.1f} s, {mails} by e-mail"

    def _dropped(self, entry: TimelineEntry) -> Iterator[Told]:
        yield BRAKE, f"{_of(entry)} gave the shift back"

    _FACTS: dict[str, Callable[[Story, TimelineEntry], Iterator[Told]]] = {  # noqa: RUF012
        "broadcast.started": _started,
        "message.sent": _sent,
        "mail.sent": _mailed,
        "reply.heard": _heard,
        "offer.accepted": _accepted,
        "offer.declined": _declined,
        "offer.late": _late,
        "consent.revoked": _revoked,
        "consent.granted": _granted,
        "shift.filled": _filled,
        "assignment.dropped": _dropped,
    }


def _of(entry: TimelineEntry) -> str:
    from shiftbell.store.models import Employee

    return _name(Employee.objects.filter(pk=entry.employee or 0).first())


def _mail_id(entry: TimelineEntry) -> int:
    return int(str(entry.detail["mail"]).removeprefix("mail"))


def _name(employee: Employee | None) -> str:
    return employee.name if employee else "Someone unknown"


def _first(employee: Employee | None) -> str:
    return employee.first_name if employee else "Someone unknown"
