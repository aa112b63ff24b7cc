"""Bring a crew file onto the roster: good rows land, each bad one says what to do.

What the file says is read by `rules/people_file`, what a row changes decided by
`rules/roster_changes`; this module lays the two against the store. Rows land in short transactions
(`store/chunks`), so that texts keep leaving while a large file is imported, and another import may
run at the same time: each chunk sees the roster as it is by then. A dry run takes the same
decisions on a copy in memory.

An opt-out counts although its row is refused (R3): for the number in the row, and for the person
whose ID it has.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shiftbell.flow.tell_manager import tell_manager
from shiftbell.rules.columns import Problem
from shiftbell.rules.consent import How
from shiftbell.rules.hygiene import Remark
from shiftbell.rules.people_file import PeopleRead, PersonRow, read_people
from shiftbell.rules.roster_changes import Change, Entry, Outcome, change
from shiftbell.rules.tables import read_table
from shiftbell.store import mailboxes, places, roster
from shiftbell.store.chunks import in_chunks
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Employee, PhoneNumber
from shiftbell.store.roster import RosterCopy
from shiftbell.store.transactions import write

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class RowReport:
    """What became of one row."""

    line: int
    outcome: Outcome
    external_id: str
    name: str
    # Fields, and "consent", "opt-out" or "night offers" where one was recorded.
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or in a dry run would do."""

    dry_run: bool
    rows: tuple[RowReport, ...]  # in the order of the file, refused ones without an identity too
    problems: tuple[Problem, ...]
    ignored_columns: tuple[str, ...]
    locations_added: tuple[str, ...]
    unshown: int  # consents without the words that the person was shown (K1)
    asks_consent: bool  # False: the file has no column of consent, so it can have given none

    def count(self, outcome: Outcome) -> int:
        """Return how many rows ended so."""
        return sum(row.outcome is outcome for row in self.rows)


def import_people(
    raw: bytes,
    *,
    now: datetime,
    actor: str,
    region: str,
    zone: ZoneInfo,
    dry_run: bool = False,
    progress: Progress = lambda done, total: None,
) -> ImportReport:
    """Import a CSV file of people; raise BadInput where the file as a whole cannot be used.

    Numbers are read as dialled in `region`; a location that is not known yet is made in `zone`.
    """
    today = now.astimezone(zone).date()
    read = read_people(read_table(raw), region=region, zone=zone, today=today)
    work = _Import(now=now, actor=actor, zone=zone, dry_run=dry_run)
    # A number may move from one row's person to another's: who must wait for it is tried again.
    total = len(read.people)
    waiting = work.run(read.people, lambda done: progress(done, total))
    refused = work.run(waiting, lambda done: progress(total, total))
    work.opt_out([*read.refused_opt_outs, *(row for row in refused if row.opted_out)])
    return work.report(read, refused)


