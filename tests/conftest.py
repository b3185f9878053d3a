"""Shared by all rooms: async tests run on asyncio, and a PostgreSQL server for those that ask for one."""

from collections.abc import Iterator

import postgres_server
import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.PostgresServer]:
    """One server for the whole run; skips where it cannot be run."""
    reason = postgres_server.missing()
    if reason:
        pytest.skip(reason)
    with postgres_server.running() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: postgres_server.PostgresServer) -> Iterator[str]:
    """A fresh database of this test alone, with the newest tables."""
    name = postgres.new_database()
    yield postgres.url(name)
    postgres.drop_database(name)
