"""From settings to counters, in memory and in Redis."""

from __future__ import annotations

import pytest

from fittingroom.accounts import AccountError
from fittingroom.accounts.limits import Limits, MemoryPermits, RedisPermits
from fittingroom.errors import ApiError
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio


def settings(**limits: object) -> Settings:
    return Settings.model_validate({"limits": limits, "dispatch": {"grace": 0.1}})


async def test_in_memory_by_default() -> None:
    limits = Limits.of(settings(total=1))
    assert isinstance(limits.permits, MemoryPermits)
    limits.check()
    await limits.settle()
    async with limits.permits.hold("a", 1):
        with pytest.raises(ApiError, match="total_exceed"):
            await limits.permits.hold("b", 1).__aenter__()
    await limits.close()


async def test_in_redis_by_url(own_redis) -> None:
    made = [Limits.of(settings(url=own_redis.url, lease=2.2, total=1, address_rate=3)) for _ in range(2)]
    for limits in made:
        assert isinstance(limits.permits, RedisPermits)
        limits.check()
        await limits.settle()
    one, two = made
    async with one.permits.hold("a", 1):
        with pytest.raises(ApiError, match="total_exceed"):
            await two.permits.hold("b", 1).__aenter__()
    for _ in range(3):
        await one.rates.count_address("203.0.113.9")
    with pytest.raises(ApiError, match="rate_address"):
        await two.rates.count_address("203.0.113.9")
    for limits in made:
        await limits.close()


def test_a_lease_must_be_long_enough_to_stop_a_job_in() -> None:
    with pytest.raises(AccountError, match=r"at least 2\.2 seconds"):
        Limits.of(settings(url="redis://127.0.0.1", lease=2.1))


def test_a_redis_that_is_not_there_is_an_operators_error() -> None:
    with pytest.raises(AccountError, match="does not answer"):
        Limits.of(settings(url="redis://127.0.0.1:1", lease=10)).check()


def test_the_url_is_a_secret() -> None:
    assert "hush" not in repr(settings(url="redis://:hush@127.0.0.1"))
