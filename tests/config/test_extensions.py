"""Further senders come from a file, and what is wrong in it is said by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from shiftbell.config import read_settings, senders
from shiftbell.errors import ConfigError
from tests.config.samples import COMPLETE, NOWHERE


def test_more_senders_come_from_a_file_and_the_first_is_the_guides_own(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("second.jwt\n", encoding="utf-8")
    file = tmp_path / "senders.toml"
    file.write_text(
        '[[sender]]\nnumber = "+16505550101"\njwt_file = "jwt"\nlocations = ["Dock 4"]\n',
        encoding="utf-8",
    )
    found = senders(read_settings({**COMPLETE, "RC_SENDERS_FILE": str(file)}, NOWHERE))
    assert [(one.number, one.locations) for one in found] == [
        ("+16505550100", ()),
        ("+16505550101", ("Dock 4",)),
    ]
    assert found[1].jwt.get_secret_value() == "second.jwt"


def test_files_saved_by_notepad_and_numbers_of_the_region_are_read(tmp_path: Path) -> None:
    (tmp_path / "jwt").write_bytes(b"\xef\xbb\xbfsecond.jwt\r\n")
    (tmp_path / "senders.toml").write_bytes(
        b"\xef\xbb\xbf[[sender]]\r\nnumber = '604 555 0142'\r\njwt_file = 'jwt'\r\n"
    )
    given = {"RC_SENDERS_FILE": f"{tmp_path}/senders.toml", "DEFAULT_REGION": "CA"}
    found = senders(read_settings({**COMPLETE, **given}, NOWHERE))[1]
    assert (found.number, found.jwt.get_secret_value()) == ("+16045550142", "second.jwt")


@pytest.mark.parametrize("path", ["missing.toml", "a\0b", "."])
def test_a_file_of_senders_that_cannot_be_read_is_named(path: str, tmp_path: Path) -> None:
    values = read_settings({**COMPLETE, "RC_SENDERS_FILE": f"{tmp_path}/{path}"}, NOWHERE)
    with pytest.raises(ConfigError, match=r"^RC_SENDERS_FILE names a file that cannot be read"):
        senders(values)


@pytest.mark.parametrize(
    "toml",
    [
        "[[sender]\n",
        "sender = 1\n",
        "[[sender]]\njwt_env = 'X'\n",
        "[[sender]]\nnumber = '12'\njwt_env = 'X'\n",
        "[[sender]]\nnumber = '555-0101'\njwt_file = 'jwt'\n",
        "[[sender]]\nnumber = '+16505550101'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_env = 'NOT_A_VARIABLE_HERE'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'missing'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'jwt'\nlocations = 'Dock 4'\n",
        "[[sender]]\nnumber = '+16505550101'\njwt_file = 'jwt'\ncolour = 'red'\n",
        "[[sender]]\nnumber = '+16505550100'\njwt_file = 'jwt'\n",
    ],
)
def test_a_wrong_file_of_senders_is_refused_by_name(toml: str, tmp_path: Path) -> None:
    (tmp_path / "jwt").write_text("second.jwt", encoding="utf-8")
    file = tmp_path / "senders.toml"
    file.write_text(toml, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"^RC_SENDERS_FILE"):
        senders(read_settings({**COMPLETE, "RC_SENDERS_FILE": str(file)}, NOWHERE))
