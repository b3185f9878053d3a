"""One worker's life, seen from its slot."""

import asyncio
import gc
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from types import SimpleNamespace

import pytest
from fake_engines import gone, job, render

from fittingroom.dispatch.slot import SetupFailure, Slot
from fittingroom.dispatch.worker import Failure, Stopped, WorkerPlan
from fittingroom.pipeline import RenderedImage
from fittingroom.settings import ImageSettings, LogSettings, ModerationSettings

UNREVIEWED = ModerationSettings(enabled=False)

pytestmark = pytest.mark.anyio

LATER = 60.0


@pytest.fixture
async def slots() -> AsyncIterator[Callable[..., Slot]]:
    made: list[Slot] = []

    def make(engine: str = "Fake", grace: float = 0.2) -> Slot:
        plan = WorkerPlan(
            render, f"fake_engines:{engine}", 1, 0, ImageSettings(), UNREVIEWED, LogSettings(level="error")
        )
        made.append(Slot(7, plan, grace=grace, setup_timeout=30))
        return made[-1]

    yield make
    for slot in made:
        await slot.stop()


async def run(slot: Slot, what: str, abandoned: asyncio.Event | None = None) -> object:
    return await slot.run(job(what), time.monotonic() + LATER, abandoned or asyncio.Event())


async def dead(slot: Slot) -> None:
    async with asyncio.timeout(10):
        while slot.alive:
            await asyncio.sleep(0.02)


async def test_a_new_slot_has_no_worker(slots) -> None:
    slot = slots()
    assert not slot.alive
    assert slot.pid == 0
    slot.kill()
    await slot.stop()


async def test_warming_twice_keeps_the_worker(slots) -> None:
    slot = slots()
    assert await slot.warm() is None
    pid = slot.pid
    assert await slot.warm() is None
    assert slot.pid == pid
    outcome = await run(slot, "ok")
    assert isinstance(outcome, RenderedImage)
    assert outcome.data == str(pid).encode()


async def test_a_failed_set_up_is_final_when_the_worker_says_so(slots) -> None:
    slot = slots("Unloadable")
    failure = await slot.warm()
    assert isinstance(failure, SetupFailure)
    assert failure.final
    assert "fittingroom models pull" in failure.detail


async def test_an_abandoned_job_stops_at_its_checkpoint(slots) -> None:
    slot = slots()
    await slot.warm()
    abandoned = asyncio.Event()
    abandoned.set()
    pid = slot.pid
    assert await run(slot, "steps:30", abandoned) == Stopped()
    assert slot.alive
    assert slot.pid == pid


async def test_an_abandoned_deaf_job_costs_its_worker_and_the_slot_lives_on(slots) -> None:
    slot = slots()
    await slot.warm()
    pid = slot.pid
    abandoned = asyncio.Event()
    asyncio.get_running_loop().call_later(0.2, abandoned.set)
    assert await run(slot, "stuck:30", abandoned) == Stopped()
    assert gone(pid)
    assert not slot.alive
    assert await slot.warm() is None
    assert isinstance(await run(slot, "ok"), RenderedImage)


async def test_a_job_for_a_broken_pool_is_a_crash(slots) -> None:
    slot = slots()
    await slot.warm()
    os.kill(slot.pid, signal.SIGKILL)
    await dead(slot)
    failure = await run(slot, "ok")
    assert isinstance(failure, Failure)
    assert failure.reason == "worker_crashed"


async def test_a_worker_ignores_the_signals_of_a_service_manager(slots) -> None:
    slot = slots()
    await slot.warm()
    os.kill(slot.pid, signal.SIGTERM)
    os.kill(slot.pid, signal.SIGINT)
    outcome = await run(slot, "steps:0.2")
    assert isinstance(outcome, RenderedImage)
    assert outcome.data == str(slot.pid).encode()


async def test_stopping_ends_a_worker_quickly_whatever_it_does(slots) -> None:
    slot = slots()
    await slot.warm()
    pid = slot.pid
    working = asyncio.create_task(run(slot, "stuck:30"))
    await asyncio.sleep(0.2)
    started = time.monotonic()
    await slot.stop()
    assert time.monotonic() - started < 2.5
    assert gone(pid)
    working.cancel()
    await asyncio.gather(working, return_exceptions=True)


async def test_a_worker_lost_while_its_caller_is_cancelled_is_nobodys_news(slots) -> None:
    slot, answers, news = slots(), [Future()], []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: news.append(context["message"]))
    slot._pool = SimpleNamespace(schedule=lambda function, args: answers[0], stop=lambda: None, join=lambda: None)
    working = asyncio.create_task(run(slot, "anything"))
    await asyncio.sleep(0)
    working.cancel()
    answers.pop().set_exception(BrokenProcessPool())
    await asyncio.wait({working})
    del working
    gc.collect()  # a failure that nobody took is told when it goes
    assert news == []


async def test_killing_ends_the_worker_without_waiting(slots) -> None:
    slot = slots()
    await slot.warm()
    pid = slot.pid
    slot.kill()
    await dead(slot)
    assert gone(pid)


@pytest.mark.parametrize("size", [0, 1, 70_000, 20_000_000])
async def test_pictures_of_any_size_reach_the_worker(slots, size: int) -> None:
    slot = slots()
    await slot.warm()
    run_one: Awaitable[object] = slot.run(job(person=b"p" * size), time.monotonic() + LATER, asyncio.Event())
    outcome = await run_one
    assert isinstance(outcome, RenderedImage)
    assert outcome.stages["bytes"] == size


@pytest.mark.parametrize("what", ["foreign", "foreign:no_such_reason", "unpicklable"])
async def test_an_answer_that_cannot_be_read_is_told_and_the_worker_lives_on(slots, what: str) -> None:
    slot = slots()
    await slot.warm()
    pid = slot.pid
    failure = await run(slot, what)
    assert isinstance(failure, Failure)
    assert failure.reason == "unreadable_answer"
    assert slot.pid == pid
    assert isinstance(await run(slot, "ok"), RenderedImage)


async def test_an_engine_that_wants_to_end_the_process_has_failed(slots) -> None:
    slot = slots()
    await slot.warm()
    failure = await run(slot, "quit:3")
    assert isinstance(failure, Failure)
    assert failure.reason == "engine_failed"
    assert isinstance(await run(slot, "ok"), RenderedImage)
