"""Counts events in a moving window of one second, in memory or in Redis.

A moving window remembers the time of each event it let pass. A fixed window is no cheaper here and lets twice the limit
pass around its edge, and so does a sliding counter after a burst (bench/counting.py shows both). On Redis the window is
that of the package `limits`. In memory it is our own: the asyncio storage of `limits` 5.8 hands each key to a thread on
each sweep, and can drop an event that arrives meanwhile; its other storage keeps every key for ever. Invariant: in no
second, wherever it begins, do more than `limit` events of one name pass; a refused event is not counted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any, Protocol

from fittingroom.accounts.limits.link import RedisLink

SECOND = 1.0
SWEEP = 4
"""Names forgotten at most per event, more than the one that it may add, so that memory holds one second's names."""


class Window(Protocol):
    """Counts the last second."""

    async def hit(self, name: str, limit: int) -> bool:
        """Count one event of `name`, unless `limit` (1 or more) of them passed in the last second: then False.

        Raises `ApiError("limits_unavailable")` when it cannot be told.
        """


class MemoryWindow:
    """Of one gateway. clock: monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._passed: dict[str, deque[float]] = {}

    async def hit(self, name: str, limit: int) -> bool:
        """As `Window.hit`; never raises."""
        now = self._clock()
        self._sweep(now)
        times = self._passed.get(name, deque())
        while times and now - times[0] > SECOND:
            times.popleft()
        if len(times) >= limit:
            return False
        times.append(now)
        # Put last, so that the names which have been quiet for longest come first.
        self._passed.pop(name, None)
        self._passed[name] = times
        return True

    def _sweep(self, now: float) -> None:
        for _ in range(SWEEP):
            oldest = next(iter(self._passed), None)
            if oldest is None or now - self._passed[oldest][-1] <= SECOND:
                return
            del self._passed[oldest]


class RedisWindow:
    """Of all gateways that share a Redis. Event times are the gateways' own, so their clocks must agree."""

    def __init__(self, link: RedisLink) -> None:
        # Imported here, since it takes a quarter of a second that no other command should wait for.
        from limits import RateLimitItemPerSecond  # noqa: PLC0415
        from limits.aio.storage import RedisStorage  # noqa: PLC0415
        from limits.aio.strategies import MovingWindowRateLimiter  # noqa: PLC0415

        # The option is passed on to the client, although `limits` declares only plain values there.
        options: dict[str, Any] = {"connection_pool": link.pool}
        storage = RedisStorage("async+redis://", implementation="redispy", key_prefix="fittingroom:rates", **options)
        self._link = link
        self._limiter = MovingWindowRateLimiter(storage)
        self._item = RateLimitItemPerSecond

    async def hit(self, name: str, limit: int) -> bool:
        """As `Window.hit`."""
        return await self._link.answer(self._limiter.hit(self._item(limit), name))
