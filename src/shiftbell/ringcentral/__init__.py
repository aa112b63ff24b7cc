"""How Shiftbell speaks to RingCentral, and hears it.

`wire` carries one request to one answer, under one deadline, and knows whether anything left.
`calls` makes a call, authorised and paced; `client` says which there are, `consents` those about
who opted out, `login` the one before them. They turn answers into records or into errors of
`errors.py` (`answers`). `records` reads RingCentral's JSON tolerantly, `events` its
webhook bodies, `subscription` keeps what we ask to be told, `sockets` keep to a deadline. `scrub`
cleans whatever RingCentral says before anybody may log it. Tokens and pace are handed in (`ports`):
this package stores nothing.
"""
