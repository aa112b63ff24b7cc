"""The numbered steps of sending and of hearing at which a worker is killed.

A step is a name that the worker passes between two calls, or a statement inside a transaction:
the process dies after it ran and before the commit.
"""

from __future__ import annotations

SENDING = (
    "claim: before the commit",  # 1 leased, and nobody will know
    "send: leased",  # 2 committed as sending, before anything else
    "check: before the first byte",  # 3 the last check has passed
    "sms: before the request",  # 4 connected at most
    "sms: answered, unread",  # 5 RingCentral has it; its answer is lost
    "send: posted",  # 6 the answer is known to the process alone
    "settle: before the commit",  # 7
    "send: settled",  # 8
)
HEARING = (
    "event: before the commit",  # 9 a webhook's event was read, its text stored
    "hear: event read",  # 10
    "message-sync: answered, unread",  # 11
    "sync: before the token",  # 12 records stored, the token not
    "hear: before the commit",  # 13 everything that a reply causes, uncommitted
    "hear: answered, before the commit",  # 14 its answer is queued, uncommitted
    "hear: heard",  # 15
)
ON_THE_WIRE = frozenset(
    {"sms: before the request", "sms: answered, unread", "message-sync: answered, unread"}
)
# Reached every second, whether or not there is anything left to do.
PERIODIC = frozenset({"message-sync: answered, unread", "sync: before the token"})
STATEMENTS = {
    "claim: before the commit": r"INSERT INTO \"shiftbell_timelineentry\".*message\.leased",
    "check: before the first byte": r"SELECT .*shiftbell_message.*\"owner\" = ",
    "settle: before the commit": r"INSERT INTO \"shiftbell_timelineentry\".*message\.sent",
    "event: before the commit": r"UPDATE \"shiftbell_webhookevent\"",
    "sync: before the token": r"UPDATE \"shiftbell_sender\" SET .*sync_token",
    "hear: before the commit": r"INSERT INTO \"shiftbell_timelineentry\".*reply\.heard",
    "hear: answered, before the commit": (
        r"INSERT INTO \"shiftbell_message\".*'(confirmation|answer)'"
    ),
}
