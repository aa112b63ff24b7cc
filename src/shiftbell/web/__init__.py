"""FACE for machines: the webhook and the health page. A Django app without models.

Whatever is asked of it, RingCentral comes first: `wsgi.py` keeps threads to spare for the webhook,
and nothing here speaks to RingCentral or waits for a worker.
"""
