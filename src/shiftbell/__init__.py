"""Shiftbell texts a crew about an open shift and fills it with the first person who says YES.

The road a text travels, and the packages along it: a face (`cli`, `web`) asks `flow` to offer a
shift; `flow` asks `rules` what is right and writes messages into the `store`'s outbox; the
`engine` wakes a worker, which leases a message and speaks to RingCentral through `ringcentral`.
Answers come back by webhook and by message-sync into the `store`'s inbox, and `flow` hears them.
`simulator` pretends to be RingCentral and shares no line with the rest.
"""

__version__ = "0.1.0"
