"""The facts that are data: one reader of the TOML files in `data/`.

What a file means is decided by the module that asks for it, which keeps what it made of it; here
nothing is kept, and nothing but those files is read.
"""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def read_data(name: str) -> dict[str, Any]:
    """Return what a TOML file of the package's data folder says, like "prices.toml"."""
    return tomllib.loads(files("shiftbell").joinpath("data", name).read_text(encoding="utf-8"))