class _Import:
    """One run: the decisions taken so far, and how they are carried out."""

    def __init__(self, *, now: datetime, actor: str, zone: ZoneInfo, dry_run: bool) -> None:
        self._now, self._actor, self._zone, self._dry_run = now, actor, zone, dry_run
        self._copy = RosterCopy()
        self._names = places.known_names()
        self._locations_added: list[str] = []
        self._reports: dict[int, RowReport] = {}
        self._problems: dict[int, Problem] = {}
        self._opt_outs: list[Problem] = []  # of refused rows

    def run(self, people: Sequence[PersonRow], progress: Callable[[int], None]) -> list[PersonRow]:
        """Take rows in, chunk by chunk; return those whose number is another's."""
        refused: list[PersonRow] = []
        done = 0
        for rows in in_chunks(people):
            chunk = [self._placed(row) for row in rows]
            if self._dry_run:
                refused += self._decide(chunk)
            else:
                with write():
                    self._copy = RosterCopy()
                    _lock(chunk)
                    refused += self._decide(chunk)
            progress(done := done + len(chunk))
        return refused

    def opt_out(self, rows: Sequence[PersonRow]) -> None:
        """Let the opt-outs of refused rows count, as far as they say of whom."""
        for chunk in in_chunks(rows):
            if self._dry_run:
                self._opt_out(chunk)
            else:
                with write():
                    self._copy = RosterCopy()
                    _lock(chunk)
                    self._opt_out(chunk)

    def _opt_out(self, chunk: Sequence[PersonRow]) -> None:
        self._load(chunk)
        found = [self._copy.to_opt_out(row.external_id, row.number) for row in chunk]
        # Of a number that came with an ID it is known only now who has it.
        self._copy.load([], [number for numbers in found for number in numbers])
        for row in chunk:
            numbers = self._copy.to_opt_out(row.external_id, row.number)
            self._opt_outs.append(_opted_out(row) if numbers else _opt_out_unplaced(row))
            for number in numbers:
                if not self._copy.opted_out(number):
                    self._copy.note_opt_out(number)
                    if not self._dry_run:
                        roster.record_opt_out(number, now=self._now, actor=self._actor)

    def report(self, read: PeopleRead, refused: Sequence[PersonRow]) -> ImportReport:
        """Return what became of every row of the file."""
        problems = [*read.problems, *(self._problems[row.line] for row in refused)]
        problems += self._opt_outs
        for problem in read.problems:
            if problem.refused:
                self._reports[problem.line] = RowReport(problem.line, Outcome.REFUSED, "", "")
        notes = [p for line, p in self._problems.items() if not p.refused]
        return ImportReport(
            dry_run=self._dry_run,
            rows=tuple(self._reports[line] for line in sorted(self._reports)),
            problems=tuple(sorted([*problems, *notes], key=lambda p: p.line)),
            ignored_columns=tuple(read.ignored_columns),
            locations_added=tuple(self._locations_added),
            unshown=read.unshown,
            asks_consent=read.asks_consent,
        )

    def _placed(self, row: PersonRow) -> PersonRow:
        """Return the row with each location as the roster spells it, new ones as first spelled."""
        for name in row.locations:
            if name.casefold() not in self._names:
                self._names[name.casefold()] = name
                self._locations_added.append(name)
        return replace(row, locations=tuple(self._names[n.casefold()] for n in row.locations))

    def _load(self, chunk: Sequence[PersonRow]) -> None:
        self._copy.load(
            [row.external_id for row in chunk if row.external_id],
            [row.number for row in chunk if row.number],
        )

    def _decide(self, chunk: Sequence[PersonRow]) -> list[PersonRow]:
        self._load(chunk)
        return [row for row in chunk if self._take(row) is Outcome.REFUSED]

    def _take(self, row: PersonRow) -> Outcome:
        before = self._copy.find(row.external_id, row.number)
        decided = self._change(row, before)
        self._problems.pop(row.line, None)
        if decided.outcome is Outcome.REFUSED:
            self._problems[row.line] = (
                _other_name(row, decided.known_as)
                if decided.known_as
                else _number_in_use(row, decided.in_use_by)
            )
        else:
            if remark := self._copy.remark(decided, before):
                self._problems[row.line] = _number_remark(row, decided.entry, remark)
            elif decided.outdated:
                self._problems[row.line] = _consent_outdated(row)
            elif decided.keeps_consent:
                self._problems[row.line] = _consent_kept(row)
            self._copy.note(decided, before)
        external_id = decided.entry.external_id
        if not self._dry_run and decided.outcome in {Outcome.ADDED, Outcome.CHANGED}:
            external_id = self._record(row, decided, before)
        self._reports[row.line] = _reported(row, decided, external_id)
        return decided.outcome

    def _change(self, row: PersonRow, before: Entry | None) -> Change:
        new_id = _unnamed(row)
        external_id = before.external_id if before else row.external_id or new_id
        number = row.number or (before.number if before else "")
        return change(
            row,
            before,
            self._copy.holders,
            consented=self._copy.consented(external_id, number),
            opted_out=self._copy.opted_out(number),
            agreed_at=self._copy.agreed_at(external_id),
            nights=self._copy.takes_nights(external_id, number),
            new_id=new_id,
        )

    def _record(self, row: PersonRow, decided: Change, before: Entry | None) -> str:
        employee = roster.record(
            decided,
            before,
            named=decided.entry.external_id != _unnamed(row),
            agreed_at=row.consent_at,
            evidence=self._evidence(row),
            zone=self._zone.key,
            now=self._now,
            actor=self._actor,
        )
        if before is not None and "email" in decided.changed:
            _tell_if_unsubscribed(employee, before.email, self._now)
        return employee.external_id

    def _evidence(self, row: PersonRow) -> Evidence:
        return Evidence(
            how=How.IMPORT,
            actor=self._actor,
            source=row.consent_source or "import",
            disclosure=row.shown or "",
            version=row.shown_version or "",
        )


