"""Invitations: one code each for ever, found while they are open, ended once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError

from shiftbell.errors import NotFound
from shiftbell.store import invitations
from shiftbell.store.models import Invitation, TimelineEntry
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db


def an_invitation(at: str = "Dock 4") -> Invitation:
    with write():
        return invitations.make(crew.place(at) if at else None, now=NOON, actor="Mia")


def test_it_is_found_by_its_code_with_its_location():
    made = an_invitation()
    found = invitations.find_live(made.code)
    assert found == made
    assert found.location == crew.place("Dock 4")
    assert (found.created_by, found.created_at) == ("Mia", NOON)


def test_one_without_a_location_is_for_everyone():
    found = invitations.find_live(an_invitation("").code)
    assert found is not None and found.location is None


def test_ended_it_is_found_no_more_and_its_code_stays_its_own():
    made = an_invitation()
    with write():
        invitations.end(made.code, now=NOON + timedelta(days=1), actor="Mia")
    assert invitations.find_live(made.code) is None
    with pytest.raises(IntegrityError), write():
        Invitation.objects.create(code=made.code, created_at=NOON, created_by="Mia")


def test_ending_it_again_changes_nothing():
    made = an_invitation()
    for days in (1, 2):
        with write():
            ended = invitations.end(made.code, now=NOON + timedelta(days=days), actor="Mia")
        assert ended.ended_at == NOON + timedelta(days=1)
    assert TimelineEntry.objects.filter(what="invitation.ended").count() == 1


def test_a_code_that_never_was_cannot_be_ended():
    with pytest.raises(NotFound), write():
        invitations.end("4821", now=NOON, actor="Mia")


@pytest.mark.parametrize("code", ["", "4821", "4821 ", "٤٨٢١", "4821' OR 1=1 --", "9" * 400])
def test_an_unknown_code_finds_nothing(code: str):
    assert invitations.find_live(code) is None


def test_the_timeline_tells_who_made_it():
    made = an_invitation()
    entry = TimelineEntry.objects.get(what="invitation.made")
    assert (entry.actor, entry.detail) == ("Mia", {"code": made.code, "location": "Dock 4"})


def test_it_names_the_sender_kept_for_its_location():
    first, docks = crew.sender(), crew.sender("+16505550101", locations=["Dock 4"])
    assert invitations.number_to_text(an_invitation("Dock 4")) == docks.e164
    assert invitations.number_to_text(an_invitation("Main St")) == first.e164
    assert invitations.number_to_text(an_invitation("")) == first.e164


def test_before_there_is_a_sender_it_names_none():
    assert invitations.number_to_text(an_invitation()) is None
