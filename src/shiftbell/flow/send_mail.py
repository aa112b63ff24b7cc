"""Send one mail: lease it, hand it over, settle what that taught us.

Three steps as for a text (`send_messages`), and no transaction is open while the mail server is
spoken to. Killed between any two, the mail goes out again under the same Message-ID when its lease
ends: at least once, where a text is sent at most once while nobody knows.
"""

from __future__ import annotations

import structlog

from shiftbell.errors import (
    BadInput,
    MailContentRefused,
    MailOutcomeUnknown,
    MailRefused,
    MailRejectedUs,
    MailUnavailable,
    WithdrawnAtTheLastMoment,
)
from shiftbell.flow.switchboard import Switchboard
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.flow.write_mail import write_mail
from shiftbell.flow.write_text import shift_name
from shiftbell.mail.smtp import Smtp
from shiftbell.rules import mail_links
from shiftbell.rules.mail_sending import End, Handed, after_handing
from shiftbell.rules.reach import Channel
from shiftbell.store import consent, mail_leases
from shiftbell.store.mail_leases import LeasedMail
from shiftbell.store.models import Mail
from shiftbell.store.transactions import assert_outside, write

log = structlog.get_logger(__name__)
SERVICE_CLOSED = 421  # the server's word that nobody is served now


def send_next_mail(board: Switchboard, smtp: Smtp) -> bool:
    """Send the best mail that may leave now. Returns whether there was one."""
    # 1. Lease one. Number and address are locked, so a STOP commits wholly before or after.
    leased = mail_leases.lease(board.now(), board.values)
    if leased is None:
        return False

    # 2. Hand it over, with no transaction open. A crash here leaves a lease that runs out.
    handed = hand_over(board, smtp, leased)

    # 3. Write down what we know, unless the lease was lost meanwhile.
    settle(board, leased, handed)
    return True


def hand_over(board: Switchboard, smtp: Smtp, leased: LeasedMail) -> Handed:
    """Write a leased mail's letter and hand it to the mail server; return how that ended."""
    assert_outside()
    try:
        letter = write_mail(leased.mail, board.values, board.now())
    except BadInput as error:
        log.error("mail.unwritable", mail=str(leased.mail), reason=error.message)
        return Handed(End.UNWRITABLE, error.message)
    if not mail_leases.note_words(leased, letter.subject, mail_links.hide(letter.text)):
        return Handed(End.WITHDRAWN)

    def last_check() -> None:
        if not mail_leases.still_may_leave(leased, board.now(), board.values):
            raise WithdrawnAtTheLastMoment("It may not leave any more.")

    try:
        smtp.send(letter, now=board.now(), last_check=last_check)
    except WithdrawnAtTheLastMoment as error:
        return Handed(End.WITHDRAWN, error.message)
    except MailRefused as error:
        return Handed(End.ADDRESS_REFUSED, error.message)
    except MailContentRefused as error:
        return Handed(End.CONTENT_REFUSED, error.message)
    except MailRejectedUs as error:
        return Handed(End.WE_REFUSED, error.sentence())
    except MailUnavailable as error:
        gone = error.code in (0, SERVICE_CLOSED)
        return Handed(End.UNREACHED if gone else End.LATER, error.sentence())
    except MailOutcomeUnknown as error:
        return Handed(End.UNKNOWN, error.message)
    return Handed(End.TAKEN)


def settle(board: Switchboard, leased: LeasedMail, handed: Handed) -> None:
    """Write down what handing over taught us, and tell the manager what somebody must do."""
    now, mail = board.now(), leased.mail
    content = handed.end is End.CONTENT_REFUSED
    following = after_handing(
        handed,
        tries=mail.tries,
        doubts=mail.doubts,
        failures=leased.failures,
        refused=mail_leases.others_refused(mail) if content else 0,
    )
    with write():
        was_down = mail_leases.is_down()
        settled = mail_leases.settle(leased, following, now)
        if mail_leases.is_down() and not was_down:
            tell_manager(now, f"No e-mail leaves; what waits is tried again. {following.reason}")
        if settled is not None and following.bad_address:
            _tell_of_address(board, settled)
        if settled is not None and following.letter_news and not was_down:
            _tell_of_words(board, settled)


def _tell_of_address(board: Switchboard, mail: Mail) -> None:
    employee = mail.employee
    reached = consent.reach(employee).channel is Channel.TEXT
    then = "They are texted." if reached else "Until it is corrected somebody must call them."
    words = f"The mail server refuses {employee.name}'s e-mail address. {then} {mail.reason}"
    tell_manager(board.now(), words, employee=employee)


def _tell_of_words(board: Switchboard, mail: Mail) -> None:
    """Tell of one letter that is refused for what it says, while others are taken."""
    about = f" about {shift_name(mail.shift)}" if mail.shift else ""
    words = (
        f"The mail server refuses the e-mail to {mail.employee.name}{about}. It is tried again; "
    )
    words += f"meanwhile somebody must call them. {mail.reason}"
    tell_manager(board.now(), words, shift=mail.shift, employee=mail.employee)
