"""`python -m bench`: what is measured, and against what.

A measurement is a module of this package with `measure() -> list[Figure]`; it is bounded in count
and time, needs nothing but this machine, and says for each figure which bar it must meet. With
names, only those run: `python -m bench webhook`. The exit code is 1 where a bar was missed.
"""

from __future__ import annotations

import platform
import sys
from importlib import import_module

from .figures import Figure, row

MEASUREMENTS = {
    "webhook": "the webhook while a broadcast runs and 50 slow page requests hang",
}


def main(names: list[str]) -> int:
    """Run the measurements named, or all; print a row for each figure."""
    if unknown := set(names) - set(MEASUREMENTS):
        print(f"There is no {', '.join(sorted(unknown))}; choose from {', '.join(MEASUREMENTS)}.")
        return 2
    print(f"Python {platform.python_version()}, {platform.machine()}")
    figures: list[Figure] = []
    for name in names or MEASUREMENTS:
        print(f"\n{name}: {MEASUREMENTS[name]}")
        found = import_module(f"bench.{name}").measure()
        for figure in found:
            print(f"  {row(figure)}")
        figures += found
    return 0 if all(figure.is_met for figure in figures) else 1


sys.exit(main(sys.argv[1:]))
