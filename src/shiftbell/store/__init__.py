"""REMEMBER: the tables and the queries that lock.

One global lock order keeps every transaction free of deadlock. Take rows in this order, several of
one kind by ascending id: RateBucket, AccessToken, PhoneNumber, Employee, Shift, then what hangs on
them (Broadcast, Offer, Assignment, Standby, Message, Attempt), then Sender, and Consent and
TimelineEntry, which are only ever added. A webhook event is read by one transaction of its own.
On SQLite a transaction begins IMMEDIATE and holds everything; the order costs nothing there and is
what makes the same code right on a database with row locks.

The tables are in `models`, one file a noun. What reads and writes them, along the road:

People and places:  roster (numbers, consent), entries, chunks (imports), places, find
Offers and shifts:  offers, openings
Texts out:          outbox, claiming, buckets (pace), settling, delivery, doubt
Texts in:           inbox
RingCentral:        senders, tokens
For everyone:       transactions, timeline, beats (signs of life), apps (Django's)
"""
