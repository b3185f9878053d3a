"""How many jobs of one account may run at once; one by default, as the published service allows.

A permit is taken or refused at once: waiting for one would only move the queue into the connections. In memory the
counting happens on the event loop alone, so it needs no lock. Invariant: a permit is given back exactly once, however
the holder ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from fittingroom.errors import ApiError


class Permits(Protocol):
    """Counts running jobs."""

    @property
    def in_use(self) -> int:
        """Permits that this gateway holds now, of all accounts together."""

    def hold(self, account_id: str, concurrency: int) -> AbstractAsyncContextManager[None]:
        """Hold one of the account's `concurrency` permits inside the block.

        Raises `ApiError` at once: job_num_exceed when the account has no permit left, total_exceed when all accounts
        together have none, limits_unavailable when it cannot be told. The block may be cancelled, and ends with
        permit_lost, when the permit can no longer be kept.
        """


class MemoryPermits:
    """Permits of one gateway. total: jobs of all accounts together, waiting ones included; 0 for any number."""

    def __init__(self, total: int = 0) -> None:
        self._total = total
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, account_id: str, concurrency: int) -> AsyncIterator[None]:
        """As `Permits.hold`; in memory a permit cannot be lost."""
        if self._held[account_id] >= concurrency:
            raise ApiError("job_num_exceed")
        if self._total and self._held.total() >= self._total:
            raise ApiError("total_exceed", total=self._total)
        self._held[account_id] += 1
        try:
            yield
        finally:
            self._held[account_id] -= 1
            if not self._held[account_id]:
                del self._held[account_id]

    @property
    def in_use(self) -> int:
        """As `Permits.in_use`."""
        return self._held.total()

    def held(self, account_id: str) -> int:
        """Permits that this account holds now."""
        return self._held.get(account_id, 0)
