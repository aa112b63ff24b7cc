"""In which order a transaction takes rows, as `store` wants it: numbers, people, shifts.

SQLite locks the whole file and leaves no trace of `select_for_update`; what can be seen there is
the order in which the tables are first read.
"""

from __future__ import annotations

import re

from django.test.utils import CaptureQueriesContext

IN_ORDER = ["phonenumber", "employee", "shift"]
_FROM = re.compile(r'^SELECT .*? FROM "shiftbell_(phonenumber|employee|shift)"', re.DOTALL)


def read_by_transaction(seen: CaptureQueriesContext) -> list[list[str]]:
    """Return, for each outermost transaction, the tables of the lock order as first read."""
    transactions: list[list[str]] = []
    depth = 0
    for query in seen.captured_queries:
        sql = query["sql"]
        if sql.startswith("SAVEPOINT"):
            depth += 1
            if depth == 1:
                transactions.append([])
        elif sql.startswith("RELEASE"):
            depth -= 1
        elif depth and (found := _FROM.match(sql)) and found[1] not in transactions[-1]:
            transactions[-1].append(found[1])
    return transactions
