"""Check every hour what kind of number each sender is, and whether it may text at all (K7).

A number whose campaign RingCentral does not call `Confirmed` sends nothing until it is: carriers
would refuse every text, and count it against the brand (`rules/registration`). A High Volume number
keeps its opt-outs behind an older API, which everybody else is refused. A sender that cannot be
looked up stays what it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from shiftbell.errors import PaceExceeded, RingCentralError
from shiftbell.flow.ask_account import may_ask
from shiftbell.flow.switchboard import Switchboard
from shiftbell.flow.tell_manager import tell_manager
from shiftbell.ringcentral.records import PhoneNumber, SmsConfiguration
from shiftbell.rules import phones, registration
from shiftbell.store import timeline, turns
from shiftbell.store.models import Message, Sender
from shiftbell.store.transactions import write

log = structlog.get_logger()
TURN = "check senders"
EVERY, TRY_AGAIN = timedelta(hours=1), timedelta(minutes=10)
LEASE = timedelta(minutes=5)
DAY = timedelta(days=1)


def check_senders(board: Switchboard) -> bool:
    """Look up every sender once an hour, and soon again where that failed."""
    since = turns.due_since(TURN, board.now())
    if since is None or not may_ask(board, since):
        return False
    if turns.take(TURN, board.now(), LEASE) is None:
        return False
    checked = [_check(board, sender) for sender in board.senders()]
    if all(checked):
        turns.give_back(TURN, next_at=board.now() + EVERY)
    else:
        turns.give_up(TURN, next_at=board.now() + TRY_AGAIN)
    return False


def _check(board: Switchboard, sender: Sender) -> bool:
    """Look one sender up; returns whether RingCentral could be asked."""
    client = board.client(sender)
    try:
        numbers = [one for one in client.phone_numbers() if one.number == sender.e164]
        told = [(one, client.sms_configuration(one.id)) for one in numbers[:1]]
    except (RingCentralError, PaceExceeded) as error:
        log.warning("sender.not_checked", sender=sender.position, error=error.message)
        return False
    for number, campaign in told:
        _note(sender.pk, number, campaign, board.now())
    return True


def _note(sender_id: int, number: PhoneNumber, campaign: SmsConfiguration, now: datetime) -> None:
    """Write down what was told of a sender, and tell people where that is news."""
    with write():
        sender = Sender.objects.select_for_update().get(pk=sender_id)
        needed = phones.needs_campaign(sender.e164)
        status = registration.status_of(campaign.campaign_status, needed=needed)
        if status != sender.campaign_status:
            _tell(sender, status, now)
        sender.high_volume = number.high_volume
        sender.campaign_status, sender.campaign_tier = status, campaign.registration_tier
        sender.campaign_use_cases, sender.campaign_checked_at = list(campaign.use_cases), now
        sender.save(
            update_fields=[
                "high_volume",
                "campaign_status",
                "campaign_tier",
                "campaign_use_cases",
                "campaign_checked_at",
            ]
        )
    for remark in remarks(sender, now):
        log.warning("campaign.remark", sender=sender.position, remark=remark)


def remarks(sender: Sender, now: datetime) -> list[str]:
    """Return what an operator should look into about a sender's campaign."""
    sent = Message.objects.filter(direction=Message.OUT, left_at__gt=now - DAY).count()
    return list(registration.remarks(sender.campaign_use_cases, sender.campaign_tier, sent))


def _tell(sender: Sender, status: str, now: datetime) -> None:
    timeline.tell("campaign.changed", at=now, actor="RingCentral", sender=sender, status=status)
    if not registration.may_send(status):
        words = (
            f"No text leaves from {sender}: its campaign is {status}, and carriers take texts of a "
            "confirmed one only. Ask your RingCentral administrator."
        )
        tell_manager(now, words)
