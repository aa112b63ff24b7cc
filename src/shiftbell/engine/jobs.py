"""What runs when: the table of jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

from shiftbell.engine.runner import Job
from shiftbell.flow.anchor_consents import anchor_consents
from shiftbell.flow.ask_standby import ask_standby
from shiftbell.flow.check_senders import check_senders
from shiftbell.flow.compare_consents import compare_if_due
from shiftbell.flow.expire import expire
from shiftbell.flow.hear_reply import hear_next
from shiftbell.flow.keep_subscription import keep_subscriptions
from shiftbell.flow.read_webhooks import read_events
from shiftbell.flow.remind import remind
from shiftbell.flow.send_mail import send_next_mail
from shiftbell.flow.send_messages import send_next
from shiftbell.flow.settle_doubt import settle_doubt
from shiftbell.flow.switchboard import Switchboard
from shiftbell.flow.sync_messages import sync_messages
from shiftbell.flow.tell_ringcentral import tell_ringcentral
from shiftbell.flow.tell_unmailed import tell_unmailed
from shiftbell.flow.tell_unreachable import tell_unreachable
from shiftbell.flow.track_delivery import recheck
from shiftbell.mail.smtp import Smtp
from shiftbell.store import beats

SEND_THREADS_MAX = 12
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


def jobs(board: Switchboard, senders: int) -> list[Job]:
    """Return every job of a worker that serves so many senders."""

    def hear(now: datetime) -> bool:
        return read_events(now) or hear_next(now)

    last_beat = board.now()

    def beat(now: datetime) -> bool:
        nonlocal last_beat
        if now - last_beat >= beats.EVERY:
            last_beat = now
            beats.beat(now)
        return False

    return [
        *_mailing(board),
        # Threads to spare: an answer that RingCentral is slow to give never holds up another
        # sender, nor the next slots of the same one.
        Job("send", lambda _: send_next(board), threads=min(2 * senders + 1, SEND_THREADS_MAX)),
        Job("hear", hear),
        Job("settle doubt", lambda _: settle_doubt(board)),
        Job("sync", lambda _: sync_messages(board)),
        Job("track delivery", lambda _: recheck(board)),
        Job("ask standby", ask_standby),
        Job("remind", remind, every=MINUTE),
        Job("expire", expire, every=MINUTE),
        Job("tell unreachable", tell_unreachable, every=MINUTE),
        Job("tell unmailed", tell_unmailed, every=MINUTE),
        # Once a day, by itself; looked at each hour, so that a look that fails loses no day.
        Job("anchor consents", anchor_consents, every=HOUR),
        Job("beat", beat),
        Job("tell ringcentral", lambda _: tell_ringcentral(board)),
        Job("check senders", lambda _: check_senders(board)),
        Job("compare consents", lambda _: compare_if_due(board)),
        Job("keep subscription", lambda _: keep_subscriptions(board), every=MINUTE),
    ]


def _mailing(board: Switchboard) -> list[Job]:
    """Return the job that sends mail, where there is a mail server."""
    values = board.values
    if values.smtp is None:
        return []
    smtp = Smtp(values.smtp, values.mail_sender)
    return [Job("mail", lambda _: send_next_mail(board, smtp))]
