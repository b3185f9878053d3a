"""A request's reservation, from entering to leaving, however it leaves."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from paying import SETTINGS, paid, refused

from fittingroom.accounts import Plan, schema
from fittingroom.accounts.ledger import Billing, book, counter
from fittingroom.accounts.ledger.book import Balance
from fittingroom.errors import ApiError

pytestmark = pytest.mark.anyio


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


async def test_concurrent_requests_of_one_gateway_never_overdraw(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=30 * 7 + 29)
    done = await asyncio.gather(*(paid(billing, account, f"r{n}") for n in range(20)), return_exceptions=True)
    assert [str(one) for one in done if one is not None and not isinstance(one, ApiError)] == []
    assert done.count(None) == 7
    assert room.balance(account).available == 29
    room.assert_sound()


@pytest.mark.parametrize("failure", [asyncio.CancelledError, KeyError])
async def test_a_charge_is_undone_when_what_comes_after_it_fails(room, billing, failure: type[BaseException]) -> None:
    """Such as the permit's way back to a Redis that hangs, and a deadline meanwhile."""
    account = room.account(plan=Plan.PREPAID, money=100)

    async def answer() -> None:
        async with billing.answering("r1"):
            await paid(billing, account, "r1")
            assert room.balance(account).spent == 30
            raise failure

    with pytest.raises(failure):
        await answer()
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.kinds("r1") == ["reserve", "charge", "refund"]
    room.assert_sound()


async def test_a_charge_whose_answer_leaves_stays_and_is_forgotten(room, billing) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    async with billing.answering("r1"):
        await paid(billing, account, "r1")
    with pytest.raises(KeyError):
        async with billing.answering("r1"):
            raise KeyError
    assert room.kinds("r1") == ["reserve", "charge"]
    assert billing.unanswered == set()
