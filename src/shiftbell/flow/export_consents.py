"""All that is on record of one person's consent and messages, collected for a dispute.

What belongs to a person is what the store links to them, and of numbers and addresses that were
theirs also what is linked to nobody: an opt-out of a number holds whoever sent it. What belongs to
other holders of the same number is left out.

How it is laid out is in `rules/dossier`; whether the ledger is whole is looked at by `store/audit`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from shiftbell import __version__, config
from shiftbell.flow.write_mail import name_letter
from shiftbell.flow.write_text import recipient_zone, shift_name
from shiftbell.rules import codes, dossier, ledger, telling
from shiftbell.rules.consent import Event
from shiftbell.rules.dossier import (
    Acceptance,
    Dossier,
    Held,
    Letter,
    Link,
    Proof,
    Reply,
    Text,
    Try,
    Word,
)
from shiftbell.rules.reach import SAID, Bar
from shiftbell.rules.replies import Meaning
from shiftbell.rules.sending import ASKING
from shiftbell.store import audit, mailboxes
from shiftbell.store.ledger import Contact, called
from shiftbell.store.models import (
    Assignment,
    Attempt,
    Consent,
    EmailAddress,
    Employee,
    Mail,
    MailLink,
    Message,
    PhoneNumber,
    TimelineEntry,
)

BY_HAND = "no reply is on record: somebody assigned the shift by hand"
# What a link led to that took its shift; others led to standby, or nowhere.
TOOK = ("accepted", "restored")


def export_consents(employee: Employee, *, now: datetime) -> Dossier:
    """Return what is on record of one person; the whole ledger is looked through for it."""
    contacts = their_contacts(employee)
    numbers = [each for each in contacts if isinstance(each, PhoneNumber)]
    mine = Q(employee=employee) | Q(employee=None, number__in=numbers)
    texts = Message.objects.filter(mine).select_related("number", "sender").order_by("pk")
    return Dossier(
        made_at=now,
        made_by=f"Shiftbell {__version__}",
        employer=config.settings().brand_name,
        zone=recipient_zone(employee).key,
        person=_person(employee),
        numbers=tuple(_held(each, employee) for each in contacts),
        consents=tuple(word(row) for row in history(employee, contacts)),
        shifts_accepted=tuple(map(_acceptance, _taken(employee))),
        texts=tuple(map(_text, _out(texts))),
        replies=tuple(map(_reply, texts.filter(direction=Message.IN))),
        emails=tuple(map(_letter, _mails(Q(employee=employee)))),
        proof=_proof(audit.verify()),
    )


def their_contacts(employee: Employee) -> list[Contact]:
    """Return the numbers and addresses that are or were a person's."""
    return [*_numbers(employee), *_addresses(employee)]


def history(employee: Employee | None, contacts: Iterable[Contact]) -> QuerySet[Consent]:
    """Return the events of a person, and those of these numbers and addresses that are nobody's.

    Without a person, all events of the numbers and addresses. In the order they were recorded.
    """
    contacts = list(contacts)
    of_them = Q(number__in=[each for each in contacts if isinstance(each, PhoneNumber)])
    of_them |= Q(address__in=[each for each in contacts if isinstance(each, EmailAddress)])
    which = Q(employee=employee) | Q(of_them, employee=None) if employee else of_them
    return (
        Consent.objects.filter(which)
        .select_related("number", "address", "anchor")
        .order_by("recorded_at", "pk")
    )


def word(row: Consent) -> Word:
    """Return one event as a person reads it."""
    contact = row.number or row.address
    assert contact is not None
    erased = row.salt is None or row.kind == Event.ERASED
    return Word(
        id=str(row),
        what=in_words(row),
        whose=row.person or ("somebody who was erased" if erased else "nobody on the roster"),
        contact=called(contact),
        said_at=row.at,
        recorded_at=row.recorded_at,
        how=row.how,
        source=row.source,
        recorded_by=row.actor,
        words=row.words,
        shown=row.disclosure,
        version=row.version,
        until=row.until,
        detail=row.detail,
        ledger=f"{contact}, entry {row.place}",
        anchored=f"on {row.anchor.day}" if row.anchor else "not yet",
        salt=bytes(row.salt).hex() if row.salt else "",
        digest=row.digest,
        hash=row.hash,
        hash_before=row.previous,
    )


