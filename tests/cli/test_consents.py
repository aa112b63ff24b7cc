"""consents: what an operator sees of the ledger, and what they may write into it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from shiftbell.cli import main
from shiftbell.rules import phones
from shiftbell.store import audit
from shiftbell.store.models import Consent, ConsentAnchor, Employee, PhoneNumber
from shiftbell.store.transactions import write
from tests import crew
from tests.ledgers import filled

pytestmark = pytest.mark.django_db
ANA = "+13125550100"
GRANT = ["consents", "grant", "1001", "--at", "2026-11-01", "--source", "paper form, binder 3"]


@pytest.fixture
def ana() -> Employee:
    with write():
        return crew.person("Ana", 0, external_id="1001", consent=False)


def shell(capsys, *arguments: str) -> tuple[int, str, str]:
    code = main(["consents", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.parametrize("whom", ["1001", "e{pk}", ANA, "(312) 555-0100", "c{consent}"])
def test_the_history_is_shown_in_plain_words_with_masked_numbers(ana, capsys, whom):
    assert main([*GRANT, "--version", "2026-11"]) == 0
    main(["consents", "revoke", "1001", "--source", "at the dock", "--words", "call 312-555-0123"])
    capsys.readouterr()
    consent = Consent.objects.earliest("pk")
    code, out, _ = shell(capsys, "show", whom.format(pk=ana.pk, consent=consent.pk))
    assert code == 0
    assert f"2026-11-01 00:00  {consent}  agreed to be texted" in out
    assert "form: paper form, binder 3, recorded " in out
    assert "had been shown (version 2026-11): You agree to get automated texts from Acme" in out
    if "c" not in whom:
        assert "wants no more texts" in out
        assert phones.mask_text(out) == out


def test_numbers_are_shown_whole_where_that_is_asked_for(ana, capsys):
    main(["consents", "revoke", ANA, "--source", "a letter"])
    capsys.readouterr()
    for arguments in (["show", "1001"], ["show", "1001", "--json"]):
        assert ANA not in shell(capsys, *arguments)[1]
        assert ANA in shell(capsys, *arguments, "--show-numbers")[1]


def test_nobody_of_that_name_or_number_is_found(capsys):
    assert shell(capsys, "show", "4711")[0] == 2
    assert shell(capsys, "show", "+13125550199")[2] == "Nothing is on record.\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ([], "What the person had been shown when they agreed is missing."),
        (["--version", "1999-01"], "No disclosure has the version '1999-01'."),
        (["--version", "2026-11", "--how", "text"], "Nobody can vouch here for 'text'."),
        (["--version", "2026-11", "--at", "2026-02-30"], "This date cannot be read."),
        (["--version", "2026-11", "--at", "tomorrow"], "This moment is still to come."),
        (["--version", "2026-11", "--source", " "], "Where this consent can be looked up"),
        (["--words-file", "nowhere.txt"], "nowhere.txt cannot be read"),
    ],
)
def test_k1_consent_that_proves_nothing_is_refused(ana, capsys, more, said):
    assert main([*GRANT, *more]) == 2
    assert capsys.readouterr().err.startswith(said)
    assert not Consent.objects.exists()


def test_k1_the_words_of_a_form_of_ones_own_are_kept(ana, capsys, tmp_path):
    form = tmp_path / "form.txt"
    form.write_text("I agree to get texts from Acme.\n")
    assert main([*GRANT, "--words-file", str(form), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "employee": str(ana),
        "recorded": True,
        "opted_out_since": None,
    }
    event = Consent.objects.get()
    assert (event.disclosure, event.version, event.how) == (
        "I agree to get texts from Acme.",
        "",
        "form",
    )


def test_r9_a_grant_after_an_opt_out_says_what_lifts_it(ana, capsys):
    code, out, _ = shell(capsys, "revoke", "1001", "--source", "told Mia")
    assert (code, out) == (
        0,
        "Ana, +1•••••0100: no more texts. Only START or JOIN from their phone lifts it.\n",
    )
    main([*GRANT, "--version", "2026-11"])
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "Ana: Recorded."
    assert said[1].startswith("No text is sent all the same: they opted out on ")
    assert said[1].endswith("Only START or JOIN from their phone lifts it.")
    assert PhoneNumber.objects.get().opted_out_at is not None


def test_r3_a_strangers_number_is_opted_out_and_said_again_it_is_recorded_again(capsys):
    said = [shell(capsys, "revoke", "312 555 0177", "--source", "a call")[1] for _ in range(2)]
    assert said[0].startswith("Nobody on the roster, +1•••••0177: no more texts. Only ")
    assert "They had opted out before" in said[1]
    code, out, _ = shell(capsys, "revoke", "312 555 0177", "--source", "a call", "--json")
    assert (code, json.loads(out)["new"], json.loads(out)["employee"]) == (0, False, None)
    assert Consent.objects.count() == 3


def test_a_whole_ledger_verifies_and_shows_the_anchor_to_keep(capsys):
    filled()
    code, out, _ = shell(capsys, "verify")
    first, keep, anchor = out.splitlines()
    assert (code, first) == (0, "17 entries, 5 chains, 2 anchors: all as written.")
    assert keep.startswith("Keep this anchor elsewhere")
    assert shell(capsys, "verify", "--anchor", anchor.strip())[0] == 0
    document = json.loads(shell(capsys, "verify", "--json")[1])
    assert document == {
        "whole": True, "flaws": [], "events": 17, "chains": 5, "anchors": 2,
        "newest_anchor": anchor.strip(),
    }  # fmt: skip


def test_a_changed_ledger_is_told_with_the_place_and_exit_code_1(capsys):
    filled()
    Consent.objects.filter(pk=5).update(words="START")
    code, out, _ = shell(capsys, "verify")
    assert code == 1
    assert "  number 1, entry 2 (c5): what was said is not what was written.\n" in out
    code, out, _ = shell(capsys, "verify", "--json")
    assert (code, json.loads(out)["flaws"][0]["where"]) == (1, "number 1, entry 2 (c5)")


def test_a_kept_anchor_that_is_gone_is_told(capsys):
    filled()
    kept = shell(capsys, "verify")[1].splitlines()[-1].strip()
    Consent.objects.filter(anchor=2).update(anchor=None)
    ConsentAnchor.objects.filter(pk=2).delete()
    assert shell(capsys, "verify")[0] == 0, "by itself it looks whole"
    code, out, _ = shell(capsys, "verify", "--anchor", kept)
    assert code == 1
    assert "the anchor of 2026-11-26 that you kept: it is not in the ledger." in out
    code, _, err = shell(capsys, "verify", "--anchor", kept[:40])
    assert (code, err.split(".")[0]) == (2, "This is no anchor")


def test_the_export_is_one_private_file_with_whole_numbers(ana, capsys, tmp_path: Path):
    main([*GRANT, "--version", "2026-11"])
    file = tmp_path / "ana.txt"
    file.touch(mode=0o644)
    capsys.readouterr()
    code, out, err = shell(capsys, "export", "--employee", "1001", "--output", str(file))
    assert (code, out) == (0, "")
    assert "shows phone numbers whole" in err
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert ANA in file.read_text()
    _, page, _ = shell(capsys, "export", "--employee", "1001")
    assert page.splitlines()[4:] == file.read_text().splitlines()[4:]
    facts = json.loads(shell(capsys, "export", "--employee", "1001", "--json")[1])
    assert facts["person"]["id"] == str(ana)
    assert facts["consents"][0]["said_at"] == "2026-11-01T05:00:00+00:00"
    code, _, err = shell(capsys, "export", "--employee", "1001", "--output", str(tmp_path))
    assert (code, "cannot be written" in err) == (2, True)


def test_erasing_says_what_stays_and_leaves_a_whole_ledger(ana, capsys):
    main([*GRANT, "--version", "2026-11"])
    arguments = ["erase", "1001", "--because", "their request"]
    capsys.readouterr()
    code, _, err = shell(capsys, *arguments, "--yes")
    assert (code, err.startswith("Ana is still on the crew.")) == (1, True)
    Employee.objects.update(active=False)
    code, out, _ = shell(capsys, *arguments, "--yes")
    assert (code, out.startswith(f"1 entry of {ana} erased.")) == (0, True)
    assert "Not erased: texts, replies, e-mails, the timeline and the roster entry." in out
    assert json.loads(shell(capsys, *arguments, "--yes", "--json")[1])["erased"] == 0
    assert audit.verify().flaws == ()
