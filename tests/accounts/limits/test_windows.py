"""The moving window: exact under a race and around every edge, in memory and in a real Redis."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis_server import RedisServer

from fittingroom.accounts.limits import MemoryWindow, RedisLink, RedisWindow
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def passed(window, times: int, limit: int = 20, name: str = "x") -> int:
    return sum(await asyncio.gather(*(window.hit(name, limit) for _ in range(times))))


async def on_redis(server: RedisServer, work):
    """`work` with two gateways' windows."""
    links = [RedisLink(server.url, 5.0) for _ in range(2)]
    try:
        return await work(*map(RedisWindow, links))
    finally:
        for link in links:
            await link.close()


async def test_of_a_hundred_at_once_twenty_pass() -> None:
    window = MemoryWindow()
    assert await passed(window, 100) == 20
    assert await passed(window, 100, name="y") == 20


async def test_of_a_hundred_at_once_on_two_gateways_twenty_pass(redis) -> None:
    async def work(one, two):
        assert sum(await asyncio.gather(passed(one, 50), passed(two, 50))) == 20
        assert await passed(one, 30, limit=7, name="y") == 7

    await on_redis(redis, work)


async def test_no_edge_doubles_the_limit() -> None:
    clock = Clock()
    window = MemoryWindow(clock)
    clock.now = 1000.95
    assert await passed(window, 30) == 20
    clock.now = 1001.05
    assert await passed(window, 30) == 0
    clock.now = 1001.95
    assert await passed(window, 30) == 0, "a second old to the tick still counts"
    clock.now = 1001.951
    assert await passed(window, 30) == 20


async def test_no_edge_doubles_the_limit_in_redis(redis) -> None:
    """Needs a second of real time: the server's expiry is part of it."""

    async def work(window, _):
        began = time.monotonic()
        assert await passed(window, 10) == 10
        await asyncio.sleep(0.6)
        second = await passed(window, 30)
        if time.monotonic() - began > 0.95:
            pytest.skip("the machine is too busy: the first second was over before the edge was tried")
        assert second == 10
        later = time.monotonic()
        await asyncio.sleep(0.45)
        third = await passed(window, 30)
        if time.monotonic() - later > 0.95:
            pytest.skip("the machine is too busy: the second window was over before it was asked again")
        assert third == 10, "the first ten have left, the others have not"

    await on_redis(redis, work)


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.sampled_from([0.0, 0.001, 0.2, 0.5, 0.999, 1.0, 1.5]), st.sampled_from("ab")), max_size=60),
)
def test_in_no_second_more_pass_than_allowed_and_none_is_refused_in_vain(limit: int, steps) -> None:
    async def check() -> None:
        clock = Clock()
        window = MemoryWindow(clock)
        passes: dict[str, list[float]] = {"a": [], "b": []}
        for pause, name in steps:
            clock.now += pause
            recent = [time for time in passes[name] if clock.now - time <= 1.0]
            hit = await window.hit(name, limit)
            assert hit is (len(recent) < limit)
            if hit:
                passes[name].append(clock.now)

    asyncio.run(check())


async def test_a_changed_limit_keeps_what_was_counted() -> None:
    window = MemoryWindow()
    assert await passed(window, 10, limit=5) == 5
    assert await passed(window, 10, limit=8) == 3
    assert await passed(window, 10, limit=2) == 0


async def test_names_of_the_past_are_forgotten() -> None:
    clock = Clock()
    window = MemoryWindow(clock)
    for number in range(1000):
        await window.hit(str(number), 20)
    assert len(window._passed) == 1000
    clock.now += 1.1
    for number in range(400):
        await window.hit(f"new {number}", 20)
    assert len(window._passed) == 400


async def test_a_name_that_is_always_busy_does_not_keep_the_others() -> None:
    clock = Clock()
    window = MemoryWindow(clock)
    await window.hit("busy", 20)
    for number in range(100):
        await window.hit(str(number), 20)
    for _ in range(50):
        clock.now += 0.1
        await window.hit("busy", 20)
    assert list(window._passed) == ["busy"]


async def test_a_busy_name_keeps_the_last_second_only() -> None:
    """However high its limit: a soak under a limit of thousands took a little more memory with each request."""
    clock = Clock()
    window = MemoryWindow(clock)
    for _ in range(100):
        clock.now += 0.25
        assert await window.hit("busy", 10_000)
    assert len(window._passed["busy"]) == 5


async def test_redis_forgets_by_itself(redis) -> None:
    """Needs a little more than the second after which the server drops a window."""

    async def work(window, _):
        await passed(window, 3)
        with redis.client() as client:
            assert len(client.keys("fittingroom:rates*")) == 1
            await asyncio.sleep(1.2)
            assert client.keys("fittingroom:rates*") == []

    await on_redis(redis, work)


async def test_a_redis_that_does_not_answer_refuses(redis) -> None:
    link = RedisLink(redis.url, 0.1)
    window = RedisWindow(link)
    assert await passed(window, 1) == 1
    redis.freeze()
    try:
        with pytest.raises(ApiError, match="limits_unavailable"):
            await window.hit("x", 20)
    finally:
        redis.thaw()
    assert await passed(window, 1) == 1
    await link.close()
