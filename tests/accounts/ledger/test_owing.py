"""What the database did without saying so, or would not do at once: nobody pays for it in the end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from paying import SETTINGS, gateway, paid, refused
from sqlalchemy import update

from fittingroom.accounts import AccountError, Plan, schema
from fittingroom.accounts.ledger import Billing
from fittingroom.accounts.ledger.book import Balance
from fittingroom.accounts.ledger.till import Teller, Till

pytestmark = pytest.mark.anyio


def fails_once(monkeypatch: pytest.MonkeyPatch, *, before: bool) -> None:
    """The next transaction fails: before it has begun, or so that its commit arrives and its answer does not."""
    real = Till.transaction

    @contextmanager
    def transaction(till: Till) -> Iterator[Teller]:
        monkeypatch.setattr(Till, "transaction", real)
        if before:
            raise AccountError("the database has gone")
        with real(till) as teller:
            yield teller
        raise AccountError("the connection broke at the commit")

    monkeypatch.setattr(Till, "transaction", transaction)


async def test_a_reservation_whose_commit_was_not_answered_comes_back(
    room, billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    fails_once(monkeypatch, before=False)
    assert (await refused(billing, account)).reason == "billing_unavailable"
    assert room.reserved() == ["r1"]
    await billing.run(billing.counter.beat)
    assert room.reserved() == []
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    room.assert_sound()


async def test_what_is_owed_is_paid_before_the_server_ends(room, monkeypatch: pytest.MonkeyPatch) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    billing = Billing(room.database, SETTINGS.model_copy(update={"lease": 3600.0}), room.clock)
    await billing.start()

    async def work() -> None:
        async with billing.reserve(account, "r1") as reservation:
            await reservation.charge()
            fails_once(monkeypatch, before=True)
            raise OSError("the answer could not be made")

    with pytest.raises(OSError, match="answer"):
        await work()
    assert room.balance(account).spent == 30
    await billing.stop()
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    room.assert_sound()


async def test_a_refund_ends_a_low_balance(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=30)

    async def work() -> None:
        async with billing.reserve(account, "r1") as reservation:
            await reservation.charge()
            assert room.status(account) == "low-balance"
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await work()
    assert room.status(account) == "active"
    await paid(billing, account, "r2")


async def test_arrears_that_an_operator_set_stay(room) -> None:
    """A picture that fails meanwhile, or a server that starts, does not lift them."""
    account = room.account(plan=Plan.PREPAID, money=30)
    async with gateway(room) as billing:
        async with billing.reserve(account, "r1"):
            with room.database.changing() as connection:
                connection.execute(update(schema.accounts).values(status="in-arrears"))
        assert room.reserved() == []
        assert room.status(account) == "in-arrears"
    async with gateway(room):
        assert room.status(account) == "in-arrears"
