"""The limits of a server, made from its settings: counted in memory, or in Redis when `limits.url` is set.

Invariant: permits and rates count in the same place, and a lease is long enough to stop a job before it ends.
"""

from __future__ import annotations

from dataclasses import dataclass

from fittingroom.accounts.database import AccountError
from fittingroom.accounts.limits.leases import RedisPermits
from fittingroom.accounts.limits.link import RedisLink
from fittingroom.accounts.limits.permits import MemoryPermits
from fittingroom.accounts.limits.rates import Rates
from fittingroom.accounts.limits.windows import MemoryWindow, RedisWindow
from fittingroom.settings import Settings

STOP_MARGIN = 1.0
"""Seconds beyond `dispatch.grace` in which a cancelled job has surely stopped."""


@dataclass(frozen=True)
class Limits:
    """Permits for jobs and rates of requests. link: to Redis, None when counted in memory."""

    permits: MemoryPermits | RedisPermits
    rates: Rates
    link: RedisLink | None = None

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Make them; nothing is asked yet. Raises `AccountError`."""
        chosen = settings.limits
        if chosen.url is None:
            return cls(MemoryPermits(chosen.total), Rates(MemoryWindow(), chosen))
        stop = settings.dispatch.grace + STOP_MARGIN
        if chosen.lease < 2 * stop:
            raise AccountError(
                f"limits.lease must be at least {2 * stop:g} seconds, twice dispatch.grace and {STOP_MARGIN:g} more"
            )
        link = RedisLink(chosen.url.get_secret_value(), chosen.timeout)
        permits = RedisPermits(link, lease=chosen.lease, stop=stop, total=chosen.total)
        return cls(permits, Rates(RedisWindow(link), chosen), link)

    def check(self) -> None:
        """Whether Redis answers, where there is one. Blocking. Raises `AccountError`."""
        if self.link is not None:
            self.link.check()

    async def settle(self) -> None:
        """Wait until jobs may start. Raises `ApiError`."""
        if isinstance(self.permits, RedisPermits):
            await self.permits.settle()

    async def close(self) -> None:
        """Give back what is held, then close the connections."""
        if isinstance(self.permits, RedisPermits):
            await self.permits.close()
        if self.link is not None:
            await self.link.close()
