"""Invitations to text JOIN: one code a poster, so that each consent says where it came from.

A code is never given out twice, even long after its invitation ended: an old poster must not bring
people in somewhere else.
"""

from __future__ import annotations

from django.db import models

from shiftbell.store.models.people import Location


class Invitation(models.Model):
    """One way in: whoever texts JOIN and this code agrees to be texted."""

    code = models.CharField(max_length=5, unique=True)  # digits, the first of them not 0
    # None: it hangs wherever people of this employer see it.
    location = models.ForeignKey(Location, null=True, on_delete=models.PROTECT)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200)
    # Since then its page is gone, and a JOIN with it is told so.
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"JOIN {self.code}"
