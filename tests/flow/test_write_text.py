"""Who reads a text decides its language; where the shift is decides its clock."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from shiftbell.errors import BadTemplate
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_text import recipient_zone, shift_words, write_text
from shiftbell.rules.wording import Wording
from shiftbell.store.models import Location, TimelineEntry
from tests.flow.talk import Talk


def test_a_text_is_in_the_readers_language_and_the_sites_time(talk: Talk):
    shift = talk.shift()
    ana = talk.employee("Ana", language="es-MX", zone="America/New_York")
    text = write_text(Wording.CONFIRMATION, ana, talk.number("Ana"), shift=shift)
    assert text == "Es tuyo, Ana: mié 25 nov 12pm-8pm, Dock 4."


def test_the_required_words_ride_on_everything_until_a_first_text_has_left(talk: Talk):
    talk.employee("Ana")
    number = talk.number("Ana")
    number.first_texted_at = None
    text = write_text(Wording.NO_LIVE_OFFER, talk.employee("Ana"), number)
    assert text.startswith("Thanks Ana, but no open shift")
    assert text.endswith("Reply HELP for help, STOP to opt out.")


def test_tomorrow_is_said_only_with_a_now(talk: Talk):
    shift = talk.shift()
    ana, number = talk.employee("Ana"), talk.number("Ana")
    said = write_text(Wording.REMINDER, ana, number, shift=shift, now=talk.now)
    assert "tomorrow, Wed Nov 25" in said
    assert "tomorrow" not in write_text(Wording.REMINDER, ana, number, shift=shift)


def test_a_text_that_lacks_a_fact_is_not_written(talk: Talk):
    with pytest.raises(BadTemplate):
        write_text(Wording.CONFIRMATION, None, talk.number(talk.employee("Ana").first_name))


def test_a_stranger_reads_english_without_a_name(talk: Talk):
    talk.employee("Ana")
    text = write_text(Wording.NO_LIVE_OFFER, None, talk.number("Ana"))
    assert text.startswith("Thanks, but no open shift")


def test_the_readers_zone_is_their_own_then_their_homes_then_the_sites(talk: Talk):
    ana, shift = talk.employee("Ana"), talk.shift()
    assert recipient_zone(None) == ZoneInfo("America/Chicago")
    assert recipient_zone(ana, shift) == ZoneInfo("America/Chicago")
    ana.locations.add(Location.objects.create(external_id="LA", zone="America/Los_Angeles"))
    assert recipient_zone(ana, shift) == ZoneInfo("America/Los_Angeles")
    ana.zone = "Pacific/Honolulu"
    assert recipient_zone(ana, shift) == ZoneInfo("Pacific/Honolulu")


def test_a_shift_over_midnight(talk: Talk):
    assert shift_words(talk.shift(starts_in=30)) == "Wed Nov 25 6pm-2am, Dock 4"


@pytest.mark.django_db(transaction=True)
def test_what_the_manager_is_told_stands_on_the_timeline_with_its_ids(talk: Talk):
    shift = talk.shift()
    tell_manager(talk.now + timedelta(0), "Look at this.", shift=shift)
    fact = TimelineEntry.objects.get(what="manager.told")
    assert (fact.detail, fact.shift, fact.employee) == ({"words": "Look at this."}, shift.pk, None)
