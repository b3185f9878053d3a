"""Billing of a test's own, and a picture that pays by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fittingroom.accounts.ledger import Billing
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings

SETTINGS = BillingSettings.model_validate({"price": "0.00003", "lease": 0.5})


@asynccontextmanager
async def gateway(room, settings: BillingSettings = SETTINGS) -> AsyncIterator[Billing]:
    """A server's billing. Two of one process share a SQLite file, since the lock is between processes."""
    billing = Billing(room.database, settings, room.clock)
    await billing.start()
    try:
        yield billing
    finally:
        await billing.stop()


async def paid(billing: Billing, account, request_id: str = "r1") -> None:
    async with billing.reserve(account, request_id) as reservation:
        await reservation.charge()


async def refused(billing: Billing, account, request_id: str = "r1") -> ApiError:
    with pytest.raises(ApiError) as caught:
        await paid(billing, account, request_id)
    return caught.value
