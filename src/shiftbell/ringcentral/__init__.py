"""How Shiftbell speaks to RingCentral, and hears it.

`wire` carries one request to one answer, under one deadline, and knows whether anything left.
`client` makes the calls, `login` the one call before them; both turn answers into records or into
errors of `errors.py` (`answers`). `records` reads RingCentral's JSON tolerantly, `events` its
webhook bodies, `subscription` keeps what we ask to be told, `sockets` keep to a deadline. `scrub`
cleans whatever RingCentral says before anybody may log it. Tokens and pace are handed in (`ports`):
this package stores nothing.
"""
