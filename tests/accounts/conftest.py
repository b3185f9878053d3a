"""A fresh database (SQLite, then PostgreSQL) and vault per test, and a clock that stands still until told."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from postgres_server import PostgresServer

from fittingroom.accounts import Database, Store, Vault


class Clock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Each test that touches a database runs on both. None: the file in the data directory."""
    if request.param == "sqlite":
        return None
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest) -> Iterator[str | None]:
    """The same for a database without tables."""
    if request.param == "sqlite":
        yield None
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    name = server.new_database(empty=True)
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture
def database(tmp_path: Path, database_url: str | None) -> Iterator[Database]:
    opened = Database.open(tmp_path, database_url)
    yield opened
    opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path)


@pytest.fixture
def store(database: Database, vault: Vault, clock: Clock) -> Store:
    return Store(database, vault, "cli:alice", clock)
