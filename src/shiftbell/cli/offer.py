"""`shiftbell offer`: ask a crew about a shift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from shiftbell.cli import terminal
from shiftbell.cli.database import with_database, with_senders
from shiftbell.errors import BadInput

if TYPE_CHECKING:
    from shiftbell.flow.plan_offer import OfferPlan, Skipped

NAMES_MAX = 8


def register(app: typer.Typer) -> None:
    """Add `offer`."""
    app.command("offer", rich_help_panel=terminal.DAILY)(offer)


def offer(
    shift: Annotated[str, typer.Argument(help="s4, or the shift's own id.")],
    to: Annotated[
        list[str] | None,
        typer.Option(help="Ask only these people: e7 or their own id, with commas or repeated."),
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Repeat the question to who has not answered it.")
    ] = False,
    urgent: Annotated[
        str | None,
        typer.Option(help="Why it cannot wait for the morning: asks at night who agreed to that."),
    ] = None,
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Offer a shift to everyone eligible, or to the people listed.

    People are asked by text, and by e-mail where they may not be texted and gave an address. Who
    was asked before is not asked again, so repeating the command asks nobody. With --dry-run it
    says who would be asked and how, who not and why, the cost, and when the last text leaves.
    In their quiet hours people are asked once those end; --urgent wakes who takes night offers
    (`shiftbell people nights`), and keeps the reason.

    Example: shiftbell offer s4 --dry-run
    """
    reason = None if urgent is None else _reason(urgent)
    values = with_database()
    from shiftbell.flow.offer_shift import offer_shift
    from shiftbell.flow.plan_offer import plan_offer
    from shiftbell.store import find

    row, now = find.shift(shift), terminal.now()
    people = None if to is None else [find.employee(one).pk for one in _split(to)]
    if dry_run:
        plan = plan_offer(row, to=people, now=now, again=again, urgent=bool(reason))
        _show(_Shown(plan, plan.skipped, len(plan.people), None, dry_run=True), json=json)
        return
    with_senders(values, now)
    with terminal.progress("Queueing texts") as advance:
        report = offer_shift(
            row, to=people, now=now, actor="cli", again=again, urgent=reason or "",
            values=values, progress=advance,
        )  # fmt: skip
    broadcast = str(report.broadcast) if report.broadcast else None
    _show(_Shown(report.plan, report.skipped, len(report.offers), broadcast, dry_run), json=json)


def _reason(urgent: str) -> str:
    reason = " ".join(urgent.split())
    if not reason:
        hint = "Write it like --urgent 'Nadia called out sick'; it is kept."
        raise BadInput("--urgent gives no reason.", hint=hint)
    return reason


