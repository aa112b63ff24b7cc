"""`shiftbell consents`: who allowed what, and a word of theirs that did not come from their phone.

The other commands of the group are added by the modules that `register` names.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from shiftbell.cli import consent_proof, consent_sync, invitations, terminal
from shiftbell.cli.database import with_database
from shiftbell.cli.people import ShowNumbers
from shiftbell.errors import BadInput, BadNumber, NotFound

if TYPE_CHECKING:
    from datetime import datetime

    from shiftbell.config import Settings
    from shiftbell.flow.change_consent import OptedOut
    from shiftbell.rules.consent import How
    from shiftbell.rules.dossier import Word
    from shiftbell.store.models import Consent, Employee

Whom = Annotated[
    str,
    typer.Argument(
        help="e7, the employee's own id, a phone number, or an e-mail address.", metavar="WHOM"
    ),
]
At = Annotated[
    str, typer.Option(help="When they said so: 2026-11-01, or with a time, in TIME_ZONE.")
]
HowSaid = Annotated[str, typer.Option(help="How it was said: form, manager, email or api.")]
# What an operator can vouch for. A text, an import, RingCentral and a carrier speak for themselves.
WAYS = ("form", "manager", "email", "api")


def register(app: typer.Typer) -> None:
    """Add `consents` and its commands."""
    consents = typer.Typer(no_args_is_help=True, help="Who may be texted, and the proof of it.")
    for command in (show, grant, revoke):
        consents.command(command.__name__)(command)
    for part in (consent_proof, consent_sync, invitations):
        part.register(consents)
    app.add_typer(consents, name="consents", rich_help_panel=terminal.DAILY)


def show(
    whom: Annotated[
        str,
        typer.Argument(help="e7, the employee's own id, a number, an e-mail address, or c12."),
    ],
    show_numbers: ShowNumbers = False,
    json: terminal.Json = False,
) -> None:
    """Show what a person, or whoever had a number, allowed and took back, oldest first.

    Example: shiftbell consents show e7
    """
    values = with_database()
    from dataclasses import asdict, replace

    from shiftbell.flow.export_consents import word

    words = [word(row) for row in _events(whom, values)]
    if not show_numbers:
        words = [replace(one, **_masked(one)) for one in words]
    if json:
        terminal.say_json([asdict(one) for one in words])
        return
    if not words:
        terminal.note("Nothing is on record.")
    for one in words:
        for line in _lines(one, values.time_zone):
            terminal.say(line)


def grant(
    person: Annotated[str, typer.Argument(help="e7, or the employee's own id.")],
    at: At,
    source: Annotated[str, typer.Option(help='Where it can be looked up: "paper form, binder 3".')],
    how: HowSaid = "form",
    version: Annotated[
        str, typer.Option(help="The version of our own disclosure that they had been shown.")
    ] = "",
    words_file: Annotated[
        str, typer.Option(help="A text file with the words that they had been shown.")
    ] = "",
    words: Annotated[str, typer.Option(help="What they said, letter by letter.")] = "",
    json: terminal.Json = False,
) -> None:
    """Record that a person agreed to be texted on the number they have.

    Consent that cannot be shown is worth nothing, so say when, how, where it can be looked up, and
    what they had been shown: `--version 2026-11`, or the words of your own form. It never lifts an
    opt-out: only START or JOIN from the person's phone does.

    Example: shiftbell consents grant e7 --at 2026-11-01 --source "binder 3" --version 2026-11
    """
    values = with_database()
    from shiftbell.flow.change_consent import ONLY_THEY, record_consent
    from shiftbell.store import find
    from shiftbell.store.consent import Evidence

    employee = find.employee(person)
    evidence = Evidence(
        how=_way(how),
        actor="cli",
        source=source.strip(),
        words=words,
        disclosure=_disclosure(version, words_file, employee, values),
        version=version,
    )
    said_at, now = _moment(at, values), terminal.now()
    agreed = record_consent(employee, evidence, at=said_at, now=now)
    if json:
        out = {"opted_out_since": agreed.out_since}
        terminal.say_json({"employee": str(employee), "recorded": agreed.is_new} | out)
        return
    recorded = "Recorded." if agreed.is_new else "This is on record already."
    terminal.say(f"{employee.name}: {recorded}")
    if agreed.out_since is not None:
        since = terminal.local(agreed.out_since, values.time_zone)
        terminal.say(f"No text is sent all the same: they opted out on {since}. {ONLY_THEY}")


def revoke(
    whom: Whom,
    source: Annotated[
        str, typer.Option(help='How it came to you: "told Ana at the dock", "letter of 2 Nov".')
    ],
    how: HowSaid = "manager",
    words: Annotated[str, typer.Option(help="What they said, letter by letter.")] = "",
    at: Annotated[str, typer.Option(help="When they said so; without it, now.")] = "",
    mail: Annotated[bool, typer.Option("--mail", help="E-mail is meant, not texts.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Texts and e-mail are meant.")] = False,
    json: terminal.Json = False,
) -> None:
    """Record that somebody wants no more texts, or e-mail; it counts at once, and nobody is asked.

    What waits for them is withdrawn, and no confirmation is sent, since they did not text. It
    cannot be taken back here: only START or JOIN from the person's phone lifts it. A number or an
    address that nobody on the roster has is opted out too; an address by itself means e-mail.

    Example: shiftbell consents revoke e7 --source "told Ana at the dock"
    """
    values = with_database()
    from shiftbell.flow.change_consent import Of, record_opt_out
    from shiftbell.store.consent import Evidence

    if mail and everything:
        raise BadInput("Say --mail or --all, not both.")
    evidence = Evidence(how=_way(how), actor="cli", source=source.strip(), words=words)
    said_at = _moment(at, values) if at else None
    of = Of.ALL if everything else Of.MAIL if mail else None
    out = record_opt_out(_whom(whom, values), evidence, now=terminal.now(), at=said_at, of=of)
    if json:
        terminal.say_json(_ended(out))
    else:
        _say_ended(out)


def _ended(out: OptedOut) -> dict[str, object]:
    return {
        "number": terminal.masked(out.number.e164) if out.number else None,
        "address": terminal.masked(out.address.address) if out.address else None,
        "employee": str(out.employee) if out.employee else None,
        "new": out.is_new,
        "opted_out_since": out.number.opted_out_at if out.number else None,
        "mail_opted_out_since": out.address.opted_out_at if out.address else None,
    }


def _say_ended(out: OptedOut) -> None:
    from shiftbell.flow.change_consent import ONLY_THEY

    ended: list[tuple[str, str]] = []
    if out.number is not None:
        ended.append((out.number.e164, "no more texts"))
    if out.address is not None:
        ended.append((out.address.address, "no more e-mail"))
    who = out.employee.name if out.employee else "Nobody on the roster"
    contacts = ", ".join(terminal.masked(contact) for contact, _ in ended)
    said = [f"{who}, {contacts}: {', '.join(words for _, words in ended)}."]
    if not out.is_new:
        on_record = "; this is on record too now" if out.number else ""
        said.append(f"They had opted out before{on_record}.")
    if out.number is not None:
        said.append(ONLY_THEY)
    terminal.say(" ".join(said))


def _events(reference: str, values: Settings) -> list[Consent]:
    from shiftbell.flow.export_consents import history, their_contacts
    from shiftbell.store.models import Consent, EmailAddress, Employee, PhoneNumber

    if is_entry := re.fullmatch(r"c[0-9]{1,18}", reference):
        rows = Consent.objects.filter(pk=int(reference[1:]))
        if found := list(rows.select_related("number", "address", "anchor")):
            return found
    try:
        whom = _whom(reference, values)
    except NotFound:
        if is_entry:
            raise NotFound(f"There is no entry {reference} in the consent ledger.") from None
        raise
    if isinstance(whom, Employee):
        return list(history(whom, their_contacts(whom)))
    if "@" in whom:
        return list(history(None, EmailAddress.objects.filter(address=whom.lower())))
    return list(history(None, PhoneNumber.objects.filter(e164=whom)))


def _whom(reference: str, values: Settings) -> Employee | str:
    """Return the employee that is meant, a number in E.164 or an address; raise BadInput."""
    from shiftbell.rules import mail_address, phones
    from shiftbell.store import find

    try:
        return find.employee(reference)
    except NotFound as unknown:
        if "@" in reference:
            return mail_address.normalised(reference)
        try:
            return phones.parse(reference, values.default_region)
        except BadNumber:
            raise unknown from None


def _way(how: str) -> How:
    from shiftbell.rules.consent import How

    if how not in WAYS:
        hint = f"Write {', '.join(WAYS[:-1])} or {WAYS[-1]}."
        raise BadInput(f"Nobody can vouch here for {how!r}.", hint=hint, field="how")
    return How(how)


def _moment(text: str, values: Settings) -> datetime:
    """Return a moment that was typed, in UTC; a date alone counts from the start of that day."""
    from shiftbell.rules import hours

    zone = ZoneInfo(values.time_zone)
    day, clock = hours.split_moment(text)
    on = hours.parse_date(day, today=terminal.now().astimezone(zone).date(), field="at")
    return hours.local_to_utc(on, hours.parse_time(clock or "0:00", field="at"), zone, field="at")


def _disclosure(version: str, file: str, employee: Employee, values: Settings) -> str:
    """Return the words a person had been shown, from our own disclosures or from a file."""
    from shiftbell.cli.files import read_file
    from shiftbell.rules.disclosure import words_of

    if file:
        return read_file(file).decode("utf-8", "replace").strip()
    if not version:
        return ""
    brand, contact = values.brand_name, values.help_contact
    return words_of(version, brand, contact, employee.language).words


def _lines(one: Word, zone: str) -> list[str]:
    """Return one event in plain words."""
    said = one.said_at or one.recorded_at
    by = "" if one.recorded_by in {"", "employee"} else f" by {one.recorded_by}"
    way = ": ".join(filter(None, [one.how, one.source]))
    until = f" until {terminal.local(one.until, zone)}" if one.until else ""
    lines = [
        f"{said.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}  {one.id}  {one.what}{until}",
        f"    {one.whose}, {one.contact}",
        f"    {way or 'how is not on record'}, recorded "
        f"{one.recorded_at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}{by}",
    ]
    quoted = " ".join(one.words.split())
    lines += [f'    "{quoted}"'] * bool(one.words)
    shown = f" (version {one.version})" if one.version else ""
    return lines + [f"    had been shown{shown}: {one.shown}"] * bool(one.shown)


def _masked(one: Word) -> dict[str, Any]:
    """Return the fields that may hold numbers or addresses, masked; hashes are not among them."""
    names = ("contact", "source", "recorded_by", "words", "shown", "detail")
    return {name: terminal.masked(getattr(one, name)) for name in names}
