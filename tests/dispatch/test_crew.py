import os
from types import SimpleNamespace

from fittingroom.dispatch.crew import muster


def test_each_worker_has_its_own_line() -> None:
    slots = [SimpleNamespace(pid=os.getpid()), SimpleNamespace(pid=0)]
    first, second = muster(slots, ["READY", "SETUP_FAILED"], [0, 3], {1: "no weights"})
    assert (first.number, first.state, first.pid, first.restarts, first.detail) == (0, "READY", os.getpid(), 0, "")
    assert first.memory > 1_000_000
    assert (second.number, second.pid, second.memory, second.restarts, second.detail) == (1, 0, 0, 3, "no weights")
