"""What a reply means, held against a corpus of replies labelled by hand.

`replies.tsv` grew in rounds: replies were written and labelled first, read afterwards, and what
was misread became a phrase of the data. Two mistakes have tests of their own, since they must not
happen at all: an opt-out missed, and chatter taken for a YES.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from shiftbell.rules.replies import Meaning, Reading, understand

CORPUS = Path(__file__).with_name("replies.tsv")
FIELD = Path(__file__).with_name("replies_field.tsv")
OFFER = "Acme: Sat Nov 28 7am-3pm, Dock 4. Reply YES to take it, STOP to opt out."
OFERTA = "Acme: sáb 28 nov, 7-15. Responde SI 2 para tomarlo, STOP para darte de baja."
R1_KEYWORDS = (
    "STOP", "QUIT", "END", "REVOKE", "OPT OUT", "CANCEL", "UNSUBSCRIBE", "STOPALL", "OPTOUT",
    "OPT-OUT", "STOP ALL", "REMOVE", "ARRET",
)  # fmt: skip


class Labelled(NamedTuple):
    meanings: tuple[str, ...]
    number: int | None
    reply: str


def labelled(corpus: Path = CORPUS) -> list[Labelled]:
    lines = corpus.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t", 2) for line in lines if not line.startswith("#"))
    return [
        Labelled(tuple(meaning.split("|")), int(number) if number else None, reply)
        for meaning, number, reply in rows
    ]


def read(reply: str) -> Reading:
    return understand(reply.replace("\\n", "\n"))


def test_every_labelled_reply_is_read_as_labelled():
    misread = [
        f"{row.reply!r}: {reading.meaning} {reading.number or ''}, not {'|'.join(row.meanings)}"
        for row in labelled()
        if (reading := read(row.reply)).meaning not in row.meanings
        or (row.number is not None and reading.number != row.number)
    ]
    assert misread == []


@pytest.mark.parametrize("corpus", [CORPUS, FIELD])
def test_no_opt_out_is_read_as_anything_less(corpus: Path):
    opt_outs = [row for row in labelled(corpus) if "opt_out" in row.meanings]
    # A wrong number has every effect of an opt-out, and an alert besides.
    safe = {Meaning.OPT_OUT, Meaning.REVIEW, Meaning.WRONG_NUMBER}
    assert len(opt_outs) >= 250
    assert [row.reply for row in opt_outs if read(row.reply).meaning not in safe] == []


@pytest.mark.parametrize("corpus", [CORPUS, FIELD])
def test_nothing_but_a_yes_is_read_as_an_acceptance(corpus: Path):
    others = [row for row in labelled(corpus) if "accept" not in row.meanings]
    assert len(others) >= 500
    assert [row.reply for row in others if read(row.reply).meaning is Meaning.ACCEPT] == []


def test_replies_written_without_knowing_the_rules_are_mostly_read_as_meant():
    rows = labelled(FIELD)
    right = sum(read(row.reply).meaning in row.meanings for row in rows)
    assert right / len(rows) > 0.85


def test_the_corpus_holds_every_meaning_many_times_over():
    first = [row.meanings[0] for row in labelled()]
    assert {meaning for meaning in Meaning if first.count(meaning) >= 20} == set(Meaning)


@pytest.mark.parametrize("keyword", R1_KEYWORDS)
@pytest.mark.parametrize("written", ["{}", " {} ", "{}.", "{}!!!", '"{}"', "({})", "\n{}\n", "{}…"])
def test_the_words_of_the_rule_opt_out_in_any_dress(keyword: str, written: str):
    for spelling in (keyword, keyword.lower(), keyword.title()):
        assert read(written.format(spelling)).meaning is Meaning.OPT_OUT


@pytest.mark.parametrize(
    ("reply", "itself"),
    [
        ("STOP", True), (" stop\n", True), ("Unsubscribe", True), ("QUIT", True),
        ("CANCEL", True), ("END", True), ("START", True), ("unstop", True), ("RESUME", True),
        ("SUBSCRIBE", True), ("CONTINUE", True), ("REVOKE", False), ("STOPALL", False),
        ("OPT OUT", False), ("please stop", False), ("STOP.", False), ("YES", False), ("", False),
    ],
)  # fmt: skip
def test_only_ringcentrals_own_words_count_as_acted_on_by_the_carrier(reply: str, itself: bool):
    assert understand(reply).carrier_keyword is itself


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "  \n ",
        "\u200b",
        "Loved an image",
        f"Liked “{OFFER}”",
        f"👍 to “{OFFER}”",
        f"Le gustó “{OFFER}”",
        f"Reacted 👍 to “{OFFER}”",
        f"Removed a like from “{OFFER}”",
    ],
)
def test_a_tapback_or_an_empty_text_wants_no_answer(reply: str):
    assert understand(reply) == Reading(Meaning.UNCLEAR, answerable=False)


@pytest.mark.parametrize("reply", ["what?", "😂", OFFER, f"> {OFFER}"])
def test_anything_else_unclear_gets_its_question(reply: str):
    assert understand(reply) == Reading(Meaning.UNCLEAR)


@pytest.mark.parametrize(
    ("reply", "meaning"),
    [
        (f"{OFFER} yes", Meaning.ACCEPT),
        (f"yes {OFFER}", Meaning.ACCEPT),
        (f"{OFFER}\n\nno", Meaning.DECLINE),
        (f"{OFFER}\nstop", Meaning.OPT_OUT),
        (f"STOP\n{OFFER}", Meaning.OPT_OUT),
        (f"Liked “{OFFER}”\nSTOP", Meaning.OPT_OUT),
        (f"Liked “{OFFER}”\nyes", Meaning.ACCEPT),
        ("> Acme: Sat 7am. Reply YES to take\n> it, STOP to opt out.\nyes", Meaning.ACCEPT),
        (f"yes\n\nOn Mon, Nov 2, 2026 at 5:00 PM Acme wrote:\n> {OFFER}", Meaning.ACCEPT),
        ("> STOP\nplease", Meaning.OPT_OUT),
        ("Please\nNo", Meaning.DECLINE),
        ("\nSÍ", Meaning.ACCEPT),
        ("Busy\n- STOP", Meaning.OPT_OUT),
        ("STOP to opt out", Meaning.OPT_OUT),
        ("Reply STOP to opt out.", Meaning.OPT_OUT),
        (f"{OFERTA} si", Meaning.ACCEPT),
        ("Sorry, I only understand YES, NO, DROP, HELP or STOP.", Meaning.UNCLEAR),
    ],
)  # fmt: skip
def test_our_words_quoted_back_are_not_the_persons(reply: str, meaning: Meaning):
    assert understand(reply).meaning is meaning


def test_a_copy_of_any_recent_text_of_ours_is_left_out():
    ours = ["It is yours, Ben: Sat Nov 28 7am-3pm. I will take care of the rest, stop by the desk."]
    assert understand(f"{ours[0]} drop", ours).meaning is Meaning.DROP
    assert understand(ours[0].upper(), ours).meaning is Meaning.UNCLEAR
    assert understand(f"> {ours[0]}\nSTOP", ours).meaning is Meaning.OPT_OUT


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("JOIN 4821", "4821"), ("join4821", "4821"), ("Join #4821.", "4821"),
        ("JOIN 4821 please", "4821"), ("UNIRME 4821", "4821"), ("JOIN 48213", "48213"),
        ("JOIN 4821 4821", "4821"), ("Text JOIN 4821 to (650) 555-0100", "4821"),
        ("JOIN 482", "482"), ("JOIN", ""), ("Ana Lopez JOIN 4821", "4821"),
    ],
)  # fmt: skip
def test_a_join_carries_the_code_of_its_invitation(reply: str, code: str):
    assert understand(reply) == Reading(Meaning.JOIN, join_code=code)


@pytest.mark.parametrize("keyword", R1_KEYWORDS)
@pytest.mark.parametrize("written", ["{} JOIN 4821", "JOIN 4821 {}", "JOIN {} 4821", "{} JOIN"])
def test_a_join_never_outweighs_an_opt_out_word_beside_it(keyword: str, written: str):
    for spelling in (keyword, keyword.lower(), keyword.title()):
        said = understand(written.format(spelling)).meaning
        assert said in {Meaning.OPT_OUT, Meaning.REVIEW}


@pytest.mark.parametrize("reply", ["JOIN 48 21", "JOIN 2", "4821", "JOIN 4821 or 4822", "JOIN 1 2"])
def test_a_join_that_cannot_be_told_for_sure_is_asked_about(reply: str):
    assert understand(reply).meaning is Meaning.UNCLEAR
