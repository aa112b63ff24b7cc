"""RingCentral's own list of who opted out: read whole or not at all, and written to.

RingCentral keeps an opt-out for a pair, a number of ours (`from`) and a person's (`to`), and fails
every text of that pair with SMS-RC-413 later on. Three rules follow:

* A list comes back only when its last page was read. A page that fails, lacks `paging` or repeats
  itself raises, so nobody takes half a list for "the others did not opt out". What changes while
  pages are read may still be missed or come twice: absence is a reason to write, never a consent.
* Writing is idempotent, and several requests where there are many entries. If one of them raises,
  those before it are done, and all may be written again.
* The old API of High Volume SMS is deprecated, and refused with CMN-401 to apps without the
  permission A2PSMS: it is for accounts that have a High Volume number (`PhoneNumber.high_volume`).

Whose word counts when the two sides differ is left to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from shiftbell.errors import RingCentralUnavailable
from shiftbell.ringcentral.calls import unreadable
from shiftbell.ringcentral.client import Client
from shiftbell.ringcentral.records import (
    ConsentRecord,
    Json,
    consent_record,
    mapping,
    sequence,
    text_of,
)
from shiftbell.ringcentral.scrub import scrub
from shiftbell.ringcentral.wire import Answer
from shiftbell.rules.pacing import Group

PER_PAGE = 1000  # the most that RingCentral gives, and the most entries that it takes at once
NUMBERS_MAX = 20  # that a search may name on each side
_PAGES_MAX = 1000  # a million entries; more pages than this is a loop
_CONSENTS = "/restapi/v2/accounts/~/sms/consents"
_OPT_OUTS = "/restapi/v1.0/account/~/a2p-sms/opt-outs"
_WIDE = {"coverage": ["Account", "CampaignType"]}

Item = TypeVar("Item")


@dataclass(frozen=True)
class ConsentChange:
    """What RingCentral shall keep for a pair; `from_number` may be "*", all of the account's."""

    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    opted_out: bool


@dataclass(frozen=True)
class FailedConsent:
    """An entry that RingCentral did not take, and what it said. `code` is "" in the old API."""

    from_number: str = field(repr=False)
    to_number: str = field(repr=False)
    code: str
    message: str


def search_consents(
    client: Client,
    *,
    senders: Sequence[str] = (),
    phones: Sequence[str] = (),
    opt_status: Literal["", "OptOut", "OptIn"] = "",
) -> tuple[ConsentRecord, ...]:
    """Return all entries of the account, or those of our `senders` and people's `phones`.

    Complete, or raises what `Calls.read` raises. An entry that changed meanwhile may come in both
    states. RingCentral's filter by sender leaves out entries that bind more than one number, so
    with `senders` those are searched for besides; none named means all of them.
    """
    asked: dict[str, Any] = {"perPage": PER_PAGE}
    if opt_status:
        asked["optStatus"] = opt_status
    by_sender = [{"from": part} for part in _parts(senders, NUMBERS_MAX)]
    by_phone = [{"to": part} for part in _parts(phones, NUMBERS_MAX)]

    def search(narrowed: dict[str, Any]) -> Iterator[ConsentRecord]:
        return _pages(
            lambda token: client.calls.read(f"{_CONSENTS}/search", body={**narrowed, **token})
        )

    return _once(
        record
        for sender in ([*by_sender, _WIDE] if by_sender else [{}])
        for phone in by_phone or [{}]
        for record in search({**asked, **sender, **phone})
    )


def set_consents(client: Client, changes: Sequence[ConsentChange]) -> tuple[FailedConsent, ...]:
    """Write entries into RingCentral's list; return those that it did not take.

    Raises what `Calls.upkeep` raises; writing them all again is safe.
    """
    failed: list[FailedConsent] = []
    for part in _parts(changes, PER_PAGE):
        body = {"records": [_written(change) for change in part]}
        failed += _failures(client.calls.upkeep("PATCH", _CONSENTS, Group.LIGHT, body))
    return tuple(failed)


