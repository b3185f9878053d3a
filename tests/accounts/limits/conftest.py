"""One Redis for all tests of this folder, emptied for each; gateways on it with connections of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis_server import RedisServer, redis_server

from fittingroom.accounts.limits import RedisLink, RedisPermits

HOLDER = Path(__file__).parents[2] / "support" / "lease_holder.py"
Gateways = Callable[..., RedisPermits]


@pytest.fixture(scope="session")
def shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis(shared_redis: RedisServer) -> RedisServer:
    """The shared server, empty, and as if it had been known for long."""
    with shared_redis.client() as client:
        client.flushall()
        client.hset("fittingroom:server", mapping={"run": client.info("server")["run_id"], "since": 0})
    return shared_redis


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A server that a test may stop, and that nobody has asked yet."""
    with redis_server(tmp_path / "redis") as server:
        yield server


@pytest.fixture
async def gateways() -> AsyncIterator[Gateways]:
    """Makes gateways' permits on a URL, each with connections of its own."""
    async with AsyncExitStack() as stack:

        def make(url: str, lease: float = 5.0, stop: float = 0.1, total: int = 0, timeout: float = 1.0) -> RedisPermits:
            link = RedisLink(url, timeout)
            stack.push_async_callback(link.close)
            permits = RedisPermits(link, lease=lease, stop=stop, total=total)
            stack.push_async_callback(permits.close)
            return permits

        yield make


@pytest.fixture
def holder() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `lease_holder.py` with these words; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: object) -> subprocess.Popen[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        command = [sys.executable, str(HOLDER), *map(str, words)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
