"""What export buttons and Excel make of a table, read with the lines an editor shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.errors import BadInput
from shiftbell.rules.tables import FILE_BYTES_MAX, Row, Table, read_table

CREW = "ID,Name,City\n1,José O'Neil,Peña\n2,María Ñandú,Zoë\n"
READ = Table(
    ("ID", "Name", "City"),
    (Row(2, ("1", "José O'Neil", "Peña")), Row(3, ("2", "María Ñandú", "Zoë"))),
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "mac_roman"],
)
def test_an_encoding_is_recognised(encoding):
    assert read_table(CREW.encode(encoding)) == READ


def test_a_windows_apostrophe_does_not_make_a_file_a_macs():
    assert read_table("ID,Name\n1,O’Neil\n".encode("cp1252")).rows[0].cells[1] == "O’Neil"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_recognised(delimiter, line_end):
    written = CREW.replace(",", delimiter).replace("\n", line_end)
    assert read_table(written.encode()) == READ


def test_excels_own_hint_about_the_delimiter_is_obeyed_and_counted_as_a_line():
    table = read_table(b"sep=;\r\nID;Name\r\n1;Garcia, Ana\r\n")
    assert table == Table(("ID", "Name"), (Row(3, ("1", "Garcia, Ana")),))


def test_lines_are_those_of_the_file_over_blank_lines_and_line_breaks_in_quotes():
    table = read_table(b'ID,Notes\n\n1,"two\nlines, ""quoted"""\n,\n  \n2,\n')
    assert table.rows == (Row(3, ("1", 'two\nlines, "quoted"')), Row(7, ("2", "")))


def test_a_title_above_the_headings_is_skipped():
    table = read_table(b"Staff list, \nAcme Inc.\n\nID,Name,Phone\n1,Ana,\n")
    assert table == Table(("ID", "Name", "Phone"), (Row(5, ("1", "Ana", "")),))


def test_short_rows_are_filled_and_long_ones_keep_what_is_too_much():
    table = read_table(b"ID,Name\n1\n2,Ana,,\n3,Garcia,Ana\n")
    assert [row.cells for row in table.rows] == [("1", ""), ("2", "Ana"), ("3", "Garcia", "Ana")]


def test_nul_bytes_and_blanks_around_cells_are_dropped():
    assert read_table(b'ID , Name\n1, "Garcia, Ana"\x00 \n').rows[0].cells == ("1", "Garcia, Ana")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n\r\n", "empty"),
        (b"ID,Name\n", "no rows"),
        (b"PK\x03\x04 and so on", "Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"x" * (FILE_BYTES_MAX + 1), "larger than 10 MB"),
        (b'ID,Name\n1,Ana\n2,"Ben\n3,Carlos\n4,Dana\n', "line 3 is never closed"),
        (b'ID,Name\n1,Ana\n2,"' + b"Ben\n" * 50_000, "line 3 is never closed"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(raw, says):
    with pytest.raises(BadInput, match=says) as refusal:
        read_table(raw)
    assert refusal.value.hint.endswith(".")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_table_or_refused(raw):
    try:
        table = read_table(raw)
    except BadInput as refusal:
        assert refusal.hint
    else:
        assert table.rows
        assert all(len(row.cells) >= len(table.headers) for row in table.rows)
        assert [row.line for row in table.rows] == sorted({row.line for row in table.rows})
