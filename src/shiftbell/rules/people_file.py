"""Reading people from a roster file: what each row says, and what is wrong with it.

Good rows land whatever the others are like. A row is refused only where taking it would text the
wrong person or nobody we can name; everything else lands with a remark. Decided here:

* A file that does not say a thing (no column, or an empty cell) leaves what is stored as it is:
  None and () mean "not said".
* A row without an ID is recognised by its number; a row with neither is refused.
* Two rows of one ID that differ in roles and locations alone are one person with two jobs, which
  is how several products export them; any other difference refuses the later row.
* A number belongs to one active person. The second row with it is refused by name.
* An opt-out counts however it arrives (R3): what a refused row says of one is kept. A row whose
  cells have slipped says nothing that could be read.

What a row says about being texted is read by `consent_columns`. Finding the person in the store is
the import's; which headings mean what stands in `columns`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from shiftbell.errors import BadNumber
from shiftbell.rules import ids, phones
from shiftbell.rules.columns import (
    Cells,
    Problem,
    cells_of,
    columns_of,
    parts_of,
    require,
    said,
    zone_named,
)
from shiftbell.rules.consent_columns import agreed, opted_out
from shiftbell.rules.tables import Table

EXTERNAL_ID_CHARS_MAX = 64

_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
_WHOLE_AS_DECIMAL = re.compile(r"(\d+)\.0+")


@dataclass(frozen=True)
class PersonRow:
    """What one row says about a person; None and () where it says nothing."""

    line: int
    external_id: str | None
    first_name: str
    last_name: str
    number: str | None  # E.164
    email: str | None
    language: str | None  # "en" or "es"
    zone: str | None  # an IANA name
    roles: tuple[str, ...]
    locations: tuple[str, ...]
    consent: bool | None  # True, here and for `nights`, always comes with its time and source
    consent_at: datetime | None  # UTC
    consent_source: str | None
    opted_out: bool
    notes: str | None
    active: bool | None
    nights: bool | None = None  # urgent offers at night
    shown: str | None = None  # the words they agreed to
    shown_version: str | None = None
    number_heading: str = field(default="", compare=False)  # of the column the number is from

    @property
    def name(self) -> str:
        """First and last name, or the ID of someone without."""
        return f"{self.first_name} {self.last_name}".strip() or self.external_id or ""


@dataclass(frozen=True)
class PeopleRead:
    """The people of a file, what was wrong, and the columns nobody asked for."""

    people: list[PersonRow]
    problems: list[Problem]
    ignored_columns: list[str]
    asks_consent: bool = True  # the file has a column of it, whatever stands there
    refused_opt_outs: list[PersonRow] = field(default_factory=list)  # refused, yet they opt out

    @property
    def unshown(self) -> int:
        """How many consents come without the words that the person was shown (K1)."""
        return sum(
            bool(one.consent) and not (one.shown or one.shown_version) for one in self.people
        )


def read_people(table: Table, *, region: str, zone: ZoneInfo, today: date) -> PeopleRead:
    """Read every row of `table`.

    Numbers without a country are read as in `region`; a consent date without a zone as in `zone`.
    Raises BadInput where no column could tell one person from another.
    """
    columns = columns_of(table.headers, "people")
    example = "Employee ID, First Name, Last Name and Cell Phone"
    require(columns, "external_id", "mobile", "phone", "landline", example=example)
    crew = _Crew()
    problems: list[Problem] = []
    refused_opt_outs: list[PersonRow] = []
    for cells in cells_of(table, columns):
        person = None if cells.refused else _person(cells, region, zone, today)
        if person and not cells.refused:
            crew.add(person, cells)
        if person and cells.refused and person.opted_out:
            refused_opt_outs.append(person)
        problems += cells.problems
    asks_consent = "consent" in columns.at
    return PeopleRead(crew.people, problems, columns.ignored, asks_consent, refused_opt_outs)


class _Crew:
    """The people read so far, each ID once and each number once."""

    def __init__(self) -> None:
        self.people: list[PersonRow] = []
        self._by_id: dict[str, int] = {}
        self._by_number: dict[str, int] = {}

    def add(self, person: PersonRow, cells: Cells) -> None:
        """Take `person` in, or say on `cells` why not."""
        same_id = self._by_id.get(person.external_id or "")
        same_number = self._by_number.get(person.number or "") if _active(person) else None
        if same_id is not None:
            self._merge(same_id, person, cells)
        elif same_number is None:
            self._append(person)
        elif person.external_id is None and self.people[same_number].name == person.name:
            self._merge(same_number, person, cells)
        else:
            other = self.people[same_number]
            cells.refuse(
                "number_in_use",
                f"{other.name or 'Someone'} on line {other.line} has the same number.",
                "Ask whose number it is, and give the other person theirs.",
                *_phone_fields(cells),
            )

    def _append(self, person: PersonRow) -> None:
        at = len(self.people)
        self.people.append(person)
        if person.external_id is not None:
            self._by_id[person.external_id] = at
        if person.number is not None and _active(person):
            self._by_number[person.number] = at

    def _merge(self, at: int, person: PersonRow, cells: Cells) -> None:
        first = self.people[at]
        merged = replace(
            first,
            roles=_united(first.roles, person.roles),
            locations=_united(first.locations, person.locations),
        )
        same = replace(person, line=first.line, roles=merged.roles, locations=merged.locations)
        if same == merged:
            self.people[at] = merged
            message = f"This is the person of line {first.line} again; the two rows were joined."
            cells.remark("joined", message, "Nothing to do.", "external_id")
        else:
            cells.refuse(
                "duplicate_id",
                f"{first.name or 'Someone'} on line {first.line} has this ID, with other values.",
                "Keep the right row, or give this person an ID of their own.",
                "external_id",
                *_phone_fields(cells),
            )


def _active(person: PersonRow) -> bool:
    return person.active is not False


def _united(first: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return parts_of(";".join((*first, *more)))


def _person(cells: Cells, region: str, zone: ZoneInfo, today: date) -> PersonRow:
    first_name, last_name = _names(cells)
    number = _number(cells, region)
    external_id = _external_id(cells)
    _refuse_nobody(cells, external_id, number, first_name or last_name)
    word = agreed(cells, zone, today)
    return PersonRow(
        line=cells.row.line,
        external_id=external_id,
        first_name=first_name,
        last_name=last_name,
        number=number,
        email=_email(cells),
        language=_language(cells),
        zone=_zone(cells),
        roles=parts_of(cells.told("roles")),
        locations=parts_of(cells.told("locations")),
        consent=word.consent,
        consent_at=word.at,
        consent_source=word.source,
        opted_out=opted_out(cells),
        notes=cells.text("notes") or None,
        active=_employed(cells),
        nights=word.nights,
        shown=word.shown,
        shown_version=word.shown_version,
        number_heading=cells.heading(*_phone_fields(cells)),
    )


def _refuse_nobody(cells: Cells, external_id: str | None, number: str | None, name: str) -> None:
    """Refuse what is no person, such as a line of totals, and remark on what a person lacks."""
    if cells.refused:
        return
    if number is None and (external_id is None or not name):
        cells.refuse(
            "no_identity",
            "This row has too little to know who it is.",
            "Give it an ID or a mobile number, and a name.",
            "external_id",
            "mobile",
            "phone",
        )
    elif number is None:
        message = "Without a number this person cannot be texted."
        cells.remark("no_number", message, "Ask for their mobile number.", *_phone_fields(cells))
    elif not name:
        message = "This person has no name, so texts will not greet them."
        cells.remark("no_name", message, "Add a first name.", "first_name", "full_name")


def _names(cells: Cells) -> tuple[str, str]:
    """Return first and last name, from "Garcia, Ana" or "Ana Garcia" where the file has one."""
    first, last = cells.text("first_name"), cells.text("last_name")
    if first or last:
        return first, last
    full = cells.text("full_name")
    if "," in full:
        last, _, first = full.partition(",")
    else:
        first, _, last = full.partition(" ")
    return first.strip(), last.strip()


def _external_id(cells: Cells) -> str | None:
    """Return the ID; Excel's "1001.0" is 1001."""
    value = cells.told("external_id")
    if len(value) > EXTERNAL_ID_CHARS_MAX:
        message = f"This ID is longer than {EXTERNAL_ID_CHARS_MAX} characters."
        cells.refuse("bad_id", message, "Use the short one.", "external_id")
    if ids.looks_like_ours(value):
        cells.refuse("our_id", ids.LOOKS_LIKE_OURS, ids.WRITE_ANOTHER, "external_id")
    whole = _WHOLE_AS_DECIMAL.fullmatch(value)
    return (whole.group(1) if whole else value) or None


