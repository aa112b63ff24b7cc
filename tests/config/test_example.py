"""The example file is read without complaint, and changes nothing by itself."""

from __future__ import annotations

from pathlib import Path

from shiftbell.config import env_example, read_settings
from tests.config.samples import NOWHERE


def test_the_example_file_can_be_read_and_changes_nothing_but_what_is_filled_in(
    tmp_path: Path,
) -> None:
    example = tmp_path / ".env"
    example.write_text(env_example(), encoding="utf-8")
    assert read_settings({}, example) == read_settings({}, NOWHERE)
    example.write_text(env_example().replace("\n#", "\n").replace("\n ", "\n# "), encoding="utf-8")
    assert read_settings({}, example) == read_settings({}, NOWHERE)
