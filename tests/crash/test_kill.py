"""Killed at every numbered step, again and again: each intended text once, no YES lost.

The number of kills a step is `--kills` (3, and 20 in `make crash`).
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

import pytest

from tests.crash.scene import CROWD, TELLING, scene, until
from tests.crash.steps import HEARING, SENDING

OVERFULL = """
    SELECT s.id FROM shiftbell_shift s
    JOIN shiftbell_assignment a ON a.shift_id = s.id AND a.state = 'held'
    GROUP BY s.id HAVING count(*) > s.openings OR count(DISTINCT a.employee_id) < count(*)
"""


@pytest.mark.parametrize("step", SENDING + HEARING)
def test_a_worker_killed_there_sends_each_text_once_and_loses_no_yes(
    step: str, tmp_path: Path, kills: int
) -> None:
    dice = random.Random(f"{step} {kills}")
    people = 10 + 3 * kills
    with scene(tmp_path, seed=7) as stage:
        stage.offer(0, people, openings=people // 3)
        died = 0
        while died < kills:
            if stage.killed_at(step, dice.randint(1, 3)):
                died += 1
            else:  # everything is settled already: another crowd is asked
                stage.offer(people, 10, openings=3)
                people += 10
                assert people < CROWD, f"only {died} kills at {step!r}"
        stage.settle(people)
        assert stage.carried() == stage.intended()
        assert sorted(stage.heard()) == sorted(stage.said())
        assert stage.rows(OVERFULL) == []


def test_a_web_process_killed_while_events_come_loses_no_yes(tmp_path: Path, kills: int) -> None:
    people = 10 + 3 * kills
    with scene(tmp_path, seed=11) as stage:
        stage.offer(0, people, openings=people // 3)
        worker = stage.start("-m", "tests.crash.worker", "run")
        for kill in range(kills):
            said = 2 * (kill + 1)
            until(partial(stage.has_said, said), TELLING, f"{said} replies")
            stage.kill_web()
        stage.stop(worker)
        stage.settle(people)
        assert sorted(stage.heard()) == sorted(stage.said())
        assert stage.carried() == stage.intended()
        assert stage.rows(OVERFULL) == []
