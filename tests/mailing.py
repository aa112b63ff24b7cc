"""A stage with a real mail server: letters are read as their reader has them, links pressed.

The mail server listens on loopback; everything else is the stage of texts. People who opted out of
texts, and gave an address, are e-mailed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from shiftbell import config
from shiftbell.flow import hear_link
from shiftbell.flow.cancel_shift import cancel_shift
from shiftbell.flow.hear_link import Pressed, View
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.rules.consent import How
from shiftbell.rules.link_pages import Do, Page
from shiftbell.simulator.mail import Mail, MailServer
from shiftbell.store import consent
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Assignment, Employee, Shift, TimelineEntry
from shiftbell.store.numbers import locked_number
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

PUBLIC = "https://shifts.example.com"
FROM = "Acme Shifts <shifts@example.com>"
_LINK = re.compile(rf"{PUBLIC}(/m/\S+)")
MAILING = frozenset({"mail", "remind", "expire", "tell unmailed"})
TEXTING = frozenset({"send", "hear", "sync", "ask standby", "keep subscription"})
_STOP = Evidence(how=How.MANAGER, actor="Mia", source="said so")


class Post:
    """One stage, its mail server, and those who read their mail."""

    def __init__(self, server: MailServer, jobs: frozenset[str], **settings: Any) -> None:
        self.server = server
        self.stage = Stage(
            smtp_url=SecretStr(server.url),
            mail_from=FROM,
            public_url=PUBLIC,
            brand_name="Acme",
            **settings,
        )
        crew.place()
        self.stage.jobs = [job for job in self.stage.jobs if job.name in jobs]
        self.stage.run(1)

    def person(self, name: str, position: int, *, opted_out: bool = True, **more: Any) -> Employee:
        """Return somebody of the crew with an address, who by default takes no texts."""
        with write():
            row = crew.person(
                name,
                position,
                now=self.stage.now,
                texted=True,
                email=more.pop("email", f"{name}@Example.com"),
                **more,
            )
            if opted_out and row.number_id is not None:
                consent.revoke(locked_number(row.number_id), row, _STOP, now=self.stage.now)
        return Employee.objects.get(pk=row.pk)

    def offer(self, shift: Shift, *people: Employee, run: float = 5, **more: Any) -> None:
        """Offer a shift to some, and let what may leave do so for `run` seconds; 0: nothing yet."""
        ids = [person.pk for person in people]
        report = offer_shift(shift, to=ids, now=self.stage.now, actor="Mia", **more)
        assert len(report.offers) == len(ids), f"not everyone was asked: {report.skipped}"
        if run:
            self.stage.run(run)

    def cancel(self, shift: Shift, *, run: float = 5) -> None:
        """Cancel a shift, and let what may leave do so."""
        cancel_shift(shift.pk, now=self.stage.now, actor="Mia")
        self.stage.run(run)

    def letters(self, employee: Employee | None = None) -> list[Mail]:
        """Return the letters that arrived, everybody's or one person's."""
        taken = self.server.mails.all()
        return [each for each in taken if employee is None or each.to == address(employee)]

    def subjects(self, employee: Employee | None = None) -> list[str]:
        """Return the subjects of the letters that arrived."""
        return [each.subject for each in self.letters(employee)]

    def link(self, employee: Employee, purpose: str) -> str:
        """Return the path of a link in somebody's newest letter with such links."""
        letters = self.letters(employee)
        newest = letters[-1] if purpose == "unsubscribe" else _last_question(letters)
        places = {"accept": 0, "decline": 1, "unsubscribe": -1}
        return str(_LINK.findall(newest.text)[places[purpose]])

    def press(self, path: str, do: Do, shown: str = "Take this shift?") -> View:
        """Press a button behind a link; return the page it leads to."""
        pressed = Pressed(do, shown, {"ip": "203.0.113.7"})
        return hear_link.press(token(path), pressed, self.stage.now)

    def open(self, path: str) -> View:
        """Open a link; return its page."""
        return hear_link.look(token(path), self.stage.now)

    def take(self, employee: Employee) -> Page:
        """Let somebody press what the page to take their shift has; return the page they see."""
        link = self.link(employee, "accept")
        view = self.open(link)
        return self.press(link, view.buttons[0]).page if view.buttons else view.page

    def told(self) -> list[str]:
        """Return what the manager was told."""
        facts = TimelineEntry.objects.filter(what="manager.told").order_by("pk")
        return [fact.detail["words"] for fact in facts]


@contextmanager
def mailing(*, jobs: frozenset[str] = MAILING, **settings: Any) -> Iterator[Post]:
    """Set the stage up, with settings that the whole process has; and put them back.

    Of the worker's jobs only these run: a day of mail passes in a second.
    """
    server = MailServer()
    server.start()
    given = {"SMTP_URL": server.url, "MAIL_FROM": FROM, "PUBLIC_URL": PUBLIC}
    os.environ.update(given)
    config.settings.cache_clear()
    try:
        yield Post(server, jobs, **settings)
    finally:
        for name in given:
            del os.environ[name]
        config.settings.cache_clear()
        server.stop()


def address(employee: Employee) -> str:
    """Return somebody's address as a letter has it."""
    local, _, domain = employee.email.rpartition("@")
    return f"{local}@{domain.lower()}"


def holders(shift: Shift) -> list[str]:
    """Return who holds the shift, by name."""
    held = Assignment.objects.filter(shift=shift, state="held").order_by("opening")
    return [each.employee.first_name for each in held]


def token(path: str) -> str:
    """Return the secret part of a link's path."""
    return urlsplit(path).path.removeprefix("/m/")


def _last_question(letters: list[Mail]) -> Mail:
    return [each for each in letters if len(_LINK.findall(each.text)) == 3][-1]
