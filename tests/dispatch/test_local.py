import asyncio
import itertools
import os
import signal
import time
from dataclasses import replace

import pytest
from fake_engines import STEPS, gone, job
from structlog.testing import capture_logs

from fittingroom.accounts.limits import MemoryPermits
from fittingroom.dispatch import local
from fittingroom.errors import ApiError
from fittingroom.wire.running import Runner

pytestmark = pytest.mark.anyio


async def state(running, wanted: str) -> None:
    async with asyncio.timeout(20):
        while running.dispatcher.status().state != wanted:
            await asyncio.sleep(0.01)


async def all_ready(running, workers: int) -> None:
    async with asyncio.timeout(20):
        while running.dispatcher._states.count("READY") < workers:
            await asyncio.sleep(0.01)


async def code(awaitable) -> str:
    with pytest.raises(ApiError) as caught:
        await awaitable
    return caught.value.reason


async def test_jobs_run_on_one_warm_worker(dispatching) -> None:
    running = await dispatching(threads=3)
    status = running.dispatcher.status()
    assert (status.state, status.engine, status.workers, status.running) == ("STARTING", "fake_engines:Fake", 1, 0)
    first = await running.run()
    assert running.dispatcher.status().state == "READY"
    second = await running.run()
    assert first.stages["pid"] == second.stages["pid"] != os.getpid()
    assert first.stages["threads"] == 3
    assert first.stages["quality"] == 95


async def test_a_refusal_keeps_its_reason_values_and_cause(dispatching) -> None:
    running = await dispatching()
    with pytest.raises(ApiError) as caught:
        await running.run("refuse:ModelUrl")
    assert caught.value.reason == "no_person"
    assert "`ModelUrl`" in caught.value.message()
    assert caught.value.cause == "nobody"


