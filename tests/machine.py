"""What tests of real processes ask of the machine: free ports, children, and their ends."""

from __future__ import annotations

import os
import select
import socket
from pathlib import Path

END_WITHIN_SECONDS = 30


def free_port() -> int:
    """Return a port that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def children(pid: int) -> list[int]:
    """Return the ids of a process's children; none once it has ended."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []


def wait_for_end(pid: int) -> None:
    """Wait until a process that is not our child has ended; fail when it lives on."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        ended, _, _ = select.select([descriptor], [], [], END_WITHIN_SECONDS)
    finally:
        os.close(descriptor)
    assert ended, f"process {pid} lives on"
