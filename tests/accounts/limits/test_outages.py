"""What happens to permits when Redis is gone, cut off, restarted or emptied: refuse or stop, never two at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fittingroom.accounts.limits import RedisPermits
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


async def refusal(permits: RedisPermits) -> str | None:
    try:
        async with permits.hold("a", 1):
            return None
    except ApiError as error:
        return error.reason


class Job:
    """Holds the permit until it is taken away or told to end; notes when its work ended and how."""

    def __init__(self, permits: RedisPermits) -> None:
        self.inside = asyncio.Event()
        self.may_end = asyncio.Event()
        self.worked_until = 0.0
        self.task = asyncio.create_task(self._run(permits))

    async def _run(self, permits: RedisPermits) -> str | None:
        try:
            async with permits.hold("a", 1):
                self.inside.set()
                try:
                    await self.may_end.wait()
                finally:
                    self.worked_until = time.monotonic()
        except ApiError as error:
            return error.reason
        return None


async def started(permits: RedisPermits) -> Job:
    job = Job(permits)
    await asyncio.wait_for(job.inside.wait(), 5)
    return job


class Cable:
    """A TCP proxy that can be cut: connections stay, and what is sent on them meanwhile is lost."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cut = False
        self.tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def laid(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._connect, "127.0.0.1", 0)
        try:
            yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        finally:
            server.close()
            for task in self.tasks:
                task.cancel()
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.port)
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(self._carry(source, sink))
            self.tasks.add(task)

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                if not self.cut:
                    sink.write(data)
                    await sink.drain()
        except ConnectionError:
            pass
        finally:
            sink.close()


async def test_no_job_starts_without_redis(own_redis, gateways) -> None:
    permits = gateways(own_redis.url, timeout=0.3)
    own_redis.stop()
    with pytest.raises(ApiError) as caught:
        await permits.hold("a", 1).__aenter__()
    assert (caught.value.code, caught.value.reason) == ("ServiceUnavailable", "limits_unavailable")
    assert "Redis" not in caught.value.message()
    assert "Connection" in str(caught.value.cause)


async def test_a_redis_that_does_not_answer_is_not_waited_for(redis, gateways) -> None:
    permits = gateways(redis.url, timeout=0.5)
    redis.freeze()
    try:
        began = time.monotonic()
        assert await refusal(permits) == "limits_unavailable"
        assert time.monotonic() - began < 0.9, "the client's own second try is within the limit, too"
    finally:
        redis.thaw()


async def test_a_gateway_that_is_cut_off_stops_its_job_before_another_starts_one(redis, gateways) -> None:
    """The heart of it: the lease runs out on both sides, on the holder's first."""
    cable = Cable(redis.port)
    async with cable.laid() as url:
        cut_off = gateways(url, lease=0.8, stop=0.2, timeout=0.1)
        other = gateways(redis.url, lease=0.8, stop=0.2)
        job = await started(cut_off)
        await asyncio.sleep(0.3)  # renewed at least once
        cable.cut = True
        while (reason := await refusal(other)) is not None:
            assert reason == "job_num_exceed"
            await asyncio.sleep(0.005)
        free = time.monotonic()
        assert await job.task == "permit_lost"
        assert 0.1 < free - job.worked_until < 0.6


async def test_a_job_that_needs_time_to_stop_keeps_its_permit_meanwhile(redis, gateways) -> None:
    cable = Cable(redis.port)
    async with cable.laid() as url:
        cut_off = gateways(url, lease=0.8, stop=0.4, timeout=0.1)
        other = gateways(redis.url, lease=0.8, stop=0.4)
        stopping, stopped = asyncio.Event(), 0.0

        async def stubborn() -> None:
            nonlocal stopped
            async with cut_off.hold("a", 1):
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    stopping.set()
                    await asyncio.sleep(0.3)
                    stopped = time.monotonic()
                    raise

        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0.1)
        cable.cut = True
        await asyncio.wait_for(stopping.wait(), 2)
        while await refusal(other) is not None:
            await asyncio.sleep(0.005)
        assert 0 < stopped < time.monotonic()
        with pytest.raises(ApiError, match="permit_lost"):
            await task


async def test_a_short_outage_is_survived(redis, gateways) -> None:
    permits = gateways(redis.url, lease=1.0, timeout=0.1)
    job = await started(permits)
    redis.freeze()
    try:
        await asyncio.sleep(0.4)
    finally:
        redis.thaw()
    await asyncio.sleep(1.0)
    assert not job.task.done()
    assert await refusal(gateways(redis.url)) == "job_num_exceed"
    job.may_end.set()
    assert await job.task is None
    assert await refusal(permits) is None


async def test_after_a_restart_running_jobs_report_before_new_ones_start(own_redis, gateways) -> None:
    one, two = gateways(own_redis.url, lease=0.6), gateways(own_redis.url, lease=0.6)
    await one.settle()
    job = await started(one)
    own_redis.stop()
    own_redis.start()
    began, reasons = time.monotonic(), set()
    while time.monotonic() - began < 1.2:
        reason = await refusal(two)
        assert reason is not None
        reasons.add(reason)
        await asyncio.sleep(0.005)
    assert reasons == {"limits_unavailable", "job_num_exceed"}
    assert not job.task.done()
    job.may_end.set()
    assert await job.task is None
    assert await refusal(two) is None


async def test_an_emptied_redis_is_like_a_restarted_one(redis, gateways) -> None:
    one, two = gateways(redis.url, lease=0.6), gateways(redis.url, lease=0.6)
    job = await started(one)
    with redis.client() as client:
        client.flushall()
    assert await refusal(two) == "limits_unavailable"
    await two.settle()
    assert await refusal(two) == "job_num_exceed"
    job.may_end.set()
    assert await job.task is None


async def test_a_new_redis_is_waited_for_once(own_redis, gateways) -> None:
    permits = gateways(own_redis.url, lease=0.3)
    began = time.monotonic()
    await permits.settle()
    assert 0.25 < time.monotonic() - began < 0.8
    assert await refusal(permits) is None
    began = time.monotonic()
    await gateways(own_redis.url, lease=0.3).settle()
    assert time.monotonic() - began < 0.2


async def test_a_lease_that_is_gone_stops_its_job(redis, gateways) -> None:
    """Dropped by hand, or by a Redis that was told to evict."""
    job = await started(gateways(redis.url, lease=2.0))
    with redis.client() as client:
        client.delete("fittingroom:permits:a")
    assert await asyncio.wait_for(job.task, 1.0) == "permit_lost"  # at the next renewal, not when the lease ends


async def test_a_permit_that_cannot_be_given_back_now_is_given_back_later(redis, gateways) -> None:
    cable = Cable(redis.port)
    async with cable.laid() as url:
        job = await started(gateways(url, lease=4.0, timeout=0.1))
        cable.cut = True
        job.may_end.set()
        began = time.monotonic()
        assert await job.task is None
        assert time.monotonic() - began < 0.3
        assert await refusal(gateways(redis.url)) == "job_num_exceed"
        cable.cut = False
        async with asyncio.timeout(2):
            while await refusal(gateways(redis.url)) is not None:
                await asyncio.sleep(0.02)


async def test_closing_does_not_wait_for_a_redis_that_is_gone(redis, gateways) -> None:
    permits = gateways(redis.url, timeout=0.1)
    job = await started(permits)
    redis.freeze()
    try:
        job.may_end.set()
        await job.task
        began = time.monotonic()
        await permits.close()
        assert time.monotonic() - began < 0.5
        assert not permits._tasks
    finally:
        redis.thaw()
