"""REMEMBER: the tables and the queries that lock.

One global lock order keeps every transaction free of deadlock. Take rows in this order, several of
one kind by ascending id: RateBucket, AccessToken, PhoneNumber, EmailAddress, Employee, Shift, then
what hangs on them (Broadcast, Offer, Assignment, Standby, Message, Attempt, Mail, MailLink), then
Sender, and Consent and TimelineEntry, which are only ever added. A webhook event is read by one
transaction of its own. On SQLite a transaction begins IMMEDIATE and holds everything; the order
costs nothing there and is what makes the same code right on a database with row locks.

The tables are in `models`, one file a noun. What reads and writes them, along the road:

People and places:  roster, numbers, clocks (theirs), hygiene, chunks (imports), places, find
What they allowed:  consent, its ledger and the audit of it, invitations, opt_outs (RingCentral's)
Offers and shifts:  offers, openings
Texts out:          outbox, claiming, buckets (pace), settling, delivery, doubt
E-mails out:        mailboxes, mail_leases
Texts in:           inbox
RingCentral:        senders, tokens
For everyone:       transactions, timeline, turns (one worker at a time), beats (signs of life),
                    apps (Django's)
"""
