"""The demo ends by itself, in time, with a shift that is filled and nobody texted twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from shiftbell.cli.demo_stage import OPENINGS, midday_zone
from tests.cli.processes import run

SECONDS = 40
# Whoever tries the demo may have a real account in the environment or in the folder.
OF_THE_USER = {
    "RC_SERVER_URL": "https://platform.ringcentral.com",
    "RC_CLIENT_ID": "real",
    "RC_FROM_NUMBER": "not a number",
    "RC_SENDERS_FILE": "missing.toml",
    "PORT": "not a port",
    "SEND_FROM": "23:00",
    "SEND_UNTIL": "23:01",
}


def test_once_a_crew_is_asked_a_shift_is_filled_and_one_object_says_so(tmp_path: Path) -> None:
    folder, temporary = tmp_path / "user", tmp_path / "tmp"
    folder.mkdir()
    temporary.mkdir()
    (folder / ".env").write_text("RC_JWT_TOKEN=real\nTIME_ZONE=nowhere\n", encoding="utf-8")
    began = datetime.now(UTC)
    ended = run(folder, "demo", "--once", "--json", TMPDIR=str(temporary), **OF_THE_USER)
    seconds = (datetime.now(UTC) - began).total_seconds()

    assert ended.returncode == 0, ended.stderr
    score = json.loads(ended.stdout)
    assert list(score) == [
        *("offered", "sent", "emailed", "cancelled_by_brake", "accepted", "declined"),
        *("opted_out", "late_yes", "filled", "duplicates", "seconds"),
    ]
    assert score["offered"] == 60
    assert score["emailed"] == 3
    assert score["filled"] is True
    assert score["accepted"] == OPENINGS
    assert score["duplicates"] == 0
    assert score["cancelled_by_brake"] > 0
    reached = score["sent"] + score["emailed"]
    assert reached + score["cancelled_by_brake"] == score["offered"]
    assert score["opted_out"] <= 1  # of those asked; who had opted out before is no news
    assert "60 people: 57 by text, one each 1.5 s, 3 by e-mail" in ended.stderr
    assert "Teresa Núñez is asked by e-mail (opted out of texts)" in ended.stderr
    assert score["seconds"] <= seconds < SECONDS
    assert "+1312" not in ended.stderr
    assert not list(temporary.iterdir())
    assert [file.name for file in folder.iterdir()] == [".env"]


@pytest.mark.parametrize("hour", range(24))
def test_its_site_lies_where_people_work_now(hour: int) -> None:
    for month in (1, 7):
        now = datetime(2026, month, 15, hour, 30, tzinfo=UTC)
        local = now.astimezone(ZoneInfo(midday_zone(now)))
        assert 8 <= local.hour < 18
        # Not so near to the night that a long demo would run into it.
        assert (local + timedelta(hours=2)).hour < 21
