"""What the benches read off a running server: stage times from its own log, memory from the kernel."""

from __future__ import annotations

import json
from pathlib import Path

from running_server import RunningServer

VARIABLES = {"FITTINGROOM_LIMITS__DEADLINE": "300", "FITTINGROOM_LOG__FORMAT": "json"}
"""Settings of the server: time enough on a busy machine, and a log that can be read."""


def stages(server: RunningServer, request_id: str) -> dict[str, float]:
    """The stage times that the server logged for a request."""
    for line in server.output.read_text(encoding="utf-8").splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            if entry.get("event") == "rendered" and entry.get("request_id") == request_id:
                return dict(entry["stages"])
    raise AssertionError(f"no line of {request_id} in the log")


def peak(pid: int) -> float:
    """MiB of the peak resident set."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024
    raise AssertionError(f"no VmHWM of {pid}")


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        if f"\nPPid:\t{pid}\n" in text:
            found.append(int(status.parent.name))
    return found
