"""What limits cost: rates and a permit per request, in memory and on a Redis of its own; and which window to use.

The first table times what the gateway asks per request, one after the other, as it does. The second compares the
windows: what one question costs, and how many events of a limit of 20 per second a caller gets through in one second
who times them around the window's edge.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from limits import RateLimitItemPerSecond, strategies
from limits.aio import strategies as aio
from limits.aio.storage import MemoryStorage as AsyncMemory
from limits.storage import MemoryStorage
from machine import describe
from redis_server import PROGRAM, redis_server

from fittingroom.accounts.limits import Limits, MemoryWindow, RedisLink, RedisWindow
from fittingroom.settings import Settings

PLENTY = 1_000_000
LIMIT = 20
ADDRESSES = 1000

Hit = Callable[[str, int], Awaitable[bool]]


async def timed(question: Callable[[int], Awaitable[object]], count: int) -> tuple[float, float]:
    """p50 and p99 in microseconds; the loop turns between questions, as it does between requests."""
    seconds = []
    for number in range(count):
        began = time.perf_counter()
        await question(number)
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(0)
    seconds.sort()
    return 1e6 * seconds[count // 2], 1e6 * seconds[int(count * 0.99)]


async def per_request(place: str, settings: Settings, count: int) -> None:
    """The rows of one place of counting."""
    limits = Limits.of(settings)
    await limits.settle()

    async def rates(number: int) -> None:
        await limits.rates.count_address(f"203.0.113.{number % ADDRESSES}")
        await limits.rates.count_account("account", "aiart:ChangeClothes", None)

    async def permit(_: int) -> None:
        async with limits.permits.hold("account", 1):
            pass

    async def both(number: int) -> None:
        await rates(number)
        await permit(number)

    for name, question in (("three rates", rates), ("permit, taken and given back", permit), ("all of it", both)):
        await timed(question, count // 10)
        p50, p99 = await timed(question, count)
        print(f"| {place} | {name} | {p50:.0f} | {p99:.0f} |")
    await limits.close()


async def around_the_edge(hit: Hit) -> int:
    """The most events of one caller in any second: one to open the window, a burst at its end, then a steady stream."""
    await asyncio.sleep(1 - time.time() % 1)
    began, passed = time.monotonic(), []

    async def tried(times: int) -> None:
        for _ in range(times):
            if await hit("edge", LIMIT):
                passed.append(time.monotonic())

    await tried(1)
    await asyncio.sleep(0.9)
    await tried(2 * LIMIT)
    while time.monotonic() - began < 1.95:
        await tried(1)
        await asyncio.sleep(0.002)
    return max(sum(0 <= later - first < 1 for later in passed) for first in passed)


async def windows(redis_url: str | None, count: int) -> None:
    """The rows of the second table."""
    storage, kept = AsyncMemory(), MemoryStorage()

    def library(limiter: aio.RateLimiter) -> Hit:
        return lambda name, limit: limiter.hit(RateLimitItemPerSecond(limit), name)

    def blocking(limiter: strategies.RateLimiter) -> Hit:
        async def hit(name: str, limit: int) -> bool:
            return limiter.hit(RateLimitItemPerSecond(limit), name)

        return hit

    each: dict[str, Hit] = {
        "moving, ours, in memory": MemoryWindow().hit,
        "moving, limits, in memory (asyncio)": library(aio.MovingWindowRateLimiter(storage)),
        "moving, limits, in memory (blocking)": blocking(strategies.MovingWindowRateLimiter(kept)),
        "fixed, limits, in memory (asyncio)": library(aio.FixedWindowRateLimiter(storage)),
        "sliding counter, limits, in memory (asyncio)": library(aio.SlidingWindowCounterRateLimiter(storage)),
    }
    link = None if redis_url is None else RedisLink(redis_url, 1.0)
    if link is not None:
        remote = RedisWindow(link)._limiter.storage
        each["moving, limits, on Redis"] = library(aio.MovingWindowRateLimiter(remote))
        each["fixed, limits, on Redis"] = library(aio.FixedWindowRateLimiter(remote))
        each["sliding counter, limits, on Redis"] = library(aio.SlidingWindowCounterRateLimiter(remote))
    for name, hit in each.items():
        began = time.process_time()
        p50, p99 = await timed(lambda number, hit=hit: hit(f"name {number % ADDRESSES}", LIMIT), count)
        processor = 1e6 * (time.process_time() - began) / count
        print(f"| {name} | {p50:.0f} | {p99:.0f} | {processor:.0f} | {await around_the_edge(hit)} |")
    if link is not None:
        await link.close()


async def measure(count: int, redis_url: str | None) -> None:
    """Both tables."""
    rates = {"rate": PLENTY, "account_rate": PLENTY, "address_rate": PLENTY}
    print("| counted | what | p50 us | p99 us |\n|---|---|---|---|")
    await per_request("in memory", Settings.model_validate({"limits": rates}), count)
    if redis_url is not None:
        shared = {"limits": {**rates, "url": redis_url, "lease": 2.5}, "dispatch": {"grace": 0.1}}
        await per_request("on Redis", Settings.model_validate(shared), count)
    print(f"\n| window | p50 us | p99 us | processor us | most of {LIMIT} in a second |\n|---|---|---|---|---|")
    await windows(redis_url, count)


def main() -> None:
    """Run and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=3000, help="questions per row")
    options = parser.parse_args()
    print(f"Machine: {describe()}\n")
    if PROGRAM is None:
        print("There is no redis-server here: only in memory.\n")
        asyncio.run(measure(options.count, None))
        return
    with tempfile.TemporaryDirectory() as folder, redis_server(Path(folder)) as server:
        asyncio.run(measure(options.count, server.url))


if __name__ == "__main__":
    main()
