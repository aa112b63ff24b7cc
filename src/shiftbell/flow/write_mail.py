"""What a mail says: its wording joined with its reader, its shift, and links that work.

Made when a mail leaves, and again when it must leave once more: its links are written with the key,
and nothing that works is stored. The words themselves stand in `rules/mail_wording`, what makes a
link work in `rules/mail_links`.
"""

from __future__ import annotations

from datetime import datetime

from shiftbell import config
from shiftbell.errors import BadAddress
from shiftbell.flow.write_text import NO_BRAND, recipient_zone, shift_words
from shiftbell.mail.letter import Letter, message_id
from shiftbell.rules import mail_address, mail_links
from shiftbell.rules.mail_links import Purpose
from shiftbell.rules.mail_wording import MailFacts, render_mail
from shiftbell.rules.reach import Bar
from shiftbell.rules.sending import Kind
from shiftbell.rules.wording import Wording, WordingFacts
from shiftbell.store.models import Mail, MailLink

WORDINGS = {
    Kind.OFFER: Wording.OPEN_SHIFT,
    Kind.STANDBY: Wording.STANDBY_ASK,
    Kind.CONFIRMATION: Wording.CONFIRMATION,
    Kind.REMINDER: Wording.REMINDER,
    Kind.CANCELLATION: Wording.CANCELLATION,
}
"""The kinds that are mailed."""


def write_mail(mail: Mail, values: config.Settings, now: datetime) -> Letter:
    """Return the letter of a mail. Raises BadTemplate or BadAddress where it cannot be written."""
    links = {Purpose(link.purpose): link for link in MailLink.objects.filter(mail=mail)}
    key = config.secret_key(values)
    urls = {
        purpose: mail_links.address(values.public_url, mail_links.token(link.nonce, purpose, key))
        for purpose, link in links.items()
    }
    worded = render_mail(
        WORDINGS[Kind(mail.kind)],
        mail.employee.language,
        _facts(mail, values, now),
        MailFacts(
            bar=Bar(mail.bar or Bar.NO_CONSENT),
            unsubscribe_url=urls[Purpose.UNSUBSCRIBE],
            accept_url=urls.get(Purpose.ACCEPT),
            decline_url=urls.get(Purpose.DECLINE),
            postal_address=values.mail_postal_address,
        ),
    )
    return Letter(
        # As the roster spells it: before the @, some servers tell capitals apart.
        to=mail.employee.email,
        name=mail.employee.first_name,
        subject=worded.subject,
        text=worded.text,
        html=worded.html,
        message_id=name_letter(links[Purpose.UNSUBSCRIBE], values),
        unsubscribe_url=urls[Purpose.UNSUBSCRIBE],
        reply_to=_reply_to(values),
    )


def name_letter(unsubscribe: MailLink, values: config.Settings) -> str:
    """Return the Message-ID of the letter with this link, from MAIL_FROM's domain as it is now.

    A link's number is drawn at random once, so this names one letter in any database.
    """
    return message_id(f"mail {unsubscribe.nonce}", values.mail_sender)


def _facts(mail: Mail, values: config.Settings, now: datetime) -> WordingFacts:
    employee, shift = mail.employee, mail.shift
    # Only a reminder is sure to be read while "tomorrow" is true: it expires when that day ends.
    nearby = now if mail.kind == Kind.REMINDER else None
    zone = recipient_zone(employee, shift)
    words = None
    if shift is not None:
        words = shift_words(shift, employee.language, now=nearby, reader_zone=zone)
    return WordingFacts(
        brand=values.brand_name or NO_BRAND,
        contact=values.help_contact,
        name=employee.first_name,
        shift=words,
    )


def _reply_to(values: config.Settings) -> str:
    """Return where an answer goes: HELP_CONTACT where it is an address, else the sender."""
    try:
        return mail_address.normalised(values.help_contact)
    except BadAddress:
        return ""
