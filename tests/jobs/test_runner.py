"""The runner with a real table and ledger: who gets a turn, what waits, what is tried again, what ends."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from contextlib import asynccontextmanager

import pytest
from job_room import charges, gateway, make_account, spent
from sqlalchemy import text

from fittingroom.accounts.store import purging
from fittingroom.accounts.store.base import Store
from fittingroom.errors import ApiError
from fittingroom.settings import Settings

pytestmark = pytest.mark.anyio

SETTINGS = Settings.model_validate({"jobs": {"poll": 0.02, "running": 4}})


def started(place, settings: Settings = SETTINGS, *, loops: bool = False):
    return gateway(place.database, place.vault, settings, place.accounts, loops=loops)


async def until(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def failing(*reasons: str | None, **values):
    """A script that raises these one after the other, and nothing in place of None or after them."""
    left = list(reasons)

    async def script() -> None:
        reason = left.pop(0) if left else None
        if reason is not None:
            raise ApiError(reason, **values)

    return script


async def test_a_job_is_fetched_rendered_kept_and_charged(place) -> None:
    async with started(place) as one:
        job = await one.submit()
        await one.round()
        found = await one.desk.find(job.id, "shop", "ChangeClothes")
        assert (found.state, found.outcome.pictures) == ("done", ("/results/x.jpg?s=1",))
        assert set(one.rooms.events[:2]) == {"fetched ModelUrl", "fetched ClothesUrl"}
        assert one.rooms.events[2:] == [f"render {job.request_id}", "put"]
        assert (charges(place.database, job.request_id), spent(place.database)) == (1, (1, 0))
        assert one.billing.unanswered == set()


async def test_a_refusal_ends_the_job_and_costs_nothing(place) -> None:
    async with started(place) as one:
        one.rooms.script = failing("no_person", parameter="ModelUrl")
        job = await one.submit()
        await one.round()
        outcome = (await one.desk.find(job.id, "shop", "ChangeClothes")).outcome
        assert outcome.code == ApiError("no_person", parameter="ModelUrl").code
        assert "ModelUrl" in outcome.zh
        assert outcome.en != outcome.zh
        assert spent(place.database) == (0, 0)


async def test_a_fault_of_ours_ends_the_job_with_internal_error(place) -> None:
    async def broken() -> None:
        raise KeyError("x")

    async with started(place) as one:
        one.rooms.script = broken
        job = await one.submit()
        await one.round()
        assert (await one.desk.find(job.id, "shop", "ChangeClothes")).outcome.code == "InternalError"
        assert spent(place.database) == (0, 0)


async def test_a_dead_worker_s_job_is_tried_so_often_and_then_fails(place, monkeypatch) -> None:
    monkeypatch.setattr("fittingroom.jobs.attempt.PAUSE", 0.0)
    async with started(place) as one:
        one.rooms.script = failing("worker_crashed", "worker_crashed", None, *["worker_crashed"] * 9)
        lucky, unlucky = await one.submit(), await one.submit("other")
        for _ in range(3):
            await one.round()
        while await one.state(lucky) == "waiting" or await one.state(unlucky) == "waiting":
            await one.round()
        states = {await one.state(lucky), await one.state(unlucky)}
        assert states == {"done", "failed"}
        renders = [event for event in one.rooms.events if event.startswith("render")]
        assert len(renders) <= 6
        assert spent(place.database) == (1, 0)


async def test_what_does_not_lie_with_the_job_is_no_attempt(place, monkeypatch) -> None:
    monkeypatch.setattr("fittingroom.jobs.attempt.PAUSE", 0.0)
    async with started(place) as one:
        one.rooms.script = failing(*["queue_full"] * 5, waiting=8)
        job = await one.submit()
        for _ in range(6):
            await one.round()
        assert await one.state(job) == "done"
        with place.database.reading() as connection:
            assert connection.execute(text("SELECT attempts FROM jobs")).scalar() == 1


async def test_a_job_whose_servers_died_too_often_is_not_tried_again(place) -> None:
    async with started(place) as one:
        job = await one.submit()
        with place.database.writing() as connection:
            connection.execute(text("UPDATE jobs SET attempts = 3"))
        await one.round()
        found = await one.desk.find(job.id, "shop", "ChangeClothes")
        assert found.outcome.code == "FailedOperation.InnerError"
        assert one.rooms.events == []


async def test_a_job_that_waited_too_long_fails_even_without_a_permit(place) -> None:
    async with started(place) as one:
        place.accounts["shop"] = dataclasses.replace(place.accounts["shop"], concurrency=0)
        job = await one.submit()
        with place.database.writing() as connection:
            connection.execute(text("UPDATE jobs SET created_at = created_at - 90000"))
        await one.round()
        found = await one.desk.find(job.id, "shop", "ChangeClothes")
        assert found.outcome.code == "FailedOperation.RequestTimeout"


async def test_a_job_past_its_deadline_fails_and_costs_nothing(place) -> None:
    settings = Settings.model_validate({"jobs": {"deadline": 0.05}})

    async def for_ever() -> None:
        await asyncio.sleep(60)

    async with started(place, settings) as one:
        one.rooms.script = for_ever
        job = await one.submit()
        await one.round()
        outcome = (await one.desk.find(job.id, "shop", "ChangeClothes")).outcome
        assert outcome.code == "FailedOperation.RequestTimeout"
        assert "0.05 seconds" in outcome.en
        assert spent(place.database) == (0, 0)


async def test_a_job_waits_for_its_account_s_permit_and_others_go_on(place) -> None:
    async with started(place, loops=True) as one:
        async with one.rooms.permits.hold("shop", 1):
            mine, theirs = await one.submit(), await one.submit("other")

            async def done() -> bool:
                return await one.state(theirs) == "done"

            await until(done)
            assert await one.state(mine) == "waiting"

        async def mine_too() -> bool:
            return await one.state(mine) == "done"

        await until(mine_too)


async def test_an_account_with_one_permit_has_one_job_running(place) -> None:
    running = [0, 0]

    async def render() -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.03)
        running[0] -= 1

    async with started(place, loops=True) as one:
        one.rooms.script = render
        jobs = [await one.submit() for _ in range(3)]

        async def done() -> bool:
            return {await one.state(job) for job in jobs} == {"done"}

        await until(done)
        assert running[1] == 1


@pytest.mark.parametrize("known", [True, False], ids=["without a permit", "unknown"])
async def test_a_hundred_accounts_that_cannot_go_on_hide_nobody(place, known: bool) -> None:
    names = [f"stuck-{number}" for number in range(105)]
    for name in names:
        record = make_account(place.database, name, concurrency=0)
        if known:
            place.accounts[name] = record
    settings = Settings.model_validate({"jobs": {"running": 200}})
    async with started(place, settings) as one:
        for name in names:
            await one.submit(name)
        mine = await one.submit()
        await one.round(beat=False)
        assert await one.state(mine) == "done"
        assert spent(place.database) == (1, 0)


async def test_no_job_is_taken_while_the_engine_is_not_ready(place) -> None:
    async with started(place) as one:
        one.rooms.state = "SETUP_FAILED"
        job = await one.submit()
        await one.round()
        assert await one.state(job) == "waiting"
        assert one.rooms.events == []


async def test_a_server_that_stops_lets_its_job_wait_for_another(place) -> None:
    begun = asyncio.Event()

    async def render() -> None:
        begun.set()
        await asyncio.sleep(60)

    async with started(place, loops=True) as one:
        one.rooms.script = render
        job = await one.submit()
        await asyncio.wait_for(begun.wait(), 10)
    assert spent(place.database) == (0, 0)
    async with started(place) as other:
        assert await other.state(job) == "waiting"
        await other.round()
        assert await other.state(job) == "done"
        with place.database.reading() as connection:
            assert connection.execute(text("SELECT attempts FROM jobs")).scalar() == 1
    assert (charges(place.database, job.request_id), spent(place.database)) == (1, (1, 0))


async def test_a_job_that_was_lost_is_neither_charged_nor_ended_twice(place) -> None:
    """As by a server that stood still while another one took its job and did it."""
    async with started(place) as one, started(place) as other:
        job = await one.submit()
        held = asyncio.Event()

        async def stand_still() -> None:
            with place.database.writing() as connection:
                connection.execute(text("UPDATE jobs SET state = 'waiting', gateway_id = NULL"))
            await other.round()
            held.set()

        one.rooms.script = stand_still
        await one.round()
        assert held.is_set()
        assert await one.state(job) == "done"
    assert (charges(place.database, job.request_id), spent(place.database)) == (1, (1, 0))


async def test_a_job_that_another_server_has_is_cancelled_here(place) -> None:
    begun = asyncio.Event()

    async def render() -> None:
        begun.set()
        await asyncio.sleep(60)

    async with started(place) as one:
        one.rooms.script = render
        await one.submit()
        await one.runner._turn()
        await asyncio.wait_for(begun.wait(), 10)
        with place.database.writing() as connection:
            connection.execute(text("UPDATE jobs SET gateway_id = 'another', lease_until = lease_until + 60"))
        (task,) = one.runner._tasks
        await one.runner._beat()
        await asyncio.wait({task}, timeout=10)
        assert task.cancelled()
        assert spent(place.database) == (0, 0)


async def test_a_purged_account_s_job_ends_without_a_trace(place) -> None:
    store = Store(place.database, place.vault, "cli:tests")

    async with started(place) as one:

        async def purge() -> None:
            assert purging.purge(store, "shop").jobs == 1

        one.rooms.script = purge
        job = await one.submit()
        await one.round()
        with pytest.raises(ApiError) as caught:
            await one.desk.find(job.id, "shop", "ChangeClothes")
        assert caught.value.reason == "job_not_exist"
        assert spent(place.database) == (0, 0)


async def test_a_permit_that_is_lost_lets_the_job_wait(place) -> None:
    class Lost:
        @asynccontextmanager
        async def hold(self, account_id: str, concurrency: int):
            async with asyncio.timeout(0.05):
                yield

    async def for_ever() -> None:
        await asyncio.sleep(60)

    async with started(place) as one:
        one.rooms.permits, one.rooms.script = Lost(), for_ever
        job = await one.submit()
        await one.runner._turn()
        await asyncio.gather(*one.runner._tasks, return_exceptions=True)
        assert await one.state(job) == "waiting"
        assert spent(place.database) == (0, 0)


async def test_a_job_of_an_action_that_this_program_does_not_know(place) -> None:
    async with started(place) as one:
        job = await one.submit(action="ChangeHats")
        await one.round()
        assert (await one.desk.find(job.id, "shop", "ChangeHats")).outcome.code == "InternalError"


async def test_the_loops_outlive_a_failure(place, monkeypatch) -> None:
    async with started(place) as one:
        real, calls = one.desk.oldest, []

        async def sometimes(*after):
            calls.append(1)
            if len(calls) == 1:
                raise KeyError("x")
            return await real(*after)

        monkeypatch.setattr(one.desk, "oldest", sometimes)
        await one.runner.start()
        job = await one.submit()

        async def done() -> bool:
            return await one.state(job) == "done"

        await until(done)


async def test_as_many_jobs_run_as_the_dispatcher_has_workers_and_one_more(place) -> None:
    running = [0, 0]

    async def counted() -> None:
        running[0] += 1
        running[1] = max(running)
        await asyncio.sleep(0.1)
        running[0] -= 1

    settings = Settings.model_validate({"jobs": {"poll": 0.02}, "limits": {"concurrency": 9}})
    async with started(place, settings, loops=True) as one:
        one.rooms.workers = 4
        one.rooms.script = counted
        jobs = [await one.submit() for _ in range(9)]

        async def all_done() -> bool:
            return [await one.state(job) for job in jobs] == ["done"] * 9

        await until(all_done)
        assert running[1] == 5
