"""Servers that die or stand still, seen by another one."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert, select

from fittingroom.accounts import Plan, schema
from fittingroom.accounts.ledger import Billing
from fittingroom.accounts.ledger.book import Balance
from fittingroom.accounts.ledger.leases import Lease
from fittingroom.accounts.ledger.till import Till
from fittingroom.errors import ApiError
from fittingroom.settings import BillingSettings

SETTINGS = BillingSettings.model_validate({"price": "0.00003", "lease": 0.2})


def leave(room, account, request_id: str, gateway_id: str, *, age: float, seen: float | None) -> None:
    """A reservation of another server. age, seen: seconds ago; None: the server has no row."""
    now = room_now(room)
    with room.database.writing() as connection:
        row = {"request_id": request_id, "account_id": account.id, "unit": "money", "amount": 30}
        connection.execute(insert(schema.reservations).values(**row, gateway_id=gateway_id, at=now - age))
        if seen is not None:
            connection.execute(insert(schema.gateways).values(id=gateway_id, seen_at=now - seen))


def room_now(room) -> float:
    """The database's clock."""
    till = Till(room.database)
    lease = Lease(till, "clock", 1, None, room.clock)
    lease.beat()
    with room.database.reading() as connection:
        now = connection.scalar(select(schema.gateways.c.seen_at).where(schema.gateways.c.id == "clock"))
    lease.end()
    till.close()
    return float(now)


def by_lease(room) -> Billing:
    """A server that lives by its lease alone on either database, as servers on PostgreSQL do."""
    billing = Billing(room.database, SETTINGS, room.clock)
    billing.counter._lease._presence = None
    return billing


def gateways(room) -> set[str]:
    with room.database.reading() as connection:
        return set(connection.scalars(select(schema.gateways.c.id)))


@pytest.fixture
def lease(room) -> Lease:
    return Lease(room.till, "me", 10.0, None, room.clock)


def test_a_beat_is_one_row_and_the_end_removes_it(room, lease) -> None:
    lease.beat()
    lease.beat()
    assert gateways(room) == {"me"}
    lease.end()
    assert gateways(room) == set()


@pytest.mark.parametrize(
    ("age", "seen", "given"),
    [
        (11, 11, True),
        (3600, None, True),
        (9, 11, False),  # a server that was frozen, woke and reserved before its next beat
        (9, None, False),
        (3600, 9, False),
        (0, 0, False),
    ],
)
def test_only_what_a_dead_server_left_is_given_back(room, lease, age: float, seen: float | None, given: bool) -> None:
    account = room.account(money=100)
    with room.till.transaction() as teller:
        teller.count("UPDATE balances SET available = 70, reserved = 30")
    leave(room, account, "r1", "other", age=age, seen=seen)
    lease.beat()
    assert lease.sweep() == int(given)
    assert room.reserved() == ([] if given else ["r1"])
    assert room.kinds("r1") == (["release"] if given else [])
    assert room.balance(account).available == (100 if given else 70)
    assert lease.sweep() == 0
    assert ("other" in gateways(room)) is (seen is not None and not given)


def test_what_a_server_itself_has_is_never_swept(room, lease) -> None:
    leave(room, room.account(money=100), "r1", "me", age=3600, seen=3600)
    assert lease.sweep() == 0
    assert room.reserved() == ["r1"]


@pytest.mark.anyio
async def test_a_frozen_server_that_wakes_late_charges_nothing(room) -> None:
    """Its heart stops (as by SIGSTOP), another gives its reservation back, then it goes on where it was."""
    account = room.account(plan=Plan.PREPAID, money=100)
    frozen, living = (by_lease(room) for _ in range(2))
    await frozen.run(frozen.counter.open)  # no heart

    async def late() -> None:
        async with frozen.reserve(account, "r1") as reservation:
            await living.start()
            async with asyncio.timeout(5):
                while room.reserved():
                    await asyncio.sleep(0.02)
            await reservation.charge()

    with pytest.raises(ApiError) as caught:
        await late()
    assert (caught.value.code, caught.value.reason) == ("FailedOperation.InnerError", "reservation_lost")
    assert room.balance(account) == Balance(-100, 100, 0, 0)
    assert room.kinds("r1") == ["reserve", "release"]
    async with frozen.reserve(account, "r2") as reservation:
        await reservation.charge()
    assert room.balance(account).spent == 30
    room.assert_sound()
    await living.stop()
    await frozen.stop()


@pytest.mark.anyio
async def test_a_beating_heart_keeps_a_long_reservation(room) -> None:
    account = room.account(plan=Plan.PREPAID, money=100)
    first, second = (by_lease(room) for _ in range(2))
    await first.start()
    await second.start()
    async with first.reserve(account, "r1") as reservation:
        await asyncio.sleep(0.6)
        await reservation.charge()
    assert room.balance(account).spent == 30
    await second.stop()
    await first.stop()


@pytest.mark.anyio
async def test_on_sqlite_a_server_that_stands_still_keeps_what_it_reserved(sqlite_room) -> None:
    """Its lock says that it is alive, however long it has not been heard of."""
    room = sqlite_room
    account = room.account(plan=Plan.PREPAID, money=100)
    still, living = (Billing(room.database, SETTINGS, room.clock) for _ in range(2))
    await still.run(still.counter.open)  # no heart
    async with still.reserve(account, "r1") as reservation:
        await living.start()
        await asyncio.sleep(0.6)
        await reservation.charge()
    assert room.balance(account).spent == 30
    await living.stop()
    await still.stop()


@pytest.mark.anyio
async def test_on_sqlite_what_an_ended_process_left_is_given_back_at_once(sqlite_room) -> None:
    room = sqlite_room
    account = room.account(plan=Plan.PREPAID, money=70)
    with room.till.transaction() as teller:
        teller.count("UPDATE balances SET reserved = 30, funding = -100")
    leave(room, account, "r1", "a-server-without-a-lock", age=0, seen=0)
    billing = Billing(room.database, SETTINGS, room.clock)
    await billing.start()
    assert room.kinds("r1") == ["release"]
    assert room.balance(account).available == 100
    await billing.stop()