def _phone_fields(cells: Cells) -> tuple[str, ...]:
    """Return where to look for a number: a home phone only where no better column exists."""
    better = tuple(name for name in ("mobile", "phone") if name in cells.columns.at)
    return better or ("landline",)


def _number(cells: Cells, region: str) -> str | None:
    value = cells.told(*_phone_fields(cells))
    if not value:
        return None
    try:
        read = phones.read(value, region)
    except BadNumber as trouble:
        cells.refuse("bad_number", trouble.message, trouble.hint, *_phone_fields(cells))
        return None
    if read.note:
        hint = "Check that this is their mobile number."
        cells.remark("extension", read.note, hint, *_phone_fields(cells))
    return read.number


def _email(cells: Cells) -> str | None:
    value = cells.told("email")
    if value and not _EMAIL.fullmatch(value):
        message = "This is not an e-mail address, so it was left out."
        cells.remark("bad_email", message, "Correct it and import again.", "email")
        return None
    return value or None


def _language(cells: Cells) -> str | None:
    value = cells.told("language")
    word = re.split(r"[-_\s(]", value)[0]
    if not value or said(word, "english"):
        return "en" if value else None
    if said(word, "spanish"):
        return "es"
    message = "Texts come in English and Spanish only; this person gets English."
    cells.remark("language", message, "Nothing to do.", "language")
    return "en"


def _zone(cells: Cells) -> str | None:
    value = cells.told("zone")
    if not value:
        return None
    named = zone_named(value)
    if named is None:
        message = "This is no time zone we know, so the site's is used."
        cells.remark("bad_zone", message, "Write it as America/Chicago.", "zone")
    return named


def _employed(cells: Cells) -> bool | None:
    value = cells.told("active")
    if not value:
        return None
    first_word = re.split(r"\W", value, maxsplit=1)[0]
    return not (said(value, "gone") or said(first_word, "gone"))
