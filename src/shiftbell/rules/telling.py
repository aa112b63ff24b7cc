"""The words of the timeline: one sentence for each kind of fact.

The store tells facts by these names and nothing else, so `shiftbell why` can put every one of them
in plain words. In a sentence, {name} is a detail of the fact; a missing one reads as nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from zoneinfo import ZoneInfo

SENTENCES: dict[str, str] = {
    # People
    "employee.added": "{name} joined the roster ({source}).",
    "employee.changed": "The roster entry of {name} changed: {fields}.",
    "number.changed": "The phone number changed from {old} to {new}; consent must be asked again.",
    "consent.granted": "Consent to be texted was recorded ({source}).",
    "consent.revoked": "Consent was taken back ({source}). No more texts to this number.",
    "consent.resumed": "Texts were allowed again ({source}).",
    "consent.opt_in_noted": "RingCentral lists an opt-in; only START or new consent counts here.",
    "consent.not_taken": "RingCentral did not take this into its list of opt-outs: {reason}.",
    "consents.reconciled": "RingCentral's opt-outs were compared with ours: {missing_here} were "
    "missing here, {missing_there} missing there, {lifted_here} lifted here by START, {in_doubt} "
    "in doubt, {unreadable} unreadable.",
    "consents.not_reconciled": "RingCentral's opt-outs cannot be compared with ours: {reason}",
    "consent.wrong_number": "The number is someone else's. No more texts to it.",
    "consent.erased": "What {events} event(s) of the consent ledger said was erased.",
    "consent.night_allowed": "Urgent offers may come at night ({source}).",
    "consent.night_ended": "No more offers at night ({source}).",
    "offers.paused": "Offers pause until {until}.",
    "number.unusable": "The number cannot be texted: {reason}.",
    "number.usable": "The number can be texted again: {reason}.",
    "number.in_review": "A person must decide what this reply meant; offers wait meanwhile.",
    "number.doubted": "Offers wait until a person has asked: {reason}.",
    "number.reviewed": "{actor} decided what the reply meant: {meaning}.",
    "invitation.made": "People of {location} can text JOIN {code} to get texts.",
    "invitation.ended": "The invitation JOIN {code} ended.",
    # Shifts
    "location.added": "The location {name} was added, in the zone {zone}.",
    "location.changed": "The location {name} changed: {changes}.",
    "shift.added": "The shift was posted: {when}, {openings} opening(s).",
    "shift.cancelled": "The shift was cancelled by {actor}.",
    "shift.filled": "The last opening was taken. {withdrawn} offer(s) not yet sent were withdrawn.",
    "shift.reopened": "An opening came back.",
    "standby.exhausted": "Nobody on standby took the opening; the manager must look.",
    "broadcast.started": "The shift was offered to {asked} people; {skipped} were skipped.",
    "broadcast.urgent": "It may wake those who agreed to urgent offers at night: {reason}.",
    "broadcast.held": "The rest of the broadcast waits: {reason}.",
    "offer.made": "An offer was made (number {code}).",
    "offer.skipped": "Not asked: {reason}.",
    "offer.accepted": "Said YES in time {by} and holds the shift.",
    "offer.declined": "Said NO {by}; will not be asked about this shift again.",
    "offer.late": "Said YES {by} when the shift was filled; number {place} on standby.",
    "offer.refused": "A YES {by} could not be taken: {reason}.",
    "assignment.made": "Holds opening {opening} of the shift.",
    "assignment.dropped": "Gave the shift back.",
    "assignment.restored": "Took the dropped shift back in time.",
    "assignment.cancelled": "No longer holds the shift: it was cancelled.",
    "standby.joined": "Waits on standby, place {place}.",
    "standby.asked": "Is asked whether the opening is still wanted.",
    "standby.passed": "Did not take the opening in time.",
    "standby.skipped": "Was passed over on standby: {reason}.",
    "manager.told": "For the manager: {words}",
    # Texts out
    "message.queued": "Written and queued: {kind}.",
    "message.held": "Waits until {until}: {reason}.",
    "message.leased": "A worker took it to send it (try {attempt}).",
    "message.sent": "RingCentral accepted it.",
    "message.delivered": "The carrier says it was delivered.",
    "message.failed": "It failed for good: {reason}",
    "message.requeued": "It surely did not leave ({reason}); it will be tried again.",
    "message.in_doubt": "It may have left ({reason}); RingCentral's message store decides.",
    "message.found": "The message store shows it: it had left.",
    "message.absent": "The message store surely lacks it: it had not left.",
    "message.cannot_tell": "The message store cannot tell if it left; use `shiftbell decide`.",
    "message.decided": "{actor} decided: {decision}.",
    "message.cancelled": "It never left: {reason}.",
    "message.late_answer": "RingCentral's answer came after the lease had ended: {outcome}.",
    "message.status": "RingCentral reports {status} {code}",
    "message.code": "Error {code}: {meaning}. {hint}",
    "bucket.paused": "RingCentral's limit: nothing is sent until {until} ({reason}).",
    "sender.down": "The sender cannot send: {reason}",
    "sender.up": "The sender works again.",
    "campaign.changed": "RingCentral calls the sender's campaign {status}.",
    # Mails
    "mail.queued": "An e-mail was written: {kind} ({bar}).",
    "mail.held": "The e-mail waits until {until}: {reason}.",
    "mail.sent": "The mail server took the e-mail.",
    "mail.postponed": "The e-mail could not be handed over ({reason}); it will be tried again.",
    "mail.failed": "The e-mail failed for good: {reason}",
    "mail.cancelled": "The e-mail never left: {reason}.",
    "mail.down": "No e-mail leaves: {reason}",
    "mail.up": "E-mail leaves again.",
    "mail.refused": "The mail server refused what this e-mail says: {reason}",
    "mail.unsubscribed": "Wants no more e-mail ({source}).",
    "mail.resubscribed": "Wants e-mail again ({source}).",
    "mail.usable": "The e-mail address can be written to again: {reason}.",
    # Texts in
    "reply.heard": "Replied; read as {meaning}.",
    "reply.stale": "An older reply found late; newer ones had already decided.",
    "reply.needs_person": "A person must answer this reply: {reason}.",
    "reply.done": "{actor} took care of this reply.",
    "reply.unknown_number": "A text from a number that nobody on the roster has.",
    "webhook.set_aside": "A webhook event of unknown shape was set aside: {reason}.",
    "subscription.changed": "The webhook subscription is {status}. {reason}",
    "login.refused": "RingCentral refused the login: {reason}",
}


class _Gaps(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def sentence(what: str, actor: str, detail: Mapping[str, object]) -> str:
    """Return the sentence of one fact, details filled in, gaps left out."""
    words = Formatter().vformat(SENTENCES[what], (), _Gaps(detail, actor=actor))
    return " ".join(words.split()).replace(" .", ".").replace(" ;", ";")


_WORD_FOR_MACHINES = re.compile(r"[a-z]+(_[a-z]+)+")


def story_sentence(what: str, actor: str, detail: Mapping[str, object], zone: ZoneInfo) -> str:
    """Return a fact's sentence for a reader in `zone`: local times, no words_for_machines."""
    said = sentence(what, actor, {name: _said(value, zone) for name, value in detail.items()})
    by = "" if actor in {"shiftbell", "employee"} or "{actor}" in SENTENCES[what] else f" ({actor})"
    return said + by


def plain(word: str) -> str:
    """Return a word for machines, like opted_out, as people write it; other text as it is."""
    return word.replace("_", " ") if _WORD_FOR_MACHINES.fullmatch(word) else word


def _said(value: object, zone: ZoneInfo) -> object:
    if not isinstance(value, str):
        return value
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return plain(value)
    local = at.astimezone(zone)
    return f"{local:%a %b} {local.day} {local:%H:%M}" if at.tzinfo else value
