"""Whom billing refuses, what the balance makes of the status, and a database that fails."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from paying import gateway, paid, refused

from fittingroom.accounts import AccountError, Database, Plan, ServiceStatus
from fittingroom.accounts.ledger import book, counter
from fittingroom.accounts.ledger.book import Balance
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (ServiceStatus.NOT_ACTIVATED, "ResourceUnavailable.NotExist"),
        (ServiceStatus.DELIVERING, "ResourceUnavailable.Delivering"),
        (ServiceStatus.IN_ARREARS, "ResourceUnavailable.InArrears"),
        (ServiceStatus.LOW_BALANCE, "ResourceUnavailable.LowBalance"),
        (ServiceStatus.STOPPED, "ResourceUnavailable.StopUsing"),
        (ServiceStatus.UNKNOWN, "ResourcesSoldOut.ChargeStatusException"),
    ],
)
@pytest.mark.parametrize("plan", Plan)
async def test_an_account_that_is_not_active_is_refused(room, billing, status, code: str, plan: Plan) -> None:
    account = room.account(status=status, plan=plan, money=100, quota=5)
    assert (await refused(billing, account)).code == code
    assert room.kinds() == ["topup"]


async def test_the_last_picture_makes_the_balance_low(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=50)
    before = room.database.revision()
    await paid(billing, account)
    assert room.status(account) == "low-balance"
    assert room.database.revision() == before + 1
    error = await refused(billing, account, "r2")
    assert (error.code, error.reason) == ("ResourceUnavailable.LowBalance", "balance_low")
    assert "a picture costs 0.00003, and 0.00002 is left" in error.message()


async def test_what_others_have_reserved_does_not_change_the_status(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=30)
    async with billing.reserve(account, "r1"):
        assert (await refused(billing, account, "r2")).reason == "balance_low"
        assert room.status(account) == "active"
    await paid(billing, account, "r3")
    assert room.status(account) == "low-balance"


async def test_below_zero_is_in_arrears(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=-5)
    error = await refused(billing, account)
    assert (error.code, error.reason) == ("ResourceUnavailable.InArrears", "balance_negative")
    assert "its balance is -0.000005" in error.message()
    assert room.status(account) == "in-arrears"


@pytest.mark.parametrize("plan", [Plan.PREPAID, Plan.QUOTA])
async def test_a_plan_without_its_terms_is_refused(room, plan: Plan) -> None:
    async with gateway(room, BillingSettings()) as billing:
        error = await refused(billing, room.account(plan=plan, money=100))
    assert (error.code, error.reason) == ("ResourcesSoldOut.ChargeStatusException", "terms_missing")
    assert room.kinds() == ["topup"]


def break_tables(database: Database, *, away: bool) -> None:
    """Rename the balances, so that every entry fails."""
    names = ("balances", "balances_away")
    old, new = names if away else names[::-1]
    with database.writing() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


async def test_a_failing_database_makes_no_picture(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    break_tables(room.database, away=True)
    error = await refused(billing, account)
    assert (error.code, error.reason) == ("ResourcesSoldOut.ChargeStatusException", "billing_unavailable")
    break_tables(room.database, away=False)
    await paid(billing, account, "r2")
    assert room.balance(account) == Balance(-100, 70, 0, 30)


async def test_what_could_not_be_given_back_is_owed_and_paid_later(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)

    async def work() -> None:
        async with billing.reserve(account, "r1") as reservation:
            break_tables(room.database, away=True)
            await reservation.charge()

    with pytest.raises(ApiError) as caught:
        await work()
    assert caught.value.reason == "billing_unavailable"
    break_tables(room.database, away=False)
    assert room.reserved() == ["r1"]
    async with asyncio.timeout(5):
        while room.reserved():
            await asyncio.sleep(0.02)
    assert room.kinds("r1") == ["reserve", "release"]
    room.assert_sound()


async def test_two_grants_at_once_are_tried_again(room, billing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other gateway's grant comes between our look and our own."""
    account = room.account(plan=Plan.QUOTA, quota=3)
    real, calls = book.reserve, []

    def late(*words: Any) -> Any:
        calls.append(words)
        if len(calls) == 1:
            raise counter.Repeated
        return real(*words)

    monkeypatch.setattr(counter.book, "reserve", late)
    await paid(billing, account)
    assert len(calls) == 2
    assert room.balance(account, "pictures:2026-11") == Balance(-3, 2, 0, 1)


async def test_a_heartbeat_outlives_a_failing_database(room, billing, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[int] = []

    def failing() -> None:
        beats.append(1)
        raise AccountError("gone") if len(beats) == 1 else ValueError("a fault of ours")

    monkeypatch.setattr(billing.counter, "beat", failing)
    async with asyncio.timeout(5):
        while len(beats) < 3:
            await asyncio.sleep(0.02)


async def test_a_status_that_cannot_be_reviewed_harms_no_picture(
    room, billing, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = room.account(plan=Plan.PREPAID, money=30)

    def failing(*_words: object) -> None:
        raise AccountError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(counter, "review", failing)
        await paid(billing, account)
    assert room.kinds("r1") == ["reserve", "charge"]
    assert room.status(account) == "active"
    await refused(billing, account, "r2")
    assert room.status(account) == "low-balance"


async def test_a_lower_price_helps_at_the_next_start(room) -> None:
    account = room.account(plan=Plan.PREPAID, money=20, status=ServiceStatus.LOW_BALANCE)
    async with gateway(room):
        assert room.status(account) == "low-balance"
    async with gateway(room, BillingSettings.model_validate({"price": "0.00002"})):
        assert room.status(account) == "active"
