"""Mail to people who may not be texted: who can be e-mailed, and what waits to leave.

`queue` writes an intent down, `withdraw` and `cancel` take it back before it leaves. Which mail may
leave now, and what handing it over taught us, is written down by `store/mail_leases`; whether
somebody is e-mailed rather than texted is ruled in `rules/reach`; who writes what, in `flow`.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Q

from shiftbell import config
from shiftbell.errors import BadInput
from shiftbell.rules import mail_address
from shiftbell.rules.consent import Event
from shiftbell.rules.mail_links import NONCE_BYTES
from shiftbell.rules.reach import Bar
from shiftbell.rules.sending import ASKING, Kind
from shiftbell.store import timeline
from shiftbell.store.models import (
    Broadcast,
    Consent,
    EmailAddress,
    Employee,
    Mail,
    MailLink,
    Message,
    Offer,
    Shift,
)


def normalised(email: str) -> str:
    """Return an address as it is stored and compared; "" where it is none."""
    try:
        return mail_address.compared(mail_address.normalised(email)) if email else ""
    except BadInput:
        return ""


def reachable(employee: Employee) -> bool:
    """Whether this person can be e-mailed: they gave an address and did not take it back."""
    return employee.pk in reachable_among([employee])


def reachable_among(people: Collection[Employee]) -> set[int]:
    """Return the ids of those who can be e-mailed; nobody where no mail server is configured."""
    if config.settings().smtp is None:
        return set()
    written = {one.pk: address for one in people if (address := normalised(one.email))}
    barred = set(
        EmailAddress.objects.filter(address__in=set(written.values()))
        .filter(Q(opted_out_at__isnull=False) | Q(unusable_since__isnull=False))
        .values_list("address", flat=True)
    )
    there = {pk for pk, address in written.items() if address not in barred}
    return there - unsubscribed_among(there)


def unsubscribed_among(people: Collection[int]) -> set[int]:
    """Return which of these people last said, of whatever address, that they want no e-mail.

    Their word is theirs and not only the address's: a roster that brings another address, or
    somebody who shares the old one and wants mail, does not undo it.
    """
    words = Consent.objects.filter(
        employee__in=people, address__isnull=False, kind__in=[Event.REVOKED, Event.RESUMED]
    )
    newest = dict(words.order_by("pk").values_list("employee_id", "kind"))
    return {pk for pk, kind in newest.items() if pk is not None and kind == Event.REVOKED}


def wants_none(employee: Employee) -> bool:
    """Whether this person last said that they want no e-mail, at whatever address."""
    return bool(unsubscribed_among([employee.pk]))


def people_at(address: EmailAddress) -> list[Employee]:
    """Return the active people whom the roster has this address for."""
    same = Employee.objects.filter(email__iexact=address.address, active=True)
    return list(same.select_related("number").order_by("pk"))


def address_row(email: str) -> EmailAddress:
    """Return the row of a good address, made if new. Call inside `write()`."""
    return EmailAddress.objects.get_or_create(address=normalised(email))[0]


def locked_address(pk: int) -> EmailAddress:
    """Return the address's row, locked until the transaction ends."""
    return EmailAddress.objects.select_for_update().get(pk=pk)


def is_theirs(address: EmailAddress, employee: Employee) -> bool:
    """Whether this is still the address that the roster has for this person."""
    return normalised(employee.email) == address.address


def queue(
    kind: Kind,
    employee: Employee,
    *,
    intent: str,
    now: datetime,
    expires_at: datetime,
    bar: Bar | None = None,
    due_at: datetime | None = None,
    shift: Shift | None = None,
    offer: Offer | None = None,
    broadcast: Broadcast | None = None,
    links: Sequence[str] = (),
    links_expire_at: datetime | None = None,
    metadata: dict[str, Any] | None = None,
) -> Mail | None:
    """Queue one mail to a reachable person; None when this intent is already live or sent.

    Call inside `write()`. `links` are purposes of `MailLink` besides unsubscribing, which every
    mail has. Intents are those of texts, "offer:12:7:1"; ARCHITECTURE.md lists them. Only
    `expires_at` ends a mail that no server takes.
    """
    if Mail.objects.filter(intent=intent).exclude(state__in=["failed", "cancelled"]).exists():
        return None
    mail = Mail.objects.create(
        kind=kind,
        intent=intent,
        address=address_row(employee.email),
        employee=employee,
        shift=shift,
        offer=offer,
        broadcast=broadcast,
        bar=bar or "",
        metadata=metadata or {},
        created_at=now,
        due_at=due_at or now,
        expires_at=expires_at,
    )
    for purpose in (*links, MailLink.UNSUBSCRIBE):
        until = None if purpose == MailLink.UNSUBSCRIBE else links_expire_at
        nonce = secrets.token_hex(NONCE_BYTES)
        MailLink.objects.create(mail=mail, purpose=purpose, nonce=nonce, expires_at=until)
    tell_of(mail, "mail.queued", at=now, kind=str(kind), bar=mail.bar)
    return mail


def withdraw(which: Q, *, reason: str, now: datetime, actor: str = "shiftbell") -> Sequence[Mail]:
    """Cancel every queued mail that `which` selects. Call inside `write()`.

    What is leased already is stopped by the last check before the letter itself is handed over.
    """
    mails = list(
        Mail.objects.filter(which, state="queued").order_by("pk").select_for_update(of=("self",))
    )
    for mail in mails:
        cancel(mail, reason=reason, now=now, actor=actor)
    return mails


def cancel(mail: Mail, *, reason: str, now: datetime, actor: str = "shiftbell") -> None:
    """Cancel a locked mail and say why; what its offer asked is asked no more."""
    mail.state, mail.reason = "cancelled", reason[:300]
    mail.owner, mail.lease_until = "", None
    mail.save(update_fields=["state", "reason", "owner", "lease_until"])
    tell_of(mail, "mail.cancelled", at=now, actor=actor, reason=reason)
    if mail.kind == Kind.OFFER and mail.offer_id is not None and mail.left_at is None:
        take_back(mail.offer_id)


def take_back(offer_id: int) -> None:
    """Withdraw an open offer, or only its last round where an earlier question reached its reader.

    That question still stands: its YES is as good as ever, and nobody is to be asked it twice.
    """
    offer = Offer.objects.filter(pk=offer_id, state=Offer.OPEN)
    left = Q(offer=offer_id, kind__in=ASKING, left_at__isnull=False)
    ended = Q(state__in=["queued", "cancelled", "failed"])
    if any(asked.objects.filter(left).exclude(ended).exists() for asked in (Message, Mail)):
        offer.filter(round__gt=1).update(round=F("round") - 1)
    else:
        offer.update(state=Offer.WITHDRAWN)


def tell_of(
    mail: Mail, what: str, *, at: datetime, actor: str = "shiftbell", **detail: Any
) -> None:
    """Add one fact about a mail, under the ids of everything it is about."""
    timeline.tell(
        what,
        at=at,
        actor=actor,
        offer=mail.offer_id,
        employee=mail.employee_id,
        shift=mail.shift_id,
        broadcast=mail.broadcast_id,
        mail=str(mail),
        **detail,
    )
