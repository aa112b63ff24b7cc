"""`shiftbell consents invite`, `invitations` and `campaign`: how people come to agree to texts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database
from shiftbell.errors import BadInput, ConfigError, NotFound

if TYPE_CHECKING:
    from shiftbell.config import Settings
    from shiftbell.store.models import Invitation, Location

NO_PAGE = "Set PUBLIC_URL to show its page to people outside this machine."


def register(consents: typer.Typer) -> None:
    """Add the commands to `shiftbell consents`."""
    for command in (invite, invitations, campaign):
        consents.command(command.__name__)(command)


def invite(
    location: Annotated[
        str, typer.Option(help="The location it hangs at; without it, anywhere.")
    ] = "",
    code: Annotated[str, typer.Option(help="Show one made before instead of a new one.")] = "",
    sheet: Annotated[str, typer.Option(help="Write a sign-up sheet to print, as HTML.")] = "",
    qr: Annotated[str, typer.Option(help="Write its QR code, as SVG.")] = "",
    language: Annotated[str, typer.Option(help="The sheet's language: en or es.")] = "en",
    json: terminal.Json = False,
) -> None:
    """Invite people to get texts: a code for them to text from their own phone.

    Its page says what they agree to; hang the sheet up, or send the page's address around.
    Nobody is texted by this.

    Example: shiftbell consents invite --location "Dock 4" --sheet sheet.html
    """
    values = with_database()
    from shiftbell.store import invitations as known
    from shiftbell.store.transactions import write

    if language not in {"en", "es"}:
        raise BadInput(f"There is no sheet in {language!r}.", hint="Write en or es.")
    if code:
        invitation = _live(code)
    else:
        place = _location(location) if location else None
        with write():
            invitation = known.make(place, now=terminal.now(), actor="cli")
    entry = _entry(invitation, values)
    _write_files(invitation, values, {"sheet": sheet, "qr": qr}, language)
    if json:
        terminal.say_json(entry | {"sheet": sheet or None, "qr": qr or None})
        return
    terminal.say(f"Code:  {invitation.code}")
    terminal.say(f"Text:  {entry['text']} to {entry['number_shown']}")
    terminal.say(f"Page:  {entry['page'] or NO_PAGE}")
    for label, file in (("Sheet:", sheet), ("QR:", qr)):
        if file:
            terminal.say(f"{label:<7}{file}")


def invitations(
    end: Annotated[str, typer.Option(help="End the invitation with this code.")] = "",
    json: terminal.Json = False,
) -> None:
    """List the invitations, or end one. Whoever agreed through it stays agreed.

    Example: shiftbell consents invitations --end 4821
    """
    values = with_database()
    from shiftbell.store import invitations as known
    from shiftbell.store.models import Invitation
    from shiftbell.store.transactions import write

    if end:
        with write():
            known.end(end, now=terminal.now(), actor="cli")
    rows = Invitation.objects.select_related("location").order_by("-pk")
    entries = [_entry(row, values) for row in rows]
    if json:
        terminal.say_json(entries)
        return
    if not entries:
        terminal.note("None yet. Make one with `shiftbell consents invite`.")
    terminal.say_table(
        ("Text", "Location", "Made", "Ended", "Page"),
        (
            (e["text"], e["location"] or "any", f"{e['created_at']:%Y-%m-%d}",
             f"{e['ended_at']:%Y-%m-%d}" if e["ended_at"] else "", e["page"])
            for e in entries
        ),
    )  # fmt: skip


def campaign(json: terminal.Json = False) -> None:
    """Print what to write when the texts are registered with the carriers (10DLC).

    Everything is built from the words that are really texted and shown, so register it anew when
    BRAND_NAME or HELP_CONTACT change. Publish the pages first: reviewers look at them.

    Example: shiftbell consents campaign
    """
    values = with_database()
    from shiftbell.rules import campaign as campaigns
    from shiftbell.store.models import Invitation

    if not values.brand_name:
        raise ConfigError("BRAND_NAME is not set.", hint="The carriers ask whose texts they are.")
    newest = Invitation.objects.filter(ended_at=None).order_by("-pk").first()
    made = campaigns.campaign(
        values.brand_name,
        values.help_contact,
        public_url=values.public_url,
        code=newest.code if newest else "",
        now=terminal.now(),
    )
    if not made.opt_in_page:
        terminal.note(
            "Reviewers want to see the opt-in page: set PUBLIC_URL and run "
            "`shiftbell consents invite` first."
        )
    if json:
        terminal.say_json(asdict(made))
        return
    for name, value in asdict(made).items():
        terminal.say(f"{name.replace('_', ' ').capitalize()}:")
        terminal.say("".join(f"  {line}\n" for line in _lines(value)))


def _lines(value: bool | str | tuple[str, ...]) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return value
    if isinstance(value, bool):
        return ("yes" if value else "no",)
    return (value or "not published yet",)


def _location(name: str) -> Location:
    from django.db.models import Q

    from shiftbell.store.models import Location

    named = Q(external_id__iexact=name) | Q(name__iexact=name)
    if found := Location.objects.filter(named).order_by("pk").first():
        return found
    known = ", ".join(Location.objects.order_by("name").values_list("name", flat=True)[:10])
    raise NotFound(f"There is no location {name!r}.", hint=f"Known: {known or 'none yet'}.")


def _live(code: str) -> Invitation:
    from shiftbell.store import invitations as known

    if found := known.find_live(code):
        return found
    raise NotFound(
        "There is no such open invitation.", hint="See `shiftbell consents invitations`."
    )


def _entry(invitation: Invitation, values: Settings) -> dict[str, Any]:
    from shiftbell.rules import joining
    from shiftbell.web import join

    number = join.number_for(invitation, values)
    shown = joining.readable(number, values.default_region) if number else "RC_FROM_NUMBER"
    return {
        "code": invitation.code,
        "text": joining.join_text(invitation.code),
        "number": number,
        "number_shown": shown,
        "page": joining.page_address(values.public_url, invitation.code),
        "location": invitation.location.name if invitation.location else None,
        "created_at": invitation.created_at,
        "created_by": invitation.created_by,
        "ended_at": invitation.ended_at,
    }


def _write_files(
    invitation: Invitation, values: Settings, files: dict[str, str], language: str
) -> None:
    from shiftbell.web import join, pages

    again = f"The invitation {invitation.code} is there: add --code {invitation.code}."
    number = join.number_for(invitation, values)
    if not any(files.values()):
        return
    if number is None:
        raise ConfigError("RC_FROM_NUMBER is not set, so there is no number to text.", hint=again)
    made = {
        "sheet": lambda: join.sheet(invitation, number, language, values),
        "qr": lambda: pages.qr_code(join.to_scan(invitation, number, values), alone=True),
    }
    for kind, file in files.items():
        if file:
            try:
                Path(file).write_text(made[kind](), encoding="utf-8")
            except OSError as error:
                reason = (error.strerror or "it failed").lower()
                raise BadInput(f"{file} cannot be written: {reason}.", hint=again) from None
