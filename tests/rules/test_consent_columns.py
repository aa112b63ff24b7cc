"""What a file says about being texted: night offers, and the words people were shown."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from shiftbell.rules.columns import WORDS_CHARS_MAX
from shiftbell.rules.people_file import PeopleRead, read_people
from shiftbell.rules.tables import read_table

HEAD = "ID,Name,Cell,SMS Consent,Night Offers,Consent Date,Consent Source"
TODAY = date(2026, 11, 22)


def read(cells: str, head: str = HEAD) -> PeopleRead:
    raw = f"{head}\n7,Ana,3125550142,{cells}\n".encode()
    return read_people(read_table(raw), region="US", zone=ZoneInfo("America/Chicago"), today=TODAY)


@pytest.mark.parametrize(
    ("cells", "consent", "nights", "codes"),
    [
        ("yes,yes,2026-09-01,paper form", True, True, []),
        ("yes,no,2026-09-01,paper form", True, False, []),
        ("yes,,2026-09-01,paper form", True, None, []),
        (",yes,2026-09-01,paper form", None, True, []),
        ("yes,yes,2026-09-01,", None, None, ["consent_incomplete"]),
        (",yes,,paper form", None, None, ["nights_incomplete"]),
        ("no,yes,,", False, None, ["nights_incomplete"]),
        ("yes,no,,", None, False, ["consent_incomplete"]),
        (",no,,", None, False, []),
        (",perhaps,,", None, False, ["nights_unclear"]),
        ("yes,yes,2027-09-01,paper form", None, None, ["consent_future"]),
    ],
)
def test_q3_night_offers_need_the_same_proof_as_consent(cells, consent, nights, codes):
    found = read(cells)
    (person,) = found.people
    assert (person.consent, person.nights) == (consent, nights)
    assert [problem.code for problem in found.problems] == codes
    proven = person.consent_at is not None and person.consent_source == "paper form"
    assert proven is bool(consent or nights)


def test_k1_the_words_people_were_shown_are_kept_whole_with_their_version():
    words = "Acme may text me about open shifts. " * 40
    head = HEAD + ",Consent Text,Consent Version"
    found = read(f"yes,,2026-09-01,paper form,{words},2026-03", head)
    (person,) = found.people
    assert (person.shown, person.shown_version) == (words.strip(), "2026-03")
    assert found.unshown == 0
    assert len(words) < WORDS_CHARS_MAX


@pytest.mark.parametrize(
    ("cells", "unshown"),
    [
        ("yes,,2026-09-01,paper form,,", 1),
        ("yes,,2026-09-01,paper form,,2026-03", 0),
        ("no,,,,,", 0),
        (",yes,2026-09-01,paper form,,", 0),
    ],
)
def test_k1_consents_without_those_words_are_counted(cells, unshown):
    assert read(cells, HEAD + ",Consent Text,Consent Version").unshown == unshown
