"""RingCentral's own JavaScript client, unchanged, where Node.js and the package are at hand.

The package is found as Node.js finds any: in a `node_modules` folder of the project or above it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from shiftbell.simulator.clock import RealClock
from shiftbell.simulator.control import environment
from shiftbell.simulator.server import Server
from shiftbell.simulator.world import World
from tests.simulator.rig import ANA

SCRIPT = Path(__file__).with_name("official_js_client.mjs")
NODE = shutil.which("node")


def why_not() -> str:
    """Say what is missing, or nothing."""
    if NODE is None:
        return "Node.js is not installed"
    find = "require.resolve('@ringcentral/sdk', {paths: [process.cwd()]})"
    found = subprocess.run([NODE, "-e", find], capture_output=True, timeout=30)
    return "" if found.returncode == 0 else "npm package @ringcentral/sdk is not installed"


def test_it_logs_in_sends_reads_lists_subscribes_and_hears_the_answer():
    if reason := why_not():
        pytest.skip(reason)
    server = Server(World(1, RealClock()))
    server.start()
    lines = environment(server.world, server.url).splitlines()
    values = dict(line.split("=", 1) for line in lines) | {"TO_NUMBER": ANA}
    try:
        ran = subprocess.run(
            [str(NODE), str(SCRIPT)],
            env={**os.environ, **values},
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        server.stop()
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == {
        "sent": "Queued",
        "read": "Reply YES to take it.",
        "listed": 1,
        "subscription": "Active",
        "refused": 400,
        "answer": "YES",
    }
