"""Who may be written to: numbers, e-mail addresses, and the ledger of what people allowed.

The ledger (`Consent`) is only ever added to, and chained so that a change shows (`rules/ledger`).
What stands on the rows of numbers and addresses is what its events add up to, kept there because a
claim must know it at once; `shiftbell consents verify` compares the two.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from shiftbell.rules.consent import Event, How
from shiftbell.rules.ledger import FIRST

EVENTS = [event.value for event in Event]
WAYS = [how.value for how in How]


class Contact(models.Model):
    """Somewhere a person can be written to, and the end of its chain in the ledger.

    Its row is the lock of everything said to it: a claim, a consent event and the hearing of a
    reply each take it first, so a STOP commits wholly before or wholly after a claim.
    """

    opted_out_at = models.DateTimeField(null=True)
    unusable_since = models.DateTimeField(null=True)
    unusable_reason = models.CharField(max_length=200, blank=True)
    # How many events its chain has, and the hash of the newest: a tail that was cut shows.
    events = models.PositiveIntegerField(default=0)
    head = models.CharField(max_length=64, default=FIRST)

    class Meta:
        abstract = True


class PhoneNumber(Contact):
    """A number we text or were texted by, whoever holds it."""

    e164 = models.CharField(max_length=16, unique=True)
    # landline, unreachable, wrong_number, recycled (rules/hygiene.py); "" where nothing is wrong.
    # Recycled has no `unusable_since`: what bars it is that nobody's consent outlived the change.
    unusable_as = models.CharField(max_length=20, blank=True)
    # Waiting for a person to decide what a doubtful reply meant; offers pause meanwhile.
    review_since = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    # RingCentral is still to hear what stands here; and when it last agreed with us.
    ringcentral_due_at = models.DateTimeField(null=True)
    ringcentral_told_at = models.DateTimeField(null=True)
    # Sticky: a conversation stays with the sender that began it.
    sender = models.ForeignKey("Sender", null=True, on_delete=models.PROTECT)
    # When its present holder got a first text; unset again for the next holder.
    first_texted_at = models.DateTimeField(null=True)
    # Since when its present holder has it; null where we know of no earlier one.
    holder_since = models.DateTimeField(null=True)
    # RingCentral's creation time of the newest reply heard; an older one found late counts less.
    heard_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["ringcentral_due_at"],
                condition=Q(ringcentral_due_at__isnull=False),
                name="numbers_to_tell",
            )
        ]

    def __str__(self) -> str:
        return f"number {self.pk}"


class EmailAddress(Contact):
    """An address that people who may not be texted are written to."""

    # As rules/mail_address.py compares it, so that one mailbox is one row.
    address = models.CharField(max_length=254, unique=True)

    def __str__(self) -> str:
        return f"address {self.pk}"


class ConsentAnchor(models.Model):
    """One day's anchor over all entries that had none (`rules/ledger`)."""

    day = models.CharField(max_length=10, unique=True)
    made_at = models.DateTimeField()
    added = models.PositiveIntegerField()
    count = models.PositiveBigIntegerField()
    previous = models.CharField(max_length=64)
    head = models.CharField(max_length=64)


class Consent(models.Model):
    """One event of the ledger: whose word, when, how it came, and the words themselves (K1)."""

    # The chain it belongs to, and its place there from 1.
    number = models.ForeignKey(PhoneNumber, null=True, on_delete=models.PROTECT)
    address = models.ForeignKey(EmailAddress, null=True, on_delete=models.PROTECT)
    place = models.PositiveIntegerField(default=0)
    kind = models.CharField(max_length=20)
    recorded_at = models.DateTimeField()

    # What was said; erased with the salt.
    employee = models.ForeignKey("Employee", null=True, on_delete=models.PROTECT)
    person = models.CharField(max_length=700, blank=True)  # the name and id they had then
    at = models.DateTimeField(null=True)  # when it was said
    how = models.CharField(max_length=20, blank=True)
    source = models.CharField(max_length=200, blank=True)  # in plain words: "paper form, binder 3"
    actor = models.CharField(max_length=200, blank=True)  # who recorded it
    words = models.TextField(blank=True)  # what the person said, letter by letter
    disclosure = models.TextField(blank=True)  # what they had been shown
    version = models.CharField(max_length=40, blank=True)  # which disclosure that was
    until = models.DateTimeField(null=True)  # the end of a pause
    detail = models.JSONField(default=dict)  # where known: reply, ip, user agent, code, places

    salt = models.BinaryField(null=True)
    digest = models.CharField(max_length=64, default="")
    previous = models.CharField(max_length=64, default="")
    hash = models.CharField(max_length=64, default="")
    anchor = models.ForeignKey(ConsentAnchor, null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EVENTS), name="consent_event_known"),
            models.CheckConstraint(condition=Q(how__in=["", *WAYS]), name="consent_way_known"),
            models.CheckConstraint(
                condition=Q(number__isnull=True) ^ Q(address__isnull=True),
                name="consent_of_one_contact",
            ),
            models.UniqueConstraint(
                fields=["number", "place"], name="one_event_a_place_of_a_number"
            ),
            models.UniqueConstraint(
                fields=["address", "place"], name="one_event_a_place_of_an_address"
            ),
        ]
        indexes = [
            models.Index(fields=["employee", "number"], name="consent_of_a_person"),
            models.Index(fields=["id"], condition=Q(anchor__isnull=True), name="not_yet_anchored"),
        ]

    def __str__(self) -> str:
        return f"c{self.pk}"