def _tell_if_unsubscribed(employee: Employee, before: str, now: datetime) -> None:
    """Tell the manager of another address for somebody who wants no e-mail: their word goes on."""
    new, old = mailboxes.normalised(employee.email), mailboxes.normalised(before)
    if employee.active and new != old and mailboxes.wants_none(employee):
        words = (
            f"{employee.name} has another e-mail address now, but said that they want no e-mail. "
        )
        words += (
            "Nothing is sent to it. Only they can change that, with the button behind the link "
        )
        words += "to unsubscribe in an e-mail to the address where they said it, while the roster "
        words += "has that one."
        tell_manager(now, words, employee=employee)


def _lock(chunk: Sequence[PersonRow]) -> None:
    """Lock the numbers of a chunk, then its people, each lowest first, as `store` wants."""
    numbers = [row.number for row in chunk if row.number]
    ids = [row.external_id for row in chunk if row.external_id]
    known = PhoneNumber.objects.filter(e164__in=numbers) | PhoneNumber.objects.filter(
        pk__in=roster.numbers_of(ids)
    )
    list(known.order_by("pk").select_for_update().values_list("pk"))
    people = Employee.objects.filter(external_id__in=ids).order_by("pk")
    list(people.select_for_update().values_list("pk"))


def _unnamed(row: PersonRow) -> str:
    return f"line {row.line}"


def _reported(row: PersonRow, decided: Change, external_id: str) -> RowReport:
    events = ("consent",) * decided.grants + ("opt-out",) * decided.revokes
    events += ("night offers",) * (decided.nights is not None)
    changed = decided.changed + events if decided.outcome is Outcome.CHANGED else ()
    return RowReport(row.line, decided.outcome, external_id, decided.entry.name, changed)


def _number_in_use(row: PersonRow, holder: str) -> Problem:
    return Problem(
        line=row.line,
        column=row.number_heading,
        value=row.number or "",
        code="number_in_use",
        message=f"{holder} on the roster has the same number.",
        hint="Ask whose number it is; a number belongs to one person.",
        refused=True,
        meaning="mobile",
    )


def _other_name(row: PersonRow, known_as: str) -> Problem:
    return Problem(
        line=row.line,
        column=row.number_heading,
        value=row.number or "",
        code="other_name",
        message=f"The roster has this number as {known_as}'s, and no ID says that this is the same "
        "person under another name.",
        hint=f"If it is, give {known_as}'s ID. If not, import {known_as} as inactive first.",
        refused=True,
        meaning="mobile",
    )


def _opted_out(row: PersonRow) -> Problem:
    return Problem(
        line=row.line,
        column="SMS Opted Out",
        value="",
        code="opted_out_anyway",
        message="This row was refused, but its opt-out counts: no texts to its number, nor to the "
        "person with its ID.",
        hint="Nothing to do for the opt-out. Only START from that phone lifts it.",
        refused=False,
        meaning="opted_out",
    )


def _opt_out_unplaced(row: PersonRow) -> Problem:
    return Problem(
        line=row.line,
        column="SMS Opted Out",
        value="",
        code="opt_out_unplaced",
        message="This row was refused, and its opt-out was not recorded: neither a number nor an "
        "ID says whose it is.",
        hint="Correct the row and import it again.",
        refused=False,
        meaning="opted_out",
    )


def _number_remark(row: PersonRow, entry: Entry, remark: Remark) -> Problem:
    return Problem(
        line=row.line,
        column=row.number_heading,
        value=entry.number,
        code=str(remark.code),
        message=remark.message,
        hint=remark.hint,
        refused=False,
        meaning="mobile",
    )


def _consent_outdated(row: PersonRow) -> Problem:
    return Problem(
        line=row.line,
        column="Consent Date",
        value="",
        code="consent_outdated",
        message="This consent was given for another number, so it does not count for this one.",
        hint="Ask them again, and write the new date.",
        refused=False,
        meaning="consent_at",
    )


def _consent_kept(row: PersonRow) -> Problem:
    return Problem(
        line=row.line,
        column="consent",
        value="no",
        code="consent_kept",
        message="The file says no consent, but this person's consent is on record and stays.",
        hint="If they took it back, say yes in a column SMS Opted Out.",
        refused=False,
        meaning="consent",
    )