async def test_a_fault_of_the_engine_is_an_inner_error_and_the_worker_lives_on(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    with pytest.raises(ApiError) as caught:
        await running.run("raise:secret detail")
    assert (caught.value.reason, caught.value.code) == ("engine_failed", "FailedOperation.InnerError")
    assert "secret detail" not in caught.value.message()
    assert caught.value.cause == "ValueError: secret detail"
    with capture_logs() as logs:
        assert await code(running.run("unpicklable")) == "unreadable_answer"
    assert [(entry["event"], entry["pid"]) for entry in logs] == [("internal_error", pid)]
    assert await running.pid() == pid


@pytest.mark.parametrize("death", ["exit:3", "segfault", "abort"])
async def test_a_crash_is_one_failed_request(dispatching, death: str) -> None:
    running = await dispatching()
    pid = await running.pid()
    with capture_logs() as logs:
        assert await code(running.run(death)) == "worker_crashed"
    assert "worker_crashed" in [entry["event"] for entry in logs]
    assert await running.pid() != pid
    assert gone(pid)


async def test_an_idle_worker_that_dies_is_replaced_before_the_next_job(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    os.kill(pid, signal.SIGKILL)
    await state(running, "STARTING")
    await state(running, "READY")
    assert await running.pid() != pid


async def test_a_deadline_stops_a_job_at_its_next_checkpoint_and_keeps_the_worker(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    started = time.monotonic()
    with pytest.raises(ApiError) as caught:
        await running.run("steps:30", seconds=0.2)
    assert time.monotonic() - started < 2
    assert caught.value.reason == "timeout"
    assert "within 55 seconds" in caught.value.message()
    assert await running.pid() == pid


@pytest.mark.parametrize("cancelled", [False, True])
async def test_an_engine_stops_between_two_of_its_steps(dispatching, tmp_path, monkeypatch, cancelled: bool) -> None:
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "steps"))
    running = await dispatching("Stepping")
    pid = await running.pid()
    end = time.monotonic() + 0.3
    working = asyncio.create_task(running.run("see", seconds=20 if cancelled else 0.3))
    if cancelled:
        await asyncio.sleep(0.3)
        working.cancel()
        with pytest.raises(asyncio.CancelledError):
            await working
    else:
        assert await code(working) == "timeout"
    steps = [float(line) for line in (tmp_path / "steps").read_text().splitlines()]
    assert 2 < len(steps) < STEPS / 2
    assert steps[-1] < end + 0.2
    assert await running.pid() == pid
    assert (await running.run("see")).data == str(pid).encode()
    assert len((tmp_path / "steps").read_text().splitlines()) == len(steps) + STEPS


@pytest.mark.parametrize("what", ["deaf:30", "stuck:30"])
async def test_a_job_deaf_to_checkpoints_is_killed_after_the_grace(dispatching, what: str) -> None:
    running = await dispatching(grace=0.2)
    pid = await running.pid()
    started = time.monotonic()
    with capture_logs() as logs:
        assert await code(running.run(what, seconds=0.2)) == "timeout"
        assert 0.4 <= time.monotonic() - started < 3
        assert gone(pid)
        assert await running.pid() != pid
    assert [entry["after"] for entry in logs if entry["event"] == "worker_killed"] == [0.2]


@pytest.mark.parametrize("later", [0.0, 0.1])
async def test_a_permit_comes_back_only_when_the_worker_has_stopped(dispatching, later: float) -> None:
    running = await dispatching(grace=5.0)
    await running.run()
    permits, runner = MemoryPermits(), Runner()
    deadline = time.monotonic() + 0.2

    async def held() -> None:
        async with permits.hold("account", 1):
            await running.dispatcher.render(job("deaf:0.8"), deadline=deadline)

    with pytest.raises(ApiError) as caught:
        await runner.run(held(), asyncio.Event().wait, deadline=deadline + later, seconds=1)
    assert caught.value.reason == "timeout"
    assert time.monotonic() - deadline < later + 0.3
    assert running.dispatcher.status().running == 1
    async with asyncio.timeout(10):
        while running.dispatcher.status().running:
            assert permits.held("account") == 1
            await asyncio.sleep(0.01)
        # The runner learns of the task's end one turn of the loop after the permit came back.
        while permits.held("account") or runner.ending:
            await asyncio.sleep(0.01)


async def test_cancelling_returns_only_when_the_work_has_stopped(dispatching, tmp_path) -> None:
    running = await dispatching()
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
    assert await running.pid() == pid


async def test_cancelling_a_deaf_job_kills_its_worker_first(dispatching) -> None:
    running = await dispatching(grace=0.2)
    pid = await running.pid()
    task = asyncio.create_task(running.run("deaf:30"))
    await state(running, "BUSY")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(pid)


async def test_jobs_wait_their_turn_and_one_more_than_the_queue_holds_is_refused(dispatching) -> None:
    running = await dispatching(queue=2)
    await running.run()
    working = asyncio.create_task(running.run("steps:0.5"))
    await state(running, "BUSY")
    assert running.dispatcher.status().running == 1
    waiting = [asyncio.create_task(running.run()) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ApiError) as caught:
        await running.run()
    assert (caught.value.reason, caught.value.code) == ("queue_full", "RequestLimitExceeded")
    await asyncio.gather(working, *waiting)
    assert await running.pid()


async def test_without_a_queue_a_free_worker_still_takes_a_job(dispatching) -> None:
    running = await dispatching(queue=0)
    assert await code(running.run()) == "queue_full"
    await state(running, "READY")
    assert await running.pid()


async def test_a_job_that_waits_past_its_deadline_never_starts(dispatching, tmp_path) -> None:
    running = await dispatching()
    await running.run()
    working = asyncio.create_task(running.run("steps:0.6"))
    await state(running, "BUSY")
    marker = tmp_path / "started"
    assert await code(running.run(f"touch:{marker}|0", seconds=0.1)) == "timeout"
    await working
    await running.run()
    assert not marker.exists()


async def test_a_job_cancelled_while_it_waits_never_starts(dispatching, tmp_path) -> None:
    running = await dispatching(queue=1)
    await running.run()
    working = asyncio.create_task(running.run("steps:0.5"))
    await state(running, "BUSY")
    marker = tmp_path / "started"
    task = asyncio.create_task(running.run(f"touch:{marker}|0"))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert await running.pid()
    await working
    assert not marker.exists()


async def test_a_failed_set_up_is_told_and_not_repeated(dispatching) -> None:
    running = await dispatching("Unloadable")
    with capture_logs() as logs:
        with pytest.raises(ApiError) as caught:
            await running.run()
        await state(running, "SETUP_FAILED")
    assert caught.value.reason == "engine_unavailable"
    assert "fittingroom models pull" not in caught.value.message()
    assert "worker 0: FileNotFoundError" in running.dispatcher.status().detail
    assert "fittingroom models pull" in running.dispatcher.status().detail
    assert [entry["attempt"] for entry in logs if entry["event"] == "worker_setup_failed"] == [1]
    assert await code(running.run()) == "engine_unavailable"


async def test_an_unknown_engine_is_a_failed_set_up(dispatching) -> None:
    running = await dispatching("Nowhere")
    await state(running, "SETUP_FAILED")
    assert "RegistryError: the engine 'fake_engines:Nowhere' cannot be imported" in running.dispatcher.status().detail


async def test_a_worker_that_dies_loading_is_tried_a_few_times_only(dispatching) -> None:
    running = await dispatching("DiesLoading")
    with capture_logs() as logs:
        await state(running, "SETUP_FAILED")
    assert [entry["attempt"] for entry in logs if entry["event"] == "worker_setup_failed"] == [1, 2, 3]
    assert "died while it loaded" in running.dispatcher.status().detail


async def test_a_worker_that_dies_loading_once_comes_up(dispatching, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "tried"))
    running = await dispatching("LoadsOnSecondTry")
    assert await running.pid()


