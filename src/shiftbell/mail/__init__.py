"""How Shiftbell writes e-mail to people who may not be texted.

`letter` makes one letter to one person, in the form that mail programs expect of a machine.
`smtp` hands it to the mail server of SMTP_URL, and tells apart what became of it. What a letter
says is decided in `rules/mail_wording`, who gets one and when in `flow`.
"""
