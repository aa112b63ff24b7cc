"""What RingCentral is still to hear of numbers, what it was told, and when both were compared.

`ringcentral_due_at` of a number says that RingCentral is to hear what stands on its row; whoever
changes that (`store/consent`) sets it, and here it is put off or cleared. What RingCentral is told,
and what its list means to us, is decided in `rules/consent` and `rules/drift`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from shiftbell.rules import ids
from shiftbell.rules.consent import STOPPING, Event
from shiftbell.rules.drift import Ours, try_again_in
from shiftbell.rules.sending import Kind
from shiftbell.store import ledger, numbers, timeline
from shiftbell.store.chunks import in_chunks
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Counter, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write

AT_ONCE = 500  # numbers named in one query
_COMPARED, _FAILING = "consents.compared", "consents.failing"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The one text that may follow an opt-out (R5): whether it waits, or when it left."""

    waits: bool = False
    left_at: datetime | None = None


def any_due(now: datetime) -> bool:
    """Whether RingCentral is to hear of any number now."""
    return PhoneNumber.objects.filter(ringcentral_due_at__lte=now).exists()


def untold() -> int:
    """Return how many numbers RingCentral is still to hear of, now or later."""
    return PhoneNumber.objects.filter(ringcentral_due_at__isnull=False).count()


def due(now: datetime, limit: int) -> list[PhoneNumber]:
    """Return the numbers that RingCentral is to hear of, those that wait longest first.

    Opt-outs come before any START: one that cannot be told must not hold them up.
    """
    rows = PhoneNumber.objects.filter(ringcentral_due_at__lte=now)
    rows = rows.order_by("ringcentral_due_at", "pk")
    out = list(rows.filter(opted_out_at__isnull=False)[:limit])
    return out + list(rows.filter(opted_out_at__isnull=True)[: limit - len(out)])


def confirmations(rows: Sequence[PhoneNumber], now: datetime) -> dict[int, Confirmation]:
    """Return what became of the confirmations of opt-outs, by the id of the number."""
    texts = Message.objects.filter(number__in=rows, direction=Message.OUT, kind=Kind.STOP)
    # What is in doubt is never sent anew once it has expired.
    waiting = texts.filter(state__in=["queued", "sending", "in_doubt"], expires_at__gt=now)
    found = {pk: Confirmation(waits=True) for pk in waiting.values_list("number", flat=True)}
    left = texts.exclude(state__in=["queued", "cancelled"]).values_list("number")
    for pk, left_at in left.annotate(Max("left_at")):
        found.setdefault(pk, Confirmation(left_at=left_at))
    return found


def is_asked_for(row: PhoneNumber) -> bool:
    """Whether the ledger proves that the person themselves lifted the last opt-out of a number."""
    deciding = Consent.objects.filter(number=row, kind__in=[*STOPPING, Event.RESUMED])
    last = deciding.order_by("-place").first()
    return last is not None and last.kind == Event.RESUMED


def put_off(row: PhoneNumber, until: datetime) -> None:
    """Let RingCentral hear of an opt-out later, unless the number changed since it was read."""
    _set_due(row, until)


def settle(rows: Sequence[PhoneNumber], refused: Mapping[str, str], now: datetime) -> None:
    """Record that RingCentral was told what stood on these rows when they were read.

    `refused`: the numbers it did not take, with the reason. What changed meanwhile stays due.
    """
    for chunk in in_chunks(sorted(rows, key=lambda row: row.pk)):
        with write():
            for row in chunk:
                _settle(row, refused.get(row.e164), now)


def _settle(told: PhoneNumber, refused: str | None, now: datetime) -> None:
    number = numbers.locked_number(told.pk)
    if (number.opted_out_at is None) is not (told.opted_out_at is None):
        # RingCentral has just heard what is no longer so.
        number.ringcentral_due_at = number.ringcentral_due_at or now
    elif number.ringcentral_due_at != told.ringcentral_due_at:
        pass  # said once more meanwhile: it is told once more
    elif refused is None:
        number.ringcentral_due_at, number.ringcentral_told_at = None, now
    else:
        number.ringcentral_due_at = _next_try(number, now)
        _tell_refusal(number, refused, now)
    number.save(update_fields=["ringcentral_due_at", "ringcentral_told_at"])


def _next_try(number: PhoneNumber, now: datetime) -> datetime | None:
    """Return when to tell a refused opt-out again.

    A refused START is left to the next comparison: while it is due, texts to the person wait.
    """
    since = number.opted_out_at
    return None if since is None else now + try_again_in(since, now)


def _tell_refusal(number: PhoneNumber, reason: str, now: datetime) -> None:
    """Tell that RingCentral refuses what stands on a number, once as long as it stands."""
    last = Consent.objects.filter(number=number).order_by("-place").first()
    known = TimelineEntry.objects.filter(what="consent.not_taken", number=number.pk)
    if not known.filter(at__gte=last.recorded_at if last else now).exists():
        holder = numbers.holder(number)
        timeline.tell("consent.not_taken", at=now, number=number, employee=holder, reason=reason)


