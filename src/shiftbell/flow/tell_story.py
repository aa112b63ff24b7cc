"""Why: the whole story of a text, an offer, a person, a shift or a broadcast, in plain words.

A story is the timeline's facts about one thing and what hangs on it, in the order in which they
happened: an offer's story has its texts and the replies, a shift's has everyone who was asked. Each
fact has its sentence in `rules/telling`; here it is chosen, put at the shift's local time, and the
thing itself is summed up. Numbers are masked, since a story is read aloud and pasted into tickets.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q

from shiftbell import config
from shiftbell.errors import BadInput, NotFound
from shiftbell.flow.write_text import recipient_zone, shift_words
from shiftbell.rules import codes, ids, phones, telling
from shiftbell.rules.reach import SAID, Bar, Channel
from shiftbell.store import consent, openings, timeline
from shiftbell.store import find as called
from shiftbell.store.models import (
    Assignment,
    Broadcast,
    Employee,
    Message,
    Offer,
    Shift,
    TimelineEntry,
)

Thing = Message | Offer | Employee | Shift | Broadcast

_PREFIXES: Mapping[str, type[Thing]] = {
    "m": Message,
    "o": Offer,
    "e": Employee,
    "s": Shift,
    "b": Broadcast,
}
# What may go by an id of its own as well; `store/find` tells where the two readings differ.
_CALLED: Mapping[str, Callable[[str], Thing]] = {"e": called.employee, "s": called.shift}
_OF_A_SENDER = ("bucket.paused", "sender.down", "sender.up")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: when, about whom or which text, and the sentence."""

    at: datetime
    about: str
    what: str
    actor: str
    words: str


@dataclass(frozen=True, slots=True)
class Story:
    """What a thing is, and all that happened to it, first to last. Times are in `zone`."""

    id: str
    kind: str
    title: str
    summary: tuple[tuple[str, str], ...]
    lines: tuple[Line, ...]
    zone: str


def why(reference: str) -> Story:
    """Return the story of m12, o3, e4, s5 or b6, or of an employee's or a shift's own id.

    A bare number is a message's, unless an employee or a shift goes by it as well. Raises NotFound,
    and BadInput where a reference means more than one thing.
    """
    thing = find(reference)
    title, summary, facts, zone = _TELLERS[type(thing)](thing)
    entries = list(timeline.in_order(TimelineEntry.objects.filter(facts).order_by("pk")))
    names = _names(entry.employee for entry in entries)
    one_person = not isinstance(thing, Shift | Broadcast)
    return Story(
        id=_id(thing),
        kind=type(thing).__name__.lower(),
        title=title,
        summary=tuple((label, value) for label, value in summary if value),
        lines=tuple(_line(entry, thing, {} if one_person else names, zone) for entry in entries),
        zone=zone.key,
    )


def find(reference: str) -> Thing:
    """Return the one thing that a reference means; raise NotFound or BadInput."""
    reference = reference.strip()
    ours = ids.ours(reference)
    if ours and (row := _PREFIXES[ours[0]].objects.filter(pk=ours[1]).first()):
        return _CALLED[ours[0]](reference) if ours[0] in _CALLED else row
    found: list[Thing] = [
        *Employee.objects.filter(external_id=reference),
        *Shift.objects.filter(external_id=reference).select_related("location"),
    ]
    if reference.isascii() and reference.isdigit() and len(reference) <= 18:
        found = [*Message.objects.filter(pk=int(reference)), *found]
    if len(found) > 1:
        choices = " or ".join(f"{_id(one)} ({type(one).__name__.lower()})" for one in found)
        raise BadInput(f"{reference} means more than one thing.", hint=f"Write {choices}.")
    if not found:
        raise NotFound(
            f"Nothing goes by {phones.mask_text(reference)!r}.",
            hint="Write an id like m12, o3, e4, s5 or b6, or an employee's or a shift's own id.",
        )
    return found[0]


def standing(employee: Employee) -> str:
    """Return whether a person may be texted, and if not, why, in words for an operator."""
    words = [] if employee.active else ["no longer on the crew"]
    number = employee.number
    if number is None:
        return ", ".join([*words, "no phone number"])
    reach = consent.reach(employee, number)
    if reach.bar is not None:
        detail = f" ({number.unusable_reason})" if reach.bar is Bar.UNUSABLE else ""
        words.append(SAID[reach.bar] + detail)
    words += ["a reply waits for a person"] * (number.review_since is not None)
    words += ["is e-mailed instead"] * (reach.channel is Channel.EMAIL)
    return ", ".join(words) or "may be texted"


def _id(thing: Thing) -> str:
    prefix = next(prefix for prefix, kind in _PREFIXES.items() if type(thing) is kind)
    return f"{prefix}{thing.pk}"


Told = tuple[str, list[tuple[str, str]], Q, ZoneInfo]


def _tell_message(message: Message) -> Told:
    who = message.employee.name if message.employee else "an unknown person"
    out = message.direction == Message.OUT
    facts = Q(message=message.pk)
    if out:
        # What stopped its sender meanwhile is part of why it waited.
        ended = message.sent_at or message.left_at
        while_waiting = Q(sender=message.sender_id, what__in=_OF_A_SENDER, message__isnull=True)
        while_waiting &= Q(at__gte=message.created_at) & (Q(at__lte=ended) if ended else Q())
        facts |= while_waiting
    code = codes.row(message.error_code) if message.error_code else None
    summary = [
        ("Text", phones.mask_text(message.text)),
        ("To" if out else "From", f"{who}, {phones.mask(message.number.e164)}"),
        ("From" if out else "To", f"our {phones.mask(message.sender.e164)}"),
        ("Shift", _shift_label(message.shift)),
        ("Read as", telling.plain(message.meaning)),
        ("State", _state(message)),
        ("RingCentral's id", message.ringcentral_id or ""),
        ("Error", f"{code.code}: {code.meaning}. {code.hint}".strip() if code else ""),
    ]
    title = f"{telling.plain(message.kind)} {'to' if out else 'from'} {who}"
    return title, summary, facts, _zone(message.shift, message.employee)


