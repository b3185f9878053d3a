"""Permits in memory: how many, given back once, and nothing remembered."""

import asyncio

import pytest

from fittingroom.accounts.limits import MemoryPermits
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


async def test_one_at_a_time_and_a_second_is_refused_at_once() -> None:
    permits = MemoryPermits()
    async with permits.hold("a", 1):
        assert permits.held("a") == 1
        with pytest.raises(ApiError) as caught:
            async with permits.hold("a", 1):
                pytest.fail("two at once")
        assert caught.value.code == "RequestLimitExceeded.JobNumExceed"
        assert permits.held("a") == 1
    assert permits.held("a") == 0


async def test_accounts_do_not_share() -> None:
    permits = MemoryPermits()
    async with permits.hold("a", 1), permits.hold("b", 1):
        assert permits.held("b") == 1
        assert permits.in_use == 2


async def test_as_many_as_set() -> None:
    permits = MemoryPermits()
    async with permits.hold("a", 2), permits.hold("a", 2):
        with pytest.raises(ApiError):
            await permits.hold("a", 2).__aenter__()
    async with permits.hold("a", 2), permits.hold("a", 2):
        assert permits.held("a") == 2
        assert permits.in_use == 2


async def test_an_account_with_no_permits_runs_nothing() -> None:
    permits = MemoryPermits()
    with pytest.raises(ApiError, match="job_num_exceed"):
        await permits.hold("a", 0).__aenter__()


async def test_all_accounts_together_have_a_limit_of_their_own() -> None:
    permits = MemoryPermits(total=2)
    async with permits.hold("a", 5), permits.hold("b", 5):
        with pytest.raises(ApiError) as caught:
            await permits.hold("c", 5).__aenter__()
        assert caught.value.code == "RequestLimitExceeded"
        assert "2 requests are being processed" in caught.value.message()
    async with permits.hold("c", 5):
        assert permits.held("c") == 1


async def test_the_accounts_own_limit_is_told_first() -> None:
    permits = MemoryPermits(total=1)
    async with permits.hold("a", 1):
        with pytest.raises(ApiError, match="job_num_exceed"):
            await permits.hold("a", 1).__aenter__()


async def test_ten_thousand_starts_never_run_two_at_once() -> None:
    permits, running, most, done = MemoryPermits(), 0, 0, 0
    refusals = set()

    async def start(number: int) -> None:
        nonlocal running, most, done
        try:
            async with permits.hold("a", 1):
                running += 1
                most = max(most, running)
                for _ in range(number % 4):
                    await asyncio.sleep(0)
                running -= 1
                done += 1
        except ApiError as error:
            refusals.add(error.reason)

    await asyncio.gather(*(start(number) for number in range(10_000)))
    assert most == 1
    assert done > 1
    assert refusals == {"job_num_exceed"}
    assert permits._held == {}


@pytest.mark.parametrize("failure", [ValueError, ApiError, asyncio.CancelledError, KeyboardInterrupt])
async def test_a_failure_gives_it_back(failure: type[BaseException]) -> None:
    permits = MemoryPermits()
    error = ApiError("internal") if failure is ApiError else failure()
    with pytest.raises(failure):
        async with permits.hold("a", 1):
            raise error
    assert permits.held("a") == 0


async def test_a_cancelled_task_gives_it_back() -> None:
    permits = MemoryPermits()
    inside = asyncio.Event()

    async def work() -> None:
        async with permits.hold("a", 1):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert permits.held("a") == 0


async def test_nothing_is_remembered_of_accounts_that_run_nothing() -> None:
    permits = MemoryPermits()
    for number in range(100):
        async with permits.hold(str(number), 1):
            pass
        with pytest.raises(ApiError):
            async with permits.hold("x", 1):
                await permits.hold("x", 1).__aenter__()
    assert permits._held == {}
