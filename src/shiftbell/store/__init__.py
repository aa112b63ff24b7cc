"""REMEMBER: the tables and the queries that lock.

One global lock order keeps every transaction free of deadlock. Take rows in this order, several of
one kind by ascending id: RateBucket, PhoneNumber, Employee, Shift, then what hangs on them (Offer,
Assignment, Standby, Message, Attempt), then Consent and TimelineEntry, which are only ever added.
On SQLite a transaction begins IMMEDIATE and holds everything; the order costs nothing there and is
what makes the same code right on a database with row locks.
"""
