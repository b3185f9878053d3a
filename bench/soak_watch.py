"""Looks at a running server from outside, once a second: memory, open files, processes, its own numbers.

Everything comes from `/proc` and `/metrics`, so nothing is patched. Invariant: a process is known by its id and its
start together, since ids come again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import statistics
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from running_server import RunningServer

Numbers = dict[tuple[str, ...], float]
IDLE = ("fittingroom_requests_in_flight", "fittingroom_permits_in_use", "fittingroom_jobs_running")
IDLE += ("fittingroom_jobs_waiting",)
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Process:
    """started: in the kernel's ticks."""

    pid: int
    started: int

    @property
    def lives(self) -> bool:
        return _stat(self.pid)[:2] == (self.started, True)


@dataclass
class Watch:
    """Samples as (seconds since the start, value). seen: every process that the server ever had below it."""

    server: RunningServer
    begun: float = field(default_factory=time.monotonic)
    memory: list[tuple[float, int]] = field(default_factory=list)
    files: list[tuple[float, int]] = field(default_factory=list)
    seen: set[Process] = field(default_factory=set)
    ending: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Sample until `ending` is set or the server is gone."""
        while not self.ending.wait(1.0):
            with contextlib.suppress(OSError):
                self.sample()

    def sample(self) -> None:
        """Take one."""
        pid, now = self.server.process.pid, time.monotonic() - self.begun
        self.memory.append((now, resident(pid)))
        self.files.append((now, open_files(pid)))
        self.seen |= descendants(pid)


def windows(samples: list[tuple[float, int]], count: int = 6) -> list[float]:
    """The medians of `count` equal spans of time, the first of which is the warm-up."""
    end = samples[-1][0]
    spans = [
        [value for at, value in samples if part * end / count <= at <= (part + 1) * end / count]
        for part in range(count)
    ]
    return [statistics.median(span) for span in spans if span]


def resident(pid: int) -> int:
    """Bytes of a process in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files(pid: int) -> int:
    """File descriptors of a process."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def descendants(pid: int) -> set[Process]:
    """All living processes below one."""
    parents = {int(path.name): _stat(int(path.name)) for path in Path("/proc").glob("[0-9]*")}
    found, fresh = set(), {pid}
    while fresh:
        fresh = {child for child, (_, lives, parent) in parents.items() if lives and parent in fresh}
        found |= fresh
    return {Process(child, parents[child][0]) for child in found}


def lives_after(processes: set[Process], seconds: float) -> list[int]:
    """The ids of those that still live when that time has passed."""
    end = time.monotonic() + seconds
    while (left := [process.pid for process in processes if process.lives]) and time.monotonic() < end:
        time.sleep(0.1)
    return left


def workers(pid: int) -> list[int]:
    """The worker processes of a gateway."""
    found = []
    for child in descendants(pid):
        with contextlib.suppress(OSError):
            if b"spawn_main" in Path(f"/proc/{child.pid}/cmdline").read_bytes():
                found.append(child.pid)
    return sorted(found)


def kill(pid: int) -> None:
    """kill -9; one that has just gone is none."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def numbers(server: RunningServer) -> Numbers:
    """`/metrics`: (name, label values in the order of their names) -> value."""
    with _OPENER.open(f"{server.url}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def idle_within(server: RunningServer, seconds: float) -> Numbers:
    """The numbers once nothing is left to do, or at the end of that time."""
    end = time.monotonic() + seconds
    while True:
        found = numbers(server)
        if not any(found[name,] for name in IDLE) or time.monotonic() > end:
            return found
        time.sleep(0.2)


def _stat(pid: int) -> tuple[int, bool, int]:
    """When a process started, whether it lives (a zombie does not), its parent; (0, False, 0) where there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0, False, 0
    return int(fields[19]), fields[0] not in "ZX", int(fields[1])
