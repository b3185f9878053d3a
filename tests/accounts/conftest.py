"""A fresh database and vault per test, and a clock that stands still until told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fittingroom.accounts import AccountStore, Database, Vault


class Clock:
    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.open(tmp_path)


@pytest.fixture
def store(database: Database, vault: Vault, clock: Clock) -> AccountStore:
    return AccountStore(database, vault, clock)
