"""`shiftbell offer`: ask a crew about a shift."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
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
    dry_run: terminal.DryRun = False,
    json: terminal.Json = False,
) -> None:
    """Offer a shift by text to everyone eligible, or to the people listed.

    Who was asked before is not asked again, so repeating the command texts nobody. With --dry-run
    it says who would be asked, who would not and why, what it costs, and when the last text leaves.

    Example: shiftbell offer s4 --dry-run
    """
    values = with_database()
    from shiftbell.flow.offer_shift import offer_shift
    from shiftbell.flow.plan_offer import plan_offer
    from shiftbell.store import find

    row, now = find.shift(shift), terminal.now()
    people = None if to is None else [find.employee(one).pk for one in _split(to)]
    if dry_run:
        plan = plan_offer(row, to=people, now=now, again=again)
        _show(_Shown(plan, plan.skipped, len(plan.people), None, dry_run=True), json=json)
        return
    with_senders(values, now)
    with terminal.progress("Queueing texts") as advance:
        report = offer_shift(
            row, to=people, now=now, actor="cli", again=again, values=values, progress=advance
        )
    broadcast = str(report.broadcast) if report.broadcast else None
    _show(_Shown(report.plan, report.skipped, len(report.offers), broadcast, dry_run), json=json)


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
    for reason, names in _by_reason(skipped).items():
        terminal.say(f"  {len(names)} {reason}: {_some(names)}")
        if reason == _said(Skip.NO_CONSENT):
            terminal.say("    To record it, import SMS Consent, Consent Date and Consent Source.")
    for kind, count in plan.counted.items():
        terminal.say(f"  {count} {_said(kind)}")
    if shown.asked and plan.last_leaves_at is not None:
        terminal.say(f"Text: {plan.people[0].text}")
        terminal.say(f"Cost: {plan.segments} segments, about ${plan.cost_usd:.2f}.")
        terminal.say(f"The last text leaves {_when(plan)}, from {_senders(plan.senders)}.")
    if shown.broadcast:
        terminal.say(f"Watch it: shiftbell why {shown.broadcast}")


def _plain(shown: _Shown) -> dict[str, object]:
    plan = shown.plan
    return {
        "dry_run": shown.dry_run,
        "shift": str(plan.shift),
        "broadcast": shown.broadcast,
        "asked": shown.asked,
        "people": [str(one.employee) for one in plan.people],
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
