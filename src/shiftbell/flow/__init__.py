"""DO. One verb a file, in the order a text travels.

A flow loads, asks a rule, records: facts from the store, a verdict from `rules`, the outcome in one
short transaction. The network stands outside of every transaction.
"""
