"""How many jobs of one account may run at once; one by default, as the published service allows.

Counting happens on the event loop alone, so it needs no lock. Invariant: a permit is given back exactly once, however
the holder ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fittingroom.errors import ApiError


class AccountPermits:
    """Counts the running jobs of each account. concurrency: how many each may have."""

    def __init__(self, concurrency: int = 1) -> None:
        self._concurrency = concurrency
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def hold(self, account_id: str) -> AsyncIterator[None]:
        """Hold one permit inside the block. Raises `ApiError("job_num_exceed")` at once when none is free."""
        if self._held[account_id] >= self._concurrency:
            raise ApiError("job_num_exceed")
        self._held[account_id] += 1
        try:
            yield
        finally:
            self._held[account_id] -= 1
            if not self._held[account_id]:
                del self._held[account_id]

    def held(self, account_id: str) -> int:
        """Permits that this account holds now."""
        return self._held.get(account_id, 0)
