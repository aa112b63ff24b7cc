"""The catalogue of headings and words, and how a heading or a list is read."""

import tomllib
from importlib.resources import files

import pytest

from shiftbell.rules.columns import columns_of, parts_of, said, zone_named

CATALOGUE = tomllib.loads(files("shiftbell").joinpath("data/columns.toml").read_text("utf-8"))


@pytest.mark.parametrize("section", ["people", "shifts"])
def test_no_heading_stands_for_two_things(section):
    for meaning, names in CATALOGUE[section].items():
        for name in names:
            assert list(columns_of((name,), section).at) == [meaning], name


def test_a_heading_is_read_without_case_spaces_and_punctuation():
    columns = columns_of((" cell_PHONE ", "E-Mail:", "Role(s)", ""), "people")
    assert columns.at == {"mobile": (0,), "email": (1,), "roles": (2,)}
    assert columns.ignored == []


def test_the_better_heading_comes_first_wherever_it_stands():
    assert columns_of(("Department", "Location"), "people").at == {"locations": (1, 0)}
    assert columns_of(("ID", "Employee ID"), "people").at == {"external_id": (1,)}


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("", ()),
        ("Cook", ("Cook",)),
        ("Cook; Server,cook |  Line  Lead ;", ("Cook", "Server", "Line Lead")),
        ("Server/Bartender", ("Server/Bartender",)),
    ],
)
def test_a_cell_that_lists_several_is_cut(cell, parts):
    assert parts_of(cell) == parts


def test_words_are_known_whatever_their_case_and_dots():
    assert said(" YES.", "yes")
    assert said("Sí", "yes")
    assert said("N/A", "blank")
    assert not said("yesterday", "yes")


@pytest.mark.parametrize(
    ("written", "zone"),
    [("central time", "America/Chicago"), ("US/Pacific", "America/Los_Angeles"), ("Mars", None)],
)
def test_the_zones_of_the_united_states_go_by_the_names_people_use(written, zone):
    assert zone_named(written) == zone


def test_a_heading_comes_without_what_a_terminal_would_obey():
    columns = columns_of(("Cell\tPhone", "\x1b[31mShoe  size\x07"), "people")
    assert columns.headers == ("Cell Phone", "[31mShoe size")
    assert columns.ignored == ["[31mShoe size"]