def _split(words: Sequence[str]) -> list[str]:
    named = [one.strip() for word in words for one in word.split(",") if one.strip()]
    if not named:
        raise BadInput("--to names nobody.", hint="Write it like --to e7,e9, or leave it out.")
    return named


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown of a plan or of what was done."""

    plan: OfferPlan
    skipped: Sequence[Skipped]
    asked: int
    broadcast: str | None
    dry_run: bool


def _show(shown: _Shown, *, json: bool) -> None:
    if json:
        terminal.say_json(_plain(shown))
        return
    from shiftbell.flow.write_text import shift_words
    from shiftbell.rules.offering import Skip

    plan, skipped = shown.plan, shown.skipped
    asked = f"{shown.asked} {'to ask' if shown.dry_run else 'asked'}, {len(skipped)} not"
    terminal.say(f"{shift_words(plan.shift)} ({plan.shift}): {asked}.")
    _show_emailed(plan)
    for reason, names in _by_reason(skipped).items():
        terminal.say(f"  {len(names)} {reason}: {_some(names)}")
        if reason == _said(Skip.NO_CONSENT):
            terminal.say("    To record it, import SMS Consent, Consent Date and Consent Source.")
        if reason == _said(Skip.QUIET_HOURS):
            terminal.say("    With --urgent those are asked who take night offers.")
    if could := _could_be_emailed(skipped):
        gave = "gave an e-mail address and is" if could == 1 else "gave e-mail addresses and are"
        terminal.say(f"    {could} of these {gave} asked there once SMTP_URL is set.")
    for kind, count in plan.counted.items():
        terminal.say(f"  {count} {_said(kind)}")
    _show_nights(shown)
    text = next((one.text for one in plan.people if one.text), "")
    if shown.asked and text and plan.last_leaves_at is not None:
        terminal.say(f"Text: {text}")
        terminal.say(f"Cost: {plan.segments} segments, about ${plan.cost_usd:.2f}.")
        terminal.say(f"The last text leaves {_when(plan)}, from {_senders(plan.senders)}.")
    if shown.broadcast:
        terminal.say(f"Watch it: shiftbell why {shown.broadcast}")


def _show_emailed(plan: OfferPlan) -> None:
    """Say who is asked by e-mail, and why not by text."""
    from shiftbell.rules.reach import SAID

    barred: defaultdict[str, list[str]] = defaultdict(list)
    for one in plan.people:
        if one.by_email and one.reach.bar:
            barred[SAID[one.reach.bar]].append(one.employee.name)
    for reason, names in barred.items():
        terminal.say(f"  {len(names)} by e-mail ({reason}): {_some(names)}")


def _could_be_emailed(skipped: Sequence[Skipped]) -> int:
    """Count who would be e-mailed instead of left out, where no mail server is configured."""
    from shiftbell import config
    from shiftbell.rules.reach import Bar

    if config.settings().smtp is not None:
        return 0
    return sum(str(one.reason) in set(Bar) and bool(one.employee.email) for one in skipped)


def _show_nights(shown: _Shown) -> None:
    """Say who is woken and who is asked only when their quiet hours end, by the site's clock."""
    plan, zone = shown.plan, shown.plan.shift.location.zone
    if woken := [one.employee.name for one in plan.people if one.woken]:
        terminal.say(f"{len(woken)} in their quiet hours, as they agreed: {_some(woken)}")
    waiting: defaultdict[datetime, list[str]] = defaultdict(list)
    for one in plan.people:
        if one.waits:
            waiting[one.reachable_at].append(one.employee.name)
    for until, names in sorted(waiting.items()):
        at = terminal.local(until, zone)
        terminal.say(f"{len(names)} not before {at}, when quiet hours end: {_some(names)}")


def _plain(shown: _Shown) -> dict[str, object]:
    plan = shown.plan
    return {
        "dry_run": shown.dry_run,
        "shift": str(plan.shift),
        "broadcast": shown.broadcast,
        "asked": shown.asked,
        "people": [str(one.employee) for one in plan.people],
        "emailed": [
            {"employee": str(one.employee), "reason": one.reach.bar}
            for one in plan.people
            if one.by_email
        ],
        "woken": [str(one.employee) for one in plan.people if one.woken],
        "waiting": [
            {"employee": str(one.employee), "until": one.reachable_at}
            for one in plan.people
            if one.waits
        ],
        "skipped": [{"employee": str(s.employee), "reason": s.reason} for s in shown.skipped],
        "counted": dict(plan.counted),
        "segments": plan.segments,
        "cost_usd": f"{plan.cost_usd:.4f}",
        "last_leaves_at": plan.last_leaves_at,
    }


def _by_reason(skipped: Sequence[Skipped]) -> dict[str, list[str]]:
    names: defaultdict[str, list[str]] = defaultdict(list)
    for one in skipped:
        names[_said(one.reason)].append(one.employee.name)
    return dict(names)


def _said(reason: object) -> str:
    from shiftbell.rules.offering import SAID, Skip

    return SAID[Skip(str(reason))]


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMES_MAX
    return ", ".join(names[:NAMES_MAX]) + (f" and {more} more" if more > 0 else "")


def _when(plan: OfferPlan) -> str:
    """Say when the last text leaves: how long from now, or the day and hour if it is long."""
    from zoneinfo import ZoneInfo

    assert plan.last_leaves_at is not None
    wait = max(plan.last_leaves_at - terminal.now(), timedelta(0))
    if wait < timedelta(hours=1):
        minutes, seconds = divmod(round(wait.total_seconds()), 60)
        return f"in {minutes} min {seconds} s"
    local = plan.last_leaves_at.astimezone(ZoneInfo(plan.shift.location.zone))
    return f"on {local:%a %b} {local.day} at {local:%H:%M} {local:%Z}"


def _senders(count: int) -> str:
    return "one sender" if count < 2 else f"{count} senders"
