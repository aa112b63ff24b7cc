"""What holds of every reply, whatever its words: no surprise, no difference that dress makes."""

from hypothesis import given
from hypothesis import strategies as st

from shiftbell.rules.replies import Meaning, Reading, understand
from tests.rules.test_replies import R1_KEYWORDS, labelled

REPLIES = st.sampled_from([row.reply.replace("\\n", "\n") for row in labelled()])
ONE_LINERS = st.sampled_from([r.reply for r in labelled() if "\\n" not in r.reply])
OPT_OUTS = st.sampled_from([r.reply for r in labelled() if r.meanings == ("opt_out",)])
KEYWORDS = st.sampled_from(
    [*R1_KEYWORDS, "YES", "NO", "DROP", "DROP 2", "HELP", "INFO", "START", "PAUSE 7", "2", "sí"]
)  # fmt: skip
DRESS = st.text(" .!\n\t…", max_size=4)
SIGNATURES = st.sampled_from(
    ["\n- Zelda", "\n— Zelda Q.", "\n\nSent from my iPhone", "\nEnviado desde mi iPhone",
     "\nGet Outlook for Android", "\nZelda", " - Zelda"]
)  # fmt: skip


@given(st.text(max_size=300))
def test_any_text_at_all_has_a_meaning(text: str):
    assert understand(text, [text, text[:20]]).meaning in Meaning


@given(st.text(min_size=1, max_size=30), st.integers(1_000, 100_000))
def test_length_is_no_trouble(text: str, size: int):
    assert understand((text * (size // len(text) + 1))[:size]).meaning in Meaning


@given(st.text("abc de.\n", min_size=4_000, max_size=5_000))
def test_a_stop_at_either_end_of_an_endless_text_is_heard(babble: str):
    safe = {Meaning.OPT_OUT, Meaning.REVIEW}
    assert understand(f"STOP\n{babble}").meaning in safe
    assert understand(f"{babble}\nSTOP").meaning in safe


@given(REPLIES)
def test_the_same_text_reads_the_same_twice(reply: str):
    assert understand(reply) == understand(reply)


@given(KEYWORDS, DRESS, DRESS, st.sampled_from([str.lower, str.upper, str.title, str.swapcase]))
def test_dress_makes_no_difference_to_a_keyword(keyword, before, after, case):
    plain, dressed = understand(keyword), understand(before + case(keyword) + after)
    assert (dressed.meaning, dressed.number) == (plain.meaning, plain.number)


@given(ONE_LINERS, SIGNATURES)
def test_a_signature_changes_nothing(reply: str, signature: str):
    unsigned, signed = understand(reply), understand(reply + signature)
    assert unsigned.meaning is signed.meaning or not unsigned.answerable


@given(OPT_OUTS, st.sampled_from(["yes {}", "{} yes", "Yes.\n{}", "{}\nYES!", "I'll take it. {}"]))
def test_a_yes_beside_an_opt_out_never_accepts(opt_out: str, beside: str):
    reading = understand(beside.format(opt_out.replace("\\n", "\n")))
    assert reading.meaning in {Meaning.OPT_OUT, Meaning.REVIEW}


@given(OPT_OUTS, st.sampled_from(["please {}", "Hi. {}", "{} thanks", "{} lol", "{}!!!", "{} 🙏"]))
def test_kind_words_do_not_undo_an_opt_out(opt_out: str, around: str):
    reading = understand(around.format(opt_out.replace("\\n", "\n")))
    assert reading.meaning in {Meaning.OPT_OUT, Meaning.REVIEW, Meaning.WRONG_NUMBER}


@given(st.integers(0, 99), st.sampled_from(["{}", "#{}", "YES {}", "yes #{}", "{} yes", "SI {}"]))
def test_a_code_is_read_in_every_form(code: int, form: str):
    assert understand(form.format(code)) == Reading(Meaning.ACCEPT, number=code)
