"""A request's reservation, from entering to leaving, however it leaves."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from fittingroom.accounts import AccountError, Database, Plan, ServiceStatus, schema
from fittingroom.accounts.ledger import Billing, book, counter
from fittingroom.accounts.ledger.book import Balance
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings

pytestmark = pytest.mark.anyio

PRICE = 30
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


@pytest.fixture
async def billing(room) -> AsyncIterator[Billing]:
    async with gateway(room) as one:
        yield one


async def paid(billing: Billing, account, request_id: str = "r1") -> None:
    async with billing.reserve(account, request_id) as reservation:
        await reservation.charge()


async def refused(billing: Billing, account, request_id: str = "r1") -> ApiError:
    with pytest.raises(ApiError) as caught:
        await paid(billing, account, request_id)
    return caught.value


async def test_prepaid(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    async with billing.reserve(account, "r1") as reservation:
        assert room.balance(account) == Balance(-100, 70, 30, 0)
        await reservation.charge()
        assert room.balance(account) == Balance(-100, 70, 0, 30)
    assert room.kinds("r1") == ["reserve", "charge"]
    room.assert_sound()


async def test_the_accounts_own_price_wins(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, price=7, money=100)
    await paid(billing, account)
    assert room.balance(account).spent == 7


async def test_free_reserves_nothing_and_is_counted(room, billing) -> None:
    account = room.account(plan=Plan.FREE)
    async with billing.reserve(account, "r1") as reservation:
        assert room.kinds() == []
        await reservation.charge()
    assert room.balance(account, "pictures") == Balance(-1, 0, 0, 1)
    async with billing.reserve(account, "r2"):
        pass
    assert room.kinds() == ["charge"]


async def test_quota(room, billing) -> None:
    account = room.account(plan=Plan.QUOTA, quota=2)
    await paid(billing, account, "r1")
    with pytest.raises(KeyError):
        async with billing.reserve(account, "failing"):
            raise KeyError
    await paid(billing, account, "r2")
    error = await refused(billing, account, "r3")
    assert (error.code, error.reason) == ("ResourceUnavailable.LowBalance", "quota_used_up")
    assert "all 2 pictures of 2026-11 are used" in error.message()
    assert "2026-12-01 00:00 UTC" in error.message()
    assert room.status(account) == "active"
    room.now += 10 * 86400
    await paid(billing, account, "r3")
    assert room.balance(account, "pictures:2026-12").spent == 1
    room.assert_sound()


@pytest.mark.parametrize("failure", [ApiError("no_person", parameter="ModelUrl"), RuntimeError("x"), None])
async def test_what_is_not_charged_comes_back(room, billing, failure: Exception | None) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)

    async def work() -> None:
        async with billing.reserve(account, "r1"):
            if failure is not None:
                raise failure

    if failure is None:
        await work()
    else:
        with pytest.raises(type(failure)):
            await work()
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.kinds("r1") == ["reserve", "release"]


async def test_a_cancelled_request_gets_its_price_back(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    inside = asyncio.Event()

    async def work() -> None:
        async with billing.reserve(account, "r1"):
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert room.kinds("r1") == ["reserve", "release"]
    assert room.reserved() == []


def held_up(monkeypatch: pytest.MonkeyPatch, name: str) -> tuple[threading.Event, threading.Event]:
    """Make `book.<name>` wait inside its transaction: (it has begun, let it go on)."""
    begun, go_on = threading.Event(), threading.Event()
    real = getattr(book, name)

    def slow(*words: Any, **named: Any) -> Any:
        begun.set()
        go_on.wait(5)
        return real(*words, **named)

    monkeypatch.setattr(counter.book, name, slow)
    return begun, go_on


@pytest.mark.parametrize("step", ["reserve", "charge", "count"])
async def test_cancelled_while_the_database_works_costs_nothing(
    room, billing, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Even where the task is cancelled twice, as by a deadline and then a client that has gone."""
    plan = Plan.FREE if step == "count" else Plan.PREPAID
    account = room.account(plan=plan, money=100)
    begun, go_on = held_up(monkeypatch, step)
    task = asyncio.create_task(paid(billing, account))
    await asyncio.to_thread(begun.wait, 5)
    task.cancel()
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.gather(task)
    go_on.set()
    await billing.run(lambda: None)
    last = {"reserve": "release", "charge": "refund", "count": "refund"}[step]
    assert room.kinds("r1")[-1] == last
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.balance(account, "pictures").spent == 0
    assert room.reserved() == []
    room.assert_sound()


async def test_a_failure_after_the_charge_refunds_it(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)

    async def work() -> None:
        async with billing.reserve(account, "r1") as reservation:
            await reservation.charge()
            raise OSError("the answer could not be made")

    with pytest.raises(OSError, match="answer"):
        await work()
    assert room.kinds("r1") == ["reserve", "charge", "refund"]


async def test_the_loop_runs_on_while_the_database_works(room, billing, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = held_up(monkeypatch, "reserve")
    task = asyncio.create_task(paid(billing, room.account(plan=Plan.PREPAID, money=100)))
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert begun.is_set()
    assert not task.done()
    go_on.set()
    await task


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


async def test_stopping_gives_back_what_is_still_reserved(room) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    billing = Billing(room.database, SETTINGS, room.clock)
    await billing.start()
    held = billing.reserve(account, "r1")
    await held.__aenter__()
    await billing.stop()
    assert room.kinds("r1") == ["reserve", "release"]
    with room.database.reading() as connection:
        assert connection.execute(schema.gateways.select()).all() == []
    with pytest.raises(RuntimeError):
        await held.__aexit__(None, None, None)
    room.assert_sound()


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


async def test_concurrent_requests_of_one_gateway_never_overdraw(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=30 * 7 + 29)
    done = await asyncio.gather(*(paid(billing, account, f"r{n}") for n in range(20)), return_exceptions=True)
    assert [str(one) for one in done if one is not None and not isinstance(one, ApiError)] == []
    assert done.count(None) == 7
    assert room.balance(account).available == 29
    room.assert_sound()
