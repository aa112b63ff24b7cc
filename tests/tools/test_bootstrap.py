"""What is built when, and that a virtual environment made by hand is one."""

import json
import subprocess
import sys

import pytest

from tools import bootstrap
from tools.bootstrap import DEV_LOCK, PROJECT, RUNTIME_LOCK, missing

HERE = {"python": "/usr/bin/python3.11", "folder": "a", RUNTIME_LOCK: "1", PROJECT: "1"}
WITH_TOOLS = {**HERE, DEV_LOCK: "1"}


@pytest.mark.parametrize(
    ("have", "want", "steps"),
    [
        ({}, HERE, ["folder", RUNTIME_LOCK, PROJECT]),
        ({}, WITH_TOOLS, ["folder", DEV_LOCK, PROJECT]),
        (HERE, HERE, []),
        (WITH_TOOLS, WITH_TOOLS, []),
        (WITH_TOOLS, HERE, []),
        (HERE, WITH_TOOLS, [DEV_LOCK]),
        (HERE, {**HERE, PROJECT: "2"}, [PROJECT]),
        (HERE, {**WITH_TOOLS, PROJECT: "2"}, [DEV_LOCK, PROJECT]),
        (HERE, {**HERE, RUNTIME_LOCK: "2"}, ["folder", RUNTIME_LOCK, PROJECT]),
        (WITH_TOOLS, {**WITH_TOOLS, DEV_LOCK: "2"}, ["folder", DEV_LOCK, PROJECT]),
        (HERE, {**HERE, "python": "/usr/bin/python3.13"}, ["folder", RUNTIME_LOCK, PROJECT]),
        (HERE, {**HERE, "folder": "b"}, ["folder", RUNTIME_LOCK, PROJECT]),
    ],
)
def test_only_what_is_missing_is_done(have, want, steps):
    assert missing(have, want) == steps


def test_the_tree_describes_what_it_wants(tmp_path):
    for name in (RUNTIME_LOCK, DEV_LOCK, PROJECT):
        (tmp_path / name).write_text(name)
    want = bootstrap.wanted(tmp_path, dev=False)
    (tmp_path / RUNTIME_LOCK).write_text("another")
    assert missing(want, bootstrap.wanted(tmp_path, dev=True))[0] == "folder"
    assert DEV_LOCK not in want


@pytest.mark.parametrize("stamp", [None, "", "{", "[]", '{"folder": "a"}'])
def test_an_environment_without_a_whole_stamp_and_a_python_counts_as_none(tmp_path, stamp):
    if stamp is not None:
        (tmp_path / "ready.json").write_text(stamp)
    assert bootstrap.read_stamp(tmp_path) == {}


def test_a_stamp_is_read_back(tmp_path):
    bootstrap.lay_out_venv(tmp_path / "venv")
    bootstrap.write_stamp(tmp_path / "venv", HERE)
    assert bootstrap.read_stamp(tmp_path / "venv") == HERE


def test_an_environment_laid_out_by_hand_is_a_virtual_environment(tmp_path):
    venv = tmp_path / "venv"
    site = bootstrap.lay_out_venv(venv)
    (site / "only_here.py").write_text("WORD = 'found'")
    code = "import json, sys, only_here; print(json.dumps([sys.prefix, only_here.WORD, sys.path]))"
    answer = subprocess.check_output([venv / "bin" / "python", "-I", "-c", code], text=True)
    prefix, word, path = json.loads(answer)
    assert (prefix, word) == (str(venv), "found")
    assert [folder for folder in path if "-packages" in folder] == [str(site)]


def test_an_environment_is_replaced_whether_folder_or_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "folder").mkdir()
    for name in ("link", "folder", "nothing"):
        bootstrap.remove(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["elsewhere"]


def test_what_would_send_packages_elsewhere_is_kept_from_pip():
    environment = bootstrap.environment()
    assert environment["PIP_USER"] == "0"
    assert not {"PYTHONPATH", "PYTHONHOME"} & environment.keys()


def test_a_second_command_waits_for_the_first(tmp_path):
    code = (
        "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], 0), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    )
    attempt = [sys.executable, "-c", code, str(tmp_path)]
    with bootstrap.alone(tmp_path):
        assert subprocess.run(attempt, capture_output=True).returncode != 0
    assert subprocess.run(attempt, capture_output=True).returncode == 0
