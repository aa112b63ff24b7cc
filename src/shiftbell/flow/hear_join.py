"""JOIN and a code: someone signs up for texts from their own phone (K1, K5).

Their text is the proof: it came from that very number, and the code says which page or sheet they
had read. What those words were is put on record with it. Shiftbell never texts first; the answer
that confirms the sign-up carries all that a first text must say.

Whoever is not on the roster yet may sign up too: their word waits for the day somebody adds them
with this number (`store/consent.adopt`), and a person is told.
"""

from __future__ import annotations

from dataclasses import replace

from shiftbell.config import settings
from shiftbell.flow.answer_reply import Reply, answer, needs_person
from shiftbell.flow.hear_consent import is_overtaken, own_words, welcome
from shiftbell.flow.write_text import NO_BRAND
from shiftbell.rules.disclosure import disclosure
from shiftbell.rules.wording import Wording
from shiftbell.store import consent, invitations
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Invitation


def hear_join(reply: Reply) -> None:
    """Put the sign-up on record and confirm it; ask again where the code is none of ours."""
    if is_overtaken(reply, "JOIN"):
        return
    invitation = invitations.find_live(reply.reading.join_code)
    if invitation is None:
        _unknown_code(reply)
        return
    consent.join(
        reply.number,
        reply.employee,
        _evidence(reply, invitation),
        at=reply.written_at,
        now=reply.now,
    )
    welcome(reply, "JOIN")


def _unknown_code(reply: Reply) -> None:
    if reply.number.opted_out_at is not None:
        needs_person(reply, "JOIN with a code that is not in use, from someone who opted out")
    else:
        answer(reply, Wording.JOIN_UNKNOWN)


def _evidence(reply: Reply, invitation: Invitation) -> Evidence:
    language = reply.employee.language if reply.employee else ""
    values = settings()
    shown = disclosure(values.brand_name or NO_BRAND, values.help_contact, language)
    place = f" at {invitation.location.name}" if invitation.location else ""
    return replace(
        own_words(reply.message),
        source=f"JOIN {invitation.code}{place}",
        disclosure=shown.words,
        version=shown.version,
    )
