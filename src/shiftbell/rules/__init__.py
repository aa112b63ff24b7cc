"""DECIDE. Pure rules: facts in, a verdict out; `now` is an argument.

Nothing in here reads a clock, a network, a database or the environment, so every rule is a table
that a test can walk through. In the order a text travels:

Reading files:      tables, columns, roster, roster_changes, rota, ids, phones
Whom to ask:        offering, money
What to say:        wording, spoken, segments
When it may leave:  sending, hours, pacing
What became of it:  posting, codes, delivery, doubting
What comes back:    replies, from reply_cleaning, reply_spelling, reply_phrases, reply_weights and
                    reply_pauses
Who gets the shift: shifts
Explaining it:      telling
Reading the facts:  data (the TOML files)
"""
