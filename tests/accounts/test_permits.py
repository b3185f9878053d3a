import asyncio

import pytest

from fittingroom.accounts import AccountPermits
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


async def test_one_at_a_time_and_a_second_is_refused_at_once() -> None:
    permits = AccountPermits()
    async with permits.hold("a"):
        assert permits.held("a") == 1
        with pytest.raises(ApiError) as caught:
            async with permits.hold("a"):
                pytest.fail("two at once")
        assert caught.value.code == "RequestLimitExceeded.JobNumExceed"
        assert permits.held("a") == 1
    assert permits.held("a") == 0


async def test_accounts_do_not_share() -> None:
    permits = AccountPermits()
    async with permits.hold("a"), permits.hold("b"):
        assert permits.held("b") == 1


async def test_as_many_as_set() -> None:
    permits = AccountPermits(2)
    async with permits.hold("a"), permits.hold("a"):
        with pytest.raises(ApiError):
            await permits.hold("a").__aenter__()
    async with permits.hold("a"), permits.hold("a"):
        assert permits.held("a") == 2


@pytest.mark.parametrize("failure", [ValueError, ApiError, asyncio.CancelledError, KeyboardInterrupt])
async def test_a_failure_gives_it_back(failure: type[BaseException]) -> None:
    permits = AccountPermits()
    error = ApiError("internal") if failure is ApiError else failure()
    with pytest.raises(failure):
        async with permits.hold("a"):
            raise error
    assert permits.held("a") == 0


async def test_a_cancelled_task_gives_it_back() -> None:
    permits = AccountPermits()
    inside = asyncio.Event()

    async def work() -> None:
        async with permits.hold("a"):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert permits.held("a") == 0


async def test_nothing_is_remembered_of_accounts_that_run_nothing() -> None:
    permits = AccountPermits()
    for number in range(100):
        async with permits.hold(str(number)):
            pass
        with pytest.raises(ApiError):
            async with permits.hold("x"):
                await permits.hold("x").__aenter__()
    assert permits._held == {}
