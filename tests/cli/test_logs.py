"""No log line may hold a whole phone number or a secret, whoever wrote it and however."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shiftbell.cli import logs
from shiftbell.config import Settings

SECRET = "a-verification-token-of-ours"
AREA_CODES = ("312", "415", "650", "212", "787")
SHAPES = (
    "+1{0}{1}{2}",
    "1{0}{1}{2}",
    "{0}{1}{2}",
    "({0}) {1}-{2}",
    "{0}-{1}-{2}",
    "{0}.{1}.{2}",
    "+1 {0} {1} {2}",
    "tel:+1-{0}-{1}-{2}",
)


@st.composite
def phone_numbers(draw: st.DrawFn) -> tuple[str, str]:
    """A number as it is written, and its ten digits."""
    area, line = draw(st.sampled_from(AREA_CODES)), draw(st.integers(100, 199))
    parts = (area, "555", f"0{line}")
    return draw(st.sampled_from(SHAPES)).format(*parts), "".join(parts)


words = st.text(st.characters(categories=["L", "Zs", "Po"]), max_size=10)


@st.composite
def values_with_a_number(draw: st.DrawFn) -> tuple[Any, str]:
    """Something one may log that holds a number anywhere in it, and its ten digits."""
    written, digits = draw(phone_numbers())
    text = f"{draw(words)} {written} {draw(words)}"
    shapes = [
        text,
        [text],
        {"to": text},
        {text: 1},
        (1, {"deep": [{"er": text}]}),
        {text},
        text.encode(),
        ValueError(text),
        int(digits),
        float(digits),
        int("1" + digits),
    ]
    return draw(st.sampled_from(shapes)), digits


def line(log_format: Any, event: str, **about: Any) -> str:
    """Write one line as the settings would and return it."""
    hide = logs.hide_private_things([SECRET])
    render = logs.as_json if log_format == "json" else logs.as_text
    return render(None, "", hide(None, "", {"event": event, **about}))


@pytest.mark.parametrize("log_format", ["text", "json"])
@given(held=values_with_a_number())
def test_no_whole_number_passes_in_any_value(log_format: str, held: tuple[Any, str]) -> None:
    value, digits = held
    written = line(log_format, "message.sent", about=value)
    assert digits not in re.sub(r"\D", "", written)
    assert digits[-4:] in written


@pytest.mark.parametrize("log_format", ["text", "json"])
@given(number=phone_numbers())
def test_no_whole_number_passes_as_the_event_or_a_key(
    log_format: str, number: tuple[str, str]
) -> None:
    written, digits = number
    shown = line(log_format, f"texted {written}", **{written: 1})
    assert digits not in re.sub(r"\D", "", shown)


@pytest.mark.parametrize("log_format", ["text", "json"])
@given(before=words, after=words)
def test_a_secret_of_the_settings_is_dropped_wherever_it_turns_up(
    log_format: str, before: str, after: str
) -> None:
    for value in (before + SECRET + after, [SECRET], {SECRET: SECRET}, ValueError(SECRET)):
        assert SECRET not in line(log_format, f"{SECRET} in an event", about=value)


@pytest.mark.parametrize(
    "name", ["access_token", "client_secret", "RC_JWT_TOKEN", "Authorization", "password", "jwt"]
)
def test_a_value_under_a_secret_name_is_dropped(name: str) -> None:
    assert "opened" not in line("json", "x", **{name: "sesame-opened"})
    assert "opened" not in line("text", "x", deep={name: {"a": "opened"}})


@given(text=st.text(max_size=30))
def test_what_a_stranger_sent_stays_on_one_line(text: str) -> None:
    for log_format in ("text", "json"):
        written = line(log_format, "webhook.set_aside", reason=text, **{f"k{text}": 1})
        assert len(written.splitlines()) == 1


@pytest.mark.parametrize(
    "kept", ["2026-11-22T08:16:49Z", "m1881", "1724099032020", "7am-3pm", "2026-11-28", 40]
)
def test_dates_ids_and_counts_stay_readable(kept: object) -> None:
    assert str(kept) in line("text", "x", about=kept)


@pytest.fixture
def root_logger() -> Iterator[None]:
    """Give logging and structlog back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def written_by(values: Settings, capsys: pytest.CaptureFixture[str]) -> str:
    logs.set_up(values)
    structlog.get_logger().info("message.sent", message="m1", to="+13125550142")
    structlog.get_logger().debug("unheard")
    logging.getLogger("some.library").warning("%s called +1 (312) 555-0142", "Ana")
    try:
        raise RuntimeError("no answer from 312-555-0142")
    except RuntimeError:
        structlog.get_logger().exception("pump.failed")
    return capsys.readouterr().err


@pytest.mark.usefixtures("root_logger")
def test_json_lines_hold_level_event_and_trace(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        json.loads(one)
        for one in written_by(Settings(log_format="json"), capsys).split("\n")
        if one
    ]
    assert [one["event"] for one in lines] == [
        "message.sent",
        "Ana called +1•••••0142",
        "pump.failed",
    ]
    assert [one["level"] for one in lines] == ["info", "warning", "error"]
    assert lines[0]["to"] == "+1•••••0142"
    assert "RuntimeError: no answer from •••••0142" in lines[2]["exception"]


@pytest.mark.usefixtures("root_logger")
def test_text_lines_are_readable_and_traces_are_indented(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second, third, *trace = written_by(Settings(log_format="text"), capsys).splitlines()
    assert first.endswith(" INFO    message.sent message=m1 to=+1•••••0142")
    assert second.endswith(" WARNING Ana called +1•••••0142")
    assert third.endswith(" ERROR   pump.failed")
    assert all(one.startswith("    ") for one in trace)


@pytest.mark.usefixtures("root_logger")
def test_the_level_of_the_settings_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pump.failed" in (written := written_by(Settings(log_level="ERROR"), capsys))
    assert "message.sent" not in written
    assert "called" not in written


def test_secrets_are_the_settings_own_and_none_so_short_that_it_would_hide_words() -> None:
    values = Settings(webhook_secret=SECRET, rc_client_secret="abc", rc_jwt_token=SECRET * 2)
    held = logs.secrets_of(values)
    assert SECRET in held
    assert "abc" not in held
    assert list(held) == sorted(held, key=len, reverse=True)
