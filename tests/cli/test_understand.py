"""`shiftbell understand`, as a real process without settings or database."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def understand(*arguments: str, at: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "shiftbell.cli", "understand", *arguments],
        input=stdin,
        capture_output=True,
        cwd=at,
        env={"DATABASE_URL": "nonsense", "PYTHONUTF8": "1"},
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("Yes!!", "accept\n"),
        ("YES 2", "accept\t2\n"),
        ("please stop texting me", "opt_out\n"),
        ("yesterday was crazy", "unclear\n"),
        ("-_- no", "decline\n"),
    ],
)
def test_one_reply_is_one_word_and_its_number(text, printed, tmp_path):
    done = understand(text, at=tmp_path)
    assert (done.returncode, done.stdout.decode()) == (0, printed)
    assert not list(tmp_path.iterdir())


def test_a_file_is_read_line_by_line_and_a_break_inside_a_reply_is_written_out(tmp_path):
    replies = "\ufeffYES\r\n\nSTOP\\nBen\nPAUSE 3\nsí"
    (tmp_path / "replies.txt").write_text(replies, encoding="utf-8", newline="")
    done = understand("--file", "replies.txt", at=tmp_path)
    assert done.stdout.decode().splitlines() == [
        "accept",
        "unclear",
        "opt_out",
        "pause\t3",
        "accept",
    ]


def test_a_dash_means_stdin_and_bytes_that_are_no_text_are_survived(tmp_path):
    done = understand("--file", "-", "--json", at=tmp_path, stdin=b"STOP\n\xff\xfe?\n")
    assert [one["meaning"] for one in json.loads(done.stdout)] == ["opt_out", "unclear"]


@pytest.mark.parametrize("arguments", [[], ["yes", "--file", "-"], ["--file", "missing.txt"]])
def test_what_cannot_be_read_is_one_sentence_and_exit_code_2(arguments, tmp_path):
    done = understand(*arguments, at=tmp_path)
    assert done.returncode == 2
    assert done.stdout == b""
    assert len(done.stderr.decode().splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    (tmp_path / "replies.txt").write_text("yes\n" * 20_000)
    command = [sys.executable, "-m", "shiftbell.cli", "understand", "--file", "replies.txt"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env={}
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"accept\n"
        process.stdout.close()
        assert process.stderr.read() == b""
