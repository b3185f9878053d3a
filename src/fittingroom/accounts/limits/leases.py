"""Permits that several gateways share: leases in Redis, which end by themselves when their gateway dies.

A lease lives `lease` seconds and is renewed several times in that span. The holder counts its end from before it asked,
on its own monotonic clock, so it never believes in a lease for longer than the server does. When renewing fails for too
long, the job is cancelled `stop` seconds before the lease ends, which is the time that stopping a worker may take: so
its work has ended when another gateway can begin. A lease is taken by a task of its own: one that is cancelled while it
asks cannot know the answer, and gives back what it may have got. Invariant: a lease is renewed only while its block
runs, and given back exactly once when it has ended.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from fittingroom.accounts.limits import scripts
from fittingroom.accounts.limits.link import RedisLink
from fittingroom.errors import ApiError

RENEWALS: Final = 5
"""Times in the life of a lease that it is renewed."""

RETRIES: Final = 20
"""Parts of a lease's life between two tries when Redis does not answer."""

_ALL: Final = "fittingroom:permits"
_SERVER: Final = "fittingroom:server"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Lease:
    """One permit of an account. ends: seconds of the event loop's clock, never later than the server's own end.
    held: until its block has ended."""

    account_id: str
    ends: float
    held: bool = True
    token: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def keys(self) -> list[str]:
        """As the scripts want them."""
        return [f"{_ALL}:{self.account_id}", _ALL, _SERVER]


class RedisPermits:
    """Permits of all gateways on one Redis. lease: seconds. stop: seconds that stopping a job may take at most.

    total: jobs of all accounts on all gateways, waiting ones included; 0 for any number.
    """

    def __init__(self, link: RedisLink, *, lease: float, stop: float, total: int = 0) -> None:
        self._link = link
        self._lease = lease
        self._stop = stop
        self._total = total
        self._arguments = (round(lease * 1000), total)
        self._settle, self._take, self._renew, self._release = (
            link.script(text) for text in (scripts.SETTLE, scripts.TAKE, scripts.RENEW, scripts.RELEASE)
        )
        self._tasks: set[asyncio.Task[Any]] = set()
        self.in_use = 0

    async def settle(self) -> None:
        """Wait until permits are given out: at once, or up to `lease` seconds on a server that is new to us."""
        keys = Lease("", 0).keys
        while wait := await self._link.answer(self._settle(keys=keys, args=[*self._arguments, ""])):
            log.info("limits_settling", seconds=wait / 1000)
            await asyncio.sleep(wait / 1000)

    @asynccontextmanager
    async def hold(self, account_id: str, concurrency: int) -> AsyncIterator[None]:
        """As `Permits.hold`."""
        lease = await self._taken(account_id, concurrency)
        self.in_use += 1
        try:
            async with asyncio.timeout_at(lease.ends - self._stop) as fence:
                renewing = self._spawn(self._renewed(lease, fence))
                try:
                    yield
                finally:
                    lease.held = False
                    renewing.cancel()
        except TimeoutError as error:
            if not fence.expired():
                raise
            raise ApiError("permit_lost", cause="the lease could not be renewed in time, or was taken away") from error
        finally:
            self.in_use -= 1
            # One try is waited for, so that a caller who has its answer can come again; then it goes on by itself.
            await asyncio.wait({self._spawn(self._given_back(lease))}, timeout=self._link.timeout)

    async def close(self) -> None:
        """Wait a little for what is being given back, then leave the rest to expire."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._link.timeout)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _taken(self, account_id: str, concurrency: int) -> Lease:
        lease = Lease(account_id, asyncio.get_running_loop().time() + self._lease)
        arguments: list[int | str] = [*self._arguments, lease.token, concurrency]
        asking = self._spawn(self._link.answer(self._take(keys=lease.keys, args=arguments)))
        try:
            word, wait = await asyncio.shield(asking)
        except (ApiError, asyncio.CancelledError):
            self._spawn(self._undone(asking, lease))
            raise
        match word.decode():
            case "taken":
                return lease
            case "account":
                raise ApiError("job_num_exceed")
            case "total":
                raise ApiError("total_exceed", total=self._total)
            case reason:
                raise ApiError("limits_unavailable", cause=f"Redis is {reason} for another {wait} ms")

    async def _undone(self, asking: asyncio.Task[Any], lease: Lease) -> None:
        """Give back what a question may have taken that nobody waits for any more, or that had no answer."""
        await asyncio.wait({asking})
        await self._given_back(lease)

    async def _renewed(self, lease: Lease, fence: asyncio.Timeout) -> None:
        """Renew until the block has ended. Ends the block at once when the lease is gone."""
        loop = asyncio.get_running_loop()
        pause = self._lease / RENEWALS
        # A client that is cancelled just when its answer comes may keep the cancellation to itself.
        while lease.held:
            await asyncio.sleep(pause)
            asked = loop.time()
            lives = await self._lives(lease)
            if lives is None:
                pause = self._lease / RETRIES
                continue
            if lives:
                lease.ends, pause = asked + self._lease, self._lease / RENEWALS
            else:
                log.error("permit_lost", account=lease.account_id)
            if lease.held and not fence.expired():
                fence.reschedule(lease.ends - self._stop if lives else asked)
            if not lives:
                return

    async def _lives(self, lease: Lease) -> bool | None:
        """Renew once: whether the lease was there; None without an answer."""
        try:
            return bool(await self._link.answer(self._renew(keys=lease.keys, args=[*self._arguments, lease.token])))
        except ApiError as error:
            log.warning("permit_not_renewed", account=lease.account_id, detail=str(error.cause))
            return None

    async def _given_back(self, lease: Lease) -> None:
        """Tell the server, and try again until it has heard or the lease has ended by itself."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                await self._link.answer(self._release(keys=lease.keys[:2], args=[lease.token]))
            except ApiError as error:
                log.warning("permit_not_given_back", account=lease.account_id, detail=str(error.cause))
            else:
                return
            await asyncio.sleep(self._lease / RETRIES)
            if loop.time() > lease.ends + self._link.timeout:
                return

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