async def test_an_engine_that_never_loads_is_a_failed_set_up(dispatching) -> None:
    running = await dispatching("LoadsForever", setup_timeout=1.5)
    await state(running, "SETUP_FAILED")
    assert "not loaded within 1.5 seconds" in running.dispatcher.status().detail


async def test_an_engine_that_was_too_slow_once_comes_up_later(dispatching, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(local, "FIRST_PAUSE", 0.5, raising=False)
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "tried"))
    running = await dispatching("SlowOnFirstTry", setup_timeout=3)
    with capture_logs() as logs:
        await state(running, "SETUP_FAILED")
        assert await code(running.run()) == "engine_unavailable"
        await state(running, "READY")
    assert await running.pid()
    assert running.dispatcher.status().detail == ""
    assert {entry["attempt"] for entry in logs if entry["event"] == "worker_setup_failed"} == {1}


def test_pauses_between_set_ups_grow_to_a_bound() -> None:
    assert list(itertools.islice(local.pauses(), 8)) == [5, 10, 20, 40, 80, 160, 300, 300]


async def test_two_workers_work_at_once_and_one_crash_leaves_the_other(dispatching) -> None:
    running = await dispatching(workers=2)
    await all_ready(running, 2)
    long = asyncio.create_task(running.run("steps:0.4"))
    await state(running, "READY")
    assert await code(running.run("exit:1")) == "worker_crashed"
    first = await long
    await all_ready(running, 2)
    both = await asyncio.gather(running.run("steps:0.4"), running.run("steps:0.4"))
    assert first.stages["pid"] in {image.stages["pid"] for image in both}
    assert len({image.stages["pid"] for image in both}) == 2


async def test_an_engine_that_does_not_fit_says_so_and_is_tried_again(dispatching, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(local, "FIRST_PAUSE", 0.3)
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "others"))
    (tmp_path / "others").write_text("hold the memory")
    running, told = await dispatching("TooLarge"), []
    running.dispatcher.on_misfit(told.append)
    await state(running, "SETUP_FAILED")
    needed = "fake needs 20.0 GB of memory and cuda:0 has 5.0 GB free"
    assert running.dispatcher.status().detail == f"worker 0: {needed}"
    assert told[0] == needed
    assert await code(running.run()) == "engine_unavailable"
    (tmp_path / "others").unlink()
    await state(running, "READY")
    assert await running.pid()


