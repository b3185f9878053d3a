"""Two gateways on one real Redis, through the wire: they count as one, and refuse when they cannot count."""

from __future__ import annotations

import asyncio

import pytest
from redis_server import redis_server

from fittingroom.accounts.limits import Limits

pytestmark = pytest.mark.anyio

LIMITS = {"lease": 2.4, "timeout": 5.0, "rate": 0, "account_rate": 0, "address_rate": 0}


@pytest.fixture
def server(tmp_path):
    with redis_server(tmp_path / "redis") as running:
        with running.client() as client:
            client.hset("fittingroom:server", mapping={"run": client.info("server")["run_id"], "since": 0})
        yield running


@pytest.fixture
async def gateways(kit, server):
    """Makes worlds that share the server; all are closed at the end."""
    made = []

    def make(**limits):
        settings = kit.Settings(limits={**LIMITS, "url": server.url, **limits}, dispatch={"grace": 0.1})
        world = kit.World(settings=settings)
        world.limits = Limits.of(settings)
        world.services.permits, world.services.rates = world.limits.permits, world.limits.rates
        made.append(world)
        return world

    yield make
    for world in made:
        await world.limits.close()


async def codes(worlds, sent, times):
    answers = await asyncio.gather(*(world.drive(sent) for world in worlds for _ in range(times)))
    return [answer.code for answer in answers]


async def test_a_job_on_one_gateway_counts_on_the_other(kit, gateways):
    one, two = gateways(), gateways()
    working, may_end = asyncio.Event(), asyncio.Event()

    async def work(_job):
        working.set()
        await may_end.wait()

    one.services.dispatcher.script = work
    first = asyncio.create_task(one.drive(kit.sdk_request(kit.GOOD)))
    await asyncio.wait_for(working.wait(), 5)
    assert await codes([two], kit.sdk_request(kit.GOOD), 3) == ["RequestLimitExceeded.JobNumExceed"] * 3
    may_end.set()
    assert (await first).code == "OK"
    assert await codes([two], kit.sdk_request(kit.GOOD), 1) == ["OK"]


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("rate", "RequestLimitExceeded"),
        ("account_rate", "RequestLimitExceeded.UinLimitExceeded"),
        ("address_rate", "RequestLimitExceeded.IPLimitExceeded"),
    ],
)
async def test_requests_on_both_gateways_count_together(kit, gateways, limit, code):
    found = await codes([gateways(**{limit: 20}), gateways(**{limit: 20})], kit.sdk_request({}), 15)
    assert (found.count("MissingParameter"), found.count(code)) == (20, 10)


async def test_without_redis_everything_is_refused_and_nothing_runs(kit, gateways, server):
    world = gateways(address_rate=20)
    server.stop()
    answer = await world.drive(kit.sdk_request(kit.GOOD))
    assert answer.code == "ServiceUnavailable"
    assert "Redis" not in answer.message
    assert world.services.dispatcher.jobs == []


async def test_a_job_whose_permit_is_lost_is_stopped_and_answered(kit, gateways, server):
    world = gateways()
    stopped = asyncio.Event()

    async def work(_job):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    world.services.dispatcher.script = work
    running = asyncio.create_task(world.drive(kit.sdk_request(kit.GOOD)))
    with server.client() as client:
        while not client.delete("fittingroom:permits:account-1"):
            await asyncio.sleep(0.01)
    answer = await asyncio.wait_for(running, 2)
    assert stopped.is_set()
    assert (answer.code, answer.message.partition(":")[0]) == ("ServiceUnavailable", "Service is unavailable now")
    assert "stopped" in answer.message
