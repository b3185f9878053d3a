import asyncio
import os
import time

import pytest
from fake_engines import gone

from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


async def code(awaitable) -> str:
    with pytest.raises(ApiError) as caught:
        await awaitable
    return caught.value.reason


async def test_jobs_run_on_one_warm_replica(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3)
    assert running.dispatcher.status().state == "STARTING"
    first = await running.run(person=b"p" * 3_000_000)
    await running.state("READY")
    status = running.dispatcher.status()
    assert (status.engine, status.workers, status.running, status.waiting) == ("fake_engines:Fake", 1, 0, 0)
    second = await running.run()
    assert first.stages["pid"] == second.stages["pid"] != os.getpid()
    assert (first.stages["threads"], first.stages["bytes"]) == (3, 3_000_000)


async def test_values_of_errors_cross_the_border(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3)
    pid = await running.pid()
    with pytest.raises(ApiError) as caught:
        await running.run("refuse:ModelUrl")
    assert (caught.value.reason, caught.value.cause) == ("no_person", "nobody")
    assert "`ModelUrl`" in caught.value.message()
    with pytest.raises(ApiError) as caught:
        await running.run("raise:secret detail")
    assert (caught.value.reason, caught.value.cause) == ("engine_failed", "ValueError: secret detail")
    assert await code(running.run("unpicklable")) == "unreadable_answer"
    assert await running.pid() == pid


async def test_a_deadline_stops_a_job_at_its_next_checkpoint_and_keeps_the_replica(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3)
    pid = await running.pid()
    started = time.monotonic()
    assert await code(running.run("steps:30", seconds=0.5)) == "timeout"
    assert time.monotonic() - started < 5
    assert await running.pid() == pid


async def test_cancelling_returns_only_when_the_work_has_stopped(dispatching, shared, tmp_path) -> None:
    running = await dispatching(application=shared, threads=3)
    pid = await running.pid()
    marker = tmp_path / "working"
    task = asyncio.create_task(running.run(f"touch:{marker}|30"))
    async with asyncio.timeout(10):
        while not marker.exists():
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not marker.exists()
    assert running.dispatcher.status().running == 0
    assert await running.pid() == pid


async def test_one_more_than_the_queue_holds_is_refused(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3, queue=1)
    await running.run()
    working = asyncio.create_task(running.run("steps:1.5"))
    await running.state("BUSY")
    waiting = asyncio.create_task(running.run())
    await asyncio.sleep(0)
    with pytest.raises(ApiError) as caught:
        await running.run()
    assert (caught.value.reason, caught.value.code) == ("queue_full", "RequestLimitExceeded")
    assert running.dispatcher.status().waiting == 1
    await asyncio.gather(working, waiting)


async def test_a_job_that_waits_past_its_deadline_or_is_cancelled_never_starts(dispatching, shared, tmp_path) -> None:
    running = await dispatching(application=shared, threads=3)
    await running.run()
    working = asyncio.create_task(running.run("steps:1.5"))
    await running.state("BUSY")
    late, cancelled = tmp_path / "late", tmp_path / "cancelled"
    task = asyncio.create_task(running.run(f"touch:{cancelled}|0"))
    assert await code(running.run(f"touch:{late}|0", seconds=0.3)) == "timeout"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    await working
    await running.run()
    assert not late.exists()
    assert not cancelled.exists()


async def test_draining_finishes_what_runs_and_leaves_the_application_to_others(dispatching, shared) -> None:
    one = await dispatching(application=shared, threads=3)
    other = await dispatching(application=shared, threads=3)
    pid = await one.pid()
    working = asyncio.create_task(one.run("steps:0.5"))
    await one.state("BUSY")
    draining = asyncio.create_task(one.dispatcher.drain(10))
    await one.state("DRAINING")
    assert await code(one.run()) == "shutting_down"
    await draining
    assert (await working).data == str(pid).encode()
    assert await other.pid() == pid


async def test_draining_ends_what_takes_too_long(dispatching, shared, tmp_path) -> None:
    running = await dispatching(application=shared, threads=3)
    await running.run()
    marker = tmp_path / "working"
    working = asyncio.create_task(running.run(f"touch:{marker}|30"))
    await running.state("BUSY")
    waiting = asyncio.create_task(running.run())
    await asyncio.sleep(0)
    await running.dispatcher.drain(0.2)
    assert await code(working) == await code(waiting) == "shutting_down"
    assert not marker.exists()


async def test_a_job_may_have_less_time_than_its_request(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3, job_timeout=0.3)
    with pytest.raises(ApiError) as caught:
        await running.run("steps:30")
    assert (caught.value.reason, caught.value.values["seconds"]) == ("timeout", "0.3")


async def test_a_crash_is_one_failed_request_and_a_new_replica(dispatching, shared) -> None:
    running = await dispatching(application=shared, threads=3)
    pid = await running.pid()
    working = asyncio.create_task(running.run("steps:30"))
    await running.state("BUSY")
    waiting = asyncio.create_task(running.run())
    os.kill(pid, 9)
    assert await code(working) == "worker_crashed"
    assert int((await waiting).data) != pid
    assert running.dispatcher.status().restarts == 1
    assert await running.pid() != pid


@pytest.mark.parametrize("what", ["deaf:30", "stuck:30"])
async def test_a_job_deaf_to_checkpoints_is_killed_after_the_grace(dispatching, shared, what: str) -> None:
    running = await dispatching(application=shared, threads=3)
    pid = await running.pid()
    started = time.monotonic()
    assert await code(running.run(what, seconds=0.5)) == "timeout"
    assert time.monotonic() - started < 10
    async with asyncio.timeout(5):  # Ray tells of a death that it has ordered
        while not gone(pid):
            await asyncio.sleep(0.01)
    assert await running.pid() != pid