async def test_a_worker_that_once_fitted_is_no_reason_to_give_up(dispatching, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(local, "FIRST_PAUSE", 0.3)
    monkeypatch.setenv("FAKE_MARKER", str(tmp_path / "others"))
    running, told = await dispatching("TooLarge"), []
    running.dispatcher.on_misfit(told.append)
    pid = await running.pid()
    (tmp_path / "others").write_text("the dead one's memory is not free yet")
    os.kill(pid, signal.SIGKILL)
    await state(running, "SETUP_FAILED")
    (tmp_path / "others").unlink()
    await state(running, "READY")
    assert await running.pid() != pid
    assert told == []


async def test_a_device_out_of_memory_is_one_failed_request(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    with pytest.raises(ApiError) as caught:
        await running.run("starve")
    assert (caught.value.reason, caught.value.code) == ("device_out_of_memory", "FailedOperation.InnerError")
    assert "cuda" not in caught.value.message()
    assert caught.value.cause == "memory of cuda:0 ran out: tried to allocate 2 GiB"
    assert await running.pid() == pid


async def test_a_memory_hog_fails_alone(dispatching) -> None:
    running = await dispatching(memory_mb=200, cache_mb=0)
    pid = await running.pid()
    assert await code(running.run("hog:400")) == "out_of_memory"
    assert await running.pid() == pid
    await running.run("hog:100")


async def test_draining_finishes_what_runs_and_takes_nothing_new(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    working = asyncio.create_task(running.run("steps:0.4"))
    waiting = asyncio.create_task(running.run())
    await state(running, "BUSY")
    draining = asyncio.create_task(running.dispatcher.drain(10))
    await state(running, "DRAINING")
    assert await code(running.run()) == "shutting_down"
    await draining
    assert (await working).data == (await waiting).data == str(pid).encode()
    assert gone(pid)


async def test_draining_ends_what_takes_too_long(dispatching) -> None:
    running = await dispatching()
    pid = await running.pid()
    working = asyncio.create_task(running.run("deaf:30"))
    await state(running, "BUSY")
    waiting = asyncio.create_task(running.run())
    await asyncio.sleep(0)
    started = time.monotonic()
    await running.dispatcher.drain(0.2)
    assert time.monotonic() - started < 3
    assert await code(working) == await code(waiting) == "shutting_down"
    assert gone(pid)


async def test_a_job_may_have_less_time_than_its_request(dispatching) -> None:
    running = await dispatching(job_timeout=0.3)
    pid = await running.pid()
    started = time.monotonic()
    with pytest.raises(ApiError) as caught:
        await running.run("steps:30")
    assert time.monotonic() - started < 2
    assert (caught.value.reason, caught.value.values["seconds"]) == ("timeout", "0.3")
    assert await running.pid() == pid


async def test_a_shopper_finds_the_worker_that_knows_the_photo_and_waits_for_none(dispatching) -> None:
    running = await dispatching(workers=2, queue=4)
    await all_ready(running, 2)

    async def dress(person: bytes, what: str = "ok", account: str = "one") -> bytes:
        shopper = replace(job(what, person), garment=person, account_id=account)
        return (await running.dispatcher.render(shopper, deadline=time.monotonic() + 20)).data

    async def rest() -> None:
        await all_ready(running, 2)
        await asyncio.sleep(0.05)  # until both wait for a job

    first = asyncio.create_task(dress(b"anna", "steps:0.5"))
    second = asyncio.create_task(dress(b"berta", "steps:0.5"))
    anna, berta = await first, await second
    assert anna != berta
    for person, known in [(b"berta", berta), (b"berta", berta), (b"anna", anna), (b"berta", berta), (b"anna", anna)]:
        await rest()
        assert await dress(person) == known
    await rest()
    busy = asyncio.create_task(dress(b"anna", "steps:2"))
    await asyncio.sleep(0.1)
    assert await dress(b"anna") == berta, "hers is busy, the other is not"
    assert not busy.done()
    await busy


async def test_a_worker_that_was_replaced_knows_nothing(dispatching) -> None:
    running = await dispatching("Remembering", cache_mb=8)
    answers = [await running.run("see") for _ in range(2)]
    assert [answer.cache for answer in answers] == [(("person", "miss"),), (("person", "hit"),)]
    assert await code(running.run("exit:3")) == "worker_crashed"
    assert (await running.run("see")).cache == (("person", "miss"),)
