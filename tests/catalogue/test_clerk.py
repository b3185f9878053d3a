"""The clerk of a batch on Ray, as plain Python: each work is taken once, given out twice at most."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("ray", reason="needs the extra ray")

from fittingroom.catalogue.ray_actors import SKIP, Asked, Clerk, HandedIn
from fittingroom.dispatch.worker import Failure, Stopped

pytestmark = pytest.mark.anyio


async def asked(clerk: Clerk, key: str) -> asyncio.Task:
    """A dresser's question, answered with `job`."""
    task = asyncio.create_task(clerk.job(key))
    assert await clerk.next() == Asked(key)
    await clerk.supply(key, "job")
    return task


async def test_a_work_is_asked_for_made_and_then_skipped() -> None:
    clerk = Clerk(1)
    assert await (await asked(clerk, "a")) == "job"
    await clerk.hand_in("a", Stopped(), 1.0)
    await clerk.hand_in("a", Stopped(), 2.0)
    assert await clerk.next() == HandedIn("a", Stopped(), 1.0)
    assert await clerk.job("a") == SKIP
    await clerk.close()
    assert await clerk.next() is None, "the second time was not taken in"


async def test_a_work_whose_actors_die_is_given_out_twice() -> None:
    clerk = Clerk(1)
    for _ in range(2):
        assert await (await asked(clerk, "a")) == "job"
    assert await clerk.job("a") == SKIP
    ended = await clerk.next()
    assert isinstance(ended, HandedIn)
    assert isinstance(ended.outcome, Failure)
    assert ended.outcome.reason == "worker_crashed"


async def test_a_stop_gives_out_nothing_more() -> None:
    clerk = Clerk(1)
    waiting = await asked(clerk, "a")
    await clerk.stop()
    assert await waiting == "job"
    assert await clerk.job("b") is None


async def test_nobody_waits_for_a_command_that_listens_no_more() -> None:
    clerk = Clerk(1)
    waiting = [asyncio.create_task(clerk.job(key)) for key in "abcd"]
    handing = asyncio.create_task(clerk.hand_in("e", Stopped(), 1.0))
    await asyncio.sleep(0.01)
    await clerk.abandon()
    async with asyncio.timeout(5):
        assert await asyncio.gather(*waiting) == [SKIP] * 4
        await handing
        for key in "fghi":
            await clerk.hand_in(key, Stopped(), 1.0)
        await clerk.close()