def list_opt_outs(client: Client, *, senders: Sequence[str] = ()) -> tuple[ConsentRecord, ...]:
    """Return all opt-outs that the old API holds, or those of our `senders`.

    Complete, or raises what `Calls.read` raises.
    """
    asked: dict[str, str | int] = {"status": "optout", "perPage": PER_PAGE}

    def search(narrowed: dict[str, str]) -> Iterator[ConsentRecord]:
        return _pages(lambda token: client.calls.read(_OPT_OUTS, {**asked, **narrowed, **token}))

    narrowed: list[dict[str, str]] = [{"from": sender} for sender in dict.fromkeys(senders)]
    return _once(record for each in narrowed or [{}] for record in search(each))


def assign_opt_outs(
    client: Client, sender: str, *, opt_outs: Sequence[str] = (), opt_ins: Sequence[str] = ()
) -> tuple[FailedConsent, ...]:
    """Write entries for one High Volume number; return those that RingCentral did not take.

    Whoever it does not name as done has failed. Raises what `Calls.upkeep` raises.
    """
    failed: list[FailedConsent] = []
    changes = [("optOuts", phone) for phone in opt_outs] + [("optIns", phone) for phone in opt_ins]
    for part in _parts(changes, PER_PAGE):
        lists = {name: [p for n, p in part if n == name] for name in ("optOuts", "optIns")}
        path, body = f"{_OPT_OUTS}/bulk-assign", {"from": sender, **lists}
        told = mapping(client.calls.upkeep("POST", path, Group.LIGHT, body).json())
        for name, phones in lists.items():
            failed += _not_done(sender, phones, mapping(told.get(name)))
    return tuple(failed)


def _pages(ask: Callable[[dict[str, str]], Answer]) -> Iterator[ConsentRecord]:
    """Yield the entries of every page; raise where the last one is not surely the last."""
    token: dict[str, str] = {}
    known: set[str] = set()
    for _ in range(_PAGES_MAX):
        answer = ask(token)
        told = mapping(answer.json())
        entries, paging = told.get("records"), told.get("paging")
        if not isinstance(entries, list) or not isinstance(paging, dict):
            raise unreadable(answer)
        yield from map(consent_record, entries)
        following = paging.get("nextPageToken")
        if following is None or following == "":
            return
        if not isinstance(following, str) or following in known:
            raise unreadable(answer)
        known.add(following)
        token = {"pageToken": following}
    raise RingCentralUnavailable("RingCentral's list has no end; nothing of it is certain.")


def _once(records: Iterator[ConsentRecord]) -> tuple[ConsentRecord, ...]:
    """Return every entry once; two states of a pair stay two entries, and none hides the other."""
    return tuple(dict.fromkeys(records))


def _parts(items: Sequence[Item], most: int) -> Iterator[list[Item]]:
    """Yield the items in lists of at most `most`, each item once."""
    once = list(dict.fromkeys(items))
    for start in range(0, len(once), most):
        yield once[start : start + most]


def _written(change: ConsentChange) -> dict[str, str]:
    return {
        "from": change.from_number,
        "to": change.to_number,
        "optStatus": "OptOut" if change.opted_out else "OptIn",
        "source": "Api",
    }


def _failures(answer: Answer) -> list[FailedConsent]:
    told = answer.json()
    entries = told.get("failedRecords", []) if isinstance(told, dict) else None
    if not isinstance(entries, list):
        raise unreadable(answer)
    failed = [_failure(mapping(entry)) for entry in entries]
    # Which one failed cannot be told, so none may pass for written.
    if not all(failure.to_number for failure in failed):
        raise unreadable(answer)
    return failed


def _failure(told: Json) -> FailedConsent:
    error = mapping(told.get("error"))
    return FailedConsent(
        from_number=text_of(told.get("from")),
        to_number=text_of(told.get("to")),
        code=scrub(text_of(error.get("errorCode"))),
        message=scrub(text_of(error.get("message"))),
    )


def _not_done(sender: str, phones: Sequence[str], told: Json) -> Iterator[FailedConsent]:
    done = set(map(text_of, sequence(told.get("successful"))))
    said = {
        text_of(entry.get("to")): scrub(text_of(entry.get("errorMessage")))
        for entry in map(mapping, sequence(told.get("failed")))
    }
    for phone in phones:
        if phone not in done or phone in said:
            message = said.get(phone) or "RingCentral does not say that it was done."
            yield FailedConsent(sender, phone, "", message)
