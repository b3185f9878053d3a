"""The budget of buffered bodies: what all connections together may keep, before anyone has shown a key."""

from __future__ import annotations

import asyncio

import pytest

from fittingroom.errors import ApiError
from fittingroom.wire.body import FREE_BYTES, BodyBudget, ClientGone, TooLarge, read_body

pytestmark = pytest.mark.anyio

KIB = 1024
TOTAL = 300 * KIB
BIG = FREE_BYTES + 200 * KIB


def padded(kit, size):
    body = b'{"ModelUrl": "https://example.com/m", "ClothesUrl": "https://example.com/c", "ClothesType": "Dress"}'
    return kit.sign_tc3(body + b" " * (size - len(body)))


@pytest.fixture
def world(kit):
    return kit.World(settings=kit.Settings(wire={"max_buffered_bytes": TOTAL}))


def stuck(data: list[bytes], arrived: asyncio.Event, gone: asyncio.Event):
    """A client that sends `data` without the end of its body and stays until `gone` is set."""
    pieces = list(data)

    async def receive():
        if pieces:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": True}
        arrived.set()
        await gone.wait()
        return {"type": "http.disconnect"}

    return receive


async def test_bodies_of_all_connections_together_are_bounded(kit, world) -> None:
    gone, arrived = asyncio.Event(), asyncio.Event()
    unsigned = kit.Sent("POST", {"Content-Type": "application/json"})
    first = asyncio.create_task(world.drive(unsigned, stuck([b"x" * BIG], arrived, gone)))
    await arrived.wait()
    refused = await world.drive(padded(kit, BIG))
    assert (refused.code, refused.headers["connection"]) == ("RequestLimitExceeded", "close")
    assert "smaller request" in refused.message
    assert (await world.drive(padded(kit, FREE_BYTES))).code == "OK"
    gone.set()
    assert (await first).status == 0
    assert (await world.drive(padded(kit, BIG))).code == "OK"


async def test_a_running_request_keeps_its_share_until_it_ends(kit, world) -> None:
    started, go_on = asyncio.Event(), asyncio.Event()

    async def work(_job):
        started.set()
        await go_on.wait()

    world.services.dispatcher.script = work
    running = asyncio.create_task(world.drive(padded(kit, BIG)))
    await started.wait()
    assert (await world.drive(padded(kit, BIG))).code == "RequestLimitExceeded"
    go_on.set()
    assert (await running).code == "OK"
    assert (await world.drive(padded(kit, BIG))).code == "OK"


async def test_a_refused_body_is_read_to_its_end_so_that_the_answer_can_be_read(kit) -> None:
    world = kit.World(settings=kit.Settings(wire={"max_buffered_bytes": 1}))
    receive = kit.client_side([b"x" * FREE_BYTES, b"x", b"x" * BIG, b"x"])
    assert (await world.drive(padded(kit, 10), receive)).code == "RequestLimitExceeded"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(), 0.01)


async def test_what_is_read_is_counted_to_the_byte(kit) -> None:
    budget = BodyBudget(TOTAL)
    with budget.share() as share:
        body = await read_body(kit.client_side([b"a" * FREE_BYTES, b"bc", b"d"]), share, limit=TOTAL, timeout=1)
        assert len(body) == FREE_BYTES + 3
        assert budget.held == 3
        with budget.share() as other:
            other.grow(FREE_BYTES + TOTAL - 3)
            assert budget.held == TOTAL
            with pytest.raises(ApiError, match="bodies_full"):
                share.grow(FREE_BYTES + 4)
    assert budget.held == 0


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([b"x" * (BIG // 2)] * 3, TooLarge),
        ([b"x" * BIG], ClientGone),
        ([b"x" * BIG], ApiError),
    ],
    ids=["too large", "gone", "too slow"],
)
async def test_every_end_gives_the_bytes_back(kit, pieces, error) -> None:
    budget = BodyBudget(TOTAL)
    arrived, gone = asyncio.Event(), asyncio.Event()
    if error is ClientGone:
        gone.set()
    receive = kit.client_side(pieces) if error is TooLarge else stuck(pieces, arrived, gone)
    with pytest.raises(error), budget.share() as share:
        await read_body(receive, share, limit=BIG, timeout=0.05)
    assert budget.held == 0


async def test_a_body_over_its_limit_keeps_nothing_while_it_is_read_on() -> None:
    budget = BodyBudget(TOTAL)
    arrived, gone = asyncio.Event(), asyncio.Event()

    async def sent() -> None:
        with budget.share() as share:
            await read_body(stuck([b"x" * BIG, b"x"], arrived, gone), share, limit=BIG, timeout=5)

    task = asyncio.create_task(sent())
    await arrived.wait()
    assert budget.held == 0
    gone.set()
    with pytest.raises(ClientGone):
        await task


async def test_the_default_holds_many_full_bodies(kit) -> None:
    wire = kit.Settings().wire
    assert wire.max_buffered_bytes == 256 << 20
