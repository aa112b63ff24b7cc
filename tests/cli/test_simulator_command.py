"""The simulator as a command: what it prints is all that a client needs."""

from __future__ import annotations

import smtplib
import socket
from pathlib import Path

import httpx2
import pytest

from shiftbell.config import read_settings
from tests.cli.processes import run, running

MAIL_NAMES = ["SMTP_URL", "MAIL_FROM", "PUBLIC_URL"]
NAMES = ["RC_SERVER_URL", "RC_CLIENT_ID", "RC_CLIENT_SECRET", "RC_JWT_TOKEN", "RC_FROM_NUMBER"]


def test_it_prints_the_settings_of_a_client_and_shows_the_phones(tmp_path: Path) -> None:
    with running(tmp_path, "simulator", "--port", "0", "--senders", "2") as simulator:
        lines = [simulator.line() for _ in NAMES]
        given = dict(line.strip().split("=", 1) for line in lines)
        assert list(given) == NAMES
        url = given["RC_SERVER_URL"]
        assert httpx2.get(f"{url}/_simulator/env").text == "".join(lines)
        assert httpx2.get(f"{url}/").status_code == 200
        assert len(httpx2.get(f"{url}/_simulator/senders").json()) == 2


def test_with_a_mail_port_it_takes_letters_and_shows_them(tmp_path: Path) -> None:
    with running(tmp_path, "simulator", "--port", "0", "--mail-port", "0") as simulator:
        lines = [simulator.line() for _ in (*NAMES, *MAIL_NAMES)]
        given = dict(line.strip().split("=", 1) for line in lines)
        assert list(given) == [*NAMES, *MAIL_NAMES]
        values = read_settings(given, tmp_path / "no.env")
        assert values.smtp is not None
        with smtplib.SMTP(values.smtp.host, values.smtp.port) as post:
            post.sendmail(values.mail_from, "ana@example.org", "Subject: Open shift\n\nHello\n")
        url = given["RC_SERVER_URL"]
        (mail,) = httpx2.get(f"{url}/_simulator/mails").json()["mails"]
        assert (mail["to"], mail["subject"]) == ("ana@example.org", "Open shift")
        assert f"the mail at {url}/mail" in simulator.written()


@pytest.mark.parametrize(
    "crew", ["nobody=1", "says_yes=often", "says_yes=-1", "says_no=nan", "silent=0"]
)
def test_a_temperament_nobody_has_is_refused_with_what_to_choose(tmp_path: Path, crew: str) -> None:
    ended = run(tmp_path, "simulator", "--port", "0", "--crew", crew)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("option", ["--port", "--mail-port"])
def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = run(tmp_path, "simulator", "--port", "0", option, port)
    assert ended.returncode == 2
    assert ended.stderr == (
        f"Port {port} on 127.0.0.1 cannot be listened on. Choose another with {option}.\n"
    )
