"""What counts as an e-mail address, and what of one may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadAddress
from shiftbell.rules.mail_address import compared, mask, mask_text, normalised


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("ana@example.com", "ana@example.com"),
        ("  ana@example.com\n", "ana@example.com"),
        ("Ana.Garcia+shifts@Example.COM", "Ana.Garcia+shifts@example.com"),
        ("o'neil@example.org", "o'neil@example.org"),
        ("mailto:ana@example.com", "ana@example.com"),
        ("\u200bana@example.com\ufeff", "ana@example.com"),
        ("ａｎａ@example.com", "ana@example.com"),
        ("a@sub-1.example.com", "a@sub-1.example.com"),
        ("a@xn--bcher-kva.example.com", "a@xn--bcher-kva.example.com"),
        ("_-!#$%&'*+/=?^`{|}~@example.com", "_-!#$%&'*+/=?^`{|}~@example.com"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
    ],
)
def test_an_address_is_read_as_it_was_meant(written, read):
    assert normalised(written) == read
    assert normalised(read) == read


@pytest.mark.parametrize(
    "written",
    [
        *("", " ", "ana", "ana@", "@example.com", "ana@localhost", "ana@example", "@"),
        *("ana@@example.com", "ana@b@example.com", "ana@example.com, ben@example.com"),
        *("ana garcia@example.com", "ana@exa mple.com", "Ana <ana@example.com>"),
        *(".ana@example.com", "ana.@example.com", "an..a@example.com", '"ana"@example.com'),
        *("ana@-example.com", "ana@example-.com", "ana@example..com", "ana@example.com."),
        *("ana@[127.0.0.1]", "ana@127.0.0.1", "ana@example.123", "ana@exam_ple.com"),
        *("maría@example.com", "ana@exämple.com", "ana@example.com\r\nBcc: ben@example.com"),
        *("ana@example.com\nX: y", "ana\0@example.com", "a(b)@example.com", "ana@example.com;x"),
        *(f"{'a' * 65}@example.com", f"a@{'b' * 64}.example.com", f"a@{'b.' * 125}example.com"),
    ],
)
def test_what_is_no_address_is_refused_with_the_next_step(written):
    with pytest.raises(BadAddress) as refused:
        normalised(written)
    assert refused.value.hint
    assert refused.value.field == "email"
    assert "ben" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("ana@example.com", "a•••@example.com"),
        ("a@example.com", "a•••@example.com"),
        ("ana", "•••"),
        ("", "•••"),
        ("@example.com", "•••"),
        ("ana@", "•••"),
        ("a•••@example.com", "a•••@example.com"),
    ],
)
def test_a_log_shows_the_first_letter_and_the_domain(address, shown):
    assert mask(address) == shown


def test_an_address_is_masked_wherever_a_server_repeats_it():
    said = "550 5.1.1 <Ana.Garcia@example.com>: unknown; see mailto:help@example.org"
    shown = "550 5.1.1 <A•••@example.com>: unknown; see mailto:h•••@example.org"
    assert mask_text(said) == shown
    assert mask_text("4.2.0 greylisted at 12:00") == "4.2.0 greylisted at 12:00"


def test_two_spellings_of_one_mailbox_compare_alike():
    assert compared("Ana@Example.com ") == compared("ana@example.COM")


@given(st.text(max_size=60))
def test_whatever_passes_is_one_line_of_plain_letters(text):
    try:
        address = normalised(text)
    except BadAddress:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert address.count("@") == 1