def _tell_offer(offer: Offer) -> Told:
    texts = Message.objects.filter(Q(offer=offer) | Q(shift=offer.shift, employee=offer.employee))
    facts = (
        Q(offer=offer.pk)
        | Q(message__in=texts.values("pk"))
        | Q(shift=offer.shift_id, employee=offer.employee_id)
    )
    summary = [
        ("Person", f"{offer.employee.name} ({offer.employee})"),
        ("Shift", _shift_label(offer.shift)),
        ("Number to answer with", str(offer.code)),
        ("State", telling.plain(offer.state)),
        ("Asked", f"{offer.round} times" if offer.round > 1 else ""),
        *_texts(texts),
    ]
    title = f"offer to {offer.employee.name}: {shift_words(offer.shift)}"
    return title, summary, facts, _zone(offer.shift, None)


def _tell_employee(employee: Employee) -> Told:
    texts = Message.objects.filter(employee=employee)
    facts = Q(employee=employee.pk) | Q(message__in=texts.values("pk"))
    number = employee.number
    if number is not None:
        facts |= Q(number=number.pk, employee__isnull=True)
    held = openings.held_by(employee)
    summary = [
        ("Id", employee.external_id),
        ("Number", phones.mask(number.e164) if number else "none"),
        ("Standing", standing(employee)),
        ("Roles", ", ".join(employee.roles)),
        ("Locations", ", ".join(place.name for place in employee.locations.order_by("name"))),
        ("Holds", "; ".join(_shift_label(each.shift) for each in held)),
        ("Texts", _counts(texts)),
    ]
    return employee.name, summary, facts, _zone(None, employee)


def _tell_shift(shift: Shift) -> Told:
    holders = openings.holders(shift).select_related("employee")
    offers = Counter(Offer.objects.filter(shift=shift).values_list("state", flat=True))
    facts = Q(shift=shift.pk) | Q(message__in=Message.objects.filter(shift=shift).values("pk"))
    summary = [
        ("Id", shift.external_id),
        ("Work", shift.role),
        ("Openings", f"{holders.count()} of {shift.openings} taken"),
        ("Held by", ", ".join(each.employee.name for each in holders)),
        ("State", "cancelled" if shift.cancelled_at else ""),
        ("Offers", ", ".join(f"{count} {state}" for state, count in sorted(offers.items()))),
        ("Texts", _counts(Message.objects.filter(shift=shift))),
    ]
    return shift_words(shift), summary, facts, _zone(shift, None)


def _tell_broadcast(broadcast: Broadcast) -> Told:
    texts = Message.objects.filter(broadcast=broadcast)
    facts = Q(broadcast=broadcast.pk) | Q(message__in=texts.values("pk"))
    held = Assignment.objects.filter(offer__broadcast=broadcast, state=Assignment.HELD)
    summary = [
        ("Shift", _shift_label(broadcast.shift)),
        ("By", broadcast.actor),
        ("Held back", broadcast.held_reason),
        ("Texts", _counts(texts)),
        ("Took it", ", ".join(each.employee.name for each in held.select_related("employee"))),
    ]
    return (
        f"broadcast: {shift_words(broadcast.shift)}",
        summary,
        facts,
        _zone(broadcast.shift, None),
    )


_TELLERS: Mapping[type[Thing], Callable[..., Told]] = {
    Message: _tell_message,
    Offer: _tell_offer,
    Employee: _tell_employee,
    Shift: _tell_shift,
    Broadcast: _tell_broadcast,
}


def _line(entry: TimelineEntry, thing: Thing, names: Mapping[int, str], zone: ZoneInfo) -> Line:
    about = [names.get(entry.employee or 0, "")]
    if entry.message and not (isinstance(thing, Message) and thing.pk == entry.message):
        about.append(f"m{entry.message}")
    return Line(
        at=entry.at.astimezone(zone),
        about=", ".join(filter(None, about)),
        what=entry.what,
        actor=entry.actor,
        words=phones.mask_text(telling.story_sentence(entry.what, entry.actor, entry.detail, zone)),
    )


def _names(ids: Iterable[int | None]) -> dict[int, str]:
    people = Employee.objects.filter(pk__in={pk for pk in ids if pk})
    return {person.pk: person.name for person in people}


def _texts(texts: Iterable[Message]) -> list[tuple[str, str]]:
    return [
        (
            f"{one}, {'out' if one.direction == Message.OUT else 'in'}",
            f"{phones.mask_text(one.text)} ({_state(one)})",
        )
        for one in sorted(texts, key=lambda one: one.pk)
    ]


def _state(message: Message) -> str:
    return telling.plain(message.state) + (
        f": {telling.plain(message.reason)}" if message.reason else ""
    )


def _counts(texts: Iterable[Message]) -> str:
    counts = Counter(telling.plain(one.state) for one in texts)
    return ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))


def _shift_label(shift: Shift | None) -> str:
    return f"{shift_words(shift)} ({shift})" if shift else ""


def _zone(shift: Shift | None, employee: Employee | None) -> ZoneInfo:
    if shift is not None:
        return ZoneInfo(shift.location.zone)
    return recipient_zone(employee) if employee else ZoneInfo(config.settings().time_zone)
