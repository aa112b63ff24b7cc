"""From where we text: RingCentral extensions, their rate buckets, tokens and subscriptions."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class Sender(models.Model):
    """A RingCentral extension and the number it texts from."""

    e164 = models.CharField(max_length=16, unique=True)
    position = models.IntegerField()
    active = models.BooleanField(default=True)
    locations = models.JSONField(default=list)
    extension_id = models.CharField(max_length=40, blank=True)
    # Hearing by message-sync: records are stored first and the token last, so a crash reads twice.
    sync_token = models.TextField(blank=True)
    sync_wanted_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField(null=True)
    heard_until = models.DateTimeField(null=True)
    # RingCentral's clock minus ours, from its Date header; doubt windows use it.
    skew_seconds = models.FloatField(default=0.0)
    down_since = models.DateTimeField(null=True)
    down_reason = models.CharField(max_length=300, blank=True)
    # Its registration, as RingCentral last told it (K7); unconfirmed, it sends nothing.
    campaign_status = models.CharField(max_length=40, blank=True)
    campaign_use_cases = models.JSONField(default=list)
    campaign_tier = models.CharField(max_length=40, blank=True)
    campaign_checked_at = models.DateTimeField(null=True)
    # High Volume SMS keeps its opt-outs behind an older API.
    high_volume = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"sender {self.position}"


class RateBucket(models.Model):
    """RingCentral's throttling unit as one clock: app + extension + usage group.

    All processes share it, so the row is the limiter; `doubt` is the part of Light that is kept
    for settling doubt.
    """

    sender = models.ForeignKey(Sender, on_delete=models.CASCADE, related_name="buckets")
    group = models.CharField(max_length=20)
    limit_per_minute = models.IntegerField()
    next_slot = models.DateTimeField()
    paused_until = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_reason = models.CharField(max_length=300, blank=True)
    # Pauses in a row for faults of ours: each is longer than the last, until one call succeeds.
    pauses = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sender", "group"], name="one_bucket_a_group"),
            models.CheckConstraint(
                condition=Q(group__in=["medium", "light", "doubt", "heavy", "auth"]),
                name="bucket_group_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} bucket of {self.sender}"


class AccessToken(models.Model):
    """One extension's access token, encrypted; a login lease keeps logins single-flight."""

    sender = models.OneToOneField(Sender, on_delete=models.CASCADE)
    secret = models.BinaryField(default=bytes)
    # Changes when the credential changes, so that a new JWT is tried at once.
    credential = models.CharField(max_length=64, blank=True)
    expires_at = models.DateTimeField(null=True)
    login_owner = models.CharField(max_length=64, blank=True)
    login_until = models.DateTimeField(null=True)
    refused_until = models.DateTimeField(null=True)
    refused_reason = models.CharField(max_length=300, blank=True)
    refusals = models.IntegerField(default=0)


class Subscription(models.Model):
    """The webhook subscription of one sender, as RingCentral last described it."""

    sender = models.OneToOneField(Sender, on_delete=models.CASCADE)
    ringcentral_id = models.CharField(max_length=64)
    status = models.CharField(max_length=40)
    address = models.CharField(max_length=500)
    # A digest of the verification token it was made with; a changed secret re-creates it.
    token_digest = models.CharField(max_length=64)
    expires_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField()
    reason = models.CharField(max_length=300, blank=True)
