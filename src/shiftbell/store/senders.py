"""The senders as rows, in step with the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from shiftbell.config import SenderConfig
from shiftbell.store import timeline
from shiftbell.store.buckets import open_buckets
from shiftbell.store.models import AccessToken, Sender
from shiftbell.store.transactions import write

OUT_OF_REACH = "Out of reach: "


def sync_senders(wanted: Sequence[SenderConfig], now: datetime) -> list[Sender]:
    """Make the sender rows what the configuration says; returns the active ones in order.

    A sender that left the configuration stays as a row, inactive: its conversations are history,
    and people move to another one only on an operator's word.
    """
    with write():
        Sender.objects.exclude(e164__in=[sender.number for sender in wanted]).update(active=False)
        rows = []
        for position, sender in enumerate(wanted):
            row, _ = Sender.objects.update_or_create(
                e164=sender.number,
                defaults={
                    "position": position,
                    "active": True,
                    "locations": list(sender.locations),
                },
            )
            AccessToken.objects.get_or_create(sender=row)
            open_buckets(row, now)
            rows.append(row)
    return rows


def our_time(moment: datetime | None, e164: str, now: datetime) -> datetime:
    """Return a past moment of RingCentral's clock by ours, as far as a sender's texts showed it."""
    sender = Sender.objects.filter(e164=e164).first()
    skew = timedelta(seconds=sender.skew_seconds if sender else 0)
    return now if moment is None else min(moment - skew, now)


def is_out_of_reach(sender: Sender) -> bool:
    """Whether RingCentral gave no answer when this sender last asked it something."""
    return sender.down_since is not None and sender.down_reason.startswith(OUT_OF_REACH)


def note_out_of_reach(sender: Sender, reason: str, now: datetime) -> None:
    """Write down since when RingCentral cannot be reached; a weightier trouble stays."""
    words = f"{OUT_OF_REACH}{reason}"[:300]
    with write():
        fine = Sender.objects.filter(pk=sender.pk, down_since__isnull=True)
        if fine.update(down_since=now, down_reason=words):
            timeline.tell("sender.down", at=now, sender=sender, reason=words)


def note_in_reach(sender: Sender, now: datetime) -> None:
    """Write down that RingCentral answers again."""
    with write():
        down = Sender.objects.filter(pk=sender.pk, down_reason__startswith=OUT_OF_REACH)
        if down.update(down_since=None, down_reason=""):
            timeline.tell("sender.up", at=now, sender=sender)
