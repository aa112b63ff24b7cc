"""Plays: conversations as a shift manager would write them down, performed for real.

    Mia offers Sat Nov 28 7am-3pm, Dock 4 to Ana and Ben
    Ana < Acme: Sat Nov 28 7am-3pm, Dock 4. Reply YES to take it, STOP to opt out.
    Ana > yes
    Ana < It is yours, Ana: Sat Nov 28 7am-3pm, Dock 4.
    Mia < what the manager is told
    (10 minutes)
    (nothing)

`<` is a text that arrives on a phone, `>` one that is written on it; each phone must show its texts
in this order and no others. `Name << text` is RingCentral's own. A time in brackets passes;
(nothing) means that nobody is texted meanwhile. The flows, the store and the simulated RingCentral
are the real ones, on one clock that only the play moves.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.post_shift import post_shift
from shiftbell.store.models import (
    Employee,
    Message,
    RateBucket,
    Shift,
    TimelineEntry,
)
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

CHICAGO = ZoneInfo("America/Chicago")
PATIENCE = timedelta(minutes=2)  # how long a play waits for a text that should arrive
LENGTHS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
SHIFT = r"(?P<day>\w{3} \w{3} \d+) (?P<start>[\d:apm]+)-(?P<end>[\d:apm]+), (?P<place>[\w ]+?)"
OFFERS = re.compile(rf"(?:(?P<openings>\d+) openings )?{SHIFT}(?: to (?P<names>.+))?")


class Theatre:
    """One stage, a crew that is hired as the play names them, and a manager called Mia."""

    def __init__(self, *, newcomers: bool = False, webhooks: bool = True, **languages: str) -> None:
        self.stage = Stage(webhooks=webhooks)
        self._newcomers, self._languages = newcomers, languages
        self._people: dict[str, Employee] = {}
        self._read: dict[str, int] = {}  # texts on each phone that the play has shown
        self._told = 0
        crew.place()

    def play(self, script: str) -> None:
        """Perform a script; fails at the first line that does not happen."""
        for line in filter(None, map(str.strip, script.splitlines())):
            self._perform(line.replace("\\n", "\n"))
        self._nothing_unread(script)

    def holders(self) -> set[str]:
        """Return who holds a shift at the end of the play."""
        held = Employee.objects.filter(assignments__state="held")
        return set(held.values_list("first_name", flat=True))

    def inbox(self) -> list[str]:
        """Return the replies that wait for a person."""
        waiting = Message.objects.filter(needs_person_since__isnull=False).order_by("pk")
        return list(waiting.values_list("text", flat=True))

    def _perform(self, line: str) -> None:
        if line == "(nothing)":
            self._pass(timedelta(minutes=1))
            self._nothing_unread(line)
        elif line.startswith("("):
            self._nothing_unread(line)
            self._pass(self._length(line.strip("()")))
        elif line.startswith("Mia < "):
            self._tells(line.removeprefix("Mia < "))
        elif line.startswith("Mia "):
            self._act(line.removeprefix("Mia "))
        elif " << " in line:
            self._reads(*line.split(" << ", 1), by="RingCentral")
        elif " < " in line:
            self._reads(*line.split(" < ", 1), by="account")
        else:
            name, words = line.split(" > ", 1) if " > " in line else (line.rstrip(" >"), "")
            self.stage.world.say(self._number(name), words)

    # Mia

    def _act(self, deed: str) -> None:
        verb, rest = deed.split(" ", 1)
        found = OFFERS.fullmatch(rest)
        assert found is not None, f"Mia does not know how to do this: {deed}"
        if verb == "offers":
            self._offer(found)
        else:
            assert verb == "cancels", deed
            cancel_shift(self._shift(found).pk, now=self.stage.now, actor="Mia")

    def _offer(self, found: re.Match[str]) -> None:
        names = re.split(r", | and ", found["names"])
        asked = [self._employee(name).pk for name in names]
        report = offer_shift(self._shift(found), to=asked, now=self.stage.now, actor="Mia")
        assert len(report.offers) == len(asked), f"not everyone was asked: {report.skipped}"

    def _shift(self, found: re.Match[str]) -> Shift:
        return post_shift(
            location=found["place"],
            date=f"{found['day'][4:]} 2026",
            start=found["start"],
            end=found["end"],
            openings=int(found["openings"] or 1),
            external_id=f"{found['day']} {found['start']}",
            zone=CHICAGO,
            now=self.stage.now,
            actor="Mia",
        ).shift

    def _tells(self, words: str) -> None:
        self._wait_until(lambda: len(self._for_mia()) > self._told, f"Mia hears: {words}")
        heard = self._for_mia()[self._told]
        assert heard == words, f"Mia expected {words!r} and heard {heard!r}"
        self._told += 1

    def _for_mia(self) -> list[str]:
        facts = TimelineEntry.objects.filter(what="manager.told").order_by("pk")
        return [fact.detail["words"] for fact in facts]

    # Phones

    def _employee(self, name: str) -> Employee:
        if name not in self._people:
            with write():
                self._people[name] = crew.person(
                    name,
                    10 + len(self._people),
                    now=self.stage.now,
                    at=(),
                    texted=not self._newcomers,
                    external_id=name,
                    language=self._languages.get(name, "en"),
                )
        return self._people[name]

    def _number(self, name: str) -> str:
        if name == "Stranger":
            return "+16175550199"
        number = self._employee(name).number
        assert number is not None
        return number.e164

    def _phone(self, name: str) -> list[tuple[str, str]]:
        """Return the texts a phone has received: who wrote each, and what it says."""
        number = self._number(name)
        return [
            (text.by, text.text)
            for text in self.stage.world.texts
            if text.direction == "Outbound" and text.phone == number
        ]

    def _reads(self, name: str, words: str, *, by: str) -> None:
        seen = self._read.setdefault(name, 0)
        self._wait_until(lambda: len(self._phone(name)) > seen, f"{name} < {words}")
        assert self._phone(name)[seen] == (by, words), (
            f"expected on {name}'s phone: {words!r} by {by}, got: {self._phone(name)[seen]}"
        )
        self._read[name] = seen + 1

    def _nothing_unread(self, line: str) -> None:
        unread = {
            name: texts
            for name in {*self._people, *self._read}
            if (texts := self._phone(name)[self._read.get(name, 0) :])
        }
        assert not unread, f"nobody expected this before {line!r}: {unread}"
        untold = self._for_mia()[self._told :]
        assert not untold, f"Mia did not expect this before {line!r}: {untold}"

    # Time

    def _length(self, words: str) -> timedelta:
        if found := re.fullmatch(r"(\d+) (second|minute|hour|day)s?", words):
            return timedelta(seconds=int(found[1]) * LENGTHS[found[2]])
        day, hour = words.rsplit(" ", 1)
        moment = datetime.strptime(f"{day} 2026 {hour}", "%a %b %d %Y %I%p")  # noqa: DTZ007
        return moment.replace(tzinfo=CHICAGO).astimezone(UTC) - self.stage.now

    def _wait_until(self, happened: object, what: str) -> None:
        end = self.stage.now + PATIENCE
        assert callable(happened)
        while not happened():
            assert self.stage.now < end, f"this never happened: {what}"
            self._step(timedelta(seconds=1))

    def _pass(self, length: timedelta) -> None:
        """Let time pass in steps that shrink towards its end: a tick a second tells no more."""
        end = self.stage.now + length
        while self.stage.now < end:
            left = end - self.stage.now
            self._step(min(left, max(left / 3, timedelta(seconds=2))))

    def _step(self, at_most: timedelta) -> None:
        now = self.stage.now
        moments = [now + at_most]
        if happening := self.stage.world.next_due():
            moments.append(happening)
        if Message.objects.filter(state="queued", due_at__lte=now).exists():
            slots = RateBucket.objects.filter(group="medium", next_slot__gt=now)
            moments += slots.values_list("next_slot", flat=True)
        step = max(min(moments) - now, timedelta(milliseconds=1))
        self.stage.world.advance(step.total_seconds())
        self.stage.work()
