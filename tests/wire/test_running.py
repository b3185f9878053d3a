"""Deadline, disconnect and concurrency: the work really stops, and the permit stays until it has."""

from __future__ import annotations

import asyncio
import time

import pytest

from fittingroom.errors import ApiError
from fittingroom.wire.body import ClientGone
from fittingroom.wire.running import Runner

pytestmark = pytest.mark.anyio


class Engine:
    """A dispatcher script whose job runs until told to stop, and then needs `stopping` to be set to end."""

    def __init__(self, *, slow_stop: bool = False) -> None:
        self.started = asyncio.Event()
        self.cancelled = asyncio.Event()
        self.may_end = asyncio.Event()
        self.slow_stop = slow_stop

    async def __call__(self, _job) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.set()
            if self.slow_stop:
                await self.may_end.wait()
            raise


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_deadline_answers_on_time_and_stops_the_work(kit):
    world = kit.World(settings=kit.Settings(limits={"deadline": 0.1}))
    world.services.dispatcher.script = engine = Engine()
    start = time.monotonic()
    answer = await world.drive(kit.sign_json(kit.GOOD))
    assert 0.09 <= time.monotonic() - start < 1
    assert answer.code == "FailedOperation.RequestTimeout"
    assert "within 0.1 seconds" in answer.message
    await asyncio.wait_for(engine.cancelled.wait(), 1)
    await settle()
    assert world.services.permits.held == set()


async def test_permit_is_held_until_the_work_has_really_stopped(kit):
    world = kit.World(settings=kit.Settings(limits={"deadline": 0.1}))
    world.services.dispatcher.script = engine = Engine(slow_stop=True)
    assert (await world.drive(kit.sign_json(kit.GOOD))).code == "FailedOperation.RequestTimeout"
    await asyncio.wait_for(engine.cancelled.wait(), 1)
    assert world.services.permits.held == {"account-1"}
    assert (await world.drive(kit.sign_json(kit.GOOD))).code == "RequestLimitExceeded.JobNumExceed"
    engine.may_end.set()
    await settle()
    assert world.services.permits.held == set()
    world.services.dispatcher.script = None
    assert (await world.drive(kit.sign_json(kit.GOOD))).code == "OK"


async def test_deadline_counts_from_arrival_and_reaches_every_part(kit, world):
    start = time.monotonic()
    await world.drive(kit.sign_json(kit.GOOD))
    for call in world.services.fetcher.calls:
        assert 54 < call["deadline"] - start < 55.5


async def test_disconnect_stops_the_work_and_sends_nothing(kit, world):
    world.services.dispatcher.script = engine = Engine()
    gone = asyncio.Event()
    sent = kit.sign_json(kit.GOOD)
    task = asyncio.create_task(world.drive(sent, kit.client_side([sent.body], then_gone=gone)))
    await asyncio.wait_for(engine.started.wait(), 1)
    assert world.services.permits.held == {"account-1"}
    gone.set()
    answer = await asyncio.wait_for(task, 1)
    assert answer.status == 0
    await asyncio.wait_for(engine.cancelled.wait(), 1)
    await settle()
    assert world.services.permits.held == set()


async def test_disconnect_while_fetching_stops_all_fetches(kit, world):
    started, ended = [], []

    async def fetch(parameter):
        started.append(parameter)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(parameter)

    world.services.fetcher.script = fetch
    gone = asyncio.Event()
    sent = kit.sign_json({**kit.GOOD, "LogoParam": {"LogoUrl": "https://example.com/l"}})
    task = asyncio.create_task(world.drive(sent, kit.client_side([sent.body], then_gone=gone)))
    await settle()
    assert sorted(started) == ["ClothesUrl", "LogoParam.LogoUrl", "ModelUrl"]
    gone.set()
    await asyncio.wait_for(task, 1)
    await settle()
    assert sorted(ended) == sorted(started)
    assert world.services.dispatcher.jobs == []


async def test_second_job_of_an_account_is_refused_and_of_another_not(kit):
    other = kit.Key(secret_id="AKIDother", account_id="account-2")
    world = kit.World(kit.Key(), other)
    world.services.dispatcher.script = engine = Engine()
    gone = asyncio.Event()
    sent = kit.sign_json(kit.GOOD)
    first = asyncio.create_task(world.drive(sent, kit.client_side([sent.body], then_gone=gone)))
    await asyncio.wait_for(engine.started.wait(), 1)
    second = await world.drive(kit.sign_json(kit.GOOD))
    assert second.code == "RequestLimitExceeded.JobNumExceed"
    assert second.message == "Too many tasks are being processed simultaneously. Please try again later."
    world.services.dispatcher.script = None
    assert (await world.drive(kit.sign_json(kit.GOOD, secret_id="AKIDother"))).code == "OK"
    gone.set()
    await first


async def test_many_requests_at_once(kit):
    keys = [kit.Key(secret_id=f"AKID{i}", account_id=f"account-{i}") for i in range(50)]
    world = kit.World(*keys)
    answers = await asyncio.gather(*(world.drive(kit.sign_json(kit.GOOD, secret_id=key.secret_id)) for key in keys))
    assert {answer.code for answer in answers} == {"OK"}
    assert len({answer.response["RequestId"] for answer in answers}) == 50


async def test_runner_returns_and_raises_what_the_work_does(kit):
    async def good():
        return 7

    async def bad():
        raise ApiError("no_person", parameter="ModelUrl")

    runner = Runner()
    late = time.monotonic() + 5
    assert await runner.run(good(), kit.client_side([]), deadline=late, seconds=5) == 7
    with pytest.raises(ApiError, match="no_person"):
        await runner.run(bad(), kit.client_side([]), deadline=late, seconds=5)
    assert runner.ending == 0


async def test_runner_watches_the_stopping_work_and_logs_its_fault(kit, capsys):
    may_end = asyncio.Event()

    async def stubborn():
        try:
            await asyncio.Event().wait()
        finally:
            await may_end.wait()
            raise ValueError("stopping went wrong")

    runner = Runner()
    with pytest.raises(ApiError, match="timeout"):
        await runner.run(stubborn(), kit.client_side([]), deadline=time.monotonic() + 0.01, seconds=1)
    await settle()
    assert runner.ending == 1
    may_end.set()
    await settle()
    assert runner.ending == 0
    assert "stopping_failed" in capsys.readouterr().out


async def test_runner_cancelled_from_outside_cancels_the_work(kit):
    cancelled = asyncio.Event()

    async def work():
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    runner = Runner()
    task = asyncio.create_task(runner.run(work(), kit.client_side([]), deadline=time.monotonic() + 9, seconds=9))
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.wait_for(cancelled.wait(), 1)


async def test_what_a_client_still_sends_is_no_disconnect(kit):
    pieces = [{"type": "http.request", "body": b"x", "more_body": True}] * 3 + [{"type": "http.disconnect"}]

    async def receive():
        return pieces.pop(0)

    with pytest.raises(ClientGone):
        await Runner().run(asyncio.sleep(5), receive, deadline=time.monotonic() + 5, seconds=5)
    assert pieces == []
