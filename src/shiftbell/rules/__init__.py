"""DECIDE. Pure rules: facts in, a verdict out; `now` is an argument.

Nothing in here reads a clock, a network, a database or the environment, so every rule is a table
that a test can walk through. In the order a text travels:

Reading files:      tables, columns, people_file, consent_columns, roster_changes, rota, ids,
                    phones, states
What is allowed:    consent, ledger (that none of it can change unseen), disclosure, joining,
                    hygiene (numbers that take no texts), drift (RingCentral's word beside ours),
                    campaign and registration (what carriers ask of us)
How to reach them:  reach; by e-mail mail_address, mail_codes, mail_sending, mail_links, link_pages
Whom to ask:        offering, money
What to say:        wording, mail_wording, from templates and spoken; segments
When it may leave:  sending, hours, whose_hours, pacing
What became of it:  posting, codes, delivery, doubting
What comes back:    replies, from reply_cleaning, reply_spelling, reply_phrases, reply_weights and
                    reply_pauses
Who gets the shift: shifts
Explaining it:      telling, dossier (all about one person)
Reading the facts:  data (the TOML files)
"""
