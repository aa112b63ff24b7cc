"""Ids of ours, like e7 and s4, which nobody else's may look like.

An employee and a shift may go by an id of their own as well. Whoever types e7 must mean one person,
so an id that reads like one of ours is refused where it would come in.
"""

from __future__ import annotations

import re

_OURS = re.compile(r"([moesb])([0-9]{1,18})", re.ASCII)
_LOOKS_LIKE_OURS = re.compile(r"[moesb][0-9]+", re.ASCII)

LOOKS_LIKE_OURS = "Ids like e12 or s4 are Shiftbell's own."
WRITE_ANOTHER = "Write it differently, such as E12, emp-12 or shift-4."


def ours(reference: str) -> tuple[str, int] | None:
    """Return the letter and the number of an id of ours; None for anything else."""
    found = _OURS.fullmatch(reference)
    return (found[1], int(found[2])) if found else None


def looks_like_ours(reference: str) -> bool:
    """Whether someone else's id would be taken for one of ours."""
    return _LOOKS_LIKE_OURS.fullmatch(reference) is not None
