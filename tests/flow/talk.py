"""A conversation without RingCentral: what leaves has left at once, what is said is heard at once.

The flows are the real ones; only the wire is missing. Where the wire matters, see tests/stories.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

from shiftbell.flow.ask_standby import ask_standby
from shiftbell.flow.hear_reply import hear_next
from shiftbell.flow.write_text import write_text
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording
from shiftbell.store import inbox, outbox, timeline
from shiftbell.store.models import (
    Assignment,
    Broadcast,
    Employee,
    Message,
    Offer,
    PhoneNumber,
    Sender,
    Shift,
    TimelineEntry,
)
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

OURS = "+16505550100"


class Talk:
    """A crew at Dock 4, by first names, and a clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON
        self.sender = Sender.objects.create(e164=OURS, position=0, extension_id="101")
        self._ids = count(1)
        self._people: dict[str, Employee] = {}

    def employee(self, name: str, **fields: Any) -> Employee:
        """Return the employee of that name, hired with consent when first asked for."""
        if name not in self._people:
            more: dict[str, Any] = {
                "now": self.now,
                "at": (),
                "texted": True,
                "external_id": name,
            } | fields
            with write():
                self._people[name] = crew.person(name, len(self._people), **more)
        return self._people[name]

    def number(self, name: str) -> PhoneNumber:
        """Return that employee's number, fresh."""
        return PhoneNumber.objects.get(employee__external_id=name)

    def shift(self, *, openings: int = 1, starts_in: float = 24, hours: float = 8) -> Shift:
        """Return a new shift that starts in some hours."""
        return crew.shift(now=self.now, hours=starts_in, lasts=hours, openings=openings)

    def offer(self, shift: Shift, *names: str, leave: bool = True) -> None:
        """Offer a shift to some, and let the texts leave unless told not to."""
        broadcast = Broadcast.objects.create(shift=shift, created_at=self.now, actor="Mia")
        for name in names:
            self._offer(broadcast, self.employee(name))
        if leave:
            self.send()

    def send(self) -> None:
        """Let everything that waits leave."""
        Message.objects.filter(direction="out", state="queued").update(
            state="sent", left_at=self.now, sent_at=self.now
        )

    def says(self, name: str, text: str, *, ago: float = 0) -> list[str]:
        """Let someone text us, written `ago` seconds before; return what they are answered."""
        self.now += timedelta(seconds=5)
        before = self.texts(name)
        self.drop_in(name, text, ago=ago)
        self.hear()
        self.send()
        return self.texts(name)[len(before) :]

    def drop_in(self, name: str, text: str, *, ago: float = 0) -> None:
        """Store a text in without hearing it."""
        inbox.receive(
            self.sender,
            ringcentral_id=str(9000 + next(self._ids)),
            from_number=name if name.startswith("+") else self.number(name).e164,
            text=text,
            received_at=self.now - timedelta(seconds=ago),
            now=self.now,
        )

    def hear(self) -> None:
        """Hear every reply that waits."""
        while hear_next(self.now):
            pass

    def wait(self, minutes: float) -> None:
        """Let time pass, standby being asked all along."""
        for _ in range(int(minutes)):
            self.now += timedelta(minutes=1)
            ask_standby(self.now)
            self.send()
        self.now += timedelta(minutes=minutes % 1)

    def texts(self, name: str) -> list[str]:
        """Return every text written to someone that was not cancelled, oldest first."""
        e164 = name if name.startswith("+") else self.number(name).e164
        ours = Message.objects.filter(direction="out", number__e164=e164)
        return list(ours.exclude(state="cancelled").order_by("pk").values_list("text", flat=True))

    def holders(self, shift: Shift) -> list[str]:
        """Return who holds the shift, by name."""
        held = Assignment.objects.filter(shift=shift, state="held").order_by("opening")
        return [each.employee.first_name for each in held]

    def told(self) -> list[str]:
        """Return what the manager was told."""
        facts = TimelineEntry.objects.filter(what="manager.told").order_by("pk")
        return [fact.detail["words"] for fact in facts]

    def in_the_inbox(self) -> list[str]:
        """Return the replies that wait for a person."""
        waiting = Message.objects.filter(needs_person_since__isnull=False).order_by("pk")
        return list(waiting.values_list("text", flat=True))

    def reasons(self) -> list[str]:
        """Return why replies wait for a person."""
        facts = TimelineEntry.objects.filter(what="reply.needs_person").order_by("pk")
        return [fact.detail["reason"] for fact in facts]

    def facts(self, what: str) -> int:
        """Return how often a fact was told."""
        return TimelineEntry.objects.filter(what=what).count()

    def _offer(self, broadcast: Broadcast, employee: Employee) -> None:
        shift, number = broadcast.shift, employee.number
        assert number is not None
        used = set(Offer.objects.filter(employee=employee).values_list("code", flat=True))
        code = next(each for each in count(1) if each not in used)
        with write():
            offer = Offer.objects.create(
                shift=shift, employee=employee, broadcast=broadcast, code=code, created_at=self.now
            )
            timeline.tell("offer.made", at=self.now, offer=offer, code=code)
            outbox.queue(
                Kind.OFFER,
                number,
                write_text(
                    Wording.OPEN_SHIFT,
                    employee,
                    number,
                    shift=shift,
                    code=code if used else None,
                ),
                intent=f"offer:{shift.pk}:{employee.pk}:1",
                now=self.now,
                expires_at=shift.starts_at,
                employee=employee,
                shift=shift,
                offer=offer,
                broadcast=broadcast,
                question=True,
            )
