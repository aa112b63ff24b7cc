"""RUN. What runs when, and what wakes it.

All durable work is a row with a status, a due time and a lease, so an engine only wakes workers: a
lost wake-up costs a second, never a text.
"""
