"""consents and people: words about e-mail, what stays masked, and what is refused."""

from __future__ import annotations

import json

import pytest

from shiftbell.cli import main
from shiftbell.flow.check_address import REFUSED_ENDS
from shiftbell.store.models import Consent, EmailAddress, Employee, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.moments import NOON

pytestmark = pytest.mark.django_db
ANA, MAIL = "+13125550100", "ana.lee@example.com"
PHONED = "phoned from 312-555-0177, then bo@example.org"


@pytest.fixture
def ana() -> Employee:
    with write():
        return crew.person("Ana", 0, external_id="1001", email=MAIL, notes="home: 312-555-0188")


@pytest.fixture
def type_in(capsys):
    """Type a command; return its exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_r3_no_more_e_mail_is_recorded_for_a_person_and_shown_as_that(ana, type_in):
    code, out, _ = type_in("consents", "revoke", "1001", "--mail", "--source", "told Mia")
    assert (code, out) == (0, "Ana, a•••@example.com: no more e-mail.\n")
    assert PhoneNumber.objects.get().opted_out_at is None
    assert EmailAddress.objects.get().opted_out_at is not None
    for group in ("consents", "people"):
        shown = type_in(group, "show", "1001")[1]
        assert "wants no more e-mail" in shown
        assert "wants no more texts" not in shown
    events = json.loads(type_in("people", "show", "1001", "--json")[1])["consent_events"]
    assert [(event["kind"], event["what"]) for event in events] == [
        ("granted", "agreed to be texted"),
        ("revoked", "wants no more e-mail"),
    ]


def test_r3_all_ends_texts_and_e_mail(ana, type_in):
    code, out, _ = type_in("consents", "revoke", ANA, "--all", "--source", "a letter", "--json")
    told = json.loads(out)
    assert (code, told["number"], told["address"]) == (0, "+1•••••0100", "a•••@example.com")
    assert (told["employee"], told["new"]) == (str(ana), True)
    assert told["opted_out_since"] == told["mail_opted_out_since"] is not None
    code, out, _ = type_in("consents", "revoke", "1001", "--all", "--source", "a letter")
    assert out == (
        "Ana, +1•••••0100, a•••@example.com: no more texts, no more e-mail. They had opted out "
        "before; this is on record too now. Only START or JOIN from their phone lifts it.\n"
    )


def test_r3_an_address_is_named_as_such_known_or_not(ana, type_in):
    code, out, _ = type_in("consents", "revoke", "Ana.Lee@Example.com", "--source", "a call")
    assert (code, out) == (0, "Ana, a•••@example.com: no more e-mail.\n")
    code, out, _ = type_in("consents", "revoke", "bo@example.org", "--source", "a call")
    assert (code, out) == (0, "Nobody on the roster, b•••@example.org: no more e-mail.\n")
    assert "wants no more e-mail" in type_in("consents", "show", "bo@example.org")[1]


def test_r3_without_a_number_an_address_is_enough(type_in):
    with write():
        crew.person("Noa", external_id="NOA", email="noa@example.com")
    code, _, err = type_in("consents", "revoke", "NOA", "--source", "told Mia")
    assert (code, "--mail" in err) == (1, True)
    assert type_in("consents", "revoke", "NOA", "--mail", "--source", "told Mia")[0] == 0
    assert EmailAddress.objects.get().opted_out_at is not None


def test_only_one_of_mail_and_all_is_said(ana, type_in):
    code, _, err = type_in("consents", "revoke", "1001", "--mail", "--all", "--source", "x")
    assert (code, err) == (2, "Say --mail or --all, not both.\n")


@pytest.mark.parametrize("blank", ["", " "])
def test_evidence_is_never_blank(ana, type_in, blank):
    code, _, err = type_in("consents", "revoke", "1001", "--source", blank)
    assert (code, err.startswith("How this came to you is missing.")) == (2, True)
    Employee.objects.update(active=False)
    erase = ("consents", "erase", "1001", "--because", blank, "--despite-retention", "--yes")
    code, _, err = type_in(*erase)
    assert (code, err.startswith("Why it is erased is missing.")) == (2, True)
    assert [event.kind for event in Consent.objects.all()] == ["granted"]


def test_numbers_and_addresses_are_masked_wherever_they_stand(ana, type_in):
    said = ("--source", PHONED, "--words", "call 312-555-0123 or ana@example.org")
    type_in("consents", "revoke", "1001", "--all", *said)
    for command in ("consents", "people"):
        for how in ((), ("--json",)):
            shown = type_in(command, "show", "1001", *how)[1]
            for part in ("5550100", "555-01", "ana.lee", "bo@", "ana@"):
                assert part not in shown
            whole = type_in(command, "show", "1001", "--show-numbers", *how)[1]
            for part in (ANA, PHONED):
                assert part in whole
    assert MAIL in type_in("people", "show", "1001", "--show-numbers")[1]


def test_hashes_are_shown_as_they_are(ana, type_in):
    (event,) = json.loads(type_in("consents", "show", "1001", "--json")[1])
    row = Consent.objects.get()
    assert (event["digest"], event["hash"]) == (row.digest, row.hash)
    assert row.salt is not None
    assert event["salt"] == bytes(row.salt).hex()


def test_an_entry_that_is_not_there_is_said_to_be_none(type_in):
    code, _, err = type_in("consents", "show", "c99999")
    assert (code, err) == (2, "There is no entry c99999 in the consent ledger.\n")


@pytest.fixture
def bounced(ana) -> None:
    EmailAddress.objects.create(
        address=MAIL, unusable_since=NOON, unusable_reason="550 no such mailbox"
    )


def test_the_state_of_an_address_and_what_ends_it(bounced, type_in):
    code, out, _ = type_in("people", "email", "1001")
    assert code == 0
    assert out.splitlines() == [
        "Ana (e1), a•••@example.com",
        "E-mail:   refused",
        "Trouble:  550 no such mailbox since Tue Nov 24 12:00",
        f"Ends by:  {REFUSED_ENDS}",
    ]


def test_a_word_with_its_reason_makes_an_address_usable(bounced, type_in):
    word = ("people", "email", "1001", "--usable", "--because", "their mailbox was full")
    told = json.loads(type_in(*word, "--json")[1])
    assert (told["address"], told["trouble"], told["since"]) == ("a•••@example.com", None, None)
    assert EmailAddress.objects.get().unusable_since is None


@pytest.mark.parametrize("word", [["--usable"], ["--because", "x"], ["--usable", "--because", " "]])
def test_a_word_about_an_address_needs_a_reason_and_a_reason_a_word(bounced, type_in, word):
    assert type_in("people", "email", "1001", *word)[0] == 2
    assert EmailAddress.objects.get().unusable_since == NOON


def test_a_word_of_ours_never_ends_theirs(bounced, type_in):
    type_in("consents", "revoke", "1001", "--mail", "--source", "told Mia")
    assert "E-mail:   they want none" in type_in("people", "email", "1001")[1]
    code, _, err = type_in("people", "email", "1001", "--usable", "--because", "asked them")
    assert (code, err.startswith("Ana wants no e-mail.")) == (1, True)


def test_who_has_no_address_is_told_so(type_in):
    with write():
        crew.person("Noa", external_id="NOA")
    code, _, err = type_in("people", "email", "NOA")
    assert (code, err.split(".")[0]) == (1, "Noa has no e-mail address")
