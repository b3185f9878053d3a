"""Work on the ledger's thread: in order, done for whoever has gone, and errors come back."""

from __future__ import annotations

import asyncio
import threading

import pytest

from fittingroom.accounts.ledger.clerk import Clerk


def test_what_the_work_returns_comes_back_from_one_thread() -> None:
    clerk = Clerk()

    async def ask() -> list[int]:
        return [await clerk.run(threading.get_ident) for _ in range(3)]

    idents = asyncio.run(ask())
    clerk.stop()
    assert len(set(idents)) == 1
    assert threading.get_ident() not in idents


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3)])
def test_what_the_work_raises_comes_back_and_the_thread_goes_on(error: BaseException) -> None:
    clerk = Clerk()

    def fail() -> None:
        raise error

    async def ask() -> int:
        with pytest.raises(type(error)):
            await clerk.run(fail)
        return await clerk.run(lambda: 7)

    assert asyncio.run(ask()) == 7
    clerk.stop()


def test_work_is_done_in_order_also_for_a_task_that_was_cancelled() -> None:
    clerk, done, go = Clerk(), [], threading.Event()

    def first() -> None:
        go.wait(5)
        done.append(1)

    async def ask() -> None:
        task = asyncio.create_task(clerk.run(first))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert done == []
        go.set()
        await clerk.run(lambda: done.append(2))

    asyncio.run(ask())
    clerk.stop()
    assert done == [1, 2]


def test_stop_waits_for_what_was_given_also_after_its_loop_has_closed() -> None:
    clerk, done, go = Clerk(), [], threading.Event()

    async def ask() -> None:
        task = asyncio.create_task(clerk.run(lambda: (go.wait(5), done.append(1))))
        await asyncio.sleep(0)
        task.cancel()

    asyncio.run(ask())
    asyncio.run(_later(clerk, done))
    go.set()
    clerk.stop()
    assert done == [1, 2]


async def _later(clerk: Clerk, done: list[int]) -> None:
    task = asyncio.create_task(clerk.run(lambda: done.append(2)))
    await asyncio.sleep(0)
    task.cancel()


def test_no_work_after_stop() -> None:
    clerk = Clerk()
    clerk.stop()
    with pytest.raises(RuntimeError, match="has ended"):
        asyncio.run(clerk.run(lambda: 1))
