"""Whatever is said, by whomever, in whatever order: nobody is texted after a STOP.

A machine draws the order: rosters are imported, consent is given, taken back by text, manager, API
or RingCentral, offers pause, broadcasts are queued, texts are leased and posted one step at a time.
What it checks is the carrier's log and the leases, not our own opinion of them.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shiftbell.flow.import_people import import_people
from shiftbell.flow.offer_shift import offer_shift
from shiftbell.flow.send_messages import post
from shiftbell.rules.consent import Event, How, Word, replay
from shiftbell.rules.sending import Kind
from shiftbell.simulator.consents import Consent as TheirConsent
from shiftbell.store import consent, numbers
from shiftbell.store.audit import verify
from shiftbell.store.claiming import Leased, claim
from shiftbell.store.consent import Evidence
from shiftbell.store.models import Consent, Employee, Message, PhoneNumber
from shiftbell.store.settling import settle
from shiftbell.store.transactions import write
from tests import crew
from tests.stage import Stage

CHICAGO = ZoneInfo("America/Chicago")
CREW = range(4)
AFTER_STOP = {Kind.STOP, Kind.HELP}
WORDS = (
    "stop", "STOP", "please stop texting me", "no mas", "wrong number", "start", "unstop", "yes",
    "help", "pause 3", "stop on sundays", "drop", "no", "join 4821",
)  # fmt: skip
HEAD = "Employee ID,First Name,Cell Phone,SMS Consent,Consent Date,Consent Source,Opted Out"

people = st.sampled_from(CREW)


class Crew(RuleBasedStateMachine):
    """One employer with four people, one sender, and a clock that only the rules move."""

    seen: ClassVar[set[str]] = set()

    def __init__(self) -> None:
        super().__init__()
        self._undo = transaction.atomic()
        self._undo.__enter__()
        self.stage = Stage()
        self.leased: list[Leased] = []
        crew.hire(len(CREW), self.stage.now)
        crew.place()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._undo.__exit__(None, None, None)

    @rule(who=people, agrees=st.booleans(), out=st.booleans())
    def imports(self, who: int, agrees: bool, out: bool) -> None:
        row = f"E{who},Emp{who},{crew.number(who)},{'yes' if agrees else ''},2026-09-01,paper,"
        raw = f"{HEAD}\n{row}{'yes' if out else ''}\n".encode()
        import_people(
            raw, now=self.stage.now, actor="cli", region="US", zone=CHICAGO, dry_run=False
        )

    @rule(who=people)
    def agrees_on_paper(self, who: int) -> None:
        with write():
            employee = self._employee(who)
            consent.grant(employee, crew.ON_PAPER, at=self.stage.now, now=self.stage.now)

    @rule(who=people, how=st.sampled_from([How.MANAGER, How.API, How.EMAIL]))
    def is_opted_out(self, who: int, how: How) -> None:
        with write():
            number = self._number(who)
            self.seen.add("stopped")
            consent.revoke(
                number, self._employee(who), Evidence(how=how, actor="Mia"), now=self.stage.now
            )

    @rule(who=people, words=st.sampled_from(WORDS))
    def texts(self, who: int, words: str) -> None:
        self.stage.world.say(crew.number(who), words)

    @rule(who=people, told=st.booleans())
    def opts_out_at_ringcentral(self, who: int, told: bool) -> None:
        world, sender = self.stage.world, self.stage.senders[0].e164
        theirs = TheirConsent(sender, crew.number(who), "OptOut", "Carrier", self.stage.now)
        if told:
            world.set_consent(theirs)
        else:
            world.consents.set(theirs)

    @precondition(lambda self: self.leased)
    @rule()
    def stops_between_lease_and_post(self) -> None:
        with write():
            number = numbers.locked_number(self.leased[0].number_id)
            consent.revoke(number, None, crew.ON_PAPER, now=self.stage.now)
        self._post()

    @initialize(hours=st.integers(2, 40))
    def offers_at_first(self, hours: int) -> None:
        self._offer(hours)

    @rule(hours=st.integers(2, 40))
    def offers(self, hours: int) -> None:
        self._offer(hours)

    def _offer(self, hours: int) -> None:
        shift = crew.shift(now=self.stage.now, hours=hours)
        offer_shift(shift, now=self.stage.now, actor="Mia", values=self.stage.values)

    @rule()
    def leases(self) -> None:
        leased = claim(self.stage.now, self.stage.values)
        if leased is not None:
            kind = Message.objects.get(pk=leased.message_id).kind
            assert not self._is_out(leased.number_id) or kind in AFTER_STOP
            self.leased.append(leased)

    @precondition(lambda self: self.leased)
    @rule()
    def posts(self) -> None:
        """Post what was leased, whatever was said in between."""
        self._post()

    def _post(self) -> None:
        leased = self.leased.pop(0)
        kind = Message.objects.get(pk=leased.message_id).kind
        is_out, before = self._is_out(leased.number_id), self._posts()
        posted = post(self.stage.board, leased, time.monotonic() + 5)
        settle(leased, posted, self.stage.now)
        self.seen.add("withdrawn" if is_out and self._posts() == before else "left")
        assert not is_out or kind in AFTER_STOP or self._posts() == before

    @rule(seconds=st.sampled_from([1, 5, 40, 400]))
    def time_passes(self, seconds: int) -> None:
        self.stage.run(seconds, tick=20)

    @rule(hours=st.sampled_from([3, 9]))
    def hours_pass(self, hours: int) -> None:
        self.stage.world.advance(hours * 3600)

    @invariant()
    def nobody_is_texted_after_a_stop(self) -> None:
        for text in self.stage.world.texts:
            message = Message.objects.filter(ringcentral_id=str(text.id), direction="out").first()
            if text.direction != "Outbound" or message is None or message.kind in AFTER_STOP:
                continue
            assert message.left_at is not None  # what is on the wire by a STOP may still arrive
            assert self._standing_before(message.left_at, message.number).out_since is None, message

    @invariant()
    def an_opt_out_is_confirmed_once_at_most(self) -> None:
        stops = Message.objects.filter(kind=Kind.STOP).values_list("answers", flat=True)
        assert len(stops) == len(set(stops))
        out = Consent.objects.filter(kind__in=["revoked", "wrong_number"])
        assert len(stops) <= out.count()

    @invariant()
    def the_ledger_is_whole_and_says_what_the_numbers_say(self) -> None:
        assert verify().flaws == ()

    def _standing_before(self, at: datetime, number: PhoneNumber):
        rows = Consent.objects.filter(number=number, recorded_at__lt=at).order_by("place")
        return replay(
            Word(Event(row.kind), row.recorded_at, row.employee_id, row.until) for row in rows
        )

    def _posts(self) -> int:
        return sum(call.group == "medium" for call in self.stage.world.calls)

    def _is_out(self, number: int) -> bool:
        return PhoneNumber.objects.get(pk=number).opted_out_at is not None

    def _number(self, who: int) -> PhoneNumber:
        return numbers.locked_number(PhoneNumber.objects.get(e164=crew.number(who)).pk)

    def _employee(self, who: int) -> Employee:
        return Employee.objects.select_related("number").get(external_id=f"E{who}")


@pytest.mark.django_db
def test_no_order_of_words_and_work_texts_anyone_after_a_stop() -> None:
    Crew.seen.clear()
    run_state_machine_as_test(
        Crew, settings=settings(max_examples=25, stateful_step_count=25, deadline=None)
    )
    # No quiet walk: texts left, people stopped them, and some were held by the last check.
    assert {"left", "stopped", "withdrawn"} <= Crew.seen
