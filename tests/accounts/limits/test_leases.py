"""Permits in a real Redis: never two at once, never lost, never kept by the dead."""

from __future__ import annotations

import asyncio
import json
import time

import pytest
from redis_server import RedisServer

from fittingroom.accounts.limits import RedisPermits
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


def leases(server: RedisServer, key: str = "fittingroom:permits:a") -> int:
    with server.client() as client:
        return client.zcard(key)


async def refusal(permits: RedisPermits, account: str = "a", concurrency: int = 1) -> str | None:
    """Why no permit is given now, or None. One that is given is given back."""
    try:
        async with permits.hold(account, concurrency):
            return None
    except ApiError as error:
        return error.reason


async def settled(permits: RedisPermits) -> None:
    """All background work has ended."""
    async with asyncio.timeout(5):
        while permits._tasks:
            await asyncio.sleep(0.001)


async def test_one_at_a_time_on_all_gateways(redis, gateways) -> None:
    one, two = gateways(redis.url), gateways(redis.url)
    async with one.hold("a", 1):
        assert await refusal(two) == "job_num_exceed"
        assert await refusal(one) == "job_num_exceed"
        assert await refusal(two, "b") is None
        assert await refusal(two, concurrency=2) is None
        assert (one.in_use, two.in_use) == (1, 0)
    assert await refusal(two) is None
    assert (one.in_use, two.in_use) == (0, 0)
    assert leases(redis) == 0


async def test_a_renewal_that_answers_in_spite_of_its_cancellation_harms_nobody(redis, gateways, monkeypatch) -> None:
    """As a client of Redis may, when the answer and the end of the block come in the same moment."""
    permits = gateways(redis.url, lease=0.5)
    asking, answers = asyncio.Event(), asyncio.Event()

    async def stubborn(_lease) -> bool:
        asking.set()
        try:
            await answers.wait()
        except asyncio.CancelledError:
            return True
        raise AssertionError("the block's end cancels the renewal")

    monkeypatch.setattr(permits, "_lives", stubborn)
    async with permits.hold("a", 1):
        await asking.wait()
    await settled(permits)
    assert await refusal(permits) is None


async def test_an_account_with_no_permits_runs_nothing(redis, gateways) -> None:
    assert await refusal(gateways(redis.url), concurrency=0) == "job_num_exceed"


async def test_all_accounts_together_have_a_limit_of_their_own(redis, gateways) -> None:
    one, two = gateways(redis.url, total=2), gateways(redis.url, total=2)
    async with one.hold("a", 1), two.hold("b", 1):
        assert leases(redis, "fittingroom:permits") == 2
        assert await refusal(one) == "job_num_exceed"
        with pytest.raises(ApiError) as caught:
            await one.hold("c", 1).__aenter__()
        assert caught.value.reason == "total_exceed"
        assert "2 requests are being processed" in caught.value.message()
    assert leases(redis, "fittingroom:permits") == 0
    assert await refusal(two, "c") is None


async def test_ten_thousand_starts_from_two_processes_never_run_two_at_once(redis, holder, tmp_path) -> None:
    """Two processes need seconds for this; the file they both make exclusively is a witness that Redis cannot sway."""
    racing = [holder("race", redis.url, 30, tmp_path, 5000) for _ in range(2)]
    found = [json.loads((await asyncio.to_thread(process.communicate, timeout=60))[0]) for process in racing]
    assert all(each["ran"] > 10 for each in found)
    assert [each.get("clashes", 0) for each in found] == [0, 0]
    assert sum(each["ran"] + each["job_num_exceed"] for each in found) == 10_000
    assert leases(redis) == 0


@pytest.mark.parametrize("failure", [ValueError, asyncio.CancelledError, KeyboardInterrupt, TimeoutError])
async def test_a_failure_gives_it_back_and_passes_on(redis, gateways, failure: type[BaseException]) -> None:
    permits = gateways(redis.url, lease=20.0)
    with pytest.raises(failure):
        async with permits.hold("a", 1):
            raise failure
    assert leases(redis) == 0


async def test_it_is_given_back_once(redis, gateways, monkeypatch) -> None:
    permits, released = gateways(redis.url), []
    release = permits._release
    monkeypatch.setattr(permits, "_release", lambda **asked: released.append(asked) or release(**asked))
    assert await refusal(permits) is None
    await settled(permits)
    assert len(released) == 1


async def test_cancelled_at_every_await_nothing_stays(redis, gateways) -> None:
    """One turn of the loop later each time, until the job gets through before it is cancelled."""
    permits = gateways(redis.url)
    cancelled = 0
    for turns in range(5000):
        task = asyncio.create_task(refusal(permits))
        for _ in range(turns):
            await asyncio.sleep(0)
        through = not task.cancel()
        await asyncio.wait({task})
        await settled(permits)
        assert leases(redis) == 0
        if through:
            break
        cancelled += task.cancelled()
    assert cancelled > 10
    assert through
    assert await refusal(permits) is None


async def test_what_the_server_gave_to_a_cancelled_question_comes_back(redis, gateways) -> None:
    permits = gateways(redis.url, timeout=5.0)
    assert await refusal(permits) is None
    redis.freeze()
    try:
        task = asyncio.create_task(refusal(permits))
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
    finally:
        redis.thaw()
    await settled(permits)
    assert leases(redis) == 0
    assert await refusal(gateways(redis.url)) is None


async def test_a_second_cancel_does_not_stop_the_giving_back(redis, gateways) -> None:
    permits = gateways(redis.url, timeout=5.0)
    inside = asyncio.Event()

    async def job() -> None:
        async with permits.hold("a", 1):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(job())
    await inside.wait()
    redis.freeze()
    try:
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0.02)
        assert task.cancelled()
    finally:
        redis.thaw()
    await settled(permits)
    assert leases(redis) == 0


async def test_a_long_job_keeps_its_permit(redis, gateways) -> None:
    one, two = gateways(redis.url, lease=0.3), gateways(redis.url, lease=0.3)
    async with one.hold("a", 1):
        end = time.monotonic() + 1.0
        while time.monotonic() < end:
            assert await refusal(two) == "job_num_exceed"
            await asyncio.sleep(0.01)
    assert await refusal(two) is None


async def test_a_killed_gateways_permit_is_free_after_the_lease(redis, gateways, holder) -> None:
    process = holder("hold", redis.url, 1.0)
    assert await asyncio.to_thread(process.stdout.readline) == "held\n"
    permits = gateways(redis.url, lease=1.0)
    assert await refusal(permits) == "job_num_exceed"
    process.kill()
    killed = time.monotonic()
    while (reason := await refusal(permits)) is not None:
        assert reason == "job_num_exceed"
        await asyncio.sleep(0.01)
    assert time.monotonic() - killed < 1.1
