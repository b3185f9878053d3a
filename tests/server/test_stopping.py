"""Failures from inside leave nothing behind: after a time-out no work is done any more and the permit is back.

The engine really burns the processor, with and without looking at its checkpoint; what is asserted is the worker's
processor time, as the kernel counts it. A few seconds, since deadlines must pass.
"""

from __future__ import annotations

import contextlib
import os
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from code_world import FLAT, LOOPBACK, Place, World, busy, readyz, typed, until
from picture_server import PictureServer

HERTZ = os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with PictureServer() as origin, contextlib.ExitStack() as stack:
        yield World(tmp_path_factory.mktemp("stopping"), origin, stack)


@pytest.fixture(scope="module", params=["LIMITS__DEADLINE", "DISPATCH__JOB_TIMEOUT"])
def hasty(world: World, request: pytest.FixtureRequest) -> Iterator[Place]:
    """A server whose jobs, or whose requests as a whole, get little time."""
    variables = {request.param: "1.5", "DISPATCH__GRACE": "0.3"}
    with world.started(request.param.lower(), (*FLAT, *LOOPBACK), variables) as place:
        yield place


def workers(place: Place) -> list[int]:
    """Processes of the server that run an engine."""
    folder = Path(f"/proc/{place.server.process.pid}/task")
    children = [int(pid) for task in folder.iterdir() for pid in (task / "children").read_text().split()]
    return [pid for pid in children if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()]


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / HERTZ


def works(world: World, place: Place) -> bool:
    """Whether the account may run a job, and the worker does."""
    with pytest.raises(AssertionError, match="did not refuse"):
        typed(place, "en-US", world.parameters())
    return True


def test_a_job_that_looks_at_its_checkpoint_stops_and_the_worker_is_kept(world: World, hasty: Place) -> None:
    (pid,) = workers(hasty)
    before = processor_seconds(pid)
    started = time.monotonic()
    answer = typed(hasty, "en-US", world.parameters(ClothesUrl=world.pictures["spin"]))
    assert answer.code == "FailedOperation.RequestTimeout"
    assert "1.5 seconds" in answer.message
    assert 1.4 < time.monotonic() - started < 4
    until(lambda: readyz(hasty)["running"] == 0, 1)
    after = processor_seconds(pid)
    assert after > before  # it did burn
    time.sleep(0.4)
    assert processor_seconds(pid) - after < 0.15
    assert works(world, hasty)
    assert workers(hasty) == [pid]


def test_a_job_that_does_not_listen_costs_its_worker(world: World, hasty: Place) -> None:
    (pid,) = workers(hasty)
    answer = typed(hasty, "en-US", world.parameters(ClothesUrl=world.pictures["deaf"]))
    assert answer.code == "FailedOperation.RequestTimeout"
    until(lambda: readyz(hasty)["state"] == "READY")
    assert pid not in workers(hasty)
    assert not Path(f"/proc/{pid}").exists()
    assert works(world, hasty)


@pytest.mark.parametrize(
    ("trick", "code", "kept"),
    [
        ("fail", "FailedOperation.InnerError", True),
        ("hungry", "FailedOperation.InnerError", True),
        ("odd", "FailedOperation.Unknown", True),
        ("crash", "FailedOperation.RpcFail", False),
    ],
)
def test_after_any_other_failure_the_next_job_works(
    world: World, hasty: Place, trick: str, code: str, kept: bool
) -> None:
    until(lambda: readyz(hasty)["state"] == "READY")
    before = workers(hasty)
    assert typed(hasty, "en-US", world.parameters(ClothesUrl=world.pictures[trick])).code == code
    until(lambda: readyz(hasty)["state"] == "READY")
    assert works(world, hasty)
    assert (workers(hasty) == before) is kept


def test_a_worker_that_is_killed_from_outside_is_one_failed_request(world: World) -> None:
    plain = world.place("plain")
    (pid,) = workers(plain)
    with busy(world, plain, plain.keys["shop"]) as ended:
        os.kill(pid, 9)
    assert [answer.code for answer in ended] == ["FailedOperation.RpcFail"]
    assert works(world, plain)


def test_the_metrics_tell_of_pictures_failures_and_lost_workers(world: World) -> None:
    plain = world.place("plain")
    before = numbers(plain)
    assert works(world, plain)
    typed(plain, "en-US", world.parameters(ClothesUrl=world.pictures["crash"]))
    until(lambda: readyz(plain)["state"] == "READY")
    after = numbers(plain)
    changed = {name: value - before.get(name, 0) for name, value in after.items() if value != before.get(name, 0)}
    assert changed['fittingroom_requests_total{action="ChangeClothes",code="OK"}'] == 1
    assert changed['fittingroom_requests_total{action="ChangeClothes",code="FailedOperation.RpcFail"}'] == 1
    assert changed["fittingroom_worker_restarts_total"] == 1
    assert changed['fittingroom_stage_seconds_count{stage="paste"}'] == 1
    assert after["process_resident_memory_bytes"] > 10_000_000


def numbers(place: Place) -> dict[str, float]:
    """What `/metrics` says, line by line."""
    with urllib.request.urlopen(f"{place.server.url}/metrics", timeout=10) as answer:
        lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}
