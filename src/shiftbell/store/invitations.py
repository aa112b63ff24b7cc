"""Invitations to text JOIN: made, found by their code, ended.

A code is unique among all that were ever made, so an old poster finds its own ended invitation and
never another's live one.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from shiftbell.errors import NotFound
from shiftbell.rules import joining
from shiftbell.rules.offering import choose_sender
from shiftbell.store import numbers, timeline
from shiftbell.store.models import Invitation, Location, Sender


def make(location: Location | None, *, now: datetime, actor: str) -> Invitation:
    """Make an invitation with a new code. Call inside `write()`.

    Two that draw the same code at once end in an IntegrityError of the second, who may try again.
    """
    taken = set(Invitation.objects.values_list("code", flat=True))
    made = Invitation.objects.create(
        code=joining.draw_code(taken, secrets.randbelow),
        location=location,
        created_at=now,
        created_by=actor,
    )
    place = location.name if location else "any location"
    timeline.tell("invitation.made", at=now, actor=actor, code=made.code, location=place)
    return made


def find_live(code: str) -> Invitation | None:
    """Return the invitation that a JOIN with this code answers; None where none is open."""
    open_ones = Invitation.objects.filter(ended_at=None).select_related("location")
    return open_ones.filter(code=code).first()


def end(code: str, *, now: datetime, actor: str) -> Invitation:
    """End an invitation; one that has ended stays as it is. Call inside `write()`.

    Raises NotFound for a code that was never given out.
    """
    known = Invitation.objects.select_related("location").filter(code=code)
    invitation = known.select_for_update(of=("self",)).first()
    if invitation is None:
        raise NotFound("There is no such invitation.", hint="See `shiftbell consents invitations`.")
    if invitation.ended_at is None:
        invitation.ended_at = now
        invitation.save(update_fields=["ended_at"])
        timeline.tell("invitation.ended", at=now, actor=actor, code=code)
    return invitation


def number_to_text(invitation: Invitation) -> str | None:
    """Return the number of ours to text, in E.164; None before there is a sender.

    Like the sender of a first text: the location's own, else the one with fewest people. Whichever
    a poster names stays right, since a JOIN is heard at every number of ours.
    """
    place = invitation.location.name if invitation.location else ""
    chosen = choose_sender(place, numbers.sender_loads())
    return Sender.objects.get(pk=chosen.sender).e164 if chosen else None