def forget_due(row: PhoneNumber) -> None:
    """Clear what is not to be told, unless the number changed since it was read."""
    _set_due(row, None)


def _set_due(row: PhoneNumber, due_at: datetime | None) -> None:
    same = PhoneNumber.objects.filter(pk=row.pk, opted_out_at=row.opted_out_at)
    with write():
        same.filter(ringcentral_due_at=row.ringcentral_due_at).update(ringcentral_due_at=due_at)


def standing(number: PhoneNumber) -> Ours:
    """Return what the ledger has of a number, to compare with RingCentral's list."""
    opted_out = number.opted_out_at is not None
    # Where the opt-out stands, no START is newer.
    asked_at, heard_at = (None, None) if opted_out else _asked_again(number)
    return Ours(
        opted_out=opted_out,
        due=number.ringcentral_due_at is not None,
        told_at=number.ringcentral_told_at,
        asked_at=asked_at,
        heard_at=heard_at,
        in_review=number.review_since is not None,
    )


def _asked_again(number: PhoneNumber) -> tuple[datetime | None, datetime | None]:
    """Return when the last START or JOIN was written, and when heard, by RingCentral's clock."""
    said = Consent.objects.filter(number=number, kind=Event.RESUMED).order_by("-place").first()
    if said is None:
        return None, None
    ours = ids.ours(str(said.detail.get("reply", "")))
    texts = Message.objects.filter(number=number).select_related("sender")
    reply = texts.filter(pk=ours[1]).first() if ours else None
    if reply is None:
        return said.at or said.recorded_at, said.recorded_at
    heard_at = said.recorded_at + timedelta(seconds=reply.sender.skew_seconds)
    return reply.received_at or heard_at, heard_at


def by_phone(phones: Sequence[str]) -> dict[str, PhoneNumber]:
    """Return the numbers we know among these, by E.164."""
    parts = (phones[start : start + AT_ONCE] for start in range(0, len(phones), AT_ONCE))
    rows = (row for part in parts for row in PhoneNumber.objects.filter(e164__in=part))
    return {row.e164: row for row in rows}


def opted_out_phones() -> set[str]:
    """Return every number that opted out here."""
    return set(
        PhoneNumber.objects.filter(opted_out_at__isnull=False).values_list("e164", flat=True)
    )


def locked(phones: Collection[str]) -> list[tuple[PhoneNumber, bool]]:
    """Return the rows of these numbers, locked, each with whether it was made just now."""
    made = {e164 for e164 in sorted(phones) if PhoneNumber.objects.get_or_create(e164=e164)[1]}
    rows = PhoneNumber.objects.filter(e164__in=phones).order_by("pk").select_for_update()
    return [(row, row.e164 in made) for row in rows]


def suppress(number: PhoneNumber, evidence: Evidence, *, at: datetime, now: datetime) -> None:
    """Record the opt-out of a number that is nobody's yet, so that it finds whoever gets it.

    Nothing waits for a number that nobody had, and it has no story to tell: only the ledger hears.
    """
    number.opted_out_at = number.ringcentral_due_at = now
    number.save(update_fields=["opted_out_at", "ringcentral_due_at"])
    ledger.add(number, Event.REVOKED, now=now, employee=None, at=at, **evidence.said)


def mark_due(number: PhoneNumber, now: datetime) -> None:
    """Let RingCentral hear what stands on a locked number."""
    number.ringcentral_due_at = number.ringcentral_due_at or now
    number.save(update_fields=["ringcentral_due_at"])


def mark_agreed(number: PhoneNumber, now: datetime) -> None:
    """Record that RingCentral has what stands on a locked number."""
    number.ringcentral_due_at, number.ringcentral_told_at = None, now
    number.save(update_fields=["ringcentral_due_at", "ringcentral_told_at"])


def is_noted(number: PhoneNumber, what: str) -> bool:
    """Whether a fact was told of a number since it opted out."""
    told = TimelineEntry.objects.filter(what=what, number=number.pk)
    return told.filter(at__gte=number.opted_out_at).exists()


def compared_at() -> datetime | None:
    """Return when RingCentral's list was last compared with ours, whole; None: never yet."""
    return Counter.objects.filter(name=_COMPARED).values_list("at", flat=True).first()


def failing_since() -> datetime | None:
    """Return since when the lists cannot be compared; None where the last time it worked."""
    return Counter.objects.filter(name=_FAILING).values_list("at", flat=True).first()


def note_compared(at: datetime) -> bool:
    """Note that the lists were compared. Returns whether that had failed before."""
    Counter.objects.update_or_create(name=_COMPARED, defaults={"at": at})
    return bool(Counter.objects.filter(name=_FAILING).delete()[0])


def note_failed(now: datetime) -> bool:
    """Note that the lists could not be compared. Returns whether that is news."""
    return Counter.objects.get_or_create(name=_FAILING, defaults={"at": now})[1]
