"""Troubles of numbers: begun by what codes report and the roster says, ended by what proves them.

Call everything here inside `write()`, but `end_rests`. Each function takes the number's lock or is
given the locked row, so a trouble commits wholly before or after a claim. What begins and ends a
trouble is ruled in `rules/hygiene`; the words of people ("wrong number", START, a consent) arrive
in `consent`; whom the manager hears of is looked for by `flow/tell_unreachable`.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from shiftbell.rules import codes
from shiftbell.rules.codes import Code
from shiftbell.rules.consent import AGREEING, STOPPING, How
from shiftbell.rules.delivery import State
from shiftbell.rules.hygiene import REST, Fate, News, Trouble, is_unreachable
from shiftbell.rules.sending import MANNERS
from shiftbell.store import consent, inbox, numbers, outbox, timeline
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Employee, Message, PhoneNumber, TimelineEntry
from shiftbell.store.transactions import write

LOOK_BACK = 50  # texts of one person that failures are counted among
# What may leave to an unusable number: it answers a text that came from it.
_STILL_LEAVE = [kind for kind, manner in MANNERS.items() if manner.opted_out]
_ENDED = {
    News.TEXTED: "a text came from it",
    News.DELIVERED: "a text reached it",
    News.RESTED: "it rested, and one more text is tried",
}


def hear_code(message: Message, number: PhoneNumber, code: Code, now: datetime) -> None:
    """Take note of what a code says about a locked number; once unusable, what waits is withdrawn.

    News from before the number proved itself, or before it changed hands, says nothing of it.
    """
    if not (code.number_unusable or code.unreachable) or numbers.moved_on(message.employee, number):
        return
    proof = _proof_at(number)
    if proof is not None and proof >= (message.left_at or now):
        return
    if not code.number_unusable and not is_unreachable(_fates(message), proof):
        return
    news = News.NO_TEXTS if code.number_unusable else News.FAILING
    reason = code.meaning.rstrip(".")
    if not numbers.learn(number, news, now=now, reason=reason):
        return
    person = message.employee_id
    timeline.tell("number.unusable", at=now, number=number, employee=person, reason=reason)
    waiting = Q(number=number) & ~Q(kind__in=_STILL_LEAVE)
    outbox.withdraw_texts(waiting, reason=reason, now=now)


def hear_text(number: PhoneNumber, now: datetime) -> None:
    """Note that a text came from a locked number: it is no landline, and not out of reach.

    However late it is heard: the price of a mistake is one more text that fails.
    """
    _end(number, News.TEXTED, now)


def hear_delivery(message: Message, number: PhoneNumber, now: datetime) -> None:
    """Note that a text reached a locked number, which ends being unreachable.

    Old news may not: an early text that arrived late proves nothing against the failures since.
    """
    if number.unusable_as == Trouble.UNREACHABLE and not is_unreachable(
        _fates(message), _proof_at(number)
    ):
        _end(number, News.DELIVERED, now)


def end_rests(now: datetime) -> None:
    """Let one more text be tried to each number that was unreachable long enough."""
    rested = PhoneNumber.objects.filter(
        unusable_as=Trouble.UNREACHABLE, unusable_since__lte=now - REST
    )
    for pk in list(rested.order_by("pk").values_list("pk", flat=True)):
        with write():
            number = numbers.locked_number(pk)
            if rested.filter(pk=pk).exists():
                _end(number, News.RESTED, now)


def call_usable(number: PhoneNumber, *, because: str, actor: str, now: datetime) -> bool:
    """End a landline or unreachable state on an operator's word. Returns whether there was one."""
    return _end(number, News.CHECKED, now, because=because, actor=actor)


def give(employee: Employee, *, assigned: bool, actor: str, now: datetime) -> None:
    """Note that the roster has a number for an active person; nobody else's consent outlives that.

    `assigned`: the number is news of this person. Where only their row came back to life, a number
    that someone called wrong stays so.
    """
    if not employee.active or employee.number_id is None:
        return
    number = numbers.locked_number(employee.number_id)
    others = _end_consents_of_others(number, employee, actor, now)
    if number.unusable_as == Trouble.WRONG_NUMBER:
        is_news = assigned
    else:
        is_news = others and not consent.has_consent(employee, number)
    if is_news:
        reason = "it was someone else's, and its new holder must agree first"
        _given(employee, number, reason=reason, actor=actor, now=now)


def call_theirs(
    employee: Employee, number: PhoneNumber, *, because: str, actor: str, now: datetime
) -> None:
    """Let an operator say that a locked number called wrong is its holder's after all.

    That is the roster's word and no consent: the person must still text START from it.
    """
    reason = f"it is {employee.name}'s after all ({because}), and they must text START"
    _given(employee, number, reason=reason, actor=actor, now=now)


def _given(
    employee: Employee, number: PhoneNumber, *, reason: str, actor: str, now: datetime
) -> None:
    if numbers.learn(number, News.GIVEN, now=now, reason=Trouble.RECYCLED):
        timeline.tell(
            "number.unusable",
            at=now,
            actor=actor,
            number=number,
            employee=employee,
            reason=reason,
        )


def _end_consents_of_others(
    number: PhoneNumber, employee: Employee, actor: str, now: datetime
) -> bool:
    """End what others agreed to on a locked number. Returns whether others' words stand there."""
    words = Consent.objects.filter(number=number, kind__in=AGREEING | STOPPING)
    others = list(Employee.objects.filter(pk__in=words.values("employee")).exclude(pk=employee.pk))
    agreed = consent.who_agreed([other.pk for other in others])
    evidence = Evidence(
        how=How.IMPORT, actor=actor, source="the roster gave the number to someone else"
    )
    for other in others:
        if (other.pk, number.pk) in agreed:
            consent.change_number(other, number, evidence, now=now)
            number.refresh_from_db(fields=["events", "head"])
    return bool(others)


def _end(
    number: PhoneNumber, news: News, now: datetime, *, because: str = "", actor: str = "shiftbell"
) -> bool:
    if not numbers.learn(number, news, now=now):
        return False
    timeline.tell(
        "number.usable",
        at=now,
        actor=actor,
        number=number,
        employee=numbers.holder(number),
        reason=because or _ENDED[news],
        news=str(news),
    )
    return True


def _fates(message: Message) -> list[Fate]:
    """Return what became of the texts to the person and number of `message`, newest first."""
    texts = Message.objects.filter(
        direction=Message.OUT,
        number=message.number_id,
        employee=message.employee_id,
        left_at__isnull=False,
    ).order_by("-left_at", "-pk")
    return [
        Fate(text.left_at, text.intent or "", _arrived(text))
        for text in texts[:LOOK_BACK]
        if text.left_at is not None
    ]


def _arrived(text: Message) -> bool | None:
    if text.delivered_at is not None:
        return True
    failed = text.state == State.FAILED and bool(text.error_code)
    return False if failed and codes.row(text.error_code).unreachable else None


def _proof_at(number: PhoneNumber) -> datetime | None:
    """Return when a text last came from a number, or an operator last called it good."""
    texts = Message.objects.filter(number=number, direction=Message.IN, received_at__isnull=False)
    last = texts.select_related("sender").order_by("-received_at").first()
    told = TimelineEntry.objects.filter(number=number.pk, what="number.usable")
    checked = told.filter(detail__news=News.CHECKED).order_by("-pk").first()
    proofs = [inbox.our_time(last)] if last else []
    proofs += [checked.at] if checked else []
    return max(proofs, default=None)