def in_words(row: Consent) -> str:
    """Return what an event says, of texts or of e-mail."""
    of_mail = dossier.OF_MAIL if row.address_id is not None else {}
    said = of_mail.get(row.kind) or dossier.IN_WORDS.get(row.kind, row.kind)
    return f"{said} {dossier.FORGOTTEN}" if row.salt is None else said


def _person(employee: Employee) -> dossier.Person:
    return dossier.Person(
        id=str(employee),
        external_id=employee.external_id,
        name=employee.name,
        active=employee.active,
        language=employee.language,
        locations=tuple(employee.locations.order_by("name").values_list("name", flat=True)),
        email=employee.email,
    )


def _numbers(employee: Employee) -> list[PhoneNumber]:
    """Return the numbers that are or were a person's, as far as anything on record says so."""
    told = TimelineEntry.objects.filter(employee=employee.pk, number__isnull=False)
    which = Q(pk=employee.number_id) | Q(pk__in=told.values("number"))
    for model in (Consent, Message):
        linked = model.objects.filter(employee=employee, number__isnull=False)
        which |= Q(pk__in=linked.values("number"))
    return list(PhoneNumber.objects.filter(which).order_by("pk"))


def _addresses(employee: Employee) -> list[EmailAddress]:
    which = Q(address=mailboxes.normalised(employee.email)) if employee.email else Q(pk=None)
    which |= Q(pk__in=Consent.objects.filter(employee=employee).values("address"))
    which |= Q(pk__in=Mail.objects.filter(employee=employee).values("address"))
    return list(EmailAddress.objects.filter(which).order_by("pk"))


def _held(contact: Contact, employee: Employee) -> Held:
    since, until = _theirs(contact, employee) if isinstance(contact, PhoneNumber) else (None, None)
    return Held(
        contact=called(contact),
        since=since,
        until=until,
        opted_out_since=contact.opted_out_at,
        unusable_since=contact.unusable_since,
        unusable_because=telling.plain(contact.unusable_reason),
    )


def _theirs(number: PhoneNumber, employee: Employee) -> tuple[datetime | None, datetime | None]:
    """Return from when to when a number was a person's, as far as that is on record."""
    told = TimelineEntry.objects.filter(employee=employee.pk, number=number.pk).order_by("pk")
    since = told.values_list("at", flat=True).first()
    changed = Consent.objects.filter(employee=employee, number=number, kind=Event.NUMBER_CHANGED)
    until = changed.order_by("-pk").values_list("recorded_at", flat=True).first()
    return since, until if employee.number_id != number.pk else None


def _out(texts: QuerySet[Message]) -> QuerySet[Message]:
    tries = Attempt.objects.select_related("consent").order_by("pk")
    sent = texts.filter(direction=Message.OUT).select_related("number", "sender")
    return sent.prefetch_related(Prefetch("attempts", tries))


def _text(text: Message) -> Text:
    code = codes.row(text.error_code) if text.error_code else None
    return Text(
        id=str(text),
        what=telling.plain(text.kind),
        words=text.text,
        to_number=text.number.e164,
        from_number=text.sender.e164,
        queued_at=text.created_at,
        left_at=text.left_at,
        accepted_at=text.sent_at,
        delivered_at=text.delivered_at,
        state=_state(text),
        ringcentral_id=text.ringcentral_id or "",
        error=f"{code.code}: {code.meaning}" if code else "",
        tries=tuple(map(_try, text.attempts.all())),
    )


def _try(one: Attempt) -> Try:
    reasons = [f"the consent {one.consent}" if one.consent else "", one.basis]
    return Try(
        began_at=one.started_at,
        outcome=telling.plain(one.outcome),
        allowed_by=", ".join(filter(None, reasons)) or "not noted at the time",
    )


def _state(one: Message | Mail) -> str:
    never = "never left" if one.state == "cancelled" else telling.plain(one.state)
    return f"{never}: {telling.plain(one.reason)}" if one.reason else never


def _reply(reply: Message) -> Reply:
    return Reply(
        id=str(reply),
        read_as=telling.plain(reply.meaning) or "not read yet",
        words=reply.text,
        from_number=reply.number.e164,
        to_number=reply.sender.e164,
        written_at=reply.received_at,
        stored_at=reply.created_at,
        heard_at=reply.heard_at,
        ringcentral_id=reply.ringcentral_id or "",
    )


def _mails(which: Q) -> QuerySet[Mail]:
    mails = Mail.objects.filter(which).select_related("address").prefetch_related("links")
    return mails.order_by("pk")


