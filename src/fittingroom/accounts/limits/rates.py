"""Requests per second: of one address, of one account to one action, and of one account to all actions.

Invariant: a limit of 0 is off; a request that one limit refuses is not counted by the limits after it.
"""

from __future__ import annotations

from fittingroom.accounts.limits.windows import Window
from fittingroom.errors import ApiError
from fittingroom.settings import LimitSettings


class Rates:
    """The limits of requests per second. window: counts them."""

    def __init__(self, window: Window, settings: LimitSettings) -> None:
        self._window = window
        self._settings = settings

    async def count_address(self, address: str) -> None:
        """Count a request from `address`. Raises `ApiError`: rate_address, limits_unavailable."""
        limit = self._settings.address_rate
        if not await self._passes(f"address:{address}", limit):
            raise ApiError("rate_address", limit=limit, cause=f"from {address}")

    async def count_account(self, account_id: str, action: str, own_rate: int | None) -> None:
        """Count a request of an account to `action`.

        own_rate: the account's own limit per action, None for the setting. It raises the account's limit for all
        actions where that is lower. Raises `ApiError`: rate_action, rate_account, limits_unavailable.
        """
        limit = self._settings.rate if own_rate is None else own_rate
        if not await self._passes(f"action:{account_id}:{action}", limit):
            raise ApiError("rate_action", reached=limit + 1, limit=limit)
        whole = self._settings.account_rate and max(self._settings.account_rate, limit)
        if not await self._passes(f"account:{account_id}", whole):
            raise ApiError("rate_account", reached=whole + 1, limit=whole)

    async def _passes(self, name: str, limit: int) -> bool:
        return limit == 0 or await self._window.hit(name, limit)
