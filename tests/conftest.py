"""Shared by all rooms: async tests run on asyncio, and a PostgreSQL server for those that ask for one."""

import logging
import os
from collections.abc import Iterator

import postgres_server
import pytest
import structlog
from running_server import SPARING

# Several processes run tests at once; networks that each take all cores would only wait for one another.
os.environ.setdefault("OMP_NUM_THREADS", "1")
SPARING["FITTINGROOM_DISPATCH__THREADS"] = "1"


@pytest.fixture(autouse=True)
def _logs_end_with_their_test() -> Iterator[None]:
    """What runs in this process may have set logging up to write where this test alone reads."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
        root = logging.getLogger()
        for handler in root.handlers[:]:
            if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter):
                root.removeHandler(handler)
        root.setLevel(logging.WARNING)


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