def _letter(mail: Mail) -> Letter:
    return Letter(
        id=str(mail),
        what=telling.plain(mail.kind),
        subject=mail.subject,
        words=mail.text,
        to_address=mail.address.address,
        instead_because=SAID[Bar(mail.bar)] if mail.bar in set(Bar) else mail.bar,
        queued_at=mail.created_at,
        left_at=mail.left_at,
        accepted_at=mail.sent_at,
        state=_state(mail),
        message_id=_message_id(mail),
        links_used=tuple(filter(None, map(_link, mail.links.all()))),
    )


def _message_id(mail: Mail) -> str:
    """Return the Message-ID under which a letter left; "" where none did, or no sender is set."""
    values = config.settings()
    if mail.left_at is None or not values.mail_from:
        return ""
    unsubscribe = [link for link in mail.links.all() if link.purpose == MailLink.UNSUBSCRIBE]
    return name_letter(unsubscribe[0], values) if unsubscribe else ""


def _link(link: MailLink) -> Link | None:
    if link.used_at is None:
        return None
    return Link(
        id=f"link{link.pk}",
        letter=str(link.mail),
        purpose=link.purpose,
        used_at=link.used_at,
        outcome=telling.plain(link.outcome),
        page=link.shown,
        pressed_from=dict(link.evidence),
    )


def _taken(employee: Employee) -> QuerySet[Assignment]:
    return (
        Assignment.objects.filter(employee=employee)
        .select_related("shift__location", "offer")
        .order_by("assigned_at", "pk")
    )


def _acceptance(held: Assignment) -> Acceptance:
    """Return what a person was shown before they took a shift, and what they answered (F1)."""
    click = _click(held)
    reply = None if click else _reply_to(held)
    clicked, replied = _link(click) if click else None, _reply(reply) if reply else None
    until = (clicked and clicked.used_at) or (replied and replied.heard_at) or held.assigned_at
    asked = Q(employee=held.employee_id, shift=held.shift_id, left_at__lte=until)
    texts = Message.objects.filter(asked, Q(kind__in=ASKING) | Q(question=True))
    mails = _mails(asked & Q(kind__in=ASKING))
    return Acceptance(
        shift=f"{held.shift}  {shift_name(held.shift)}",
        work=held.shift.role,
        taken_at=held.assigned_at,
        ended_at=held.ended_at,
        state=held.state,
        shown=(*map(_text, _out(texts.order_by("pk"))), *map(_letter, mails)),
        answer=clicked or replied or BY_HAND,
    )


def _click(held: Assignment) -> MailLink | None:
    """Return the link whose button took a shift: in one transaction, so at the same moment.

    Who took back what they had given up holds it since they first took it; their click came later.
    """
    if held.offer_id is None:
        return None
    links = MailLink.objects.filter(
        mail__offer=held.offer_id, purpose=MailLink.ACCEPT, outcome__in=TOOK
    )
    same = Assignment.objects.filter(employee=held.employee_id, shift=held.shift_id)
    dropped = same.filter(assigned_at=held.assigned_at, pk__lt=held.pk).last()
    if dropped is None:
        links = links.filter(used_at=held.assigned_at)
    elif dropped.ended_at is not None:
        links = links.filter(used_at__gte=dropped.ended_at)
        links = links.filter(used_at__lte=held.ended_at) if held.ended_at else links
    return links.select_related("mail").order_by("used_at").first()


def _reply_to(held: Assignment) -> Message | None:
    """Return the reply that took a shift: what its confirmation answers, or else the last YES."""
    confirmed = Message.objects.filter(intent=f"confirmation:{held.pk}", answers__isnull=False)
    if text := confirmed.select_related("answers__number", "answers__sender").first():
        return text.answers
    if held.offer is None:
        return None
    yes = Message.objects.filter(
        direction=Message.IN,
        offer=held.offer,
        meaning=Meaning.ACCEPT,
        heard_at__lte=held.assigned_at,
    )
    return yes.select_related("number", "sender").order_by("-heard_at", "-pk").first()


def _proof(verdict: audit.Verdict) -> Proof:
    newest = verdict.newest
    return Proof(
        result="no: see the flaws" if verdict.flaws else "yes, every entry",
        flaws=tuple(f"{flaw.where}: {flaw.what}" for flaw in verdict.flaws),
        entries=verdict.events,
        chains=verdict.chains,
        anchors=verdict.anchors,
        newest_anchor=ledger.kept(newest.day, newest.count, newest.head) if newest else "none yet",
    )
